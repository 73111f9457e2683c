"""Tables for people and JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks.contest import Result

FOLDER = Path(__file__).parent / "results"
PACKAGES = ("duckdb", "ibis-framework", "pandas", "polars", "pyarrow", "pyiceberg")


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
    lines += ["", f"{os.cpu_count()} cores, Python {platform.python_version()}, {_versions()}."]
    table = "\n".join(lines) + "\n"
    print(table)
    (FOLDER / f"{name}-{scale}.md").write_text(table, encoding="utf-8")
    document = {"name": name, "scale": scale, "versions": _versions(), "results": [asdict(r) for r in results]}
    (FOLDER / f"{name}-{scale}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds:.4f}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.4f}"


def _versions() -> str:
    return ", ".join(f"{package} {version(package)}" for package in PACKAGES)
