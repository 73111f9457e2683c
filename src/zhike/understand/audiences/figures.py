"""What is written down of each refresh: how many customers every live audience has in it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from zhike.errors import UserError
from zhike.rules import bitmaps
from zhike.rules.tree import Condition, HasTag, InAudience
from zhike.understand.audiences.models import Audience, AudienceFigure
from zhike.understand.audiences.naming import digest_of, named_within
from zhike.understand.audiences.queries import stored_tree
from zhike.understand.audiences.reading import definitions, tree_of
from zhike.understand.tags.computing.states import tag_states
from zhike.understand.tags.counting.index import BitmapIndex, index_of
from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
from zhike.warehouse.queries import NothingPublished, Published, published, published_refresh

logger = logging.getLogger("zhike.audiences")


def record_figures() -> int:
    """Counts every live audience in the refresh in force, unless it was counted there; how many were.

    For who works on behalf of nobody, after a refresh is published. One that cannot be counted, because it names
    what there is no more, is left out. What only the engine can say is asked in one pass for all of them.
    """
    try:
        now = published()
    except NothingPublished:
        return 0
    counted = AudienceFigure.objects.filter(refresh_id=now.refresh_id).values("audience")
    wanted = Audience.objects.filter(kind=Audience.Kind.LIVE, archived_at=None).exclude(pk__in=counted)
    trees = _sound(wanted)
    sizes = _as_before(trees, now)
    index = index_of(now)
    left = {audience: tree for audience, tree in trees.items() if audience not in sizes}
    index.scan_many(_without_index(left.values(), index))  # which remembers them
    sizes |= {audience: bitmaps.count(tree, index) for audience, tree in left.items()}
    figures = [figure_of(audience, size, now, len(index.everybody)) for audience, size in sizes.items()]
    AudienceFigure.objects.bulk_create(figures, ignore_conflicts=True)
    return len(figures)


def record_figure(audience_id: int) -> None:
    """Writes down the size of one audience in the refresh in force, in place of what its rule before came to."""
    audience = Audience.objects.get(pk=audience_id)
    try:
        now = published()
        index = index_of(now)
        size = bitmaps.count(tree_of(stored_tree(audience)), index)
    except UserError:  # nothing is published, or something in it cannot be counted
        return
    figure = figure_of(audience, size, now, len(index.everybody))
    told = {name: getattr(figure, name) for name in ("as_of", "size", "of_customers", "rule_digest")}
    AudienceFigure.objects.update_or_create(audience=audience, refresh_id=now.refresh_id, defaults=told)


def figure_of(audience: Audience, size: int, now: Published, customers: int) -> AudienceFigure:
    """The figure of an audience in a refresh, not yet written."""
    return AudienceFigure(
        audience=audience,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
        size=size,
        of_customers=customers,
        rule_digest=digest_of(stored_tree(audience)),
    )


def _without_index(trees: Iterable[Condition], index: BitmapIndex) -> tuple[Condition, ...]:
    """The single conditions of rules that only the engine can answer."""
    single = dict.fromkeys(one for tree in trees for one in bitmaps.conditions_of(tree))
    asked = (one for one in single if not isinstance(one, HasTag | InAudience))
    return tuple(one for one in asked if index.numbers(one) is None and index.attribute(one) is None)


def _sound(audiences: Iterable[Audience]) -> dict[Audience, Condition]:
    """The audiences whose rules still mean something."""
    state = definitions()
    found = {}
    for audience in audiences:
        try:
            found[audience] = tree_of(stored_tree(audience), state)
        except UserError as error:
            logger.warning("audience not counted", extra={"audience_id": audience.pk, "problem": type(error).__name__})
    return found


def _as_before(trees: Mapping[Audience, Condition], now: Published) -> dict[Audience, int]:
    """Sizes that cannot have changed: this refresh differs from the one before in tags that the rules do not name.

    So it is whenever one tag is computed alone, and all audiences need not be counted for it.
    """
    last = AudienceFigure.objects.filter(refresh_id__lt=now.refresh_id).order_by("-refresh_id").first()
    if last is None:
        return {}
    try:
        before = published_refresh(last.refresh_id)
    except UserError:  # it is gone
        return {}
    changed = _changed_tags(before, now)
    if changed is None:
        return {}
    known = {figure.audience_id: figure for figure in AudienceFigure.objects.filter(refresh_id=before.refresh_id)}
    return {
        audience: known[audience.pk].size
        for audience, tree in trees.items()
        if audience.pk in known
        and known[audience.pk].rule_digest == digest_of(tree)
        and not named_within(tree).tags & changed
    }


def _changed_tags(before: Published, now: Published) -> frozenset[str] | None:
    """The tags that one refresh has otherwise than another; None where they differ in more than tags."""
    if before.as_of != now.as_of or _but_tags(before) != _but_tags(now):
        return None
    then, states = tag_states(before.snapshots), tag_states(now.snapshots)
    # Set tags are what they are at this moment, whatever a refresh wrote down of them.
    return frozenset(name for name in {*then, *states} if then.get(name) != states.get(name) or states[name].is_set)


def _but_tags(refresh: Published) -> dict[str, int | None]:
    of_tags = (TAGS.table, TAG_BITMAPS.table)
    return {table: snapshot for table, snapshot in refresh.snapshots.items() if table not in of_tags}
