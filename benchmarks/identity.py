"""Linking the records of the demo company, whose truth is known, beside bare Splink with the same rules."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import Any

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import AS_OF, BUILD, open_home

CUSTOMERS = {"small": 20_000, "full": 590_000}  # whose sources hold 34,000 records, and a million
SEED = 20260101
STRANGERS = 400_000
TRAINING = (("born_on",), ("phone",), ("family_name", "given_name"))


def run(scale: str) -> list[Result]:
    """Ours from the records as they were received; Splink from records that we brought into one spelling."""
    home = records_home(CUSTOMERS[scale])
    contenders = {
        "zhike": functools.partial(ours, home),
        "Splink, same rules, records normalised before": functools.partial(with_splink, home),
    }
    return contest(contenders, rounds=1)


def records_home(customers: int) -> Path:
    """A home with `records.parquet`: what the sources of a demo company of this size say of people, and the truth."""
    home = BUILD / f"records-{customers}"
    if (home / "records.parquet").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    open_home(home)
    from zhike.collect.sources.mapping import read_mapping
    from zhike.collect.sources.models import Source
    from zhike.collect.sources.services import import_file
    from zhike.demo.company import SOURCES, write_company

    for source in SOURCES:
        Source.objects.create(name=source.name, lawful_basis="contract")
    for delivery in write_company(home / "demo", customers=customers, seed=SEED, as_of=AS_OF):
        if delivery.entity == "source_records":
            import_file(
                delivery.path, entity=delivery.entity, source=delivery.source, mapping=read_mapping(delivery.mapping)
            )
        delivery.path.unlink()
    _write_records(home)
    return home


def _write_records(home: Path) -> None:
    from zhike.collect.identity.normalising.fields import SAID
    from zhike.warehouse import catalog
    from zhike.warehouse.engines.duckdb import embedded, literal
    from zhike.warehouse.entities import SOURCE_RECORDS
    from zhike.warehouse.versions import latest

    engine = embedded()
    files = [file.path for file in catalog.files_of(SOURCE_RECORDS, catalog.snapshot_id(SOURCE_RECORDS))]
    said = [name for name in SAID if name in SOURCE_RECORDS.column_names]
    records = latest(SOURCE_RECORDS, engine.open(SOURCE_RECORDS, files)).select("source", "customer_key", *said)
    engine.sql(
        "COPY (SELECT row_number() OVER (ORDER BY source, customer_key) - 1 AS record_id, truth.person_id AS truth,"
        f" records.* FROM ({engine.connection.compile(records)}) records"
        f" JOIN {literal(str(home / 'demo' / 'truth' / 'identity.parquet'))} truth USING (source, customer_key))"
        f" TO {literal(str(home / 'records.parquet'))} (FORMAT parquet)"
    )


def ours(home: Path) -> dict[str, Any]:
    """One spelling, exact keys, weights that are learnt, groups with a guard."""
    open_home(home)
    from zhike.collect.identity.linking.linkage import link
    from zhike.collect.identity.linking.organisations import ORGANISATIONS
    from zhike.collect.identity.linking.persons import PERSONS
    from zhike.collect.identity.linking.workbench import Workbench
    from zhike.collect.identity.normalising.records import normalised
    from zhike.warehouse.engines.duckdb import embedded, literal

    engine = embedded()
    received = engine.connection.read_parquet(str(home / "records.parquet"))
    clock = Clock()
    with Workbench(engine) as bench:
        records = normalised(received, key="record_id", region="CN", keep=bench.keep)
        spelt = clock()
        kinds = (PERSONS, ORGANISATIONS)
        groups = [
            link(records.filter(records.kind == kind.name), kind, bench=bench, as_of=AS_OF).groups for kind in kinds
        ]
        whole = bench.keep(groups[0].union(groups[1]))
        seconds = clock()
        out = literal(str(home / "normalised.parquet"))
        engine.sql(f"COPY ({engine.connection.compile(records)}) TO {out} (FORMAT parquet)")
        return {"seconds": seconds, "normalising s": round(spelt, 1), **_accuracy(home, whole, bench)}


def with_splink(home: Path) -> dict[str, Any]:
    """The same comparisons and keys, its own learning from pairs, its own clusters; persons only."""
    open_home(home)
    import logging

    from splink import Linker, SettingsCreator, block_on

    from zhike.collect.identity.linking.blocking import blocking_rules, usable_keys, with_keys
    from zhike.collect.identity.linking.linkage import comparable
    from zhike.collect.identity.linking.persons import PERSONS
    from zhike.collect.identity.linking.scoring import LINKED
    from zhike.collect.identity.linking.workbench import Workbench
    from zhike.warehouse.engines.duckdb import embedded

    engine = embedded()
    records = engine.connection.read_parquet(str(home / "normalised.parquet"))
    clock = Clock()
    with Workbench(engine) as bench:
        persons = bench.keep(comparable(records.filter(records.kind == PERSONS.name), PERSONS))
        keys = usable_keys(PERSONS, persons.columns)
        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=[one.comparison(one.shipped()) for one in PERSONS.evidence],
            blocking_rules_to_generate_predictions=blocking_rules(keys),
            probability_two_random_records_match=1 / bench.count(persons),
            unique_id_column_name="record_id",
        )
        keyed = bench.for_splink(bench.keep(with_keys(persons, PERSONS, keys)))
        linker = Linker(keyed, settings, log_level=logging.ERROR)
        linker.training.estimate_u_using_random_sampling(max_pairs=STRANGERS, seed=1)
        for rule in TRAINING:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule), estimate_without_term_frequencies=True, max_pairs=1_000_000
            )
        pairs = linker.inference.predict(threshold_match_probability=LINKED)
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=LINKED)
        groups = bench.keep(bench.from_splink(found).select("record_id", "cluster_id"))
        return {"seconds": clock(), **_accuracy(home, groups, bench)}


def _accuracy(home: Path, groups: Any, bench: Any) -> dict[str, Any]:
    from zhike.collect.identity.linking.accuracy import accuracy, pairwise

    truth = bench.engine.connection.read_parquet(str(home / "records.parquet")).select("record_id", "truth")
    found = bench.keep(groups.join(truth, "record_id"))
    counted = pairwise(found, group="cluster_id", truth="truth")
    reached = accuracy(*(int(bench.engine.arrow(pairs)[0][0].as_py()) for pairs in counted))
    return {
        "records": str(bench.count(found)),
        "precision": round(reached.precision, 4),
        "recall": round(reached.recall, 4),
        "f1": round(reached.f1, 4),
    }
