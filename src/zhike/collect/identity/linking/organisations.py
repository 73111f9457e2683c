"""Organisations: by what two records of one are known. A branch is a customer of its own, beside the firm."""

from __future__ import annotations

from collections.abc import Mapping

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
    phones,
    sql,
    written,
)
from zhike.collect.identity.linking.model import level_of


def _core() -> Evidence:
    """What is left of a firm's name without its place and legal form."""
    ladder = (
        (0.80, 1e-3, levels.ExactMatchLevel("core", term_frequency_adjustments=True)),
        (0.04, 1e-3, sql("core_l LIKE concat(core_r, '%') OR core_r LIKE concat(core_l, '%')")),
        (0.06, 1e-3, levels.And(sql("length(core_l) > 3"), levels.JaroWinklerLevel("core", 0.92))),
        (0.03, 0.004, levels.And(sql("length(core_l) > 3"), levels.JaroWinklerLevel("core", 0.84))),
    )
    return Evidence("core", ("core",), either_lacks("core"), ladder)


def _branch() -> Evidence:
    """Which branch, or the firm itself."""
    same = sql("coalesce(branch_l, '') = coalesce(branch_r, '')")
    return Evidence("branch", ("branch",), either_lacks("core"), ((0.97, 0.8, same),))


def _names(records: Table) -> Value:
    return records.core + "|" + records.branch.fill_null("")


def _conflicts(pairs: Table) -> Mapping[str, BooleanValue]:
    """What two records of one organisation never show.

    - `id_number`: each has a credit code with a right check character, and they differ.
    - `branch`: they name different branches, or one a branch and the other none.
    - `firm`: their names have nothing in common: they share a building, a switchboard or an accountant.
    """
    ids = level_of(pairs, "id_number")
    return {
        "id_number": pairs.id_is_sure_l & pairs.id_is_sure_r & ids.between(DIFFERENT, ID_NUMBER.strongest - 1),
        "branch": (level_of(pairs, "branch") == DIFFERENT) & (ids <= DIFFERENT),
        "firm": (level_of(pairs, "core") == DIFFERENT) & (ids <= DIFFERENT),
    }


ID_NUMBER = written("id_number", shares=((0.90, 1e-5), (0.03, 2e-5), (0.01, 2e-4)), is_own=True)
ORGANISATIONS = Kind(
    name="organisation",
    texts=(
        *("core", "branch", "id_number", "phone", "phone_2", "email"),
        *("area", "postal_code", "street", "number", "place", "door"),
    ),
    evidence=(_core(), _branch(), ID_NUMBER, phones(), email(), address(), area()),
    names=_names,
    told_by=("core", "id_number"),
    reached_by=("phone", "phone_2", "email"),
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
)
