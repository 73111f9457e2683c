"""Organisations: by what two records of one are known. A branch is a customer of its own, beside the firm."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis.expr.types import BooleanValue, Table, Value
from splink import comparison_level_library as levels

from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.ladders import (
    DIFFERENT,
    Evidence,
    HanSlip,
    address,
    area,
    either_lacks,
    email,
    in_letters,
    lacking,
    own_number,
    phones,
    sql,
)
from zhike.collect.identity.linking.model import level_of


def _core() -> Evidence:
    """What is left of a firm's name without its place and legal form."""
    # Firms of one group have long names that begin alike: what counts is how much of them differs.
    is_long = sql("length(core_l) > 3")
    # 平华财产保险 and 平华人寿保险 differ in two characters of six.
    some = sql("levenshtein(core_l, core_r) * 8 <= greatest(length(core_l), length(core_r)) + 4")
    slip = levels.And(is_long, in_letters("core"), levels.Or(some, levels.DamerauLevenshteinLevel("core", 1)))
    ladder = (
        (0.80, 1e-3, levels.ExactMatchLevel("core", term_frequency_adjustments=True)),
        (0.05, 2e-4, levels.Or(slip, HanSlip("core", two=False))),
        (0.04, 1e-3, sql("core_l LIKE concat(core_r, '%') OR core_r LIKE concat(core_l, '%')")),
        (0.04, 0.004, levels.And(is_long, levels.JaroWinklerLevel("core", 0.84))),
    )
    missing = lacking("core_l IS NULL OR core_r IS NULL OR script_l <> script_r")  # 恒远 beside Hengyuan
    return Evidence("core", ("core",), missing, ladder)


def _seat() -> Evidence:
    """The place in a firm's name: in another city, another firm may have the same name."""
    same = sql("seat_l = seat_r")
    return Evidence("seat", ("seat",), either_lacks("seat"), ((0.96, 0.1, same),))


def _branch() -> Evidence:
    """Which branch, or the firm itself."""
    same = sql("coalesce(branch_l, '') = coalesce(branch_r, '')")
    return Evidence("branch", ("branch",), either_lacks("core"), ((0.97, 0.8, same),))


def _names(records: Table) -> Value:
    return records.core + "|" + records.branch.fill_null("")


def _conflicts(pairs: Table) -> Mapping[str, BooleanValue]:
    """What two records of one organisation never show.

    - `id_number`: each has a credit code with a right check character, and they differ.
    - `branch`: they name different branches, or one a branch and the other none. Some registers have one number for a
      firm and all its branches; a credit code is one branch's.
    - `firm`: their names have nothing in common, or only begin alike: they share a building, a switchboard or an
      accountant, and firms of one group share the mailbox too. Only a number of both is proof.
    - `seat`: in their names stand different places.
    """
    ids, core = level_of(pairs, "id_number"), level_of(pairs, "core")
    is_sure = pairs.id_is_sure_l & pairs.id_is_sure_r
    has_code = is_sure & (ids == ID_NUMBER.strongest)
    return {
        "id_number": is_sure & ids.between(DIFFERENT, ID_NUMBER.strongest - 1),
        "branch": (level_of(pairs, "branch") == DIFFERENT) & ~has_code,
        "firm": core.between(DIFFERENT, BEGINS_ALIKE) & (ids <= DIFFERENT),
        "seat": (level_of(pairs, "seat") == DIFFERENT) & (ids <= DIFFERENT),
    }


BEGINS_ALIKE = 1  # the level of names that are only a little alike
ID_NUMBER = own_number("id_number", shares=((0.90, 1e-5), (0.03, 2e-5), (0.01, 2e-4)))
ORGANISATIONS = Kind(
    name="organisation",
    texts=(
        *("core", "script", "seat", "branch", "id_number", "phone", "phone_2", "email"),
        *("area", "postal_code", "street", "number", "place", "door"),
    ),
    evidence=(_core(), _seat(), _branch(), ID_NUMBER, phones(), email(), address(), area()),
    names=_names,
    told_by=("core", "id_number"),
    reached_by=("phone", "phone_2", "email"),
    mailbox_of=(),
    shared=("phone", "phone_2", "email", "id_number"),
    exact=(("id_number", "names"), ("phone", "names", "area"), ("email", "names", "area")),
    may_lack=("area",),
    keys={
        "id": ("id_number",),
        "phone": ("phone",),
        "email": ("email",),
        "name": ("names",),
        "core": ("core",),
        "core_area": ("core", "area"),
        "beginning_area": ("core[:2]", "area"),
        "beginning": ("core[:4]",),
        "street": ("street", "number", "area"),
        "door": ("place", "door"),
    },
    training=(("id_number",), ("phone",), ("core",), ("area", "street")),
    conflicts=_conflicts,
    doubts=lambda _pairs: ibis.literal(False),
)
