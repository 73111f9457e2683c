"""Older refreshes can be put back; numbers of customers stay; what nothing refers to goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from tests.warehouse.small_company import AS_OF, all_tables, import_company, write_company

from zhike.collect.identity.tables import IDENTITY_MAP
from zhike.collect.sources.services import import_file
from zhike.errors import UserError
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.warehouse import catalog
from zhike.warehouse.cleaning import clean_up
from zhike.warehouse.files import inner_path
from zhike.warehouse.models import Refresh
from zhike.warehouse.queries import published, rows
from zhike.warehouse.services import publish_refresh, run_refresh
from zhike.warehouse.tables import all_contracts, refresh_steps

pytestmark = pytest.mark.usefixtures("few_steps")
Orders = Callable[[str, list[str]], None]


@pytest.fixture
def orders(home: Path, tmp_path: Path) -> Orders:
    """Imports one order of each of these customers: `orders("file", ["anna", "ben"])`."""

    def bring_in(name: str, customers: list[str]) -> None:
        lines = [f"{name}-{n},{key},2026-05-01,10" for n, key in enumerate(customers)]
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(["order_id,customer_key,ordered_at,amount", *lines]) + "\n", encoding="utf-8")
        import_file(path, entity="orders", source="shop")

    return bring_in


def _ids() -> dict[str, int]:
    found = rows(published().table(IDENTITY_MAP).select("customer_key", "customer_id"))
    return {str(row["customer_key"]): int(str(row["customer_id"])) for row in found}


def test_an_older_refresh_is_put_back_with_all_its_tables(home: Path, orders: Orders) -> None:
    orders("first", ["anna", "ben"])
    first = run_refresh(as_of=AS_OF)
    before = all_tables()
    orders("second", ["anna", "cleo"])
    second = run_refresh(as_of=AS_OF)
    assert published().customer_count == 3
    publish_refresh(first.pk)
    assert (published().refresh_id, published().customer_count) == (first.pk, 2)
    assert all_tables() == before
    publish_refresh(second.pk)
    assert published().customer_count == 3


def test_a_number_once_given_stays_given_whichever_refresh_is_in_force(home: Path, orders: Orders) -> None:
    orders("first", ["anna", "zoe"])
    first = run_refresh(as_of=AS_OF)
    orders("second", ["ben"])
    run_refresh(as_of=AS_OF)
    assert _ids() == {"anna": 0, "zoe": 1, "ben": 2}
    publish_refresh(first.pk)
    orders("third", ["aaron"])
    run_refresh(as_of=AS_OF)
    assert _ids() == {"anna": 0, "zoe": 1, "ben": 2, "aaron": 3}  # ben's 2 was not given again


def test_numbers_are_dense_whatever_the_order_of_files(home: Path, tmp_path: Path) -> None:
    files = write_company(tmp_path / "files")
    for entity, source, path in [files[1], files[3], files[0], files[2]]:
        import_file(path, entity=entity, source=source)
    run_refresh(as_of=AS_OF)
    found = rows(published().table(IDENTITY_MAP).order_by("customer_id"))
    assert [row["customer_id"] for row in found] == list(range(published().customer_count))
    keys = [(row["source"], row["customer_key"]) for row in found]
    assert keys == sorted(keys)  # so another order of the files gives the same numbers
    run_refresh(as_of=AS_OF + timedelta(days=1))
    assert rows(published().table(IDENTITY_MAP).order_by("customer_id")) == found


@pytest.mark.parametrize(
    ("number", "says"), [(99, "there is no refresh 99"), (2, "never finished"), (1, "has been cleaned up")]
)
def test_what_cannot_be_put_back_is_said(home: Path, orders: Orders, number: int, says: str) -> None:
    orders("first", ["anna"])
    first = run_refresh(as_of=AS_OF)
    unfinished = Refresh.objects.create(as_of=AS_OF, engine="duckdb", state=Refresh.State.ABANDONED)
    run_refresh(as_of=AS_OF)
    table = catalog.table_of(ORDER_SUMMARY)
    table.maintenance.expire_snapshots().by_ids([first.outputs[ORDER_SUMMARY.table]]).commit()
    with pytest.raises(UserError, match=says):
        publish_refresh({1: first.pk, 2: unfinished.pk, 99: 99_999}[number])


def _files_on_disk() -> set[str]:
    found = Path(inner_path(django_settings.ZHIKE.warehouse)).rglob("*")
    return {str(path) for path in found if path.is_file()}


def test_cleaning_keeps_what_may_be_put_back_and_no_more(home: Path, orders: Orders, settings: object) -> None:
    orders("first", ["anna", "ben"])
    done = []
    for day in range(5):
        done.append(run_refresh(as_of=AS_OF + timedelta(days=day)))
    settings.ZHIKE = replace(django_settings.ZHIKE, kept_refreshes=2)  # type: ignore[attr-defined]
    orders("second", ["anna", "cleo"])
    publish_refresh(done[1].pk)
    stray = Path(inner_path(catalog.table_of(ORDER_SUMMARY).location())) / "data" / "refresh-0-stray.parquet"
    stray.write_bytes(b"left by a killed process")
    before, in_force = _files_on_disk(), all_tables()
    cleaned = clean_up()
    assert cleaned.files > 0
    assert cleaned.snapshots > 0
    assert cleaned.refreshes == 1  # the third; the second is in force, two more are kept, and the first of its month
    assert not stray.exists()
    gone = before - _files_on_disk()
    assert len(gone) == cleaned.files
    assert all_tables() == in_force
    for refresh in (done[3], done[4]):
        publish_refresh(refresh.pk)
        assert sum(len(found) for found in all_tables().values()) > 0
    for refresh, says in ((done[0], "has been cleaned up"), (done[2], "there is no refresh")):
        with pytest.raises(UserError, match=says):
            publish_refresh(refresh.pk)
    again = run_refresh(as_of=AS_OF)
    assert again.customer_count == 3
    clean_up()
    assert (clean_up().files, clean_up().snapshots) == (0, 0)  # nothing is left to do


def test_a_refresh_removes_what_only_refreshes_older_than_the_kept_ones_computed(
    home: Path, orders: Orders, settings: object
) -> None:
    settings.ZHIKE = replace(django_settings.ZHIKE, kept_refreshes=2)  # type: ignore[attr-defined]
    orders("first", ["anna", "ben"])
    done = [run_refresh(as_of=AS_OF + timedelta(days=day)) for day in range(4)]
    first_of_the_month, *kept = Refresh.objects.order_by("pk")
    assert [refresh.pk for refresh in (first_of_the_month, *kept)] == [done[place].pk for place in (0, 2, 3)]
    files = [path for path in _files_on_disk() if "/computed/order_summary/data/" in path]
    assert len(files) == 2
    publish_refresh(done[2].pk)
    assert published().as_of == AS_OF + timedelta(days=2)


def test_cleaning_leaves_no_empty_folders(home: Path, orders: Orders, settings: object) -> None:
    settings.ZHIKE = replace(django_settings.ZHIKE, kept_refreshes=1)  # type: ignore[attr-defined]
    orders("first", ["anna"])
    run_refresh(as_of=AS_OF)
    part = Path(inner_path(catalog.table_of(ORDER_SUMMARY).location())) / "data" / "refresh-0-x" / "shard=0"
    part.mkdir(parents=True)
    (part / "part-00000.zstd.parquet").write_bytes(b"of Spark")
    clean_up()
    assert not part.parent.exists()


def test_cleaning_during_an_interrupted_refresh_lets_it_be_resumed(home: Path, orders: Orders) -> None:
    orders("first", ["anna", "ben"])
    run_refresh(as_of=AS_OF)
    expected = all_tables()
    interrupted = _Stop(after=8)
    with pytest.raises(KeyboardInterrupt):
        run_refresh(as_of=AS_OF, progress=interrupted)
    orders("second", ["cleo"])  # comes too late for the interrupted refresh
    clean_up()
    assert published().refresh_id == 1 or published().customer_count == 2
    resumed = run_refresh(as_of=AS_OF)
    assert resumed.steps.count() == len(refresh_steps())
    assert all_tables() == expected
    run_refresh(as_of=AS_OF)
    assert published().customer_count == 3


class _Stop:
    """Interrupts the refresh at the beginning of a step, as Ctrl-C does."""

    def __init__(self, *, after: int) -> None:
        self.left = after

    def begin(self, activity: str, *, total: int | None = None, unit: str = "") -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def advance(self, amount: int = 1) -> None:
        pass


def test_cleaning_during_an_interrupted_import_lets_it_be_continued(home: Path, tmp_path: Path) -> None:
    import_company(tmp_path / "files")
    run_refresh(as_of=AS_OF)
    path = tmp_path / "late.csv"
    path.write_text("order_id,customer_key,ordered_at,amount\nl1,late,2026-05-01,10\n", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        import_file(path, entity="orders", source="till", progress=_Stop(after=1))
    from zhike.collect.sources.models import Import

    unfinished = list(Import.objects.filter(state=Import.State.RUNNING).values_list("pk", flat=True))
    assert len(unfinished) == 1
    clean_up(unfinished_imports=lambda: unfinished)
    result = import_file(path, entity="orders", source="till")
    assert (result.import_id, result.accepted) == (unfinished[0], 1)
    assert run_refresh(as_of=AS_OF).customer_count == 1 + Refresh.objects.earliest("pk").customer_count
    for contract in all_contracts():
        rows(published().table(contract).count().as_table())


def test_another_day_abandons_the_interrupted_refresh(home: Path, orders: Orders) -> None:
    orders("first", ["anna"])
    with pytest.raises(KeyboardInterrupt):
        run_refresh(as_of=AS_OF, progress=_Stop(after=3))
    done = run_refresh(as_of=date(2026, 7, 1))
    assert [refresh.state for refresh in Refresh.objects.order_by("pk")] == ["abandoned", "finished"]
    assert published().refresh_id == done.pk
