"""Plain files for one method: typed columns, and what is said of cells that cannot be."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from zhike.collect.sources.plain_files import Wanted, read_columns
from zhike.errors import UserError
from zhike.warehouse.contracts import Kind

TEXT = 'who,months,left,on,note\na,12,yes,2026-01-31,x\nb,"1,500.5",0,20260201,\n客,0,否,2026年2月3日,y\n'
WANTED = {
    "who": Wanted("who", Kind.TEXT),
    "months": Wanted("months", option="--duration", minimum=0),
    "event": Wanted("left", Kind.BOOLEAN, option="--event"),
    "on": Wanted("on", Kind.DATE),
    "note": Wanted("note", Kind.TEXT, may_lack=True),
}


def written(folder: Path, text: str) -> Path:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_are_typed_and_keep_the_order_of_rows(tmp_path: Path) -> None:
    found = read_columns(written(tmp_path, TEXT), WANTED)
    assert found.to_pydict() == {
        "who": ["a", "b", "客"],
        "months": [12.0, 1500.5, 0.0],
        "event": [True, False, False],
        "on": [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 3)],
        "note": ["x", None, "y"],
    }


@pytest.mark.parametrize(
    ("column", "one", "said"),
    [
        ("months", Wanted("on", Kind.NUMBER), "people.csv, row 1, column 'on': '2026-01-31' is not a number"),
        ("left", Wanted("months", Kind.BOOLEAN), "people.csv, row 1, column 'months': '12' is not yes or no"),
        ("months", Wanted("months", minimum=1), "row 3, column 'months': '0' is not a number of at least 1"),
        ("note", Wanted("note", Kind.TEXT), "people.csv, row 2, column 'note': is empty"),
        ("gone", Wanted("gone", option="--by"), "--by: the file has no column 'gone'"),
    ],
)
def test_a_cell_that_cannot_be_is_named_with_its_place(tmp_path: Path, column: str, one: Wanted, said: str) -> None:
    with pytest.raises(UserError) as error:
        read_columns(written(tmp_path, TEXT), {column: one})
    assert said in str(error.value)


def test_a_file_without_rows_or_with_a_broken_one_is_refused(tmp_path: Path) -> None:
    for text, said in (("a,b\n", "no rows"), ("a,b\n1,2\n1,2,3\n", "row 2")):
        with pytest.raises(UserError, match=said):
            read_columns(written(tmp_path, text), {"a": Wanted("a")})
