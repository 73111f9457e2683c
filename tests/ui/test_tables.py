"""Lists: pages by keyset, filters, export."""

from __future__ import annotations

import base64
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import fastexcel
import pytest
from django.db.models import Avg, Max
from django.db.models.functions import Length
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhike.errors import UserError
from zhike.govern.access.actors import NOBODY, acting_as
from zhike.govern.access.services import Denied
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.views import Jobs
from zhike.ui.lists import TableView, _plain
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
        Column("length", "Length", Kind.NUMBER, is_shown=False),
        Column("share", "Share", Kind.NUMBER, is_shown=False),
        Column("ended_at", "Ended", Kind.INSTANT, is_shown=False),
        Column("error", "Error", is_sortable=False, is_shown=False),
    ),
    sort="number",
)
FIELDS = {"number": "pk"}


def page(address: str, limit: int = 2) -> TablePage:
    query = read_query(TABLE, QueryDict(address))
    query = type(query)(**{**vars(query), "limit": limit})
    jobs = Job.objects.annotate(length=Length("kind"), share=Avg("done") * 0.5, ended_at=Max("finished_at"))
    return page_of(jobs, query, lambda job: {"pk": job.pk}, fields=FIELDS)


def forged(content: str) -> str:
    return base64.urlsafe_b64encode(content.encode("latin-1")).decode().rstrip("=")


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
@pytest.mark.parametrize("sort", ["length", "-share", "ended_at"])
def test_a_list_in_the_order_of_a_computed_column_has_further_pages(sort: str) -> None:
    for days in (3, 1, 2):
        Job.objects.create(kind="x" * days, done=-days, finished_at=START + timedelta(days=days))
    done = [Job.objects.get(pk=key).done for keys in walk(f"sort={sort}", "after", limit=1) for key in keys]
    assert done == [-1, -2, -3]


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
    for text in ("NaN", "sNaN", "Infinity", "-Infinity", "1e30", "-1e9999999"):
        assert read_query(TABLE, QueryDict(f"number.from={text}")).faults
    assert read_query(TABLE, QueryDict("sort=error")).sort == "number", "what cannot be sorted by is not"


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["number", "finished_at", "kind", "length", "ended_at", "share"])
@pytest.mark.parametrize(
    "content",
    [
        *("5", "{", "[]", "[null, null]", "[1, {}]", '{"a": 1, "b": 2}', "[1, true]", "[true, 1]", "[[1], 1]"),
        *("[1e400, 1]", "[NaN, 1]", "[Infinity, 1]", f"[null, {2**63}]", f"[{'9' * 5000}, 1]", "[" * 100_000),
        *('["x", "x"]', '["\\u0000", 1]', '["\\ud800", 1]', '["\xed\xa0\x80", 1]', '["\xff", 1]', "[1,1]"),
    ],
    ids=lambda content: content[:20],
)
def test_a_place_that_no_list_gives_out_is_refused_in_words(sort: str, content: str) -> None:
    with pytest.raises(UserError, match="is not known"):
        page(f"sort={sort}&after={forged(content)}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sort", "content"),
    [
        *((sort, content) for sort in ("number", "length") for content in ('["x", 1]', '["1", 1]', "[1.5, 1]")),
        *((sort, "[1, 1]") for sort in ("share", "kind", "finished_at", "ended_at")),
        *((sort, '["x", 1]') for sort in ("share", "finished_at", "ended_at")),
        *((sort, '["9999-99-99", 1]') for sort in ("finished_at", "ended_at")),
        *((sort, '["2026-01-01", 1]') for sort in ("finished_at", "ended_at")),
        *((sort, '["2026-01-01T00:00:00", 1]') for sort in ("finished_at", "ended_at")),  # of no time zone
        *((sort, '["0001-01-01T00:00:00+14:00", 1]') for sort in ("finished_at", "ended_at")),  # before all time
    ],
)
def test_a_place_that_only_another_list_gives_out_is_refused_in_words(sort: str, content: str) -> None:
    with pytest.raises(UserError, match="is not known"):
        page(f"sort={sort}&after={forged(content)}")


@pytest.mark.django_db
@pytest.mark.parametrize("towards", ["after", "before"])
@pytest.mark.parametrize(
    ("sort", "content"),
    [
        *(("number", f"[{number}, {number}]") for number in (-1, 2**63 - 1)),
        *((sort, f"[{10**30}, 1]") for sort in ("number", "length")),
        *((sort, "[null, 1]") for sort in ("number", "kind", "finished_at", "length", "ended_at", "share")),
        *((sort, '["2026-01-01T00:00:00+00:00", 1]') for sort in ("kind", "finished_at", "ended_at")),
        ("share", "[1e+300, 1]"),
    ],
)
def test_a_place_where_no_row_stands_any_more_is_one_all_the_same(sort: str, content: str, towards: str) -> None:
    Job.objects.create(kind="import")
    assert len(page(f"sort={sort}&{towards}={forged(content)}").rows) <= 1


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


def test_a_list_says_how_it_answers_a_query() -> None:
    with pytest.raises(TypeError, match="abstract method"):
        TableView()  # type: ignore[abstract]


@pytest.mark.django_db
@pytest.mark.parametrize("is_counted", [True, False])
def test_no_row_is_left_out_of_a_sheet_in_silence(monkeypatch: pytest.MonkeyPatch, is_counted: bool) -> None:
    monkeypatch.setattr("zhike.ui.sheets.SHEET_ROWS", 4)  # with its head
    if not is_counted:
        counted = Jobs.page
        monkeypatch.setattr(Jobs, "page", lambda self, query: replace(counted(self, query), total=None))
    request = RequestFactory().get("/data/jobs/", {"export": "xlsx", "columns": "number"})
    numbers = [Job.objects.create(kind="import").pk for _ in range(3)]
    with closing(Jobs.as_view()(request)) as answer:
        sheet = fastexcel.read_excel(answer.getvalue()).load_sheet(0)  # type: ignore[attr-defined]
    assert sheet.to_arrow()["Number"].to_pylist() == numbers[::-1]
    Job.objects.create(kind="import")
    with pytest.raises(UserError, match="up to 3 rows") as refused:
        Jobs.as_view()(request)
    assert "CSV" in refused.value.advice
    assert Jobs.as_view()(RequestFactory().get("/data/jobs/", {"export": "csv"})).status_code == 200
