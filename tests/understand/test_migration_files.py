"""Moves from plain files: counts, squares, shares, purchases; and what they are refused for."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from zhike.errors import UserError
from zhike.understand.migration.files import amounts_of_file, counts_of_file, purchases_of_file

SQUARE = "状态,新客,老客,流失\n老客,0,40,8\n新客,10,20,5\n流失,,2,30\n"
LISTED = """\
From,TO,count,note
新客,老客,20,x
新客,新客,10,
新客,流失,5,
老客,老客,40,
老客,流失,8,
流失,老客,2,
流失,流失,30,
"""
COUNTS = [[10, 20, 5], [0, 40, 8], [0, 2, 30]]


def written(folder: Path, text: str, name: str = "moves.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_and_a_square_say_the_same(tmp_path: Path) -> None:
    square = counts_of_file(written(tmp_path, SQUARE))
    assert square.states == ("新客", "老客", "流失")  # as in the header, however the rows stand
    assert square.counts.tolist() == COUNTS
    listed = counts_of_file(written(tmp_path, LISTED, "listed.csv"))
    assert (listed.states, listed.counts.tolist()) == (square.states, COUNTS)
    assert not listed.are_shares


def test_a_file_may_be_packed_be_a_workbook_or_begin_with_a_mark(tmp_path: Path) -> None:
    packed = tmp_path / "moves.csv.gz"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + SQUARE.encode()))
    book = tmp_path / "moves.xlsx"
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        for row, line in enumerate(SQUARE.split()):
            for column, cell in enumerate(line.split(",")):
                sheet.write(row, column, int(cell) if cell.isdigit() else cell)
    for path in (packed, book):
        assert counts_of_file(path).counts.tolist() == COUNTS


def test_the_same_move_in_several_rows_is_added_up(tmp_path: Path) -> None:
    found = counts_of_file(written(tmp_path, "from,to,count\na,b,1\nb,a,2\na,b,40\n"))
    assert found.counts.tolist() == [[0, 41], [2, 0]]


def test_shares_are_taken_as_they_are(tmp_path: Path) -> None:
    found = counts_of_file(written(tmp_path, ",a,b,c\na,0.33,0.33,0.33\nb,0,1,0\nc,,,\n"))
    assert found.are_shares
    assert found.counts[0] == pytest.approx([0.33] * 3)


REFUSED = {
    "": "the file is empty",
    "from,to,count\n": "no rows",
    "from,to,count\na,a,3\n": "one state only",
    "from,to,count\na,b,x\n": "row 1, column 'count': 'x' is not a number",
    "from,to,count\na,b,3\nb,a,-1\n": "row 2, column 'count': '-1' is not a number of at least 0",
    "from,to,count\na,b,inf\n": "'inf' is not a number",
    "from,to,count\na,,3\n": "row 1, column 'to': is empty",
    "from,to,count\na,b,1e16\n": "1e+16 is too large",
    "from,to\na,b\n": "is no table of moves",
    ",a,b\na,1,2\n": "is no table of moves",
    ",a,b\na,1,2\nb,3,4\na,5,6\n": "is no table of moves",
    ",a,b\na,1,2\nc,3,4\n": "is no table of moves",
    ",a,b\na,0.5,0.4\nb,1,0\n": "those of “a” sum to 0.9",
    "from,to,count\n" + "".join(f"{n},{n + 1},1\n" for n in range(101)): "there are 102 states; 100 can be studied",
    "," + ",".join(map(str, range(101))) + "\n" + "1\n" * 3: "there are 101 states; 100 can be studied",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_table_of_moves_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError) as error:
        counts_of_file(written(tmp_path, text))
    assert REFUSED[text] in str(error.value)


PURCHASES = """\
who,when,amount
王,2026-01-05,3
王,2026-01-09,1
王,2026-02-01,2
b,20260120,5
b,2026-04-30,1
c,2026年5月1日,9
"""


def test_who_does_not_buy_counts_and_an_incomplete_period_does_not(tmp_path: Path) -> None:
    path = written(tmp_path, PURCHASES)
    found = purchases_of_file(path, customer="who", day="when", period="month", recency=3)
    assert (found.states, found.first, found.last) == (("1", "2", "3+"), "2026-01", "2026-04")  # May has not ended
    assert found.counts.tolist() == [[1, 2, 0], [0, 0, 2], [1, 0, 0]]
    assert found.possible is not None
    assert found.possible.tolist() == [[True, True, False], [True, False, True], [True, False, True]]
    assert found.stock is not None
    assert found.stock.tolist() == [1, 0, 1]
    known = purchases_of_file(path, customer="who", day="when", period="month", recency=3, until=date(2026, 5, 31))
    assert known.last == "2026-05"
    assert known.counts.tolist() == [[1, 3, 0], [0, 0, 2], [1, 0, 1]]
    early = purchases_of_file(path, customer="who", day="when", period="month", recency=3, until=date(2026, 3, 30))
    assert (early.last, early.counts.tolist()) == ("2026-02", [[1, 1, 0], [0, 0, 0], [0, 0, 0]])


def test_moves_in_real_data_are_those_of_all_customers_one_by_one(shared_data: Path, tmp_path: Path) -> None:
    """2,357 buyers of CDNOW, to the end of June 1998, which is complete."""
    import pandas as pd

    names = ["id", "customer", "date", "count", "amount"]
    bought = pd.read_csv(shared_data / "cdnow/CDNOW_sample.txt.gz", sep=r"\s+", names=names, dtype={"date": str})
    bought.to_csv(tmp_path / "cdnow.csv", index=False)
    found = purchases_of_file(tmp_path / "cdnow.csv", customer="id", day="date", period="month", recency=4)
    moves: Counter[tuple[int, int]] = Counter()
    for _customer, dates in bought.groupby("id")["date"]:
        months = {int(one[:4]) * 12 + int(one[4:6]) for one in dates}
        state = 0
        for month in range(min(months), 1998 * 12 + 7):
            then = 1 if month in months else min(state + 1, 4)
            if state:
                moves[state, then] += 1
            state = then
    assert {(i + 1, j + 1): found.counts[i, j] for i, j in zip(*np.nonzero(found.counts), strict=True)} == moves
    assert found.stock is not None
    assert found.stock.sum() == 2357


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"customer": "whom"}, "--customer: the file has no column 'whom'"),
        ({"day": "who"}, "row 1, column 'who': '王' is not a date"),
        ({"period": "week"}, "--period: a period is a month, a quarter or a year"),
        ({"recency": 1}, "--recency: there may be 2 to 100 states"),
        ({"recency": 101}, "--recency: there may be 2 to 100 states"),
        ({"period": "year"}, "fewer than two complete periods have customers; everything is known up to 2026-05-01"),
        ({"until": date(2025, 1, 1)}, "fewer than two complete periods"),
    ],
)
def test_purchases_that_cannot_be_studied_are_refused(tmp_path: Path, options: dict[str, object], said: str) -> None:
    asked = {"customer": "who", "day": "when", "period": "month", "recency": 3} | options
    with pytest.raises(UserError) as error:
        purchases_of_file(written(tmp_path, PURCHASES), **asked)  # type: ignore[arg-type]
    assert said in str(error.value)


def test_amounts_by_state_are_read_once_each(tmp_path: Path) -> None:
    path = written(tmp_path, "state,margin\na,-3\nb,1.5\n")
    assert amounts_of_file(path, "margin", "--rewards", least=None) == {"a": -3, "b": 1.5}
    for text, said in (
        ("state,margin\na,1\na,2\n", "“a” is there twice"),
        ("state,margin\na,1e20\n", "1e+20 is too large"),
        ("state,reward\na,1\n", "--rewards: the file has no column 'margin'"),
        ("name,margin\na,1\n", "--rewards: the file has no column 'state'"),
    ):
        with pytest.raises(UserError) as error:
            amounts_of_file(written(tmp_path, text), "margin", "--rewards")
        assert said in str(error.value)
