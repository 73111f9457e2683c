"""How long the questions of a contender take, and whether it answers what the first one did."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.audiences_questions import Question, questions
from benchmarks.contest import Clock

QUESTIONS = 250
# Who is slow is asked only as many as this many seconds allow, but these at least.
LONGEST_SECONDS, FEWEST = 60, 20


def asked(
    ask: Callable[[Question], int], folder: Path, *, between: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """What is said of the questions, all different; `between` them is what is not timed.

    Raises AssertionError where an answer is not that of the first contender.
    """
    for question in questions(5, seed=8):
        ask(question)
        between()
    whole, seconds, answers = Clock(), [], []
    for question in questions(QUESTIONS):
        clock = Clock()
        answers.append(ask(question))
        seconds.append(clock())
        between()
        if whole() > LONGEST_SECONDS and len(seconds) >= FEWEST:
            break
    _compare(answers, folder / "answers.json")
    return {
        "seconds": statistics.median(seconds),
        **percentiles(seconds),
        "questions": str(len(seconds)),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """The middle, what 95 of 100 stay below, and the slowest, in milliseconds."""
    ordered = sorted(seconds)
    chosen = {
        "p50 ms": statistics.median(ordered),
        "p95 ms": ordered[int(len(ordered) * 0.95)],
        "slowest ms": ordered[-1],
    }
    return {name: round(found * 1000, 1) for name, found in chosen.items()}


def _compare(answers: list[int], known: Path) -> None:
    if not known.exists():
        known.write_text(json.dumps(answers), encoding="utf-8")
    expected = json.loads(known.read_text(encoding="utf-8"))[: len(answers)]
    different = [pair for pair in zip(answers, expected, strict=True) if pair[0] != pair[1]]
    assert not different, different[:5]
