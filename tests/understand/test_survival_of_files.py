"""How long the customers of a plain file stay: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhike.errors import UserError
from zhike.understand.retention.survival import survival_of_file

TEXT = "plan,months,left\nbasic,3,yes\nbasic,5,no\ngold,3,0\ngold,9,是\n,2,TRUE\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_customers_are_counted_by_group_and_duration(tmp_path: Path) -> None:
    found = survival_of_file(written(tmp_path, TEXT), duration="months", event="left", by="plan")
    stays = {one.name: one.curve.stays for one in found.groups}
    assert list(stays) == ["basic", "gold", None]
    assert stays["basic"].durations.tolist() == [3, 5]
    assert (stays["basic"].events.tolist(), stays["basic"].censored.tolist()) == ([1, 0], [0, 1])
    assert (stays["gold"].events.tolist(), stays[None].events.tolist()) == ([0, 1], [1])
    assert (found.horizon, found.period) == (2, 1)
    assert found.log_rank is not None
    assert found.log_rank.degrees == 2


def test_groups_are_in_the_order_of_their_numbers_or_letters(tmp_path: Path) -> None:
    names = ["b", "10", "", "9", "甲", "a", "nan", "-1.5", "infinity"]
    text = "t,e,g\n" + "".join(f"1,0,{name}\n" for name in names)
    found = survival_of_file(written(tmp_path, text), duration="t", event="e", by="g")
    assert [one.name for one in found.groups] == ["-1.5", "9", "10", "a", "b", "infinity", "nan", "甲", None]


def test_a_group_of_its_own_is_not_compared(tmp_path: Path) -> None:
    found = survival_of_file(written(tmp_path, "t,e,g\n1,1,a\n2,1,a\n"), duration="t", event="e", by="g")
    assert (len(found.groups), found.log_rank, found.proportional, found.warning) == (1, None, None, "")


def test_one_column_may_serve_twice(tmp_path: Path) -> None:
    path = written(tmp_path, "t,event,group\n1,1,x\n0,0,y\n")
    found = survival_of_file(path, duration="event", event="event", by="event")
    assert [(one.name, one.curve.stays.customers) for one in found.groups] == [("0", 1), ("1", 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("t,e\n", "no rows"),
        ("t,e\n1,1\n,0\n", "file.csv, row 2, column 't': is empty"),
        ("t,e\n1,1\n2,\n", "file.csv, row 2, column 'e': is empty"),
        ("t,e\n1,1\n-2,0\n", "row 2, column 't': '-2' is not a number of at least 0"),
        ("t,e\nnan,1\n", "row 1, column 't': 'nan' is not a number"),
        ("t,e\n1,1\n1e999,0\n", "row 2, column 't': '1e999' is not a number"),
        ("t,e\nlong,1\n", "row 1, column 't': 'long' is not a number"),
        ("t,e\n1,maybe\n", "row 1, column 'e': 'maybe' is not yes or no"),
        ("t,e\n1,1,1\n", "row 1"),
        ("t\n1\n", "--event: the file has no column 'e'"),
        ("e\n1\n", "--duration: the file has no column 't'"),
    ],
)
def test_a_file_that_cannot_be_is_refused_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError) as error:
        survival_of_file(written(tmp_path, text), duration="t", event="e")
    assert message in str(error.value)


def test_what_is_asked_must_have_an_answer(tmp_path: Path) -> None:
    path = written(tmp_path, "t,e,g\n" + "".join(f"{n},1,{n}\n" for n in range(101)))

    def said(**asked: object) -> str:
        with pytest.raises(UserError) as error:
            survival_of_file(path, duration="t", event="e", **asked)  # type: ignore[arg-type]
        return str(error.value)

    assert said(by="g").startswith("--by: column 'g' has 101 different values")
    assert said(by="h").startswith("--by: the file has no column 'h'")
    for level in (0.0, 1.0, -2.0, float("nan")):
        assert said(level=level).startswith("--level: ")
    assert said(period=0.0).startswith("--period: 0 is no length of a period")
    assert said(period=float("inf")).startswith("--period: inf is no length")
    assert said(period=0.001).startswith("--period: there are more than 10,000 periods of 0.001")
