"""`zhike import` is killed at many moments: all of its good rows are there or none, and the same command ends it."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from imports_under_fire import BAD, NEW, ROWS, Home, expected_amounts, wait_for, write_orders

KILLS_BETWEEN = 5  # before an import is left to come to its end


def states(home: Home) -> dict[str, Callable[[], bool]]:
    """Every state that an import passes through and leaves on disk."""
    already = set(home.imports())
    table = home.path / "warehouse/collected"
    snapshots = {name: len(list(table.glob(f"{name}/metadata/*.json"))) for name in ("orders", "rejects")}
    # An import that is resumed is known by its number.
    running = max([number for number, state in already if state == "running"], default=None)
    number = running or len(already) + 1

    def committed(name: str) -> Callable[[], bool]:
        return lambda: len(list(table.glob(f"{name}/metadata/*.json"))) > snapshots[name]

    return {
        "recorded": lambda: (number, "running") in home.imports(),
        "rows being written": lambda: home.written(f"import-{number}-part-*"),
        "rows without the bad ones": lambda: home.written(f"import-{number}-part-00000.parquet"),
        "rejects written": lambda: any((table / "rejects/data").glob(f"import-{number}-*")),
        "first checkpoint": lambda: (home.path / f"staging/import-{number}/part-00000.json").exists(),
        "rows that land": lambda: home.written(f"import-{number}-landed*"),
        "decided": lambda: (home.path / f"staging/import-{number}/landed.json").exists(),
        "rejects committed": committed("rejects"),
        "rows committed": committed("orders"),
        "finished": lambda: (number, "finished") in home.imports(),
    }


def moments(home: Home, seconds: float) -> Iterator[Callable[[], bool]]:
    """Each state in turn, and between them moments spread over the length of an import."""
    for place, name in enumerate(states(home)):
        yield lambda name=name: states_now[name]()  # type: ignore[misc]
        for part in range(2):
            after = seconds * (0.3 + 0.5 * (2 * place + part) / 20)
            yield lambda after=after: time.monotonic() - states_began > after  # type: ignore[misc]


states_now: dict[str, Callable[[], bool]] = {}
states_began = 0.0


def check_all_or_nothing(home: Home, before: list[tuple[object, ...]], number: int) -> None:
    """The rows are as before, or all of the import are there."""
    versions = home.versions()
    assert versions[: len(before)] == before
    added = versions[len(before) :]
    assert len(added) in (0, ROWS if number == 0 else ROWS - NEW // 2)
    assert len({import_id for import_id, _, _ in added}) <= 1
    assert home.in_force() == expected_amounts(range(number + (1 if added else 0)))


@pytest.mark.timeout(700)  # some thirty imports and kills
def test_an_import_that_is_killed_at_any_moment_lands_whole_or_not_at_all(under_fire: Home) -> None:
    global states_now, states_began
    home, number = under_fire, 0
    began = time.monotonic()
    home.complete(write_orders(home.folder / "orders0.csv", 0))
    seconds = time.monotonic() - began
    killed = kills = 0
    number, before = 1, home.versions()
    file = write_orders(home.folder / "orders1.csv", 1)
    for moment in moments(home, seconds):
        states_now, states_began = states(home), time.monotonic()
        killed += home.kill_when(moment, file)
        kills += 1
        check_all_or_nothing(home, before, number)
        if kills % KILLS_BETWEEN == 0 or home.imports()[-1][1] == "finished":
            result = home.complete(file)
            assert (result["read"], result["rejected"]) == (ROWS + BAD, BAD)
            assert result["accepted"] + result["duplicates"] == ROWS
            assert result["same_as"] or (result["accepted"], result["corrections"]) == (ROWS - NEW // 2, NEW // 2)
            assert home.reject_count() == BAD * (number + 1)
            check_all_or_nothing(home, before, number)
            assert home.in_force() == expected_amounts(range(number + 1))
            number, before = number + 1, home.versions()
            file = write_orders(home.folder / f"orders{number}.csv", number)
    assert kills >= 25
    assert killed >= 20
    home.complete(file)
    assert home.run("clean").returncode == 0
    assert home.orphans() == set()
    assert home.in_force() == expected_amounts(range(number + 1))
    assert json.loads(home.run("clean", "--json").stdout)["files"] == 0


@contextmanager
def held(home: Home, lock: str) -> Iterator[None]:
    """Holds a lock of the home, as another process would."""
    folder = home.path / "locks"
    folder.mkdir(exist_ok=True)
    with (folder / f"{lock}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_what_another_import_brought_between_kill_and_resume_is_taken_into_account(under_fire: Home) -> None:
    home = under_fire
    first, second = (write_orders(home.folder / f"orders{n}.csv", n) for n in (0, 1))
    decided = home.path / "staging/import-1/landed.json"
    with held(home, "land-rejects"):
        assert home.kill_when(decided.exists, first)
    assert home.versions() == []
    home.complete(second)
    result = home.complete(first)
    # Half of its keys came with the other file meanwhile, half of those with another amount.
    assert (result["accepted"], result["corrections"], result["duplicates"]) == (750, 250, 250)
    assert len(home.in_force()) == ROWS + NEW
    assert len(home.versions()) == ROWS + 750


def test_a_resumed_import_does_not_do_again_what_was_done(under_fire: Home, tmp_path: Path) -> None:
    home = under_fire
    file = write_orders(tmp_path / "wide.csv", 0, rows=36_000, width=4000)
    part = home.path / "warehouse/collected/orders/data/import-1-part-00000-all.parquet"
    for number in (0, 1):
        checkpoint = home.path / f"staging/import-1/part-{number:05}.json"
        assert home.kill_when(checkpoint.exists, file)
        assert home.versions() == []
    written_at = part.stat().st_mtime_ns
    with held(home, "land-orders"):
        process = home.start(*home.import_command(file))
        assert wait_for((home.path / "staging/import-1/part-00002.json").exists, process)
        assert part.stat().st_mtime_ns == written_at
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert (json.loads(out)["import_id"], json.loads(out)["accepted"]) == (1, 36_000)
    assert len(home.in_force()) == 36_000


def test_the_second_of_two_imports_of_one_file_says_so(under_fire: Home) -> None:
    home = under_fire
    file = write_orders(home.folder / "orders.csv", 0)
    with held(home, "land-orders"):
        process = home.start(*home.import_command(file))
        assert wait_for((home.path / "staging/import-1/part-00000.json").exists, process)
        second = home.run(*home.import_command(file))
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith("… ") or "an import of orders.csv is already running" in second.stderr
    out, _ = process.communicate(timeout=60)
    assert json.loads(out)["accepted"] == ROWS
    assert len(home.versions()) == ROWS


def test_different_files_at_once_all_land(under_fire: Home) -> None:
    home = under_fire
    products = home.folder / "products.csv"
    products.write_text("product_id,name\n1,tea\n,nameless\n")
    files = [write_orders(home.folder / f"orders{n}.csv", 2 * n) for n in range(3)]
    commands = [home.import_command(file) for file in files]
    commands += [("import", products, "--as", "products", "--source", "shop", "--json")]
    processes = [home.start(*command) for command in commands]
    results = [process.communicate(timeout=100) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, results
    assert [json.loads(out)["accepted"] for out, _ in results] == [ROWS, ROWS, ROWS, 1]
    assert len(home.in_force()) == 3 * ROWS
    assert home.reject_count() == 3 * BAD + 1
