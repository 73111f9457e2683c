"""How audiences change: their size from refresh to refresh, who joined and who left, a frozen list beside its rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.collect.identity.redirects import redirects
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules import bitmaps
from zhike.rules.tree import Condition
from zhike.understand.audiences.figures import figure_of
from zhike.understand.audiences.kept import frozen_members
from zhike.understand.audiences.models import Audience, AudienceFigure
from zhike.understand.audiences.naming import digest_of
from zhike.understand.audiences.queries import audience_of, members_seen, stored_tree
from zhike.understand.audiences.reading import everybody_seen, tree_of
from zhike.understand.tags.circles import is_hidden
from zhike.understand.tags.counting.index import index_of
from zhike.warehouse.models import Refresh
from zhike.warehouse.queries import published, published_refresh


@dataclass(frozen=True)
class FigureShown:
    """How many customers of the whole firm an audience had in one refresh."""

    refresh_id: int
    as_of: date
    size: int
    of_customers: int
    share: float
    is_redefined: bool  # by another rule than in the refresh before
    is_kept: bool  # the refresh is still there, so that it can be said who they were


@dataclass(frozen=True)
class Movement:
    """Who is in one set of customers and not in another."""

    before: int
    after: int
    stayed: int
    joined: BitMap = field(repr=False)
    left: BitMap = field(repr=False)


@dataclass(frozen=True)
class MovementBetween(Movement):
    """Who joined an audience and who left it from one refresh to another, by its rule as it is now."""

    earlier_id: int
    earlier_as_of: date
    later_id: int
    later_as_of: date


@dataclass(frozen=True)
class MovementSince(Movement):
    """Who would be on a frozen list now and is not, and the other way round."""

    frozen_as_of: date
    refresh_id: int
    as_of: date


def audience_history(audience_id: int) -> tuple[FigureShown, ...]:
    """The size of an audience in each refresh since it was saved, the oldest first. Raises NotFound, Denied.

    In the refresh in force it is counted now, if it was not yet, or has been redefined since.
    """
    require(Right.SEE_CUSTOMERS)
    audience = audience_of(audience_id)
    if is_hidden(stored_tree(audience)):
        return ()
    figures = [*audience.figures.all(), *_at_this_moment(audience)]
    kept = set(Refresh.objects.filter(state=Refresh.State.FINISHED).values_list("pk", flat=True))
    shown = []
    before = None
    for figure in figures:
        shown.append(
            FigureShown(
                refresh_id=figure.refresh_id,
                as_of=figure.as_of,
                size=figure.size,
                of_customers=figure.of_customers,
                share=figure.size / figure.of_customers if figure.of_customers else 0.0,
                is_redefined=before is not None and before != figure.rule_digest,
                is_kept=figure.refresh_id in kept,
            )
        )
        before = figure.rule_digest
    return tuple(shown)


def changes_between(rule: str | Condition, *, earlier: int, later: int | None = None) -> MovementBetween:
    """Who joined and who left from one kept refresh to another, or to the one in force.

    Of the org unit that whoever acts looks at. Raises UserError for a refresh that is not there any more, Denied.
    """
    require(Right.SEE_CUSTOMERS)
    tree = tree_of(rule)
    first = published_refresh(earlier)
    last = published() if later is None else published_refresh(later)
    before, after = members_seen(tree, first), members_seen(tree, last)
    return MovementBetween(
        **vars(_moved(before, after)),
        earlier_id=first.refresh_id,
        earlier_as_of=first.as_of,
        later_id=last.refresh_id,
        later_as_of=last.as_of,
    )


def compare_frozen(audience_id: int) -> MovementSince:
    """A frozen list beside the customers for whom its rule holds now.

    That is the rule of the audience it was made of, as it is now; or its own, where it was made of a rule.
    Raises UserError for an audience that is live, or a rule that means nothing any more, and Denied.
    """
    require(Right.SEE_CUSTOMERS)
    audience = audience_of(audience_id)
    if not audience.is_frozen:
        raise UserError(_("the audience “%(name)s” is not frozen") % {"name": audience.name})
    now = published()
    source = audience.frozen.source
    tree = stored_tree(audience if source is None or source.is_frozen else source)
    listed = frozen_members(audience.frozen.pk, audience.frozen.frozen_at)
    frozen = redirects(now).current_of(listed) & everybody_seen(now)
    return MovementSince(
        **vars(_moved(frozen, members_seen(tree, now))),
        frozen_as_of=audience.frozen.as_of,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
    )


def _at_this_moment(audience: Audience) -> Iterator[AudienceFigure]:
    """What would be written down of a live audience now; nothing where that was done, or cannot be counted."""
    try:
        now = published()
        tree = tree_of(stored_tree(audience))
        last = audience.figures.order_by("refresh_id").last()
        is_new = last is None or (last.refresh_id, last.rule_digest) != (now.refresh_id, digest_of(tree))
        if not audience.is_frozen and is_new:
            index = index_of(now)
            yield figure_of(audience, bitmaps.count(tree, index), now, len(index.everybody))
    except UserError:  # nothing is published, or it names what there is no more
        return


def _moved(before: BitMap, after: BitMap) -> Movement:
    stayed = before.intersection_cardinality(after)
    return Movement(len(before), len(after), stayed, joined=after - before, left=before - after)
