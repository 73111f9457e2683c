"""Persons: by what two records of one are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
from ibis.expr.types import BooleanValue, Table, Value
from splink import comparison_level_library as levels
from splink.internals.comparison_level_creator import ComparisonLevelCreator as Level

from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.ladders import (
    DIFFERENT,
    Evidence,
    address,
    area,
    dates,
    either_lacks,
    email,
    lacking,
    laddered,
    own_number,
    phones,
    sql,
)
from zhike.collect.identity.linking.model import OWN_MAILBOX, level_of

RAREST_NAME = 2e-4  # share of people; rarer ones are names in the wrong column as often
LONG_NAME = 3  # characters above which a slip leaves a name recognisable; Han names are shorter


def _part_of_name(name: str, *, reading: str, exchanged: str, shares: Sequence[tuple[float, float]]) -> Evidence:
    """A given or a family name: the same, in the other's place, turned round, read alike, or nearly the same."""
    is_long = sql(f"length({name}_l) > {LONG_NAME} AND length({name}_r) > {LONG_NAME}")
    # 小明 and 小红 are brother and sister.
    is_short = sql(f"script_l = 'latin' AND least(length({name}_l), length({name}_r)) BETWEEN 2 AND {LONG_NAME}")
    ladder = (
        _same(name, "han", frequency_of=name),
        # Of Chinese names few records have the letters: how common one is, is known by those in characters.
        _same(name, "latin", frequency_of=reading),
        sql(exchanged),
        sql(f"length({name}_l) > 1 AND reverse({name}_l) = {name}_r"),
        # 张伟 for 张玮: characters are typed by how they are read.
        sql(f"{reading}_l = {reading}_r"),
        levels.And(is_long, levels.JaroWinklerLevel(name, 0.92)),
        levels.And(is_long, levels.Or(levels.JaroWinklerLevel(name, 0.84), levels.DamerauLevenshteinLevel(name, 1))),
        levels.Or(
            levels.And(is_long, levels.JaroWinklerLevel(name, 0.7)),
            levels.And(is_short, levels.DamerauLevenshteinLevel(name, 1)),
            sql(f"{name}_l LIKE concat({name}_r, '%') OR {name}_r LIKE concat({name}_l, '%')"),
        ),
    )
    # A name in Han characters is compared with one in Latin letters by how it is read.
    missing = lacking(f"{name}_l IS NULL OR {name}_r IS NULL OR script_l <> script_r")
    return Evidence(name, (name,), missing, laddered(shares, ladder))


def _same(name: str, script: str, *, frequency_of: str) -> Level:
    """The same name in this script, the more telling the rarer it is, as far as rare names are no slips."""
    same = levels.And(levels.ExactMatchLevel(name), sql(f"script_l = '{script}'"))
    return same.configure(
        tf_adjustment_column=frequency_of,
        tf_minimum_u_value=RAREST_NAME,
        disable_tf_exact_match_detection=True,
    )


def _near(one: str, other: str) -> str:
    """Whether two texts are the same but for a slip, or two where they are not short; also where one is missing."""
    near = f"script_l = 'latin' AND levenshtein({one}, {other}) * 2 <= length({other})"
    return f"({one} = {other} OR {one} IS NULL OR {near})"


def _both_exchanged() -> str:
    """Whether each name stands in the other's place, but for slips of the pen."""
    crossed = (_near("family_name_l", "given_name_r"), _near("given_name_l", "family_name_r"))
    return f"({' AND '.join(crossed)})"


def _family_exchanged() -> str:
    """Whether the family name of one stands in the place of the other's given name, whatever their other names are."""
    return " OR ".join(
        f"length(family_name_{one}) > 1 AND family_name_{one} = given_name_{other}" for one, other in ("lr", "rl")
    )


def _reading() -> Evidence:
    """A name in Chinese characters beside one in letters, by how it is read, whichever part stands first.

    Letters that no characters are read as may be a name of somebody's own choice, Jack Wang: then only the family name
    is compared, and nothing is said against.
    """
    same_family = (
        "(family_reading_l = family_reading_r"
        " OR family_reading_l = given_reading_r OR given_reading_l = family_reading_r)"
    )
    by_pattern = (
        "(CASE WHEN script_l = 'han' THEN regexp_matches(readings_r, readings_l)"
        " ELSE regexp_matches(readings_l, readings_r) END)"
    )
    ladder = (
        (0.80, 5e-4, levels.ExactMatchLevel("reading", term_frequency_adjustments=True)),
        (0.08, 2e-4, levels.CustomLevel(by_pattern, base_dialect_str="duckdb")),
        (0.03, 2e-3, sql(f"(readings_l IS NULL OR readings_r IS NULL) AND {same_family}")),
        (0.04, 0.04, sql(same_family)),
    )
    missing = lacking(
        "script_l = script_r OR reading_l IS NULL OR reading_r IS NULL"
        f" OR (readings_l IS NULL OR readings_r IS NULL) AND NOT {same_family}"
    )
    return Evidence("reading", ("reading",), missing, ladder)


def _both_names(records: Table) -> Value:
    """Both names, whichever stands in which column."""
    family, given = records.family_name, records.given_name
    return ibis.least(family, given) + "|" + ibis.greatest(family, given)


def _conflicts(pairs: Table) -> Mapping[str, BooleanValue]:
    """What two records of one person never show.

    - `id_number`: each has the number of a resident with a right check digit, and they differ.
    - `household`: their given names differ, or how they are read does, and neither birthday, number nor a mailbox of
      their own says that they are one all the same: they live together, or share a telephone. Where their birthdays
      differ too, names that are only a little alike do not help, and no mailbox does.
    - `generation`: they share a telephone, but their birthdays are a generation apart: father and son of one name. In
      one digit of the year there may be a generation.
    """
    ids, born_on, given, email, phone = (
        level_of(pairs, name) for name in ("id_number", "born_on", "given_name", "email", "phone")
    )
    is_sure = pairs.id_is_sure_l & pairs.id_is_sure_r
    is_own = pairs[f"{OWN_MAILBOX}_l"] | pairs[f"{OWN_MAILBOX}_r"]
    has_mailbox = (email == EMAIL.strongest) & is_own & ~born_on.between(DIFFERENT, ONE_SLIP - 1)
    is_confirmed = _has_birthday(pairs) | (ids > DIFFERENT) | has_mailbox
    is_other = (given == DIFFERENT) | (given == LITTLE_ALIKE) & (born_on == DIFFERENT)
    is_read_otherwise = level_of(pairs, "reading").between(DIFFERENT, SAME_FAMILY)
    is_another_day = born_on.between(DIFFERENT, ONE_SLIP)
    return {
        "id_number": is_sure & ids.between(DIFFERENT, ID_NUMBER.strongest - 1),
        "generation": (phone == PHONE.strongest) & is_another_day & _is_a_generation(pairs) & (ids <= DIFFERENT),
        "household": (is_other | is_read_otherwise) & ~is_confirmed,
    }


def _doubts(pairs: Table) -> BooleanValue:
    """Whether two of one birthday, family name, telephone and address may be twins: their given names differ.

    Who does not live together, as far as is known, is more often one person with a name that was typed wrong.
    """
    given, family, reading = (level_of(pairs, name) for name in ("given_name", "family_name", "reading"))
    are_siblings = (given == DIFFERENT) & (family >= SAME_NAME) | (reading == SAME_FAMILY)
    are_at_home = (level_of(pairs, "phone") == PHONE.strongest) & (level_of(pairs, "address") > DIFFERENT)
    return are_siblings & are_at_home & _has_birthday(pairs) & (level_of(pairs, "id_number") <= DIFFERENT)


def _has_birthday(pairs: Table) -> BooleanValue:
    """Whether two have one birthday, but for a slip; that of a couple may be a digit apart."""
    return (level_of(pairs, "born_on") >= ONE_SLIP) & (level_of(pairs, "gender") != DIFFERENT)


def _is_a_generation(pairs: Table) -> BooleanValue:
    """Whether so many years are between two birthdays as are between those of parents and children."""
    if "born_on_l" not in pairs.columns:
        return ibis.literal(False)
    years = [pairs[f"born_on_{end}"].left(4).try_cast("int64") for end in "lr"]
    return (years[0] - years[1]).abs().between(15, 50)


LITTLE_ALIKE = 1  # the level of names that are only a little alike
ONE_SLIP = 2  # the level of dates that differ in one digit
SAME_NAME = 7  # the level from which names are the same
SAME_FAMILY = 1  # the level of names of which only the family name is read alike
# Of given names, and of family names, which fewer share out among them: on each level of the ladder above.
GIVEN = (
    (0.55, 0.003),
    (0.24, 0.002),
    (0.03, 3e-4),
    (0.02, 2e-4),
    (0.02, 0.003),
    (0.05, 0.001),
    (0.03, 0.003),
    (0.02, 0.02),
)
FAMILY = (
    (0.60, 0.015),
    (0.25, 0.005),
    (0.03, 4e-4),
    (0.005, 1e-4),
    (0.005, 0.005),
    (0.04, 0.001),
    (0.02, 0.002),
    (0.01, 0.01),
)
PHONE, EMAIL = phones(), email()
ID_NUMBER = own_number("id_number", shares=((0.93, 1e-5), (0.03, 2e-5), (0.01, 2e-4)))
PERSONS = Kind(
    name="person",
    texts=(
        *("family_name", "given_name", "script", "born_on", "gender", "id_number", "phone", "phone_2", "email"),
        *("area", "postal_code", "street", "number", "place", "door"),
        *("family_reading", "given_reading", "reading", "readings"),
    ),
    evidence=(
        _part_of_name("given_name", reading="given_reading", exchanged=_both_exchanged(), shares=GIVEN),
        _part_of_name(
            "family_name",
            reading="family_reading",
            exchanged=f"{_both_exchanged()} OR {_family_exchanged()}",
            shares=FAMILY,
        ),
        _reading(),
        dates("born_on", shares=((0.92, 2e-4), (0.03, 0.001), (0.02, 0.015))),
        ID_NUMBER,
        PHONE,
        EMAIL,
        Evidence("gender", ("gender",), either_lacks("gender"), ((0.98, 0.5, levels.ExactMatchLevel("gender")),)),
        address(),
        area(),
    ),
    names=_both_names,
    told_by=("family_name", "given_name", "born_on", "id_number"),
    reached_by=("phone", "phone_2", "email"),
    mailbox_of=("family_reading", "given_reading"),
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
        "reading": ("reading",),
        "reading_area": ("reading", "area"),
        "birth_reading": ("born_on", "family_reading"),
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
    doubts=_doubts,
)
