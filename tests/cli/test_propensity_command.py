"""`zhike propensity`: what it prints for people and programs, and what it refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Zhike = Callable[..., CompletedProcess[str]]


@pytest.fixture
def members(tmp_path: Path) -> Path:
    path = tmp_path / "members.csv"
    rows = [f"M{n},{n % 21},{'是' if (n * 7919) % 31 > n % 21 + 5 else '否'}\n" for n in range(900)]
    path.write_text("\ufeff会员,到访,流失\n" + "".join(rows), encoding="utf-8")
    return path


def test_programs_get_one_document(zhike: Zhike, members: Path) -> None:
    done = zhike("propensity", "fit", members, "--outcome", "流失", "--id", "会员", "--json")
    assert done.returncode == 0, done.stderr
    assert "NaN" not in done.stdout
    found = json.loads(done.stdout)
    assert set(found) == {
        "model",
        "split",
        "auc",
        "auc_interval",
        "brier",
        "brier_of_share",
        "expected",
        "events",
        "lift_at_10",
        "lift_at_10_interval",
        "calibration",
        "gains",
        "importance",
        "odds_ratios",
        "warnings",
    }
    assert found["auc_interval"][0] < found["auc"] < found["auc_interval"][1]
    assert found["split"]["learnt_from"] + found["split"]["judged_by"] == 900
    assert sum(one["customers"] for one in found["calibration"]["tenths"]) == found["split"]["judged_by"]
    assert found["importance"][0]["column"] == "到访"


def test_another_file_is_scored_and_written(zhike: Zhike, members: Path, tmp_path: Path) -> None:
    new, out = tmp_path / "new.csv", tmp_path / "scores.csv"
    new.write_text("到访,会员\n0,A\n20,B\n", encoding="utf-8")
    done = zhike("propensity", "score", members, new, "--outcome", "流失", "--id", "会员", "-o", out)
    assert done.returncode == 0, done.stderr
    assert "到访 = 0 (+" in done.stdout
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["A", "B"]
    assert float(rows[0]["probability"]) > float(rows[1]["probability"])


def test_a_mistake_says_what_and_where(zhike: Zhike, members: Path, tmp_path: Path) -> None:
    done = zhike("propensity", "fit", members, "--outcome", "gone")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--outcome: the file has no column 'gone'" in done.stderr
    done = zhike("propensity", "score", members, members, "--outcome", "流失", "-o", tmp_path / "no" / "where.csv")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
