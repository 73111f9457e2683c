"""Functions of DuckDB that Ibis has no word for; imports are always converted by DuckDB."""

# mypy: disable-error-code="empty-body,valid-type,no-untyped-def"
from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt


@ibis.udf.scalar.builtin
def strlen(text: str) -> int:
    """The length in bytes, which need not be counted."""


@ibis.udf.scalar.builtin(name="ascii")
def first_code(text: str) -> int:
    """The code of the first character."""


@ibis.udf.scalar.builtin
def make_timestamp(microseconds: dt.int64) -> dt.Timestamp(scale=6):
    """The instant so many microseconds after the beginning of 1970."""


@ibis.udf.scalar.builtin
def try_strptime(text: str, formats: dt.Array(dt.string)) -> dt.Timestamp(scale=6):
    """DuckDB's lenient parsing of dates."""


@ibis.udf.scalar.builtin(name="try_strptime")
def try_strptime_zoned(text: str, formats: dt.Array(dt.string)) -> dt.Timestamp("UTC", scale=6):
    """The same where every format has an offset, which makes DuckDB return an instant."""


@ibis.udf.scalar.builtin(name="timezone")
def instant_in(zone: str, at: dt.Timestamp(scale=6)) -> dt.Timestamp("UTC", scale=6):
    """DuckDB's reading of a wall-clock time in a zone."""


@ibis.udf.scalar.builtin(name="timezone")
def wall_clock(zone: str, at: dt.Timestamp("UTC", scale=6)) -> dt.Timestamp(scale=6):
    """DuckDB's wall-clock time of an instant in a zone."""


@ibis.udf.scalar.builtin
def json_merge_patch(document: str, patch: dt.json) -> dt.json:
    """The document with the patch applied (RFC 7396): a null removes a member."""


@ibis.udf.scalar.builtin
def json_valid(document: str) -> bool:
    """Whether a text is a JSON document."""


@ibis.udf.scalar.builtin
def to_json(value) -> dt.json:
    """A value as JSON."""


@ibis.udf.scalar.builtin(name="regexp_extract_all")
def every_match(text: str, pattern: str, group: int) -> dt.Array(dt.string):
    """What a group of a pattern holds wherever the pattern is found, in order."""
