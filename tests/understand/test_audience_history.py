"""How audiences change from refresh to refresh."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from zhike.collect.sources.services import import_file
from zhike.errors import UserError
from zhike.govern.access.actors import NOBODY, acting_as
from zhike.govern.access.services import Denied
from zhike.understand.audiences.figures import record_figures
from zhike.understand.audiences.freezing import freeze_audience
from zhike.understand.audiences.history import audience_history, changes_between, compare_frozen
from zhike.understand.audiences.models import Audience, AudienceFigure
from zhike.understand.audiences.services import archive_audience, redefine_audience, save_audience
from zhike.understand.tags.computing.rebuilding import rebuild_tag
from zhike.understand.tags.defining.publishing import approve_version, publish_version
from zhike.understand.tags.defining.services import create_tag
from zhike.warehouse.models import Refresh
from zhike.warehouse.services import publish_refresh, run_refresh

OFTEN = "count(orders) >= 2"
Capture = Callable[..., "object"]


def imported(folder: Path, name: str, orders: str) -> None:
    path = folder / f"{name}.csv"
    path.write_text("order_id,customer_key,ordered_at,amount\n" + orders)
    import_file(path, entity="orders", source="shop")


@pytest.fixture
def refreshed(home: Path, tmp_path: Path, django_capture_on_commit_callbacks: Capture) -> Callable[[int], Refresh]:
    """Runs the refresh of a day of June, with all that follows its publication."""
    imported(tmp_path, "may", "1,ann,2026-05-01,10\n2,ann,2026-05-02,10\n3,bob,2026-05-03,10\n4,cat,2026-05-03,10\n")

    def run(day: int) -> Refresh:
        with acting_as(NOBODY), django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            return run_refresh(as_of=date(2026, 6, day))

    return run


def test_sizes_are_kept_with_each_refresh_and_who_moved_between_two(
    refreshed: Callable[[int], Refresh], tmp_path: Path
) -> None:
    first = refreshed(1)
    often = save_audience(name="Often", rule=OFTEN)
    recent = save_audience(name="Recent", rule="count(orders in last 30 days) >= 1")
    gone = save_audience(name="Gone", rule=OFTEN)
    Audience.objects.filter(pk=gone.pk).update(tree='{"node":"has_tag","tag":"gone","values":[]}')
    archived = save_audience(name="Archived", rule=OFTEN)
    archive_audience(audience_id=archived.pk)
    frozen = freeze_audience(audience_id=often.pk, name="Often then")
    assert audience_history(frozen.pk) == audience_history(gone.pk) == ()
    [at_once] = audience_history(often.pk)
    assert record_figures() == 2
    assert audience_history(often.pk) == (at_once,)
    assert record_figures() == 0  # once for each refresh

    imported(tmp_path, "june", "5,bob,2026-06-01,10\n6,dan,2026-06-02,10\n7,dan,2026-06-02,10\n")
    redefine_audience(audience_id=recent.pk, rule="count(orders in last 10 days) >= 1")
    second = refreshed(5)
    figures = audience_history(often.pk)
    assert [(one.refresh_id, one.size, one.of_customers, one.is_redefined, one.is_kept) for one in figures] == [
        (first.pk, 1, 3, False, True),
        (second.pk, 3, 4, False, True),
    ]
    assert figures[1].share == 0.75
    assert [one.is_redefined for one in audience_history(recent.pk)] == [False, True]
    assert {one.audience_id for one in AudienceFigure.objects.all()} == {often.pk, recent.pk}

    moved = changes_between(OFTEN, earlier=first.pk)
    assert (moved.before, moved.after, moved.stayed) == (1, 3, 1)
    assert (len(moved.joined), len(moved.left)) == (2, 0)
    assert (moved.earlier_as_of, moved.later_id) == (date(2026, 6, 1), second.pk)
    recently = changes_between("count(orders in last 30 days) >= 1", earlier=first.pk, later=second.pk)
    assert (recently.before, recently.after, len(recently.left)) == (2, 2, 1)
    assert changes_between(OFTEN, earlier=second.pk, later=first.pk).left == moved.joined
    since = compare_frozen(frozen.pk)
    assert (since.joined, since.stayed, since.as_of) == (moved.joined, 1, date(2026, 6, 5))
    with pytest.raises(UserError):
        changes_between(OFTEN, earlier=99)
    with acting_as(NOBODY), pytest.raises(Denied):
        changes_between(OFTEN, earlier=first.pk)

    publish_refresh(first.pk)
    assert compare_frozen(frozen.pk).joined == moved.joined - moved.joined


def test_a_size_is_written_down_as_soon_as_the_rule_is(
    refreshed: Callable[[int], Refresh], django_capture_on_commit_callbacks: Capture
) -> None:
    first = refreshed(1)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        inner = save_audience(name="Inner", rule=OFTEN)
        outer = save_audience(name="Outer", rule='not in audience "Inner"')
    assert list(AudienceFigure.objects.values_list("size", flat=True).order_by("pk")) == [1, 2]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        redefine_audience(audience_id=inner.pk, rule="count(orders) >= 1")
    [figure] = audience_history(inner.pk)
    assert (figure.size, figure.is_redefined) == (3, False)
    # What the other is made of is another rule now, so that its size is another without any refresh.
    assert [(one.size, one.is_redefined) for one in audience_history(outer.pk)] == [(2, False), (0, True)]
    _a_tag_alone(first, inner, outer)


def _a_tag_alone(first: Refresh, inner: Audience, outer: Audience) -> None:
    """A refresh of one tag changes the size of those audiences only that are made of it."""
    create_tag(name="one_time", title="Once", theme="tests", rule="count(orders) = 1")
    approve_version(tag="one_time")
    publish_version(tag="one_time")
    tagged = save_audience(name="Tagged", rule='has tag "one_time"')
    rebuild_tag("one_time")
    last = Refresh.objects.latest("pk")
    assert last.pk > first.pk
    AudienceFigure.objects.filter(audience=inner).update(size=77)  # as if counted: nothing looks at it again
    assert record_figures() == 3
    sizes = dict(AudienceFigure.objects.filter(refresh_id=last.pk).values_list("audience_id", "size"))
    assert sizes == {inner.pk: 77, outer.pk: 0, tagged.pk: 2}


def test_before_the_first_refresh_nothing_is_counted(home: Path) -> None:
    save_audience(name="Often", rule=OFTEN)
    assert record_figures() == 0
