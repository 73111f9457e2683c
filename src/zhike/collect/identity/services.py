"""Verbs of identity: people's word on who is who. It goes before all evidence, outlives every refresh, can be undone.

A decision is kept as pairs of keys, not of customers: it means the same however customers are numbered. It takes effect
with the next refresh.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise, product

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.collect.identity.contradictions import check_contradicts_none, check_is_missed
from zhike.collect.identity.models import DecidedPair, Decision
from zhike.collect.identity.queries import Key, NoSuchDecision, keys_of
from zhike.errors import UserError
from zhike.govern.access.actors import ActorKind, current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse.queries import published

LONGEST_WHY = 2_000
MOST_KEYS = 500  # of one customer that is taken apart: more were put together by a mistake that has a better remedy
AT_ONCE = 2_000  # rows that are written in one statement
Pair = tuple[Key, Key, bool]


def merge_customers(groups: Sequence[Collection[int]], *, why: str = "") -> Decision:
    """The decision that the customers of each group are one.

    Raises Denied, NothingPublished, NoSuchCustomers, and UserError for a group of one, a customer in two groups, and
    what an earlier decision, or several together, say the contrary of.
    """
    require(Right.RESOLVE_IDENTITY)
    named = _each_once(groups)
    keys = keys_of({one for group in named for one in group}, published())
    # One key of each is enough: what holds the rest of a customer together stays what it was.
    firsts = (sorted(min(keys[customer_id]) for customer_id in group) for group in named)
    pairs = ((left, right, True) for group in firsts for left, right in pairwise(group))
    held = [two for customer in keys.values() for two in pairwise(customer)]
    return _record(Decision.Kind.MERGE, pairs, why, len(named), held=held)


def split_customer(customer_id: int, keys: Collection[Key], *, why: str = "") -> Decision:
    """The decision that these keys of a customer are another customer's, all of one.

    Both parts stay together, whatever had linked them. It takes the place of a decision that these two parts are one.
    Raises Denied, NothingPublished, NoSuchCustomers, and UserError where a key is not the customer's, or nothing would
    be left.
    """
    require(Right.RESOLVE_IDENTITY)
    whole = keys_of({customer_id}, published())[customer_id]
    off, rest = sorted(set(keys)), sorted(set(whole) - set(keys))
    strange = [key for key in off if key not in whole]
    if strange:
        raise UserError(_("customer %(id)s has no key %(key)s") % {"id": customer_id, "key": f"{strange[0]}"})
    if not off or not rest:
        raise UserError(
            _("some keys have to go and some to stay"), where="keys", advice=_("Choose those of the other customer.")
        )
    if len(whole) > MOST_KEYS:
        raise UserError(
            _("a customer of more than %(most)s keys is not taken apart by hand") % {"most": MOST_KEYS},
            advice=_("Undo the decision that put them together, or mend what their records share."),
        )
    pairs = [(*sorted(two), False) for two in product(off, rest)]
    pairs += [(*two, True) for part in (off, rest) for two in pairwise(part)]
    return _record(Decision.Kind.SPLIT, pairs, why, 1)  # type: ignore[arg-type]


def never_same(groups: Sequence[Collection[int]], *, why: str = "") -> Decision:
    """The decision that the customers of each group are all different, whatever their records say.

    Raises Denied, NothingPublished, NoSuchCustomers, and UserError as `merge_customers`.
    """
    require(Right.RESOLVE_IDENTITY)
    named = _each_once(groups)
    keys = keys_of({one for group in named for one in group}, published())
    pairs = (
        (*sorted(two), False)
        for group in named
        for place, one in enumerate(group)
        for other in group[place + 1 :]
        for two in product(keys[one], keys[other])
    )
    return _record(Decision.Kind.NEVER_SAME, pairs, why, len(named))  # type: ignore[arg-type]


def undo_decision(decision_id: int) -> Decision:
    """The decision, which does not count any more.

    Raises Denied, NoSuchDecision, and UserError if it is undone already, or others say the same, so that nothing would
    come of it.
    """
    return _turn(decision_id, counts=False)


def redo_decision(decision_id: int) -> Decision:
    """The decision, which counts again. Raises Denied, NoSuchDecision, and UserError as when it was made."""
    return _turn(decision_id, counts=True)


def _turn(decision_id: int, *, counts: bool) -> Decision:
    require(Right.RESOLVE_IDENTITY)
    with transaction.atomic():
        decision = Decision.objects.select_for_update().filter(pk=decision_id).first()
        if decision is None:
            raise NoSuchDecision(_("there is no decision %(id)s") % {"id": decision_id})
        if (decision.undone_at is None) == counts:
            said = _("decision %(id)s counts already") if counts else _("decision %(id)s is undone already")
            raise UserError(said % {"id": decision_id})
        decision.undone_at = None if counts else timezone.now()
        decision.undone_by_id = None if counts else _user_id()
        decision.save(update_fields=["undone_at", "undone_by"])
        check = check_contradicts_none if counts else check_is_missed
        check(decision)
    return decision


def _each_once(groups: Sequence[Collection[int]]) -> list[list[int]]:
    named = [sorted(set(group)) for group in groups]
    alone = next((group for group in named if len(group) < 2), None)
    if not named or alone is not None:
        raise UserError(_("a group has two customers or more"), where=", ".join(map(str, alone or ())))
    seen: set[int] = set()
    for group in named:
        twice = seen.intersection(group)
        if twice:
            raise UserError(
                _("customer %(id)s is in two groups") % {"id": min(twice)}, advice=_("Put these groups together.")
            )
        seen.update(group)
    return named


def _record(
    kind: Decision.Kind, pairs: Iterable[Pair], why: str, group_count: int, *, held: Iterable[tuple[Key, Key]] = ()
) -> Decision:
    why = why.strip()
    if len(why) > LONGEST_WHY:
        raise UserError(_("a reason has up to %(limit)s characters") % {"limit": LONGEST_WHY}, where="why")
    with transaction.atomic():
        decision = Decision.objects.create(kind=kind, why=why, group_count=group_count, made_by_id=_user_id())
        rows = (
            DecidedPair(
                decision=decision,
                source_l=left.source,
                customer_key_l=left.customer_key,
                source_r=right.source,
                customer_key_r=right.customer_key,
                is_same=is_same,
            )
            for left, right, is_same in pairs
        )
        DecidedPair.objects.bulk_create(rows, batch_size=AT_ONCE)
        check_contradicts_none(decision, held)
    return decision


def _user_id() -> int | None:
    actor = current_actor()
    return actor.id if actor.kind == ActorKind.USER else None
