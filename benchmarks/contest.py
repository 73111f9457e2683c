"""Contenders run in processes of their own, turn by turn, so that time and memory are comparable."""

from __future__ import annotations

import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

only = ""  # contenders whose name has this in it


@dataclass
class Result:
    """What one contender took over all rounds."""

    contender: str
    seconds: list[float] = field(default_factory=list)
    peak_megabytes: list[float] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)  # numbers that others say, too, are compared

    @property
    def median_seconds(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.seconds)


def contest(contenders: Mapping[str, Callable[[], dict[str, Any]]], *, rounds: int) -> list[Result]:
    """The results of all contenders; each round lets every one run once, the first being ours.

    A contender is a function that does the work and returns its `seconds`, taken by a Clock that it starts
    once everything is imported, and whatever else is worth saying.
    """
    results = {name: Result(name) for name in contenders if only in name}
    for _ in range(rounds):
        for name, contender in contenders.items():
            if name not in results:
                continue
            seconds, megabytes, said = _in_process(contender)
            results[name].seconds.append(seconds)
            results[name].peak_megabytes.append(megabytes)
            results[name].said = said
            print(f"  {name}: {seconds:.2f} s, {megabytes:,.0f} MB {json.dumps(said) if said else ''}", flush=True)
    return list(results.values())


def _in_process(contender: Callable[[], dict[str, Any]]) -> tuple[float, float, dict[str, Any]]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_measure, args=(contender, there))
    process.start()
    there.close()
    try:
        measured: tuple[float, float, dict[str, Any]] = here.recv()
    except EOFError as error:
        raise RuntimeError(f"{contender} died") from error
    finally:
        process.join()
    return measured


def _measure(contender: Callable[[], dict[str, Any]], there: Any) -> None:
    said = contender()
    seconds = said.pop("seconds")
    there.send((seconds, _peak_megabytes(), said))
    there.close()


def _peak_megabytes() -> float:
    """Most memory this process ever held; getrusage would count what its parent held before the fork, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1024


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def __call__(self) -> float:
        return time.perf_counter() - self._started
