"""`zhike ltv`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Zhike = Callable[..., CompletedProcess[str]]

ODD = """\
name: "[bold]odd[/]"
customers: 20
years: 12
inputs: {retention: 40%, spend: 9.99}
strategies:
  "[/]生日会": {add: {retention: 5%}}
"""


@pytest.fixture
def calculator(zhike: Zhike, tmp_path: Path) -> Path:
    path = tmp_path / "calculator.yaml"
    path.write_text(zhike("ltv", "--example", "calculator").stdout, encoding="utf-8")
    return path


def test_the_published_calculator_is_printed_as_data(zhike: Zhike, calculator: Path) -> None:
    done = zhike("ltv", calculator, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    years = found["base"]["years"]
    assert [round(year["npv"]) for year in years] == [-246_933, 3_818_119, 3_729_625]
    assert [round(year["ltv"], 2) for year in years] == [-1.23, 17.86, 36.50]
    assert {"customers", "revenue", "cost", "gross", "npv", "ltv"} <= set(years[0])
    assert set(found["strategies"]) == {"referral programme", "loyalty programme", "birthday club", "discount"}
    club = found["strategies"]["birthday club"]
    assert club["change_for_whole_base"] == pytest.approx(200_000 * club["change_per_customer"])
    assert club["years"][2]["ltv"] == club["ltv"]
    assert found["base"]["break_even_retention"] == pytest.approx([0.0366, 0.0427], abs=1e-4)
    assert found["tornado"][0] == {
        "name": "cost_share",
        "less": pytest.approx(49.63, abs=0.01),
        "more": pytest.approx(23.38, abs=0.01),
        "is_cut": False,
    }


def test_people_read_the_table_the_strategies_break_even_and_tornado(zhike: Zhike, calculator: Path) -> None:
    done = zhike("ltv", calculator)
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "Net present value -246,933 3,818,119 3,729,625" in lines
    assert "Lifetime value per original customer -1.23 17.86 36.50" in lines
    assert "birthday club 1.42 22.33 42.53 6.03 1,205,163 53.9%, 62.9%" in lines
    assert "Break-even retention: 3.7%, 4.3%." in lines
    assert "Average spend per order 27.24 45.76 18.52" in lines
    assert not any(line.startswith(("Advertising", "Cost of service")) for line in lines)  # nothing there


def test_what_is_assumed_is_told(zhike: Zhike, tmp_path: Path) -> None:
    path = tmp_path / "magazine.yaml"
    path.write_text(zhike("ltv", "--example", "magazine").stdout, encoding="utf-8")
    told = zhike("ltv", path).stdout
    assert "Assumed – price and rental: orders, spend, list_rental." in told
    assert "Break-even retention: none: it pays even if nobody stays." in told
    assert json.loads(zhike("ltv", path, "--json").stdout)["assumed"]["advertising"] == "advertising"


def test_names_are_shown_as_they_are_and_many_years_below_each_other(zhike: Zhike, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(ODD, encoding="utf-8")
    done = zhike("ltv", path)
    assert done.returncode == 0, done.stderr
    assert "[bold]odd[/]" in done.stdout
    assert "[/]生日会" in done.stdout
    heads = [line.split() for line in done.stdout.splitlines() if line.strip().startswith("year")]
    assert [len(head) // 2 for head in heads] == [5, 5, 2]


def test_a_workbook_is_written(zhike: Zhike, calculator: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    done = zhike("ltv", calculator, "--xlsx", path)
    assert done.returncode == 0, done.stderr
    assert f"Written to {path}." in done.stdout
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" in archive.read("xl/worksheets/sheet2.xml")
    assert json.loads(zhike("ltv", calculator, "--xlsx", path, "--json").stdout)["scenario"]


def test_examples_are_listed_and_each_can_be_worked_out(zhike: Zhike, tmp_path: Path) -> None:
    listed = json.loads(zhike("ltv", "--examples", "--json").stdout)["examples"]
    assert [one["example"] for one in listed] == ["calculator", "magazine"]
    assert "automatic renewal by card" in zhike("ltv", "--examples").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give either a scenario file, --examples or --example NAME"),
        (["a.yaml", "--examples"], "give either"),
        (["--examples", "--xlsx", "a.xlsx"], "--xlsx"),
        (["--example", "shop"], "--example: no example is called 'shop'\nThere are calculator, magazine."),
        (["none.yaml"], "none.yaml: there is no such file"),
    ],
)
def test_a_mistake_is_said_in_words(zhike: Zhike, arguments: list[str], told: str) -> None:
    done = zhike("ltv", *arguments)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_scenario_that_cannot_be_is_refused_with_its_line(zhike: Zhike, calculator: Path, tmp_path: Path) -> None:
    calculator.write_text(calculator.read_text(encoding="utf-8").replace("60%, 70%, 80%", "160%, 70%"))
    done = zhike("ltv", calculator)
    assert done.returncode == 1
    assert "calculator.yaml: line 11, inputs.retention: give one number for all years, or a list of 3" in done.stderr
    assert "docs/how-to/work-out-lifetime-value.md" in done.stderr
    written = zhike("ltv", "--example", "calculator").stdout
    calculator.write_text(written, encoding="utf-8")
    unwritable = zhike("ltv", calculator, "--xlsx", tmp_path / "none" / "a.xlsx")
    assert (unwritable.returncode, "cannot be written" in unwritable.stderr) == (1, True)
