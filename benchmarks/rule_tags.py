"""200 rule tags computed in one pass, kind by kind and with their files, beside as many queries and the bare scan."""

from __future__ import annotations

import dataclasses
import functools
import json
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

SIZES = {"small": (200_000, 2_000_000), "full": (10_000_000, 100_000_000)}
SAMPLE = {"small": 100, "full": 3}  # queries of each kind that are asked one by one
COUNTS = BUILD / "rule-tags-counts.json"
ALL = "all kinds"


def run(scale: str) -> list[Result]:
    """All rules in one pass, their tags and bitmaps written, each kind alone beside its scan, and one by one."""
    home = refreshed_home(*SIZES[scale])
    kinds = {ALL: [name for named in rules().values() for name in named]}
    kinds |= {kind: list(named) for kind, named in rules().items()}
    contenders: dict[str, Callable[[], dict[str, Any]]] = {}
    for kind, names in kinds.items():
        contenders[f"{kind}, {len(names)} in one pass"] = functools.partial(in_one_pass, home, names)
        contenders[f"{kind}, bare scan"] = functools.partial(bare_scan, home, names)
    contenders["all kinds, with tags and bitmaps written"] = functools.partial(whole_step, home)
    contenders["200 queries"] = functools.partial(one_by_one, home, SAMPLE[scale])
    results = contest(contenders, rounds=3 if scale == "small" else 1)
    by_name = {result.contender: result for result in results}
    for kind, names in kinds.items():
        scan = by_name[f"{kind}, bare scan"].median_seconds
        for one in (f"{kind}, {len(names)} in one pass", *(list(contenders)[-2:] if kind == ALL else ())):
            by_name[one].said["÷ bare scan"] = round(by_name[one].median_seconds / scan, 1)
    return results


def in_one_pass(home: Path, names: Sequence[str]) -> dict[str, Any]:
    """What a refresh computes of each range of customers, handed over and not written."""
    from zhike.understand.tags.computing.steps import TAGS_STEP, TagGathering

    counts: dict[str, int] = {}

    class Counted(TagGathering):
        def write(self, ranges: Iterator[tuple[int, pa.Table]]) -> Mapping[Any, Any]:
            for _shard, table in ranges:
                _add_up(counts, table)
            return {}

    with _running(home) as running:
        step = dataclasses.replace(TAGS_STEP, gathers=functools.partial(Counted, only=names, strictly=names))
        clock = Clock()
        running.compute(step)
        seconds = clock()
    known = json.loads(COUNTS.read_text(encoding="utf-8")) if COUNTS.exists() else {}
    COUNTS.write_text(json.dumps(known | counts), encoding="utf-8")
    assert sorted(counts) == sorted(names)
    return {"seconds": seconds, "tags with somebody": sum(count > 0 for count in counts.values())}


def whole_step(home: Path) -> dict[str, Any]:
    """The step as a refresh carries it out, all files written and committed."""
    from zhike.understand.tags.computing.steps import TAGS_STEP
    from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
    from zhike.warehouse.catalog import files_of

    with _running(home) as running:
        clock = Clock()
        outputs, rows = running.compute(TAGS_STEP)
        said: dict[str, Any] = {"seconds": clock(), "rows of tags": f"{rows:,}"}
        for name, contract in (("tags MB", TAGS), ("bitmaps MB", TAG_BITMAPS)):
            files = files_of(contract, outputs[contract.table])
            said[name] = round(sum(file.size for file in files) / 1e6)
    return said


def bare_scan(home: Path, names: Sequence[str]) -> dict[str, Any]:
    """One number of each column that the rules read, over all rows."""
    from zhike.understand.attributes.tables import ATTRIBUTES
    from zhike.warehouse.attributes import registry
    from zhike.warehouse.contracts import Kind
    from zhike.warehouse.engines import engine
    from zhike.warehouse.queries import published

    with _running(home):
        read, now = _needed(names), published()
        wanted = {registry().facts[name].contract: {"customer_id", *columns} for name, columns in read.facts.items()}
        wanted[ATTRIBUTES] = {"customer_id", *read.attributes}
        clock = Clock()
        for contract, columns in wanted.items():
            table = now.table(contract)
            added = (Kind.INTEGER, Kind.NUMBER)
            aggregates = {
                name: table[name].sum() if contract[name].kind in added else table[name].max() for name in columns
            }
            engine().arrow(table.agg(**aggregates))
        seconds = clock()
    return {"seconds": seconds, "columns": sum(map(len, wanted.values()))}


def one_by_one(home: Path, sample: int) -> dict[str, Any]:
    """A query of its own for each rule, over all customers at once; a few of each kind stand for all."""
    from zhike.rules.measures import Tables, evaluated
    from zhike.understand.attributes.tables import ATTRIBUTES
    from zhike.understand.tags.definitions import published_tags
    from zhike.understand.tags.vocabularies import whole_vocabulary
    from zhike.warehouse.attributes import registry
    from zhike.warehouse.engines import engine
    from zhike.warehouse.queries import published

    seconds, asked = 0.0, 0
    with _running(home):
        now, known = published(), whole_vocabulary()
        trees = {tag.name: tag.tree for tag in published_tags()}
        counts: dict[str, int] = {}
        for named in rules().values():
            clock = Clock()
            chosen = list(named)[:sample]
            for name in chosen:
                facts = {one: now.table(registry().facts[one].contract) for one in _needed([name]).facts}
                tables = Tables(attributes=now.table(ATTRIBUTES), facts=facts)
                found = evaluated({name: trees[name]}, tables, vocabulary=known, as_of=AS_OF)
                _add_up(counts, engine().arrow(found))
            seconds += clock() * len(named) / len(chosen)
            asked += len(chosen)
    expected = json.loads(COUNTS.read_text(encoding="utf-8"))
    assert counts == {name: expected[name] for name in counts}, "the two ways count differently"
    return {"seconds": seconds, "asked": asked} | ({"the others": "extrapolated"} if asked < 200 else {})


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
