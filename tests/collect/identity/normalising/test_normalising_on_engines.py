"""DuckDB and Spark spell every text alike."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ibis.expr.types import Table, Value
from tests.collect.identity.normalising.test_days import NOTHING
from tests.collect.identity.normalising.test_days import SPELLINGS as DAYS
from tests.collect.identity.normalising.test_emails import ADDRESSES
from tests.collect.identity.normalising.test_id_numbers import CHECKS, KINDS
from tests.collect.identity.normalising.test_id_numbers import SPELLINGS as ID_NUMBERS
from tests.collect.identity.normalising.test_names import COLUMNS, HAN, WORDS
from tests.collect.identity.normalising.test_organisations import NAMES
from tests.collect.identity.normalising.test_phones import CHINA, EXTENSIONS
from tests.spec.spark import ENGINES, engine_for_tests

from zhike.collect.identity.normalising.days import day, day_digits
from zhike.collect.identity.normalising.emails import email_address, is_shared_mailbox
from zhike.collect.identity.normalising.id_numbers import born_on_of, gender_of, has_valid_check, id_kind, id_number
from zhike.collect.identity.normalising.names import person_name
from zhike.collect.identity.normalising.organisations import is_organisation_name, organisation_name
from zhike.collect.identity.normalising.phones import e164, extension, is_mobile
from zhike.collect.identity.normalising.text import half_width, plain, simplified, squeezed
from zhike.warehouse.contracts import Column, Contract, Kind

ODD = [
    "\\",
    "'",
    '"',
    "$1",
    "%",
    "[a]",
    "(",
    ")",
    "\n",
    "a\nb",
    "a\u2028b",
    "𠉂李",
    "👩\u200d👧",
    "\u0301",
    "ﬁ",
    "ǅ",
    "İı",
]
LISTS = (DAYS, NOTHING, ADDRESSES, ID_NUMBERS, KINDS, CHECKS, HAN, WORDS, NAMES, CHINA, EXTENSIONS, ODD)
TEXTS: list[str | None] = list(dict.fromkeys(text for texts in LISTS for text in texts))
TEXTS += [text.swapcase() for text in TEXTS if text and text.swapcase() not in TEXTS]


def simple(text: Value) -> dict[str, Value]:
    functions = (half_width, simplified, squeezed, plain, email_address, is_shared_mailbox, extension, is_mobile)
    return {function.__name__: function(text) for function in functions}


def numbers(text: Value) -> dict[str, Value]:
    functions = (id_number, id_kind, has_valid_check, born_on_of, gender_of, day, day_digits, is_organisation_name)
    phones = {region: e164(text, region=region) for region in ("CN", "GB", "US")}
    orders = {f"day_{order}": day(text, day_first=order) for order in (True, False)}
    return {function.__name__: function(text) for function in functions} | phones | orders


def firms(text: Value) -> dict[str, Value]:
    name = organisation_name(text)
    return {"core": name.core, "branch": name.branch, "legal_form": name.legal_form}


def people(table: Table) -> dict[str, Value]:
    name = person_name(name=table.text, family_name=table.family, given_name=table.given)
    return {"family_part": name.family, "given_part": name.given, "whole": name.whole}


def said_by(engine: str, folder: Path) -> list[dict[str, object]]:
    columns = [(text, None, None) for text in TEXTS] + list(COLUMNS)
    given = [(number, *texts) for number, texts in enumerate(columns)]
    names = ("number", "text", "family", "given")
    kinds = (pa.int64(), pa.string(), pa.string(), pa.string())
    arrays = {name: pa.array([row[at] for row in given], kinds[at]) for at, name in enumerate(names)}
    pq.write_table(pa.table(arrays), folder / "texts.parquet")
    contract = Contract(
        *("tests", "texts", "one text", ("number",)),
        tuple(Column(name, Kind.TEXT if name != "number" else Kind.INTEGER, "") for name in names),
    )
    chosen = engine_for_tests(engine)
    table = chosen.open(contract, [f"file://{folder / 'texts.parquet'}"])
    rows: list[dict[str, object]] = [{} for _ in given]
    for values in (simple(table.text), numbers(table.text), firms(table.text), people(table)):
        for row in chosen.arrow(table.select("number", "text", **values)).to_pylist():
            rows[row["number"]].update(row)
    return rows


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_an_engine_says_what_duckdb_says(engine: str, tmp_path: Path) -> None:
    expected = said_by("duckdb", tmp_path)
    differing = [
        (row["text"], key, row[key], other[key])
        for row, other in zip(expected, said_by(engine, tmp_path), strict=True)
        for key in row
        if row[key] != other[key]
    ]
    assert differing == []
    assert sum(value is not None for row in expected for value in row.values()) > 5 * len(TEXTS)
