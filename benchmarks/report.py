"""Tables for people and JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TypeGuard

from benchmarks.contest import Result

FOLDER = Path(__file__).parent / "results"
PACKAGES = ("duckdb", "ibis-framework", "pandas", "polars", "pyarrow", "pyiceberg")


def merged(name: str, scale: str, results: Sequence[Result]) -> list[Result]:
    """These results, and those of other contenders as they were written before."""
    path = FOLDER / f"{name}-{scale}.json"
    written = json.loads(path.read_text(encoding="utf-8"))["results"] if path.exists() else []
    known = {before["contender"]: Result(**before) for before in written}
    return list((known | {result.contender: result for result in results}).values())


def write_report(name: str, scale: str, results: Sequence[Result]) -> None:
    """Writes `results/NAME-SCALE.json` and `.md`, and prints the table."""
    FOLDER.mkdir(exist_ok=True)
    ours = results[0].median_seconds
    lines = [
        f"# {name}, {scale}",
        "",
        "| contender | median s | min s | max s | ours ÷ it | peak MB | |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for result in results:
        peak = max(result.peak_megabytes)
        said = ", ".join(f"{key} {value}" for key, value in result.said.items())
        lines.append(
            f"| {result.contender} | {_seconds(result.median_seconds)} | {_seconds(min(result.seconds))}"
            f" | {_seconds(max(result.seconds))} | {_ratio(ours / result.median_seconds)} | {peak:,.0f} | {said} |"
        )
    lines += _measures(results)
    lines += ["", f"{os.cpu_count()} cores, Python {platform.python_version()}, {_versions()}."]
    table = "\n".join(lines) + "\n"
    print(table)
    (FOLDER / f"{name}-{scale}.md").write_text(table, encoding="utf-8")
    document = {"name": name, "scale": scale, "versions": _versions(), "results": [asdict(r) for r in results]}
    (FOLDER / f"{name}-{scale}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _measures(results: Sequence[Result]) -> list[str]:
    """A table of the numbers that others say under the same name as the first, each with how many times its it is."""
    first, *others = results
    shared = [name for name, said in first.said.items() if _is_number(said) and any(name in one.said for one in others)]
    if not shared:
        return []
    lines = ["", "| measure | contender | | ÷ ours |", "|---|---|---:|---:|"]
    for name in shared:
        for result in results:
            if _is_number(found := result.said.get(name)):
                ratio = _ratio(found / first.said[name]) if first.said[name] else ""
                lines.append(f"| {name} | {result.contender} | {found:,} | {ratio} |")
    return lines


def _is_number(said: object) -> TypeGuard[float]:
    return isinstance(said, int | float) and not isinstance(said, bool)


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds:.4f}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.4f}"


def _versions() -> str:
    return ", ".join(f"{package} {version(package)}" for package in PACKAGES)
