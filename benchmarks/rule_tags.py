"""200 rule tags computed in one pass, all together and kind by kind, beside the bare scan of the same columns and as
many queries."""

from __future__ import annotations

import dataclasses
import functools
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.audiences_home import define_tags
from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import AS_OF, BUILD, open_home, refreshed_home
from benchmarks.rule_tags_rules import rules

if TYPE_CHECKING:
    import pyarrow as pa

    from zhike.warehouse.running import Run

# Customers, order lines and events.
SIZES = {"small": (200_000, 1_600_000, 400_000), "full": (10_000_000, 80_000_000, 20_000_000)}
SAMPLE = {"small": 40, "full": 1}  # queries of each kind that are asked one by one, and stand for the others
COUNTS = BUILD / "rule-tags-counts.json"


def run(scale: str) -> list[Result]:
    """All rules in one pass, handed over or written with their bitmaps; each kind alone, in one pass and one by one."""
    home = refreshed_home(*SIZES[scale])
    everything = [name for named in rules().values() for name in named]
    contenders: dict[str, Callable[[], dict[str, Any]]] = {
        "200 rules in one pass": functools.partial(in_one_pass, home, everything),
        "200 rules, tags and bitmaps written": functools.partial(whole_step, home, everything),
    }
    for kind, named in rules().items():
        contenders[f"{kind}: {len(named)} rules"] = functools.partial(of_one_kind, home, list(named), SAMPLE[scale])
    results = contest(contenders, rounds=1)
    as_queries = [float(result.said["as queries s"]) for result in results if "as queries s" in result.said]
    if len(as_queries) == len(rules()):
        results.append(
            Result("200 rules in 200 queries", [sum(as_queries)], [max(result.peak_megabytes[0] for result in results)])
        )
    return results


def in_one_pass(home: Path, names: Sequence[str]) -> dict[str, Any]:
    """What a refresh computes of each range of customers, handed over and not written; the bare scan before it."""
    with _running(home) as running:
        said, counts = _computed(running, names)
    COUNTS.write_text(json.dumps(counts), encoding="utf-8")
    return said


def of_one_kind(home: Path, names: Sequence[str], sample: int) -> dict[str, Any]:
    """The same for some rules, and as a query for each of them, over all customers at once; a few may stand for all."""
    with _running(home) as running:
        said, counts = _computed(running, names)
        seconds, each = _one_by_one(names[:sample])
    known = json.loads(COUNTS.read_text(encoding="utf-8"))
    assert counts == {name: known[name] for name in names}, "rules count differently beside others"
    assert each == {name: known[name] for name in each}, "a query counts differently"
    asked = f"{len(each)} of {len(names)} asked"
    return said | {"as queries s": f"{seconds * len(names) / len(each):.1f}", "queries": asked}


def whole_step(home: Path, names: Sequence[str]) -> dict[str, Any]:
    """The step as a refresh carries it out, all files written and committed."""
    with _running(home) as running:
        from zhike.understand.tags.computing.steps import TAGS_STEP
        from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
        from zhike.warehouse.catalog import files_of

        _columns, scan, _cpu = _bare_scan(names)
        clock = Clock()
        outputs, rows = running.compute(TAGS_STEP)
        seconds = clock()
        said = {"seconds": seconds, "÷ bare scan": f"{seconds / scan:.1f}", "rows of tags": f"{rows:,}"}
        for name, contract in (("tags MB", TAGS), ("bitmaps MB", TAG_BITMAPS)):
            files = files_of(contract, outputs[contract.table])
            said[name] = round(sum(file.size for file in files) / 1e6)
    return said


def _computed(running: Run, names: Sequence[str]) -> tuple[dict[str, Any], dict[str, int]]:
    """What is said of rules computed in one pass, and how many customers have each."""
    from zhike.understand.tags.computing.steps import TAGS_STEP, TagGathering

    counts: dict[str, int] = {}

    class Counted(TagGathering):
        def write(self, ranges: Iterator[tuple[int, pa.Table]]) -> Mapping[Any, Any]:
            for _shard, table in ranges:
                _add_up(counts, table)
            return {}

    columns, scan, scan_cpu = _bare_scan(names)
    step = dataclasses.replace(TAGS_STEP, gathers=functools.partial(Counted, only=names, strictly=names))
    clock, cpu = Clock(), time.process_time()
    running.compute(step)
    seconds, cpu = clock(), time.process_time() - cpu
    said = {
        "seconds": seconds,
        "bare scan s": f"{scan:.2f}",
        "÷ bare scan": f"{seconds / scan:.1f}",
        "CPU ÷ bare scan": f"{cpu / scan_cpu:.1f}",
        "columns": str(columns),
        "tags with somebody": str(sum(count > 0 for count in counts.values())),
    }
    return said, counts


def _one_by_one(names: Sequence[str]) -> tuple[float, dict[str, int]]:
    """Seconds of a query for each rule, and how many customers have each."""
    from zhike.rules.measures import Tables, evaluated
    from zhike.understand.attributes.tables import ATTRIBUTES
    from zhike.understand.tags.definitions import published_tags
    from zhike.understand.tags.vocabularies import whole_vocabulary
    from zhike.warehouse.attributes import registry
    from zhike.warehouse.engines import engine
    from zhike.warehouse.queries import published

    now, known = published(), whole_vocabulary()
    trees = {tag.name: tag.tree for tag in published_tags() if tag.tree is not None}
    counts: dict[str, int] = {}
    clock = Clock()
    for name in names:
        facts = {one: now.table(registry().facts[one].contract) for one in _needed([name]).facts}
        tables = Tables(attributes=now.table(ATTRIBUTES), facts=facts)
        found = evaluated({name: trees[name]}, tables, vocabulary=known, as_of=AS_OF)
        _add_up(counts, engine().arrow(found))
    return clock(), counts


def _bare_scan(names: Sequence[str]) -> tuple[int, float, float]:
    """How many columns the rules read; seconds, and CPU seconds, that one number of each takes over all rows.

    The faster of two times.
    """
    from zhike.understand.attributes.tables import ATTRIBUTES
    from zhike.warehouse.attributes import registry
    from zhike.warehouse.contracts import Kind
    from zhike.warehouse.engines import engine
    from zhike.warehouse.queries import published

    read, now = _needed(names), published()
    wanted = {registry().facts[name].contract: {"customer_id", *columns} for name, columns in read.facts.items()}
    wanted[ATTRIBUTES] = {"customer_id", *read.attributes}
    added = (Kind.INTEGER, Kind.NUMBER)
    seconds = []
    for _ in range(2):
        clock, cpu = Clock(), time.process_time()
        for contract, columns in wanted.items():
            table = now.table(contract)
            aggregates = {
                name: table[name].sum() if contract[name].kind in added else table[name].max() for name in columns
            }
            engine().arrow(table.agg(**aggregates))
        seconds.append((clock(), time.process_time() - cpu))
    return sum(map(len, wanted.values())), *min(seconds)


@contextmanager
def _running(home: Path) -> Iterator[Run]:
    """A refresh over what is in force, with the 200 tags; the home stays as it was, but for files nobody names."""
    open_home(home)
    from django.db import transaction

    from zhike.progress import Silent
    from zhike.warehouse.engines import engine
    from zhike.warehouse.models import Refresh
    from zhike.warehouse.queries import published
    from zhike.warehouse.running import Run

    with transaction.atomic():
        define_tags([(name, *_kind_of(rule), ()) for named in rules().values() for name, rule in named.items()])
        refresh = Refresh.objects.get(pk=published().refresh_id)
        running = Run(refresh, engine(), Silent(), name="benchmark", before={})
        running.cut(refresh.customer_count)
        yield running
        transaction.set_rollback(True)


def _kind_of(rule: str) -> tuple[str, str]:
    from zhike.rules.check import kind_of
    from zhike.rules.text import parse
    from zhike.understand.tags.vocabularies import whole_vocabulary

    return str(kind_of(parse(rule).tree, whole_vocabulary())), rule


def _needed(names: Sequence[str]) -> Any:
    from zhike.rules.needs import needed
    from zhike.understand.tags.definitions import published_tags
    from zhike.understand.tags.vocabularies import whole_vocabulary

    trees = {tag.name: tag.tree for tag in published_tags() if tag.name in names and tag.tree is not None}
    return needed(trees, vocabulary=whole_vocabulary())


def _add_up(counts: dict[str, int], table: pa.Table) -> None:
    """Adds who has each tag: of yes or no who has yes, of others who has a value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in table.column_names:
        if name != "customer_id":
            column = table[name]
            is_flag = pa.types.is_boolean(column.type)
            found = pc.sum(column).as_py() if is_flag else len(column) - column.null_count
            counts[name] = counts.get(name, 0) + int(found or 0)
