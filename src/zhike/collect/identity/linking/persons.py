"""Persons: by what two records of one are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
from ibis.expr.types import BooleanValue, Table, Value
from splink import comparison_level_library as levels

from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.ladders import (
    DIFFERENT,
    Evidence,
    address,
    area,
    either_lacks,
    email,
    lacking,
    laddered,
    phones,
    sql,
    written,
)
from zhike.collect.identity.linking.model import level_of

LONG_NAME = 3  # characters above which a slip leaves a name recognisable; Han names are shorter


def _part_of_name(name: str, *, beside: str, shares: Sequence[tuple[float, float]]) -> Evidence:
    """A given or a family name: the same, in the other's place, turned round, or nearly the same."""
    is_long = sql(f"length({name}_l) > {LONG_NAME} AND length({name}_r) > {LONG_NAME}")
    is_short = sql(f"length({name}_l) BETWEEN 2 AND {LONG_NAME} AND length({name}_r) BETWEEN 2 AND {LONG_NAME}")
    ladder = (
        levels.ExactMatchLevel(name, term_frequency_adjustments=True),
        sql(
            f"{name}_l = {beside}_r AND {name}_r = {beside}_l"
            f" OR length({name}_l) > 1 AND {name}_l = {beside}_r OR length({name}_r) > 1 AND {name}_r = {beside}_l"
        ),
        sql(f"length({name}_l) > 1 AND reverse({name}_l) = {name}_r"),
        levels.And(is_long, levels.JaroWinklerLevel(name, 0.92)),
        levels.And(is_long, levels.Or(levels.JaroWinklerLevel(name, 0.84), levels.DamerauLevenshteinLevel(name, 1))),
        levels.Or(
            levels.And(is_long, levels.JaroWinklerLevel(name, 0.7)),
            levels.And(is_short, levels.DamerauLevenshteinLevel(name, 1)),
            sql(f"{name}_l LIKE concat({name}_r, '%') OR {name}_r LIKE concat({name}_l, '%')"),
        ),
    )
    # A name in Han characters says nothing against the same name in Latin letters.
    missing = lacking(f"{name}_l IS NULL OR {name}_r IS NULL OR script_l <> script_r")
    return Evidence(name, (name,), missing, laddered(shares, ladder))


def _both_names(records: Table) -> Value:
    """Both names, whichever stands in which column."""
    family, given = records.family_name, records.given_name
    return ibis.least(family, given) + "|" + ibis.greatest(family, given)


def _conflicts(pairs: Table) -> Mapping[str, BooleanValue]:
    """What two records of one person never show.

    - `id_number`: each has the number of a resident with a right check digit, and they differ.
    - `household`: their given names differ, and neither birthday, number nor mailbox says that they are one all the
      same: they live together, or share a telephone.
    """
    ids = level_of(pairs, "id_number")
    is_confirmed = (
        (level_of(pairs, "born_on") > TWO_SLIPS) | (ids > DIFFERENT) | (level_of(pairs, "email") == EMAIL.strongest)
    )
    return {
        "id_number": pairs.id_is_sure_l & pairs.id_is_sure_r & ids.between(DIFFERENT, ID_NUMBER.strongest - 1),
        "household": (level_of(pairs, "given_name") == DIFFERENT) & ~is_confirmed,
    }


TWO_SLIPS = 1  # the level of dates that differ in two digits: brothers and sisters do
# Of given names, and of family names, which fewer share out among them: on each level of the ladder above.
GIVEN = ((0.80, 0.004), (0.03, 3e-4), (0.02, 2e-4), (0.05, 0.001), (0.03, 0.003), (0.02, 0.02))
FAMILY = ((0.85, 0.02), (0.03, 4e-4), (0.005, 1e-4), (0.04, 0.001), (0.02, 0.002), (0.01, 0.01))
EMAIL = email()
ID_NUMBER = written("id_number", shares=((0.93, 1e-5), (0.03, 2e-5), (0.01, 2e-4)), is_own=True)
PERSONS = Kind(
    name="person",
    texts=(
        *("family_name", "given_name", "script", "born_on", "gender", "id_number", "phone", "phone_2", "email"),
        *("area", "postal_code", "street", "number", "place", "door"),
    ),
    evidence=(
        _part_of_name("given_name", beside="family_name", shares=GIVEN),
        _part_of_name("family_name", beside="given_name", shares=FAMILY),
        written("born_on", shares=((0.92, 2e-4), (0.03, 0.001), (0.02, 0.015))),
        ID_NUMBER,
        phones(),
        EMAIL,
        Evidence("gender", ("gender",), either_lacks("gender"), ((0.98, 0.5, levels.ExactMatchLevel("gender")),)),
        address(),
        area(),
    ),
    names=_both_names,
    told_by=("family_name", "given_name", "born_on", "id_number"),
    reached_by=("phone", "phone_2", "email"),
    shared=("phone", "phone_2", "email", "id_number"),
    # Without their birthdays, father and son may share a name, a telephone and a mailbox.
    exact=(
        ("id_number", "names"),
        ("id_number", "names", "born_on"),
        ("phone", "names", "born_on"),
        ("email", "names", "born_on"),
    ),
    may_lack=("born_on",),
    keys={
        "id": ("id_number",),
        "phone": ("phone",),
        "email": ("email",),
        "name": ("names",),
        "birth": ("born_on",),
        "birth_family": ("born_on", "family_name"),
        "birth_given": ("born_on", "given_name"),
        "birth_area": ("born_on", "area"),
        "month_names": ("born_on[:6]", "family_name[:2]", "given_name[:1]"),
        "name_area": ("names", "area"),
        "family_code": ("family_name", "postal_code"),
        "given_code": ("given_name", "postal_code"),
        "family_area": ("family_name", "area"),
        "beginnings": ("family_name[:3]", "given_name[:3]"),
        "street": ("street", "number"),
        "street_area": ("street", "number", "area"),
        "place": ("place", "area"),
        "door": ("place", "door"),
    },
    training=(
        ("id_number",),
        ("phone",),
        ("email",),
        ("born_on",),
        ("family_name", "given_name"),
        ("postal_code", "street"),
        ("area", "place"),
    ),
    conflicts=_conflicts,
)
