"""Verbs that make frozen lists: of a rule as it is now, its parts, a sample of it, those who are like it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.text import parse_rule, text_of
from zhike.rules.tree import Condition, tree_to_json
from zhike.understand.audiences.comparing.sets import LookAlikes
from zhike.understand.audiences.comparing.traits import values_within
from zhike.understand.audiences.drawing import check_draw, parts_at_random, sampled
from zhike.understand.audiences.models import Audience, FrozenList
from zhike.understand.audiences.queries import audience_of, members_seen, rule_of
from zhike.understand.audiences.reading import checked_rule, everybody_seen
from zhike.understand.audiences.services import check_named_anew, checked_name, owner_id, stored
from zhike.understand.tags.setting.folding import packed
from zhike.understand.tags.wording.cleaning import cleaned
from zhike.warehouse.queries import Published, published

MOST_PARTS = 20
LONGEST_SALT = 100


@dataclass(frozen=True)
class Chosen:
    """A rule and its members now, of which lists are made."""

    tree: Condition
    source: Audience | None
    members: BitMap
    now: Published


def chosen(*, rule: str | Condition = "", audience_id: int | None = None) -> Chosen:
    """The customers of a rule, or of a saved audience, whom whoever acts sees. Raises UserError."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    source = None
    if audience_id is not None:
        source = audience_of(audience_id)
    tree = checked_rule(rule) if source is None else rule_of(source)
    return Chosen(tree, source, members_seen(tree, now), now)


def freeze_audience(
    *, name: str, rule: str | Condition = "", audience_id: int | None = None, note: str = ""
) -> Audience:
    """A frozen list of who belongs to a rule, or a saved audience, now. It can be read for ever, without any refresh.

    Raises NameTaken, Denied, NothingPublished, UserError.
    """
    require(Right.DEFINE_AUDIENCES)
    found = chosen(rule=rule, audience_id=audience_id)
    return _frozen(found, [_List(name, found.members, {"how": "rule"})], note)[0]


def split_audience(
    *,
    name: str,
    shares: Mapping[str, float],
    salt: str = "",
    rule: str | Condition = "",
    audience_id: int | None = None,
    note: str = "",
) -> tuple[Audience, ...]:
    """Frozen lists called “name: part”, into which chance deals the customers by shares, whose sum is everybody.

    With the same salt a customer falls into the same part every time; without one it is drawn.
    Raises as `freeze_audience`.
    """
    require(Right.DEFINE_AUDIENCES)
    _check_shares(shares, salt)
    salt = salt or secrets.token_hex(8)
    found = chosen(rule=rule, audience_id=audience_id)
    whole = sum(shares.values())
    kept = {part: share / whole for part, share in shares.items()}
    parts = parts_at_random(found.members, list(shares.values()), salt=salt)
    lists = [
        _List(f"{name}: {part}", of_part, {"how": "random", "part": part, "shares": kept, "salt": salt})
        for part, of_part in zip(shares, parts, strict=True)
    ]
    return _frozen(found, lists, note)


def split_by_value(
    *, name: str, by: str, rule: str | Condition = "", audience_id: int | None = None, note: str = ""
) -> tuple[Audience, ...]:
    """Frozen lists called “name: value”, one for each value that the customers have of a tag or attribute.

    Whoever has none is in the list “name: –”. Raises as `freeze_audience`.
    """
    require(Right.DEFINE_AUDIENCES)
    found = chosen(rule=rule, audience_id=audience_id)
    lists = [
        _List(f"{name}: {part.title}", part.members, {"how": "value", "by": by, "value": part.value})
        for part in values_within(found.members, by=by, now=found.now)
    ]
    return _frozen(found, lists, note)


def sample_audience(
    *,
    name: str,
    size: int,
    seed: int = 0,
    rule: str | Condition = "",
    audience_id: int | None = None,
    note: str = "",
) -> Audience:
    """A frozen list of customers drawn at random; the same seed draws the same. Raises as `freeze_audience`."""
    require(Right.DEFINE_AUDIENCES)
    check_draw(size, seed)
    found = chosen(rule=rule, audience_id=audience_id)
    drawn = sampled(found.members, size, seed=seed)
    return _frozen(found, [_List(name, drawn, {"how": "sample", "size": size, "seed": seed})], note)[0]


def save_lookalikes(*, name: str, alike: LookAlikes, note: str = "") -> Audience:
    """A frozen list of the customers who were found to be most like those of a rule. Raises as `freeze_audience`."""
    require(Right.DEFINE_AUDIENCES)
    origin: dict[str, Any] = {"how": "lookalikes", "size": len(alike.members), "lowest_score": alike.lowest_score}
    if alike.separation is not None:
        origin["area"] = alike.separation.area
    found = Chosen(parse_rule(alike.rule), None, alike.members, published())
    return _frozen(found, [_List(name, alike.members, origin)], note)[0]


@dataclass(frozen=True)
class _List:
    name: str
    members: BitMap
    origin: Mapping[str, Any] = field(default_factory=dict)


def _frozen(found: Chosen, lists: Iterable[_List], note: str) -> tuple[Audience, ...]:
    """All of the lists, or none."""
    of_customers = len(everybody_seen(found.now))
    with transaction.atomic():
        check_named_anew(found.tree)
        return tuple(_one(found, one, note, of_customers) for one in lists)


def _one(found: Chosen, wanted: _List, note: str, of_customers: int) -> Audience:
    actor = current_actor()
    audience = stored(
        Audience(
            name=checked_name(wanted.name),
            kind=Audience.Kind.FROZEN,
            tree=tree_to_json(found.tree),
            note=cleaned(note),
            owner_id=owner_id(),
        )
    )
    FrozenList.objects.create(
        audience=audience,
        source=found.source,
        rule=text_of(found.tree),
        origin=dict(wanted.origin),
        refresh_id=found.now.refresh_id,
        as_of=found.now.as_of,
        unit=actor.unit,
        members=packed(wanted.members),
        size=len(wanted.members),
        of_customers=of_customers,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        frozen_at=timezone.now(),
    )
    return audience


def _check_shares(shares: Mapping[str, float], salt: str) -> None:
    if not 2 <= len(shares) <= MOST_PARTS:
        raise UserError(_("a split has 2 to %(most)s parts") % {"most": MOST_PARTS}, where="shares")
    if any(not 0 < share < float("inf") for share in shares.values()):
        raise UserError(_("the share of a part is a number above 0"), where="shares")
    if len(salt) > LONGEST_SALT or not salt.isprintable():
        raise UserError(_("a salt has up to %(most)s characters") % {"most": LONGEST_SALT}, where="salt")
