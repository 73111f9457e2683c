"""An import that is told to stop, or runs out of room, harms nothing and is continued by the same command."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from imports_under_fire import BAD, ROWS, Home, expected_amounts, interrupt, wait_for, write_orders

# The last of them counts the checkpoints: one may be left from the moment before, when it was reached late.
MOMENTS: dict[str, Callable[[Home, int], bool]] = {
    "when it is recorded": lambda home, _before: bool(home.imports()),
    "while it converts": lambda home, _before: home.written("import-*-all.parquet"),
    "after a checkpoint": lambda home, before: checkpoints(home) > before,
}


def checkpoints(home: Home) -> int:
    return len(list(home.path.glob("staging/import-*/part-*.json")))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_interrupted_exits_with_3_and_is_continued(under_fire: Home, number: signal.Signals) -> None:
    home = under_fire
    file = write_orders(home.folder / "orders.csv", 0, rows=ROWS * 36, width=4000)
    for moment, reached in MOMENTS.items():
        before = checkpoints(home)
        process = home.start(*home.import_command(file))
        assert wait_for(lambda reached=reached, before=before: reached(home, before), process), moment  # type: ignore[misc]
        code, said = interrupt(process, number)
        assert (code, said.splitlines()[-1:]) == (3, ["Interrupted; the same command continues."]), (moment, said)
        assert "Traceback" not in said
        assert home.imports() == [(1, "running")]
        assert home.versions() == []
    assert home.complete(file)["accepted"] == 36 * ROWS


def test_an_import_beyond_the_largest_file_allowed_is_refused_and_harms_nothing(under_fire: Home) -> None:
    home = under_fire
    home.complete(write_orders(home.folder / "small.csv", 0))
    large = write_orders(home.folder / "large.csv", 1, rows=200_000)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    command = [sys.executable, "-m", "zhike", *map(str, home.import_command(large))]
    done = subprocess.run(command, preexec_fn=limit, env=home.environ, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the disk ran full while importing large.csv; nothing was changed" in done.stderr
    assert home.in_force() == expected_amounts(range(1))
    assert home.orphans() == set()
    assert home.complete(large)["read"] == 200_000 + BAD


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 90 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", "size=90m", "tmpfs", folder]).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_reported_and_harms_nothing(
    small_disk: Path, tmp_path: Path, settings: LazySettings, commands: Path
) -> None:
    home = Home(small_disk, settings, commands)
    home.complete(write_orders(home.folder / "small.csv", 0))
    file = tmp_path / "large.csv"
    write_random_orders(file)
    done = home.run(*home.import_command(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert "the disk ran full while importing large.csv; nothing was changed" in done.stderr
    assert "Make room" in done.stderr
    assert home.in_force() == expected_amounts(range(1))
    assert home.orphans() == set()
    (small_disk / "ballast").write_bytes(b"x" * 40_000_000)
    done = home.run(*home.import_command(file))
    assert done.returncode == 1
    assert "MB are free while importing large.csv" in done.stderr


def write_random_orders(path: Path) -> None:
    """Text that cannot be packed below the size of the disk."""
    with Path("/dev/urandom").open("rb") as noise, path.open("w") as file:
        file.write("no,who,day,paid\n")
        for key in range(40_000):
            file.write(f"r{key},{noise.read(1200).hex()},2026-01-31,1\n")
