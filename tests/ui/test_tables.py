"""Lists: pages by keyset, filters, export."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhike.errors import UserError
from zhike.govern.access.actors import NOBODY, acting_as
from zhike.govern.access.services import Denied
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.views import Jobs
from zhike.ui.lists import _plain
from zhike.ui.tables import Column, Kind, Table, TablePage, page_of, read_query

START = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = Table(
    name="jobs",
    title="Jobs",
    columns=(
        Column("number", "Number", Kind.NUMBER, is_filterable=True),
        Column("kind", "Kind", is_filterable=True),
        Column("state", "State", Kind.CHOICE, (("waiting", "waiting"), ("failed", "failed")), is_filterable=True),
        Column("finished_at", "Ended", Kind.INSTANT),
        Column("error", "Error", is_sortable=False, is_shown=False),
    ),
    sort="number",
)
FIELDS = {"number": "pk"}


def page(address: str, limit: int = 2) -> TablePage:
    query = read_query(TABLE, QueryDict(address))
    query = type(query)(**{**vars(query), "limit": limit})
    return page_of(Job.objects.all(), query, lambda job: {"pk": job.pk}, fields=FIELDS)


def walk(address: str, towards: str, cursor: str | None = None, limit: int = 2) -> list[list[int]]:
    pages = []
    while True:
        found = page(f"{address}&{towards}={cursor}" if cursor else address, limit)
        pages.append([row["pk"] for row in found.rows])
        cursor = found.next if towards == "after" else found.previous
        if cursor is None:
            return pages


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    ends=st.lists(st.none() | st.integers(0, 3), min_size=1, max_size=9),
    sort=st.sampled_from(["number", "-number", "finished_at", "-finished_at", "kind", "-kind"]),
    limit=st.integers(1, 4),
)
def test_walking_the_pages_shows_every_row_once_in_order_both_ways(
    ends: list[int | None], sort: str, limit: int
) -> None:
    Job.objects.all().delete()
    for end in ends:
        Job.objects.create(kind="ab"[(end or 0) % 2], finished_at=None if end is None else START + timedelta(days=end))
    pages = walk(f"sort={sort}", "after", limit=limit)
    shown = [key for keys in pages for key in keys]
    assert sorted(shown) == sorted(Job.objects.values_list("pk", flat=True))
    values = [getattr(Job.objects.get(pk=key), sort.strip("-")) if "number" not in sort else key for key in shown]
    present = [value for value in values if value is not None]
    assert present == sorted(present, reverse=sort.startswith("-"))
    assert values[len(present) :] == [None] * (len(values) - len(present)), "rows without a value come last"
    last = page(f"sort={sort}", limit=limit)
    cursors = []
    while last.next:
        last = page(f"sort={sort}&after={last.next}", limit=limit)
        cursors.append(last.previous)
    if cursors:
        back = walk(f"sort={sort}", "before", cursors[-1], limit=limit)
        assert [key for keys in reversed(back) for key in keys] == shown[: len(shown) - len(pages[-1])]


@pytest.mark.django_db
def test_filters_narrow_a_list_and_are_counted() -> None:
    for kind, state in (("import", "failed"), ("import", "waiting"), ("refresh", "waiting")):
        Job.objects.create(kind=kind, state=state)
    assert page("kind=IMP").total == 2
    assert page("kind=imp&state=failed").total == 1
    first = Job.objects.order_by("pk")[0].pk
    assert page(f"number.from={first + 1}").total == 2
    assert page(f"number.from={first + 1}&number.to={first + 1}").total == 1


@pytest.mark.django_db
def test_an_address_that_asks_for_nonsense_says_where() -> None:
    query = read_query(TABLE, QueryDict("number.from=many&number.to=5"))
    assert query.faults == ("Number: “many” is not a number",)
    assert query.filters == {"number": (None, 5)}, "what can be meant is kept"
    for text in ("NaN", "sNaN", "Infinity", "-Infinity"):
        assert read_query(TABLE, QueryDict(f"number.from={text}")).faults
    assert read_query(TABLE, QueryDict("sort=error")).sort == "number", "what cannot be sorted by is not"


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["number", "finished_at", "kind"])
@pytest.mark.parametrize(
    "content",
    ["5", '["x",1]', "[1,1]", '["9999-99-99",1]', "[null,null]", "[1,{}]", '{"a":1,"b":2}', "[1e400,1]", "[1,true]"],
)
def test_a_forged_place_in_a_list_is_refused_in_words(sort: str, content: str) -> None:
    cursor = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
    with contextlib.suppress(UserError):  # or it is a place that this list might have given out
        page(f"sort={sort}&after={cursor}")


def test_a_reader_chooses_columns() -> None:
    assert [c.name for c in read_query(TABLE, QueryDict("")).columns] == ["number", "kind", "state", "finished_at"]
    assert [c.name for c in read_query(TABLE, QueryDict("columns=error&columns=kind")).columns] == ["kind", "error"]
    assert read_query(TABLE, QueryDict("columns=nothing")).columns[0].name == "number"


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx"])
def test_no_cell_of_an_export_is_run_as_a_formula(text: str) -> None:
    assert _plain(text) == f"'{text}"


def test_phone_numbers_and_figures_are_exported_as_they_are() -> None:
    assert _plain("+86 138-0013-8000") == "+86 138-0013-8000"
    assert _plain(-5) == -5


@pytest.mark.django_db
def test_every_list_is_exported_whole_by_who_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhike.ui.lists.ROWS_PER_EXPORTED_PAGE", 2)
    for kind in ("import", "refresh", "import", "import", "refresh"):
        Job.objects.create(kind=kind, actor_name="=cmd")
    request = RequestFactory().get("/data/jobs/", {"export": "csv", "columns": "kind,actor_name"})
    answer = Jobs.as_view()(request)
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines == [
        "What,Asked for by",
        *(f"{kind},'=cmd" for kind in ("Refresh", "Import", "Import", "Refresh", "Import")),
    ]
    with acting_as(NOBODY), pytest.raises(Denied):
        Jobs.as_view()(request)
