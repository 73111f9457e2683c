"""A backup that is damaged, foreign or hostile is refused, and leaves the home empty."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Run

ROWS = "".join(f"{n},c{n % 50},2026-01-{n % 28 + 1:02},{n}\n" for n in range(500)) + "bad,,never,-1\n"
HEADER = "order_id,customer_key,ordered_at,amount\n"


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, commands: Path) -> Path:
    """A folder with a home with an import and a refresh, and its backup."""
    folder = tmp_path_factory.mktemp("grown")
    (folder / "orders.csv").write_text(HEADER + ROWS)
    environ = {**os.environ, "ZHIKE_HOME": str(folder / "home")}
    for command in (
        ("import", folder / "orders.csv", "--as", "orders", "--source", "shop"),
        ("refresh", "--as-of", "2026-06-01"),
        ("backup", folder / "backup.zhike"),
    ):
        subprocess.run([commands / "zhike", *command], env=environ, check=True, capture_output=True)
    return folder


def test_a_backup_into_no_folder_is_refused(grown: Path, zhike: Run) -> None:
    done = zhike("backup", grown / "nowhere" / "backup", home=grown / "home")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no such folder" in done.stderr


def archive(members: dict[str, bytes]) -> Callable[[bytes], bytes]:
    def write(_: bytes) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, content in members.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return out.getvalue()

    return write


def manifest(**changes: object) -> bytes:
    return json.dumps({"format": 1, "version": "0", "tables": {}, "files": [], **changes}).encode()


ESCAPING = {"collected.orders": [{"snapshot": 1, "files": [0]}]}
DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no archive": (lambda _: b"nonsense" * 999, "is no whole backup of Zhike"),
    "empty": (lambda _: b"", "is no whole backup of Zhike"),
    "half": (lambda whole: whole[: len(whole) // 2], "is no whole backup of Zhike"),
    "nearly whole": (lambda whole: whole[: len(whole) * 9 // 10], "is no whole backup of Zhike"),
    "foreign archive": (archive({"readme": b"hello"}), "is no whole backup of Zhike"),
    "no manifest": (archive({"manifest.json": b"{"}), "is no whole backup of Zhike"),
    "manifest of another kind": (archive({"manifest.json": b"[]"}), "is no whole backup of Zhike"),
    "another format": (archive({"manifest.json": manifest(format=99)}), "is of format 99"),
    "no database": (archive({"manifest.json": manifest()}), "is no whole backup of Zhike"),
    "escaping": (
        archive({"manifest.json": manifest(tables=ESCAPING, files=["../../../../../escaped"]), "data/0.parquet": b"x"}),
        "is no whole backup of Zhike",
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_or_foreign_backup_is_refused_and_leaves_the_home_empty(
    grown: Path, zhike: Run, tmp_path: Path, case: str
) -> None:
    spoil, says = DAMAGED[case]
    path = tmp_path / "damaged"
    path.write_bytes(spoil((grown / "backup.zhike").read_bytes()))
    done = zhike("restore", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(tmp_path.rglob("escaped"))
    assert not any((tmp_path / "home").glob("*.db"))


def test_a_whole_backup_is_restored_after_a_damaged_one(grown: Path, zhike: Run, tmp_path: Path) -> None:
    path = tmp_path / "half"
    path.write_bytes((grown / "backup.zhike").read_bytes()[:-20_000])
    assert zhike("restore", path).returncode == 1
    assert zhike("restore", grown / "backup.zhike").returncode == 0
    assert zhike("check").returncode == 0
