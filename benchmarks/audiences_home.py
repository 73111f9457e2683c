"""A home with made-up customers, attributes and tags, written by the steps of a refresh."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from benchmarks.audiences_data import MadeUpTag, customers_of, made_up_tags, ranges, tags_of
from benchmarks.contest import Clock
from benchmarks.homes import AS_OF, BUILD, open_home

if TYPE_CHECKING:
    from zhike.warehouse.running import Run


def audiences_home(customers: int) -> Path:
    """The home, whose folder `wide` has the same customers as wide tables for others to load."""
    home = BUILD / f"audiences-{customers}"
    if (home / "built.json").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    wide = home / "wide"
    wide.mkdir(parents=True)
    open_home(home)
    from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD

    for start, stop in ranges(customers, CUSTOMERS_PER_SHARD):
        for what, table in (("attributes", customers_of), ("tags", tags_of)):
            pq.write_table(table(start, stop, customers), _file(wide, what, start), compression="zstd")
    (home / "built.json").write_text(json.dumps(_publish(home, customers)), encoding="utf-8")
    return home


def _publish(home: Path, customers: int) -> dict[str, Any]:
    """Takes the tables into a refresh that is in force; says how long tables and index took, and their sizes."""
    from django.utils import timezone

    from zhike.progress import Silent
    from zhike.understand.attributes.steps import STEPS
    from zhike.understand.attributes.tables import ATTRIBUTE_BITMAPS, ATTRIBUTES
    from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
    from zhike.warehouse import catalog
    from zhike.warehouse.engines import engine
    from zhike.warehouse.models import CurrentRefresh, Refresh
    from zhike.warehouse.running import Run

    define_tags([(tag.name, tag.kind, _rule(tag), tag.values) for tag in made_up_tags()])
    refresh = Refresh.objects.create(as_of=AS_OF, engine="duckdb", customer_count=customers)
    run = Run(refresh, engine(), Silent(), name="made-up", before={})
    run.cut(customers)
    clock = Clock()
    _write_attributes(run, home / "wide")
    said: dict[str, Any] = {"attributes s": round(clock(), 1)}
    for name, step in (("index of attributes s", STEPS[-1]), ("tags and their index s", _tags_step(home / "wide"))):
        clock = Clock()
        outputs, _rows = run.compute(step)
        said[name] = round(clock(), 1)
        refresh.outputs |= outputs
    refresh.state, refresh.finished_at = Refresh.State.FINISHED, timezone.now()
    refresh.save()
    CurrentRefresh.objects.update_or_create(singleton=True, defaults={"refresh": refresh})
    for name, contract in (
        ("attributes MB", ATTRIBUTES),
        ("index of attributes MB", ATTRIBUTE_BITMAPS),
        ("tags MB", TAGS),
        ("index of tags MB", TAG_BITMAPS),
    ):
        files = catalog.files_of(contract, refresh.outputs[contract.table])
        said[name] = round(sum(file.size for file in files) / 1e6)
    return said


def define_tags(wanted: Sequence[tuple[str, str, str, Sequence[str]]]) -> None:
    """Publishes tags, each a name, kind, rule and values, in place of all there are."""
    from zhike.rules.check import checked
    from zhike.rules.text import parse
    from zhike.rules.tree import tree_to_json
    from zhike.understand.tags.models import Tag, TagVersion
    from zhike.understand.tags.vocabularies import whole_vocabulary

    Tag.objects.all().delete()
    known = whole_vocabulary()
    for name, kind, rule, values in wanted:
        tree = parse(rule).tree
        checked(tree, known)
        tag = Tag.objects.create(name=name, kind=kind, theme="business", title=name)
        listed = [{"value": value, "title": value, "title_zh": ""} for value in values]
        published = TagVersion.State.PUBLISHED
        TagVersion.objects.create(tag=tag, number=1, state=published, tree=tree_to_json(tree), values=listed)


def _rule(tag: MadeUpTag) -> str:
    """A rule of the kind; nobody computes it, for who has the tag is drawn."""
    match tag.kind:
        case "yes_no":
            return "order_count > 0"
        case "category":
            return " ".join(f'when order_count = {n} then "{value}"' for n, value in enumerate(tag.values))
        case _:
            return "revenue_amount"


def _write_attributes(run: Run, wide: Path) -> None:
    from zhike.understand.attributes.tables import ATTRIBUTES
    from zhike.warehouse import catalog

    folder = f"{catalog.table_of(ATTRIBUTES).location()}/data"
    written = []
    for shard in run.shards:
        rows = run.open(ATTRIBUTES, [str(_file(wide, "attributes", shard))])
        written += run.engine.write(ATTRIBUTES, rows, folder, "made-up", shards=[shard])
    snapshot = catalog.replace_files(ATTRIBUTES, written, properties={})
    run.refresh.outputs |= {ATTRIBUTES.table: snapshot}


def _tags_step(wide: Path) -> Any:
    """The step of the refresh that writes tags and their bitmaps, with rows that are read and not computed."""
    import dataclasses

    from zhike.understand.tags.computing.steps import TAGS_STEP, TagGathering
    from zhike.warehouse.contracts import Contract

    class MadeUp(TagGathering):
        def compute(self, inputs: object) -> None:
            """Nothing: the rows are there."""

        def write(self, ranges: object) -> Mapping[Contract, Sequence[str]]:
            del ranges
            files = ((shard, _file(wide, "tags", shard)) for shard in self._refreshing.shards)
            return super().write((shard, pq.read_table(file)) for shard, file in files)

    return dataclasses.replace(TAGS_STEP, reads=(), gathers=MadeUp)


def _file(wide: Path, what: str, start: int) -> Path:
    return wide / f"{what}-{start:09}.parquet"
