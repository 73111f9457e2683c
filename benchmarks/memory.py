"""Memory of processes, what they share with others counted once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path


def memory_megabytes(process: int, *, without: Collection[int] = ()) -> float:
    """What a process and all that it started hold in RAM, shared pages and mapped files split among their users."""
    family = _family(process)
    return sum(_proportional_kilobytes(one) for one in family - set(without)) / 1024


def _family(first: int) -> set[int]:
    """A process, and those that it, or one of them, started."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text(encoding="ascii", errors="replace")
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
        parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    family = {first}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _proportional_kilobytes(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
