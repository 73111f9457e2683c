"""Why a customer has a tag, or has not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from django.utils.translation import gettext as _

from zhike.collect.identity.redirects import is_customer, redirects_in_force
from zhike.collect.profiles.queries import NoSuchCustomer
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.tree import tree_from_json
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.circles import hidden, value_seen
from zhike.understand.tags.computing.states import tag_state
from zhike.understand.tags.counting.held import values_of
from zhike.understand.tags.definitions import NoSuchTag
from zhike.understand.tags.explaining.judging import Finding, judged
from zhike.understand.tags.models import Tag, TagChange, TagVersion
from zhike.understand.tags.setting.folding import text_of_number
from zhike.understand.tags.setting.set_tags import act_of, undone_among
from zhike.understand.tags.vocabularies import whole_vocabulary
from zhike.warehouse.queries import Published, published

ACTS_SHOWN = 10
Value = str | float | date | None


@dataclass(frozen=True)
class ActFound:
    """An act by which the customer was given a value of a set tag, or lost it."""

    value: str  # empty: lost it
    who: str
    at: datetime
    note: str


@dataclass(frozen=True)
class Why:
    """What a tag says of a customer, and what of its rule holds."""

    tag: Tag
    version: TagVersion
    customer_id: int
    held: Value  # what the refresh in force says; None: nothing
    judged_now: Value  # what its rule comes to; of a set tag, what is held
    as_of: date  # the day as of which it was judged
    finding: Finding | None  # of a computed tag
    acts: tuple[ActFound, ...] = ()  # of a set tag, the newest first
    known: Mapping[str, Any] = field(default_factory=dict)  # attributes, as whoever asks may see them
    is_newest: bool = True  # judged by the version in force, which may not be computed yet

    @property
    def is_settled(self) -> bool:
        """The rule says what the refresh says. It may not while the tag waits to be computed, or for new facts."""
        return self.held == self.judged_now


def why(*, tag: str, customer_id: int) -> Why:
    """Why the customer has the tag, or has not. Raises Denied, NoSuchTag, NoSuchCustomer, NothingPublished.

    Whether somebody has a tag that tells who they are is told only to those with the right to see personal data.
    """
    require(Right.SEE_CUSTOMERS)
    if tag in hidden().tags:
        require(Right.SEE_PERSONAL_DATA)
    now = published()
    if not is_customer(customer_id, now):
        raise NoSuchCustomer(_("there is no customer %(customer_id)s") % {"customer_id": customer_id})
    in_force = _version_in_force(tag)
    held = cast("Value", value_seen(tag, held_value(in_force.tag, customer_id, now)))
    if in_force.tag.is_set:
        acts = tuple(_acts(in_force.tag, customer_id))
        return Why(in_force.tag, in_force, customer_id, held, held, now.as_of, None, acts)
    version, as_of = _computed(in_force, now)
    found = judged(
        tree_from_json(version.tree),
        customer_id=customer_id,
        now=now,
        vocabulary=whole_vocabulary(),
        as_of=as_of,
    )
    return Why(
        version.tag,
        version,
        customer_id,
        held,
        judged_now=_outcome(TagKind(version.tag.kind), found.finding),
        as_of=as_of,
        finding=found.finding,
        known=found.known,
        is_newest=version == in_force,
    )


def held_value(tag: Tag, customer_id: int, now: Published) -> Value:
    """What a customer has of a tag now; None where it does not apply."""
    row = values_of(now, tag.name, [customer_id]).get(customer_id)
    return value_in(row) if row else None


def value_in(row: dict[str, Any]) -> Value:
    """The value of a row of tags: text, number or day, whichever the tag has."""
    return next((row[name] for name in ("value", "number", "day") if row.get(name) is not None), None)


def _version_in_force(name: str) -> TagVersion:
    found = TagVersion.objects.filter(tag__name=name, state=TagVersion.State.PUBLISHED).select_related("tag").first()
    if found is None or found.tag.retired_at is not None:
        raise NoSuchTag(_("no tag in force is called “%(name)s”") % {"name": name})
    return found


def _computed(in_force: TagVersion, now: Published) -> tuple[TagVersion, date]:
    """The version by which the tag was computed last, and the day as of which: not every refresh computes every tag."""
    state = tag_state(now.snapshots, in_force.tag.name)
    if state is None:
        return in_force, now.as_of
    version = TagVersion.objects.filter(tag=in_force.tag, number=state.version).select_related("tag").first()
    return version or in_force, state.as_of


def _outcome(kind: TagKind, finding: Finding) -> Value:
    if kind == TagKind.YES_NO:
        return "yes" if finding.holds else None
    found: Value = finding.value
    # What is masked is a text.
    return float(found) if kind == TagKind.NUMBER and found is not None and not isinstance(found, str) else found  # type: ignore[arg-type]


def _acts(tag: Tag, customer_id: int) -> Iterator[ActFound]:
    """What was done with the tag for this customer, the newest first; what was undone counts as not done."""
    changes = TagChange.objects.filter(tag=tag)
    undone = undone_among(changes)
    found = 0
    for change in changes.filter(undoes=None).exclude(pk__in=undone).order_by("-pk").iterator(chunk_size=100):
        value = _given(change, TagKind(tag.kind), customer_id)
        if value is None:
            continue
        yield ActFound(value, change.actor_name, change.set_at, change.note)
        found += 1
        if found == ACTS_SHOWN:
            return


def _given(change: TagChange, kind: TagKind, customer_id: int) -> str | None:
    """The value that an act gave the customer; empty where it took the tag away, None where it is not about them."""
    act = act_of(change, kind).moved(redirects_in_force())
    for value, customers in act.given.items():
        if customer_id in customers:
            return value
    place = act.ids.searchsorted(customer_id)
    if place < len(act.ids) and act.ids[place] == customer_id:
        return text_of_number(kind, float(act.numbers[place]))
    return "" if customer_id in act.taken else None
