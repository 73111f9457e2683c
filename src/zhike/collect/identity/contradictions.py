"""Whether decisions contradict each other: two that are one by several steps, and are declared never to be one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from zhike.collect.identity.decided import PAIR
from zhike.collect.identity.models import DecidedPair, Decision
from zhike.collect.identity.queries import Key
from zhike.errors import UserError


class _Said(NamedTuple):
    left: Key
    right: Key
    is_same: bool
    decision_id: int


class _Together:
    """Keys that were declared to be one, in groups."""

    def __init__(self, pairs: Iterable[tuple[Key, Key]]) -> None:
        self._leads_to: dict[Key, Key] = {}
        for left, right in pairs:
            self._leads_to[self.group_of(left)] = self.group_of(right)

    def group_of(self, key: Key) -> Key:
        """The key that stands for all of its group: itself for one of which nothing was said."""
        passed = []
        while (ahead := self._leads_to.get(key, key)) != key:
            passed.append(key)
            key = ahead
        self._leads_to.update(dict.fromkeys(passed, key))
        return key

    def are_one(self, left: Key, right: Key) -> bool:
        """Whether two keys are of one group."""
        return self.group_of(left) == self.group_of(right)


def check_contradicts_none(decision: Decision, held: Iterable[tuple[Key, Key]] = ()) -> None:
    """Raises UserError where a decision and the others that count, together, say that two keys are one and are not.

    `held` are keys that are one customer's anyhow. A split takes the place of what was said before of the same two.
    """
    own = list(_pairs(DecidedPair.objects.filter(decision=decision)))
    others = {(one.left, one.right): one for one in _others(decision)}  # the last word on two keys
    if decision.kind == Decision.Kind.SPLIT:
        replaced = (others.get((one.left, one.right)) for one in own)
        for one in [one for one in replaced if one is not None and one.decision_id < decision.pk]:
            del others[one.left, one.right]
    said = [*others.values(), *own]
    together = _Together([*held, *((one.left, one.right) for one in said if one.is_same)])
    wrong = next((one for one in said if not one.is_same and together.are_one(one.left, one.right)), None)
    if wrong is None:
        return
    pair = {"left": wrong.left, "right": wrong.right}
    blamed, said_so = wrong.decision_id, _("decision %(id)s says that %(left)s and %(right)s are never one")
    if blamed == decision.pk:
        group = together.group_of(wrong.left)
        blamed = max(one.decision_id for one in others.values() if one.is_same and together.group_of(one.left) == group)
        said_so = _("decision %(id)s says that %(left)s and %(right)s are one")
    raise UserError(said_so % {"id": blamed, **pair}, advice=_("Undo decision %(id)s first.") % {"id": blamed})


def check_is_missed(decision: Decision) -> None:
    """Raises UserError where the others say all that an undone decision said, so that nothing comes of the undoing."""
    own = list(_pairs(DecidedPair.objects.filter(decision=decision)))
    others = list({(one.left, one.right): one for one in _others(decision)}.values())
    together = _Together((one.left, one.right) for one in others if one.is_same)
    never = {(one.left, one.right): one.decision_id for one in others if not one.is_same}
    if not all(together.are_one(one.left, one.right) if one.is_same else (one.left, one.right) in never for one in own):
        return
    groups = {together.group_of(one.left) for one in own if one.is_same}
    blamed = max(
        [never[one.left, one.right] for one in own if not one.is_same]
        + [one.decision_id for one in others if one.is_same and together.group_of(one.left) in groups]
    )
    said_so = _("decision %(other)s says the same as decision %(id)s") % {"other": blamed, "id": decision.pk}
    raise UserError(said_so, advice=_("Undo decision %(id)s first.") % {"id": blamed})


def _others(decision: Decision) -> Iterator[_Said]:
    """What the other decisions that count say, in the order in which they were made."""
    counting = DecidedPair.objects.filter(decision__undone_at=None).exclude(decision=decision)
    return _pairs(counting.order_by("decision_id"))


def _pairs(found: Iterable[DecidedPair]) -> Iterator[_Said]:
    for source_l, key_l, source_r, key_r, is_same, decision_id in found.values_list(  # type: ignore[attr-defined]
        *PAIR, "is_same", "decision_id"
    ).iterator(chunk_size=10_000):
        yield _Said(Key(source_l, key_l), Key(source_r, key_r), is_same, decision_id)
