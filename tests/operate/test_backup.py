"""Backup and restore of an embedded home, into another folder."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
from tests.conftest import Run

from zhike.errors import UserError
from zhike.operate import backup
from zhike.progress import Silent

ORDERS = "order_id,customer_key,ordered_at,amount\n1,a,2026-01-01,10\n2,b,2026-01-02,20\n3,,2026-01-02,20\n"


def test_everything_is_there_after_a_restore_elsewhere(tmp_path: Path, zhike: Run) -> None:
    orders, archive, other = tmp_path / "orders.csv", tmp_path / "backup.tar", tmp_path / "other"
    orders.write_text(ORDERS)
    zhike("import", orders, "--as", "orders", "--source", "shop")
    zhike("refresh", "--as-of", "2026-01-31")
    orders.write_text(ORDERS + "4,c,2026-01-03,40\n")
    zhike("import", orders, "--as", "orders", "--source", "shop")
    zhike("refresh", "--as-of", "2026-02-28")
    written = zhike("backup", archive, "--json")
    assert json.loads(written.stdout)["ok"] is True
    questions = [
        ["customers", "show", "2"],
        ["audience", "count", 'has tag "rfm_segment"'],
        ["imports"],
        ["refreshes", "list"],
    ]
    before = [_answer(zhike, question, tmp_path / "home") for question in questions]
    (tmp_path / "home").rename(tmp_path / "gone")  # nothing may lead back to it

    restored = zhike("restore", archive, "--json", home=other)
    assert restored.returncode == 0, restored.stderr
    assert [_answer(zhike, question, other) for question in questions] == before
    again = json.loads(zhike("import", orders, "--as", "orders", "--source", "shop", "--json", home=other).stdout)
    assert (again["accepted"], again["same_as"]) == (0, 2)
    assert json.loads(zhike("refreshes", "publish", "1", "--json", home=other).stdout)["customers"] == 2
    rejects = zhike("rejects", "1", "-o", tmp_path / "rejects.csv", "--json", home=other)
    assert json.loads(rejects.stdout)["rejected"] == 1
    check = json.loads(zhike("check", "--json", home=other).stdout)
    assert check["ok"] is True, check


def _answer(zhike: Run, question: list[str], home: Path) -> dict[str, object]:
    answer: dict[str, object] = json.loads(zhike(*question, "--json", home=home).stdout)
    answer.pop("milliseconds", None)
    return answer


def test_a_home_in_use_is_not_overwritten(home: Path, tmp_path: Path) -> None:
    (home / "zhike.db").touch()
    with pytest.raises(UserError, match="is not empty"):
        backup.restore(tmp_path / "backup.tar", progress=Silent())


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("content", [b"", b"not a tar at all" * 100, None])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "backup.tar"
    if content is None:
        with tarfile.open(path, "w") as archive:
            archive.add(Path(__file__), "manifest.json")
    else:
        path.write_bytes(content)
    with pytest.raises(UserError, match="is no whole backup"):
        backup.restore(path, progress=Silent())


@pytest.mark.usefixtures("home")
def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    path.write_text("precious")
    with pytest.raises(UserError, match="exists already"):
        backup.back_up(path, progress=Silent())
    assert path.read_text() == "precious"
