"""Runs the benchmarks: `python -m benchmarks [NAME …] [--scale small|full] [--only CONTENDER]`."""

from __future__ import annotations

import argparse

from benchmarks import (
    affinity,
    audiences,
    collect,
    contest,
    identity,
    import_orders,
    lifetime,
    migration,
    pages,
    quality,
    refresh,
    rfm,
    rule_tags,
    single_view,
)
from benchmarks.report import merged, write_report

BENCHMARKS = {
    "affinity": affinity.run,
    "audiences": audiences.run,
    "collect": collect.run,
    "identity": identity.run,
    "import": import_orders.run,
    "lifetime": lifetime.run,
    "migration": migration.run,
    "pages": pages.run,
    "quality": quality.run,
    "refresh": refresh.run,
    "rfm": rfm.run,
    "rule_tags": rule_tags.run,
    "single_view": single_view.run,
}


def main() -> None:
    """Runs the named benchmarks, or all, and writes table and JSON for each."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help=", ".join(BENCHMARKS))
    parser.add_argument("--scale", choices=["small", "full"], default="small")
    parser.add_argument(
        "--only", default="", help="contenders whose name has this in it; the others keep their results"
    )
    arguments = parser.parse_args()
    for name in arguments.names or BENCHMARKS:
        print(f"\n{name} ({arguments.scale})")
        contest.only = arguments.only
        results = BENCHMARKS[name](arguments.scale)
        write_report(name, arguments.scale, merged(name, arguments.scale, results) if arguments.only else results)


main()
