"""Units of the calendar in a row: each fact sets the bit of how many units ago it was."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis.expr.types import Value

from zhike.rules.compiling.builtins import bit_count, whole
from zhike.rules.tree import Unit
from zhike.rules.windows import first_day

LONGEST = 60
# A bit that no streak reaches, for whatever is further back; all of them fit into 64 with a sign.
BEYOND = LONGEST + 1


def bit_of_distance(day: Value, by: Unit, as_of: date) -> Value:
    """A whole number whose only bit says how many units before the one of `as_of` a day lies."""
    return whole(1) << ibis.least(_distance(day, by, as_of), BEYOND).cast("int32")


def units_in_a_row(bits: Value) -> Value:
    """How many units in a row have their bit set, beginning with the unit of today or the one before it."""
    from_today = ((bits & 1) != 0).ifelse(bits, bits >> 1)
    # Adding one clears the ones at the end, and sets the bit above them: these are what it changes.
    changed = from_today ^ (from_today + 1)
    return ibis.least(bit_count(changed) - 1, LONGEST).cast("float64")


def _distance(day: Value, by: Unit, as_of: date) -> Value:
    today = ibis.literal(as_of)
    match by:
        case Unit.DAY:
            return today.delta(day, unit="day")
        case Unit.WEEK:
            sunday = first_day(Unit.WEEK, as_of) + timedelta(days=6)
            return ibis.literal(sunday).delta(day, unit="day") // 7
        case Unit.MONTH:
            return as_of.year * 12 + as_of.month - (day.year().cast("int64") * 12 + day.month())
        case Unit.QUARTER:
            return as_of.year * 4 + (as_of.month - 1) // 3 + 1 - (day.year().cast("int64") * 4 + day.quarter())
        case Unit.YEAR:
            return as_of.year - day.year()
