"""`zhike migration`: what it prints and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Zhike = Callable[..., CompletedProcess[str]]

# Pfeifer & Carraway (2000), a thousand customers in each state of recency.
PAPER = "from,to,count\n1,1,300\n1,2,700\n2,1,200\n2,3,800\n3,1,150\n3,4,850\n4,1,50\n4,former,950\n"
OF_PAPER = ("--absorbing", "former", "--prior", "0", "--margin", "40", "--cost", "4", "--discount", "0.2")


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.csv"
    path.write_text(PAPER)
    return path


@pytest.fixture
def found(zhike: Zhike) -> Callable[..., Any]:
    """What a command prints as JSON, in which there is nothing that JSON does not have."""

    def run(*arguments: object) -> Any:
        done = zhike("migration", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout, parse_constant=lambda name: pytest.fail(name))

    return run


def test_the_published_case_from_a_file_of_counts(found: Callable[..., Any], counts: Path) -> None:
    said = found("--counts", counts, *OF_PAPER, "--periods", "4", "--stock", "1=1000", "--inflow", "1=100")
    assert said["states"] == ["1", "2", "3", "4", "former"]
    assert said["matrix"][1] == pytest.approx([0.2, 0, 0.8, 0, 0])
    assert said["values"] == pytest.approx([50.115, 4.220, 0.592, -1.980, 0], abs=5e-4)
    assert said["values_without_horizon"] == pytest.approx([52.320, 5.554, 1.251, -1.820, 0], abs=5e-4)
    assert said["forecast"][2] == pytest.approx([360, 280, 560, 0, 0])
    for value, (low, high) in zip(said["values"], said["value_intervals"], strict=True):
        assert low <= value <= high
    assert len(said["forecast_intervals"]) == len(said["forecast"]) == 5
    assert said["stopping"]["best"] == ["4"]
    assert said["stopping"]["alternatives"]["4"] == pytest.approx(said["stopping"]["values"])
    assert said["steady_state"] == {"shares": [0, 0, 0, 0, 1], "ends": [["former"]], "cycle": 1}
    assert said["stay"][-1] is None
    assert said["absorption"]["periods"][-1] == 0
    assert said["notes"] == []


def test_people_read_the_same(zhike: Zhike, counts: Path) -> None:
    done = zhike("migration", "--counts", counts, *OF_PAPER, "--periods", "4", "--stock", "1=1000")
    assert done.returncode == 0, done.stderr
    assert "30.0%" in done.stdout
    assert "27.2–32.9" in done.stdout
    assert "52.32" in done.stdout
    assert "In the end all are in former." in done.stdout
    assert "Best is to stop in 4, as in 100% of the tables that may be true." in done.stdout
    assert done.stderr == ""


def test_a_state_that_seems_to_be_left_is_said(zhike: Zhike, found: Callable[..., Any], counts: Path) -> None:
    counts.write_text(PAPER + "former,former,500\n")
    done = zhike("migration", "--counts", counts)
    assert "Nobody was seen to leave “former”" in done.stderr
    said = found("--counts", counts)
    assert said["values"] is said["forecast"] is said["absorption"] is None
    assert said["matrix"][0] == pytest.approx([300.5 / 1002.5, 700.5 / 1002.5, *[0.5 / 1002.5] * 3])
    assert found("--counts", counts, "--prior", "0")["notes"] == []


def test_amounts_may_be_given_by_state_or_in_a_file(found: Callable[..., Any], counts: Path, tmp_path: Path) -> None:
    options = ("--counts", counts, "--absorbing", "former", "--discount", "0.2")
    one = found(*options, "--margin", "1=40", "--cost", "4", "--cost", "3=1")
    assert (one["margin"], one["cost"]) == ([40, 0, 0, 0, 0], [4, 4, 1, 4, 0])
    rewards = tmp_path / "rewards.csv"
    rewards.write_text("state,cost,margin\nformer,0,0\n1,4,40\n2,4,0\n3,1,0\n4,4,0\n")
    other = found(*options, "--rewards", rewards)
    assert other["values"] == one["values"]
    rewards.write_text("state,margin\nformer,0\n1,36\n2,-4\n3,-1\n4,-4\n")
    assert found(*options, "--rewards", rewards)["values"] == pytest.approx(one["values"])
    stock = tmp_path / "stock.csv"
    stock.write_text("customers,state\n7,2\n5,1\n")
    listed = found(*options, "--stock", stock)
    assert listed["forecast"] == found(*options, "--stock", "1=5", "--stock", "2=7")["forecast"]


def test_the_same_seed_says_the_same(found: Callable[..., Any], counts: Path) -> None:
    first, same, other = (
        found("--counts", counts, *OF_PAPER, "--seed", seed)["value_intervals"] for seed in ("5", "5", "6")
    )
    assert first == same
    assert first != other


def test_purchases_come_with_their_stock(found: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("client,day\na,2026-01-05\na,2026-03-01\nb,2026-02-01\nb,2026-04-30\nc,2026-01-31\n")
    said = found("--purchases", path, "--customer", "client", "--date", "day", "--recency", "2", "--periods", "1")
    assert (said["states"], said["first_period"], said["last_period"]) == (["1", "2+"], "2026-01", "2026-04")
    assert said["counts"] == [[0, 4], [2, 2]]
    assert said["forecast"][0] == [1, 2]


def test_without_a_discount_what_lasts_is_worth_no_number(found: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(",a,b\na,8,2\nb,3,7\n")
    said = found("--counts", path, "--margin", "1")
    assert said["values_without_horizon"] is said["stopping"] is None
    assert said["values"][0] > 1
    assert "grows without end" in said["notes"][0]


MISTAKES = {
    "no source": ((), "give one of --counts, --purchases and --states"),
    "an unknown state": (("--absorbing", "forme"), "--absorbing: there is no state “forme”\nDid you mean “former”?"),
    "no way on": ((), "nobody was seen in “former” and in the period after it"),
    "no amount": (("--absorbing", "former", "--margin", "much"), "--margin: “much” is no amount"),
    "no finite amount": (("--absorbing", "former", "--margin", "1=inf"), "--margin: “1=inf” is no amount"),
    "a cost below 0": (("--absorbing", "former", "--cost", "1=-2"), "--cost: a cost is not below 0"),
    "customers below 0": (
        ("--absorbing", "former", "--stock", "1=-2"),
        "--stock: a number of customers is not below 0",
    ),
    "an inflow to nothing": (("--absorbing", "former", "--inflow", "1=2"), "--stock: an inflow is added to a stock"),
    "too far": (("--periods", "121"), "--periods: 121 is not from 1 to 120"),
    "a discount below 0": (("--discount", "-0.1"), "--discount: -0.1 is not from 0 to 1,000"),
    "a prior below 0": (("--prior", "-1"), "--prior: -1 is not from 0"),
    "a seed below 0": (("--seed", "-1"), "--seed: -1 is not from 0"),
    "no file of rewards": (("--absorbing", "former", "--rewards", "no.csv"), "no.csv"),
    "rewards and margin": (("--absorbing", "former", "--rewards", "x", "--margin", "1"), "--rewards: margins and"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_said_in_words(zhike: Zhike, counts: Path, what: str) -> None:
    options, said = MISTAKES[what]
    done = zhike("migration", *(("--counts", counts) if what != "no source" else ()), *options)
    assert done.returncode == 1, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_tag_that_there_is_not_is_said(zhike: Zhike) -> None:
    done = zhike("migration", "--states", "lifecycle_stag")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--states: no tag is called “lifecycle_stag”\nDid you mean “lifecycle_stage”?" in done.stderr


def test_of_many_states_people_read_a_list(zhike: Zhike, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("from,to,count\n" + "".join(f"s{n},s{(n + 1) % 40},9\n" for n in range(40)))
    done = zhike("migration", "--counts", path, "--margin", "5", "--cost", "1", "--discount", "0.1")
    assert done.returncode == 0, done.stderr
    assert "40 states, whose table --json has" in done.stdout
    assert "Best is to stop in" in done.stdout


def test_a_state_may_be_called_anything(zhike: Zhike, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("from,to,count\n[/x],[red]a=b[/red],5\n[red]a=b[/red],[/x],6\n")
    done = zhike("migration", "--counts", path, "--margin", "[red]a=b[/red]=3", "--cost", "1", "--discount", "0.1")
    assert done.returncode == 0, done.stderr
    assert "[red]a=b[/red]" in done.stdout
    assert "[/x]" in done.stdout
