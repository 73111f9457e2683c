"""A refresh is in force whole or not at all, whoever reads and whoever is killed."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tests.warehouse.conftest import PRELUDE, Program, Start, finished_steps, wait_for
from tests.warehouse.small_company import AS_OF

from zhike.warehouse.tables import refresh_steps

# The day of the refresh can be told from each of the tables alone, so a mixture shows.
READER = """
import django; django.setup()
from zhike.govern.access.actors import OPERATOR, become; become(OPERATOR)
from pathlib import Path
import sys, time
from zhike.warehouse.queries import published, rows
from zhike.understand.value.tables import ORDER_SUMMARY, ORDER_SUMMARY_BY_LINE, CONTRACT_SUMMARY

stop, seen, reads = Path(sys.argv[1]), [], 0
while not stop.exists():
    now = published()
    days = set()
    for contract in (ORDER_SUMMARY, ORDER_SUMMARY_BY_LINE):
        table = now.table(contract)
        for row in rows(table.select("first_ordered_on", "age_days").distinct()):
            days.add(row["first_ordered_on"].toordinal() + row["age_days"])
    assert days == {now.as_of.toordinal()}, (days, now)
    reads += 1
    time.sleep(0.02)
    if now.refresh_id not in seen:
        seen.append(now.refresh_id)
        print(now.refresh_id, flush=True)
print(f"{reads} reads", flush=True)
"""

REFRESHES = """
from datetime import date, timedelta
from zhike.warehouse.services import run_refresh
result = [run_refresh(as_of=date.fromisoformat({first!r}) + timedelta(days=day)).pk for day in range({count})]
"""

TABLES = """
from tests.warehouse.small_company import all_tables
result = all_tables()
"""


def test_a_reader_never_sees_two_refreshes_mixed(company: Path, tmp_path: Path, start: Start, program: Program) -> None:
    program(REFRESHES.format(first=str(AS_OF), count=1))
    stop = tmp_path / "stop"
    reader = start("-c", READER, str(stop))
    assert reader.stdout is not None
    assert reader.stdout.readline() == "1\n"
    done = program(REFRESHES.format(first=str(AS_OF + timedelta(days=1)), count=3))
    stop.touch()
    output, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors
    *seen, reads = output.split("\n")[:-1]
    assert int(reads.removesuffix(" reads")) > 10
    assert len(seen) >= 2  # several refreshes came into force under its eyes, in their order
    assert [int(number) for number in seen] == [number for number in done if str(number) in seen]


def test_a_killed_refresh_leaves_the_old_one_in_force_and_is_resumed(
    company: Path, start: Start, program: Program
) -> None:
    program(REFRESHES.format(first=str(AS_OF), count=1), ZHIKE_LINKING="yes")
    undisturbed = program(TABLES)
    for already in (0, 4, 11):
        process = start("-m", "zhike", "refresh", "--as-of", str(AS_OF), ZHIKE_LINKING="yes")
        _kill_after(process, company, steps=already)
        assert _in_force(company) == 1 or len(finished_steps(company, 2)) == len(refresh_steps())
    behind = finished_steps(company, 2)
    assert len(behind) > 10
    process = start("-m", "zhike", "refresh", "--as-of", str(AS_OF), "--json", ZHIKE_LINKING="yes")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert json.loads(output)["refresh_id"] in (2, 3)  # 3 where the last kill came after the end
    assert behind.items() <= finished_steps(company, 2).items()  # what was done was not done again
    assert program(TABLES) == undisturbed


ALONE = """
from zhike.understand.tags.computing.rebuilding import rebuild_tag
result = rebuild_tag("rfm_segment").pk
"""

STATE = """
from zhike.understand.tags.computing.states import tag_states
from zhike.warehouse.cleaning import clean_up
from zhike.warehouse.models import Refresh
from zhike.warehouse.queries import published
now = published()
states = tag_states(now.snapshots)
found = {name: [state.bitmaps, state.members and state.members.path] for name, state in states.items()}
result = [now.refresh_id, Refresh.objects.count(), found]
"""

CLEAN = """
from zhike.warehouse.cleaning import clean_up
clean_up()
again = clean_up()
result = [again.files, again.snapshots]
"""


def test_a_killed_computation_of_one_tag_leaves_everything_as_it_was(
    company: Path, start: Start, program: Program
) -> None:
    program(REFRESHES.format(first=str(AS_OF), count=1))
    before, tables = program(STATE), program(TABLES)
    folder = company / "warehouse" / "computed"

    def catalogued() -> str:
        with sqlite3.connect(f"file:{company}/catalog.db?mode=ro", uri=True, timeout=30) as connection:
            found = connection.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = 'tags'")
            location = str(found.fetchone()[0])
        connection.close()
        return location

    def written() -> int:
        return len(list(folder.glob("tag*/data/tags-*.parquet")))

    committed = catalogued()
    # In the middle of computing, of writing the files, and when a table is there but no refresh names it.
    moments = (
        lambda: any((company / "scratch").glob("tags-*")),
        written,
        lambda: catalogued() != committed,
    )
    for has_come in moments:
        if _killed(start("-c", f"{PRELUDE}{ALONE}"), has_come) == 0:  # it was faster: what it published is whole
            before = program(STATE)
        assert program(STATE) == before
        assert program(TABLES) == tables
        assert program(CLEAN) == [0, 0]
    number = program(ALONE)
    after = program(STATE)
    assert (after[0], after[1]) == (number, before[1] + 1)
    assert {name for name in after[2] if after[2][name] != before[2][name]} == {"rfm_segment"}
    assert program(TABLES) == tables
    program(CLEAN)
    assert written() == 2  # of all that was begun, only what was published is left


def _killed(process: subprocess.Popen[str], has_come: Callable[[], object]) -> int:
    """Kills a process when a moment has come; how it ended, 0 if it was faster."""
    wait_for(lambda: bool(has_come()) or process.poll() is not None)
    process.kill()
    return process.wait()


def _kill_after(process: subprocess.Popen[str], home: Path, *, steps: int) -> None:
    """Kills a refresh when it has more than so many steps behind it: in the middle of the next."""
    wait_for(lambda: len(finished_steps(home, 2)) > steps or process.poll() is not None)
    process.kill()
    process.wait()


def _in_force(home: Path) -> int:
    with sqlite3.connect(f"file:{home}/zhike.db?mode=ro", uri=True, timeout=30) as connection:
        number = connection.execute("SELECT refresh_id FROM warehouse_currentrefresh").fetchone()[0]
    connection.close()
    return int(number)


HOLD = """
import django; django.setup()
from zhike.govern.access.actors import OPERATOR, become; become(OPERATOR)
import time
from zhike.operate.setup import set_up
from zhike.warehouse.locks import exclusive
set_up()
with exclusive("refresh", what="a refresh"):
    print("held", flush=True)
    time.sleep(100)
"""


def test_only_one_process_refreshes_at_a_time(start: Start) -> None:
    holder = start("-c", HOLD)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    commands = (("refresh",), ("refreshes", "publish", "1"), ("clean",))
    for second in [start("-m", "zhike", *command) for command in commands]:
        output, errors = second.communicate(timeout=60)
        assert second.returncode == 1
        assert "a refresh is already running" in errors
        assert "Traceback" not in errors + output
    holder.kill()
    holder.wait()
    after = start("-m", "zhike", "clean")
    assert after.wait(timeout=60) == 0  # the death of the holder let go
