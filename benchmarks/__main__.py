"""Runs the benchmarks: `python -m benchmarks [NAME …] [--scale small|full]`."""

from __future__ import annotations

import argparse

from benchmarks import audiences, collect, import_orders, pages, refresh, rfm, rule_tags, single_view
from benchmarks.report import write_report

BENCHMARKS = {
    "audiences": audiences.run,
    "collect": collect.run,
    "import": import_orders.run,
    "pages": pages.run,
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
    arguments = parser.parse_args()
    for name in arguments.names or BENCHMARKS:
        print(f"\n{name} ({arguments.scale})")
        write_report(name, arguments.scale, BENCHMARKS[name](arguments.scale))


main()
