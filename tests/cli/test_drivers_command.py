"""`zhike migration drivers`: what it prints and refuses."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

Zhike = Callable[..., CompletedProcess[str]]
CELLS = """had_a_complaint,years,渠道,customers,moved
no,1,门店,400,60
yes,1,门店,100,30
no,5,门店,500,40
yes,5,app,150,25
yes,5,门店,90,11
no,9,app,80,0
no,9,,0,0
"""


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    path = tmp_path / "cells.csv"
    path.write_text(CELLS, encoding="utf-8-sig")
    return path


@pytest.fixture
def found(zhike: Zhike) -> Callable[..., Any]:
    """What the command prints as JSON, in which there is nothing that JSON does not have."""

    def run(*arguments: object) -> Any:
        done = zhike("migration", "drivers", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout, parse_constant=lambda name: pytest.fail(name))

    return run


def by_group(said: Any) -> dict[tuple[str, str | None], Any]:
    return {(one["column"], one["group"]): one for one in said["drivers"]}


def test_cells_give_the_odds_that_another_implementation_gives(found: Callable[..., Any], cells: Path) -> None:
    said = found(cells, "--moved", "moved", "--customers", "customers", "--group", "years")
    one = by_group(said)
    assert (said["customers"], said["moved"], said["estimated_from"]) == (1320, 166, 1240)
    assert (one["years", "9"]["without"], one["years", "9"]["odds_ratio"]) == ("nobody", None)
    assert one["years", "5"]["without"] == one["渠道", "门店"]["without"] == "reference"
    design = sm.add_constant(
        np.array([[0, 1, 0], [1, 1, 0], [0, 0, 0], [1, 0, 1], [1, 0, 0]])
    )  # complaint, one year, app
    counts = np.array([[60, 340], [30, 70], [40, 460], [25, 125], [11, 79]])
    other = sm.GLM(counts, design, family=sm.families.Binomial()).fit(tol=1e-12)
    ratios = [one[key]["odds_ratio"] for key in (("had_a_complaint", "yes"), ("years", "1"), ("渠道", "app"))]
    assert ratios == pytest.approx(np.exp(other.params[1:]))
    low, high = one["had_a_complaint", "yes"]["odds_ratio_interval"]
    assert low < ratios[0] < high


def test_the_space_shuttles_o_rings_from_a_file(found: Callable[..., Any], zhike: Zhike, tmp_path: Path) -> None:
    """Agresti (2002), Categorical Data Analysis, chapter 5: -.232 a degree; seven events are few."""
    warm = [66, 70, 69, 68, 67, 72, 73, 70, 57, 63, 70, 78, 67, 53, 67, 75, 70, 81, 76, 79, 75, 76, 58]
    lines = [
        f"{place},{one},{came}" for place, (one, came) in enumerate(zip(warm, "nynnnnnnyyynnynnnnnnyny", strict=True))
    ]
    path = tmp_path / "flights.csv.gz"
    path.write_bytes(gzip.compress("\n".join(["flight,temperature,distress", *lines, "99,,n"]).encode()))
    asked = (path, "--moved", "distress", "--leave-out", "flight")
    said = found(*asked)
    [temperature] = said["drivers"]
    assert temperature["odds_ratio"] == pytest.approx(np.exp(-0.2322), abs=5e-5)
    assert temperature["per"] == 1
    assert said["customers"] == 23
    assert [note.split(" ", 1)[1] for note in said["notes"]] == [
        "rows lack a number, and are left out",
        "customers of the rarer outcome for each odds ratio; with fewer than 10, little holds",
    ]
    [scaled] = found(*asked, "--standardise")["drivers"]
    assert scaled["odds_ratio"] == pytest.approx(temperature["odds_ratio"] ** scaled["per"])
    done = zhike("migration", "drivers", *asked)
    assert "7 of 23 moved (30.4%)." in done.stdout
    assert "1 more" in done.stdout
    assert "rows lack a number" in done.stderr


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("", (), "the file is empty"),
        ("a,moved\n", (), "has no rows"),
        ("a,moved\nx,1\n", (), "anything could be learnt"),
        ("a,moved\nx,1\ny,1\n", (), "--moved: nobody moved, or everybody did"),
        ("a,moved\nx,1\ny,0\nx,1\ny,0\n", (), "it is told perfectly who moved, by: a"),
        ("a,moved\n1,0\n2,0\n3,1\n4,1\n", (), "it is told perfectly who moved, by: a"),
        ("a,moved\nx,maybe\ny,1\n", (), "'maybe' is not yes or no"),
        ("a,moved\nx,\ny,1\n", (), "is empty"),
        ("a,moved\nx,1\ny,0\n", ("--positive", "2"), "no row of column 'moved' is '2'"),
        ("a,moved\nx,1\ny,0\n", ("--leave-out", "b"), "--leave-out: the file has no column 'b'"),
        ("a,moved\nx,1\ny,0\n", ("--group", "b"), "--group: the file has no column 'b'"),
        ("a,moved\nx,1\ny,0\n", ("--leave-out", "a"), "--leave-out: there is no column"),
        ("a,moved,n\nx,3,2\ny,0,2\n", ("--customers", "n"), "row 1, column 'moved': more moved than"),
        ("a,moved,n\nx,1.5,2\ny,0,2\n", ("--customers", "n"), "row 1, column 'moved': 1.5 is no number of customers"),
        (
            "a,moved,n\nx,-1,2\ny,0,2\n",
            ("--customers", "n"),
            "row 1, column 'moved': '-1' is not a number of at least 0",
        ),
        ("a,moved,n\nx,1,nan\ny,0,2\n", ("--customers", "n"), "row 1, column 'n'"),
        ("a,moved,n\nx,0,0\ny,0,0\n", ("--customers", "n"), "nobody moved, or everybody did"),
        ("a,b,moved\n" + "".join(f"g{n % 90},x,{n % 2}\n" for n in range(1000)), (), "89 groups and numbers; 60 can"),
    ],
)
def test_what_cannot_be_studied_is_refused(
    zhike: Zhike, tmp_path: Path, text: str, options: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    done = zhike("migration", "drivers", path, "--moved", "moved", *options)
    assert done.returncode == 1, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_command_the_moves_are_asked_for(zhike: Zhike) -> None:
    assert "give one of --counts, --purchases and --states" in zhike("migration").stderr
