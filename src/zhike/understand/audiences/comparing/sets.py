"""Audiences side by side: put together, their overlap, what tells one apart, who is like its members."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.text import text_of
from zhike.rules.tree import All, Any, Condition, InAudience, Not
from zhike.understand.audiences.comparing.likeness import Likeness, most_like
from zhike.understand.audiences.comparing.overlap import exclusive_parts
from zhike.understand.audiences.comparing.profiling import Comparison, compared
from zhike.understand.audiences.comparing.traits import all_traits, traits_of_tags
from zhike.understand.audiences.kept import audience_rules
from zhike.understand.audiences.naming import tags_saying
from zhike.understand.audiences.queries import members_seen
from zhike.understand.audiences.reading import everybody_seen, tree_of
from zhike.warehouse.queries import published

MOST_COMPARED = 8
WAYS = ("all", "any", "difference")


@dataclass(frozen=True)
class OverlapSet:
    """One of the audiences compared."""

    name: str
    size: int


@dataclass(frozen=True)
class OverlapPart:
    """Customers who are in just these audiences, and in none of the others."""

    audiences: tuple[str, ...]
    count: int
    rule: str


@dataclass(frozen=True)
class Overlap:
    """All that audiences have in common: every part that is not empty, the largest first."""

    customers: int
    in_any: int
    refresh_id: int
    as_of: date
    milliseconds: float
    sets: tuple[OverlapSet, ...]
    parts: tuple[OverlapPart, ...]


@dataclass(frozen=True)
class AudienceProfile:
    """An audience beside everybody else, or beside another: what it has more of, and less."""

    rule: str
    against: str  # the rule of the others; empty for everybody
    refresh_id: int
    as_of: date
    milliseconds: float
    comparison: Comparison


@dataclass(frozen=True)
class LookAlikes(Likeness):
    """Customers who are like the members of an audience, and are none of them."""

    rule: str
    seed_size: int
    left_out: tuple[str, ...]  # tags that say what the rule says, and so would tell nothing
    refresh_id: int
    as_of: date


def combined_rule(how: str, names: Sequence[str]) -> str:
    """The rule of saved audiences put together: who is in all of them, in any, or in the first and in no other.

    Raises UserError.
    """
    if how not in WAYS:
        raise UserError(
            _("audiences are not combined by “%(how)s”") % {"how": how},
            where="how",
            advice=_("There are %(names)s.") % {"names": ", ".join(WAYS)},
        )
    return text_of(_combined(how, _named(names, most=100)))


def overlap_of(names: Sequence[str]) -> Overlap:
    """How saved audiences overlap, of the org unit that whoever acts looks at. Raises UserError, Denied."""
    require(Right.SEE_CUSTOMERS)
    started = time.perf_counter()
    now = published()
    chosen = _named(names, most=MOST_COMPARED)
    sets = [members_seen(InAudience(audience=name), now) for name in chosen]
    parts = sorted(exclusive_parts(sets), key=lambda part: (-part[1], part[0]))
    return Overlap(
        customers=len(everybody_seen(now)),
        in_any=sum(count for _places, count in parts),
        refresh_id=now.refresh_id,
        as_of=now.as_of,
        sets=tuple(OverlapSet(name, len(found)) for name, found in zip(chosen, sets, strict=True)),
        parts=tuple(
            OverlapPart(tuple(chosen[place] for place in places), count, text_of(_just(chosen, places)))
            for places, count in parts
        ),
        milliseconds=(time.perf_counter() - started) * 1000,
    )


def profile_audience(rule: str | Condition, *, against: str | Condition | None = None) -> AudienceProfile:
    """What a rule's customers have more of than everybody else, or than the other customers of another rule.

    Of the org unit that whoever acts looks at. Raises UserError where one side is empty, and Denied.
    """
    require(Right.SEE_CUSTOMERS)
    started = time.perf_counter()
    now = published()
    inside = members_seen(rule, now)
    base = everybody_seen(now) if against is None else members_seen(against, now)
    _check_filled(inside, base - inside)
    return AudienceProfile(
        rule=text_of(tree_of(rule)),
        against="" if against is None else text_of(tree_of(against)),
        refresh_id=now.refresh_id,
        as_of=now.as_of,
        comparison=compared(inside, base, all_traits(now)),
        milliseconds=(time.perf_counter() - started) * 1000,
    )


def look_alikes(rule: str | Condition, *, size: int) -> LookAlikes:
    """The customers most like those of a rule by their tags, without those of the rule.

    Of the org unit that whoever acts looks at. Raises UserError where nobody can be compared, and Denied.
    """
    require(Right.SEE_CUSTOMERS)
    if size < 1:
        raise UserError(_("how many look-alikes is a number from 1"), where="size")
    now = published()
    tree = tree_of(rule)
    seed = members_seen(tree, now)
    others = everybody_seen(now) - seed
    _check_filled(seed, others)
    left_out = tags_saying(tree)
    found = most_like(seed, others, traits_of_tags(now, without=left_out), size=size)
    return LookAlikes(
        **vars(found),
        rule=text_of(tree),
        seed_size=len(seed),
        left_out=tuple(sorted(left_out)),
        refresh_id=now.refresh_id,
        as_of=now.as_of,
    )


def _named(names: Sequence[str], *, most: int) -> tuple[str, ...]:
    """The names, each once, all of them of saved audiences. Raises UserError."""
    chosen = tuple(dict.fromkeys(names))
    if not 1 <= len(chosen) <= most:
        raise UserError(_("1 to %(most)s audiences can be named") % {"most": most}, where="audiences")
    for name in chosen:
        if name not in audience_rules():
            raise UserError(_("there is no audience “%(name)s”") % {"name": name}, where="audiences")
    return chosen


def _combined(how: str, names: Sequence[str]) -> Condition:
    parts: tuple[Condition, ...] = tuple(InAudience(audience=name) for name in names)
    if how == "difference":
        parts = (parts[0], *(Not(of=one) for one in parts[1:]))
    if len(parts) == 1:
        return parts[0]
    return Any(of=parts) if how == "any" else All(of=parts)


def _just(names: Sequence[str], places: Sequence[int]) -> Condition:
    """The rule of who is in the audiences at these places, and in none of the others."""
    ordered = [*places, *(place for place in range(len(names)) if place not in places)]
    parts: list[Condition] = [InAudience(audience=names[place]) for place in ordered]
    parts[len(places) :] = [Not(of=one) for one in parts[len(places) :]]
    return parts[0] if len(parts) == 1 else All(of=tuple(parts))


def _check_filled(inside: BitMap, others: BitMap) -> None:
    if not inside:
        raise UserError(_("nobody is in this audience"), where="rule", advice=_("Widen its rule."))
    if not others:
        raise UserError(_("there is nobody else to compare with"), where="rule", advice=_("Narrow its rule."))
