"""Texts as Spark reads them."""

from __future__ import annotations

from ibis.backends.sql.dialects import PySpark


def write_white_space() -> None:
    """From now on Ibis writes bell, form feed and vertical tab as they are, and not as \\a, \\f and \\v.

    To Spark these are letters: `strip` would take the v from "Ivanov".
    """
    for character in "\a\f\v":
        PySpark.ESCAPED_SEQUENCES.pop(character, None)
