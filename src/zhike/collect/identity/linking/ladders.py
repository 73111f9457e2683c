"""How two records are compared: the evidence that Splink weighs, field by field, on any engine.

Each comparison is a ladder of levels; the first that holds counts. `m` is how often two records of one customer stand
on a level, and `u` how often two strangers do: shipped as counters, call centres and the names of a country commonly
have it, and learnt anew from the data at hand as far as they show it (`training`). The model is that of Fellegi and
Sunter (1969), "A Theory for Record Linkage"; rare values weigh more than common ones (Winkler, 2000).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from splink import comparison_level_library as levels
from splink.comparison_library import CustomComparison
from splink.internals.comparison_level_creator import ComparisonLevelCreator as Level
from splink.internals.dialects import SplinkDialect

from zhike.collect.identity.linking.model import Weights

DIFFERENT = 0  # the number of the lowest level: both records have a value, and nothing about them is alike


@dataclass(frozen=True)
class Evidence:
    """One comparison: its levels from the strongest to the weakest, each with its shipped `m` and `u`."""

    name: str
    columns: tuple[str, ...]  # of which a record needs any, to be compared at all
    missing: Level
    ladder: Sequence[tuple[float, float, Level]]

    @property
    def strongest(self) -> int:
        """The number of the highest level."""
        return len(self.ladder)

    @property
    def weighed_by_rarity(self) -> dict[str, float]:
        """The columns of which a rare value weighs more than a common one, with how common one is that is neither."""
        said = self.comparison(self.shipped()).create_comparison_dict("duckdb")["comparison_levels"]
        return {one["tf_adjustment_column"]: one["u_probability"] for one in said if "tf_adjustment_column" in one}

    def shipped(self) -> tuple[Weights, ...]:
        """The weights of every level; what the ladder leaves of both belongs to records that differ."""
        above = [Weights(m, u) for m, u, _level in self.ladder]
        return (*above, Weights(1 - sum(one.m for one in above), 1 - sum(one.u for one in above)))

    def comparison(self, weights: Sequence[Weights]) -> CustomComparison:
        """The same in Splink's terms, with these weights."""
        steps = [*(level for _m, _u, level in self.ladder), levels.ElseLevel()]
        weighed = [
            level.configure(m_probability=one.m, u_probability=one.u) for level, one in zip(steps, weights, strict=True)
        ]
        return CustomComparison(output_column_name=self.name, comparison_levels=[self.missing, *weighed])


def own_number(name: str, *, shares: Sequence[tuple[float, float]]) -> Evidence:
    """A number that is meant to be one customer's alone: the same, or one or two slips of the pen apart.

    That two records share one says then that it is not rare, and not that it is common.
    """
    ladder = (
        levels.ExactMatchLevel(name),
        levels.DamerauLevenshteinLevel(name, 1),
        levels.DamerauLevenshteinLevel(name, 2),
    )
    return Evidence(name, (name,), either_lacks(name), laddered(shares, ladder))


def dates(name: str, *, shares: Sequence[tuple[float, float]]) -> Evidence:
    """Days written as YYYYMMDD: the same, one slip apart or with month and day exchanged, or two slips."""
    exchanged = f"concat(substr({name}_l, 1, 4), substr({name}_l, 7, 2), substr({name}_l, 5, 2)) = {name}_r"
    ladder = (
        levels.ExactMatchLevel(name, term_frequency_adjustments=True),
        levels.Or(levels.DamerauLevenshteinLevel(name, 1), sql(exchanged)),
        levels.DamerauLevenshteinLevel(name, 2),
    )
    return Evidence(name, (name,), either_lacks(name), laddered(shares, ladder))


def laddered(shares: Sequence[tuple[float, float]], steps: Sequence[Level]) -> tuple[tuple[float, float, Level], ...]:
    """The levels with their `m` and `u`."""
    return tuple((m, u, level) for (m, u), level in zip(shares, steps, strict=True))


def phones() -> Evidence:
    """Two telephone numbers each."""
    ladder = (
        (0.60, 2e-5, levels.ExactMatchLevel("phone")),
        (0.08, 1e-5, sql("phone_l = phone_2_r OR phone_2_l = phone_r OR phone_2_l = phone_2_r")),
        (0.04, 4e-4, levels.DamerauLevenshteinLevel("phone", 1)),  # numbers are given out one after the other
    )
    return Evidence("phone", ("phone", "phone_2"), either_lacks("phone"), ladder)


def email() -> Evidence:
    """E-mail addresses, and what stands before the @."""
    mailbox = "split_part({}, '@', 1)"
    same_mailbox = f"{mailbox.format('email_l')} = {mailbox.format('email_r')} AND length(email_l) > 12"
    ladder = (
        (0.70, 1e-5, levels.ExactMatchLevel("email")),
        (0.05, 1e-5, levels.And(sql("length(email_l) > 9"), levels.DamerauLevenshteinLevel("email", 2))),
        (0.02, 1e-4, sql(same_mailbox)),
    )
    return Evidence("email", ("email",), either_lacks("email"), ladder)


def address() -> Evidence:
    """The parts of an address below the town in one ladder: each on its own would count the same evidence again."""
    street = _alike("street", "place")
    place = _alike("place", "street")
    number, door = levels.ExactMatchLevel("number"), levels.ExactMatchLevel("door")
    ladder = (
        (0.30, 1e-5, levels.And(street, number, door)),
        (0.10, 1e-5, levels.And(place, door)),
        (0.20, 1e-5, levels.And(street, number, place)),
        (0.10, 1e-4, levels.And(street, number)),
        (0.05, 2e-5, levels.And(street, place)),
        (0.04, 2e-3, place),
        (0.04, 2e-3, street),
        (0.02, 0.01, number),
    )
    missing = lacking("(street_l IS NULL OR street_r IS NULL) AND (place_l IS NULL OR place_r IS NULL)")
    return Evidence("address", ("street", "place"), missing, ladder)


def area() -> Evidence:
    """Where somebody lives, in the large: the district or suburb, and the postal code.

    Of two at the same number of the same street it says nothing that their address does not.
    """
    same, code = similar("area"), levels.ExactMatchLevel("postal_code")
    near = levels.DamerauLevenshteinLevel("postal_code", 1)
    ladder = (
        (0.50, 2e-3, levels.And(same, code)),
        (0.08, 2e-4, levels.And(same, near)),
        (0.06, 1e-3, code),
        (0.20, 0.01, same),
        (0.02, 0.01, near),
    )
    missing = lacking(
        "(area_l IS NULL OR area_r IS NULL) AND (postal_code_l IS NULL OR postal_code_r IS NULL)"
        " OR street_l = street_r AND number_l = number_r"
    )
    return Evidence("area", ("area", "postal_code"), missing, ladder)


def similar(name: str) -> Level:
    """The same, or a slip of the pen apart."""
    return levels.Or(
        levels.ExactMatchLevel(name), levels.And(in_letters(name), levels.JaroWinklerLevel(name, 0.9)), HanSlip(name)
    )


def in_letters(name: str) -> Level:
    """Whether a text begins as one in Latin letters does: Han characters come behind them all."""
    return sql(f"{name}_l < '{{'")


class HanSlip(Level):
    """Two texts in Han characters of which one character in four, or two in six where `two` may be, are others.

    How far texts are apart DuckDB counts in bytes, of which such a character has three, and Spark in characters.
    """

    def __init__(self, name: str, *, two: bool = True) -> None:
        self.name, self.two = name, two

    def create_sql(self, sql_dialect: SplinkDialect) -> str:
        """The condition, as an engine counts."""
        one = 3 if sql_dialect.sql_dialect_str == "duckdb" else 1
        least = f"least(length({self.name}_l), length({self.name}_r))"
        return (
            f"{self.name}_l > '{{' AND {least} > 3 AND levenshtein({self.name}_l, {self.name}_r)"
            f" <= CASE WHEN {least} > 5 THEN {2 * one if self.two else one} ELSE {one} END"
        )

    def create_label_for_charts(self) -> str:
        """What it is called."""
        return f"a slip in {self.name}"


def either_lacks(name: str) -> Level:
    """The level of records of which one has no value: it says nothing."""
    return lacking(f"{name}_l IS NULL OR {name}_r IS NULL")


def lacking(condition: str) -> Level:
    """The level of records that cannot be compared."""
    return sql(condition).configure(is_null_level=True)


def sql(condition: str) -> Level:
    """Plain SQL that every engine reads alike."""
    return levels.CustomLevel(condition)


def _alike(name: str, other: str) -> Level:
    """Two streets or places that are the same, similar, or stand in each other's column."""
    return levels.Or(similar(name), sql(f"{name}_l = {other}_r OR {name}_r = {other}_l"))
