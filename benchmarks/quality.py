"""The quality of a million customers by the rules that come with Zhike, counted for each unit, channel, source and
agent, beside the same expressions in pandas and in Polars."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import AS_OF, BUILD, open_home
from benchmarks.quality_rules import KEYS, RULES, read_columns

CUSTOMERS = {"small": 1_000_000, "full": 10_000_000}
PER_FILE = 262_144  # as the warehouse cuts its tables
HALF_A_YEAR_AGO = "2025-12-31"  # after which the last six months begin


def run(scale: str) -> list[Result]:
    """Ours, pandas and Polars in turn."""
    home = judged_home(CUSTOMERS[scale])
    contenders = {
        "zhike": functools.partial(ours, home),
        "polars": functools.partial(with_polars, home),
    }
    if scale == "small":  # ten million rows of text do not fit into memory beside themselves
        contenders["pandas"] = functools.partial(with_pandas, home)
    return contest(contenders, rounds=3)


def judged_home(customers: int) -> Path:
    """A home with what a refresh has of so many customers before their quality is counted, a file for each range."""
    home = BUILD / f"quality-{customers}"
    if (home / "complete").exists():
        return home
    home.mkdir(parents=True, exist_ok=True)
    open_home(home)
    from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_RESPONSES
    from zhike.warehouse.attributes import attributes_contract
    from zhike.warehouse.engines.duckdb import embedded, literal

    engine = embedded()
    for contract, query in (
        (attributes_contract(), _attributes),
        (CUSTOMER_CONTRACTS, _contracts),
        (CUSTOMER_RESPONSES, _responses),
    ):
        (home / contract.name).mkdir(exist_ok=True)
        for first in range(0, customers, PER_FILE):
            table = engine.connection.sql(query(first, min(first + PER_FILE, customers)))
            path = literal(str(home / contract.name / f"{first:09}.parquet"))
            engine.sql(f"COPY ({engine.conforming(contract, table)}) TO {path} (FORMAT parquet, COMPRESSION zstd)")
    (home / "complete").touch()
    return home


def _pick(values: str, salt: int) -> str:
    """One of some values for each customer, as chance has it; the first half of them are more frequent."""
    return f"list_extract([{values}], (1 + least(hash(i * {salt}), hash(i * {salt + 1})) % len([{values}]))::BIGINT)"


def _attributes(first: int, stop: int) -> str:
    marks = {
        "name_quality": "'stated', 'stated', 'stated', 'missing', 'meaningless'",
        "gender_quality": "'confirmed', 'stated', 'missing', 'contradicted'",
        "born_on_quality": "'confirmed', 'plausible', 'missing', 'contradicted', 'implausible'",
        "id_number_quality": "'valid', 'missing', 'unchecked', 'wrong_check', 'malformed'",
        "phone_quality": "'valid', 'valid', 'missing', 'invalid'",
        "email_quality": "'valid', 'missing', 'invalid'",
        "address_quality": "'complete', 'missing', 'vague'",
        "postal_code_quality": "'plausible', 'missing', 'malformed'",
        "occupation": "'teacher', 'engineer', NULL, 'nurse'",
        "marital_status": "'married', 'single', NULL, 'divorced', 'other'",
        "language": "'zh-CN', 'en', NULL",
        "city": "'上海', '杭州', NULL, '北京'",
        "sales_channel": "'agent', 'bank', 'web', NULL, 'group'",
        "source": "'core', 'app', 'callcentre'",
    }
    texts = ", ".join(
        f"{_pick(values, 10 + 2 * place)} AS {name}" for place, (name, values) in enumerate(marks.items())
    )
    return f"""
        SELECT i AS customer_id, CASE WHEN i % 40 = 0 THEN 'organisation' ELSE 'person' END AS kind, {texts},
            CASE WHEN phone_quality = 'valid' THEN hash(i * 3) % 6 END AS phone_sharers,
            CASE WHEN email_quality = 'valid' THEN hash(i * 5) % 3 END AS email_sharers,
            CASE WHEN id_number_quality <> 'missing' THEN hash(i * 7) % 2 END AS id_number_sharers,
            CASE WHEN i % 9 THEN DATE '{AS_OF}' - (hash(i * 51) % 1500)::INT END AS updated_on,
            CASE WHEN i % 11 THEN 'B' || (hash(i * 53) % 400) END AS unit_id,
            CASE WHEN i % 11 THEN 'A' || (hash(i * 53) % 400 * 10 + hash(i * 57) % 10) END AS agent_id,
            CASE WHEN hash(agent_id) % 20 = 0 THEN DATE '2026-03-01' END AS agent_left_on,
            hash(i * 59) % 3 AS contract_count, least(contract_count, hash(i * 61) % 3) AS active_contract_count,
            hash(i * 67) % 4 AS order_count, hash(i * 71) % 5 AS message_count,
            CASE WHEN i % 5 THEN DATE '{AS_OF}' - (hash(i * 73) % 900)::INT END AS last_seen_on,
            CASE WHEN i % 7 THEN DATE '1940-01-01' + (hash(i * 79) % 30000)::INT END AS born_on,
            date_sub('year', born_on, DATE '{AS_OF}') AS age,
            CASE WHEN i % 6 THEN DATE '1990-01-01' + (hash(i * 83) % 13000)::INT END AS first_seen_on,
            CASE WHEN i % 3 THEN (hash(i * 89) % 900000)::DECIMAL(18, 4) END AS income_amount
        FROM range({first}, {stop}) AS t(i)"""


def _contracts(first: int, stop: int) -> str:
    return f"""
        SELECT i AS customer_id, 'core' AS source, 'P' || i || '-' || n AS contract_id,
            DATE '2015-01-01' + (hash(i * 97 + n) % 4000)::INT AS started_on,
            started_on + (hash(i * 101 + n) % 3000)::INT - 20 AS ends_on
        FROM range({first}, {stop}) AS t(i), range(2) AS u(n) WHERE n < hash(i * 59) % 3 ORDER BY ALL"""


def _responses(first: int, stop: int) -> str:
    return f"""
        SELECT i AS customer_id, 'mail' AS source, 'R' || i AS response_id,
            DATE '{AS_OF}' - (hash(i * 103) % 500)::INT AS occurred_on,
            CASE WHEN hash(i * 107) % 8 = 0 THEN 'bounced' ELSE 'opened' END AS kind
        FROM range({first}, {stop}) AS t(i) WHERE i % 2 = 0 ORDER BY ALL"""


def ours(home: Path) -> dict[str, Any]:
    """One range of customers after the other: what the step of the refresh does."""
    open_home(home)
    from functools import partial

    from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_RESPONSES
    from zhike.collect.quality.counting import ATTRIBUTES, judged, write_counts
    from zhike.collect.quality.defining.shipped import library
    from zhike.collect.quality.definitions import rules_in_force
    from zhike.collect.quality.tables import QUALITY_COUNTS
    from zhike.warehouse.computing import ByRange
    from zhike.warehouse.engines.duckdb import embedded

    def files(folder: Path, first: int | None) -> list[str]:
        return [f"file://{path}" for path in sorted(folder.glob("*.parquet" if first is None else f"{first:09}.*"))]

    rules = rules_in_force()
    assert {rule.name for rule in rules} == set(library()) == set(RULES)
    facts = (CUSTOMER_CONTRACTS, CUSTOMER_RESPONSES)
    wanted = ByRange(
        name="quality_counts",
        tables={contract: partial(files, home / contract.name) for contract in (ATTRIBUTES, *facts)},
        whole={},
        compute=lambda tables, _whole, _cut: judged(
            rules, tables[ATTRIBUTES.table], {fact.name: tables[fact.table] for fact in facts}, as_of=AS_OF
        ),
        shards=sorted(int(path.stem) for path in (home / "attributes").glob("*.parquet")),
        scratch=str(home),
    )
    clock = Clock()
    uri = f"file://{home}/counts.parquet"
    write_counts(uri, (customers for _first, customers in embedded().ranges(wanted)), rules)
    seconds = clock()
    counts = embedded().open(QUALITY_COUNTS, [uri])
    of_rules = counts.filter(counts.rule != "")
    summed = embedded().arrow(of_rules.agg(asked=of_rules.applies_count.sum(), good=of_rules.good_count.sum()))
    (found,) = summed.to_pylist()
    return {"seconds": seconds, "rules": len(rules), **{name: int(count) for name, count in found.items()}}


def with_pandas(home: Path) -> dict[str, Any]:
    """The columns that the rules name in one frame, an expression for each rule, one group-by."""
    import pandas as pd

    clock = Clock()
    frame = pd.read_parquet(home / "attributes", columns=read_columns(), dtype_backend="pyarrow")
    contracts = pd.read_parquet(
        home / "contracts", dtype_backend="pyarrow", columns=["customer_id", "started_on", "ends_on"]
    )
    ends_early = contracts[contracts.ends_on < contracts.started_on].customer_id
    responses = pd.read_parquet(
        home / "responses", dtype_backend="pyarrow", columns=["customer_id", "kind", "occurred_on"]
    )
    late = pd.Timestamp(HALF_A_YEAR_AGO).date()
    bounced = responses[(responses.kind == "bounced") & (responses.occurred_on >= late)].customer_id
    frame["ends_early"] = frame.customer_id.isin(ends_early)
    frame["bounced"] = frame.customer_id.isin(bounced)
    judged = {}
    for name, (applies, good) in RULES.items():
        is_asked = pd.Series(True, frame.index) if applies is None else applies(frame).fillna(False).astype(bool)
        judged[f"applies {name}"] = is_asked
        judged[f"good {name}"] = is_asked & good(frame).fillna(False).astype(bool)
    keys = [frame[key].fillna("") for key in KEYS]
    counts = pd.DataFrame(judged).groupby(keys, sort=False).sum()
    counts.to_parquet(home / "counts-pandas.parquet")
    return {"seconds": clock(), **_summed({name: int(counts[name].sum()) for name in counts})}


def with_polars(home: Path) -> dict[str, Any]:
    """One lazy query on the streaming engine."""
    import polars as pl

    clock = Clock()
    contracts, responses = (pl.scan_parquet(home / name / "*.parquet") for name in ("contracts", "responses"))
    ends_early = contracts.filter(pl.col("ends_on") < pl.col("started_on")).select("customer_id").unique()
    late = pl.lit(HALF_A_YEAR_AGO).str.to_date()
    bounced = responses.filter((pl.col("kind") == "bounced") & (pl.col("occurred_on") >= late)).select("customer_id")
    frame = (
        pl.scan_parquet(home / "attributes" / "*.parquet")
        .select(read_columns())
        .join(ends_early.with_columns(ends_early=True), on="customer_id", how="left")
        .join(bounced.unique().with_columns(bounced=True), on="customer_id", how="left")
        .with_columns(pl.col("ends_early", "bounced").fill_null(False), pl.col(*KEYS).fill_null(""))
    )
    judged = {}
    for name, (applies, good) in RULES.items():
        is_asked = pl.lit(True) if applies is None else applies(Columns()).fill_null(False)
        judged[f"applies {name}"] = is_asked
        judged[f"good {name}"] = is_asked & good(Columns()).fill_null(False)
    counts = (
        frame.with_columns(**judged)
        .group_by(KEYS)
        .agg(pl.col(*judged).sum().cast(pl.Int64))
        .collect(engine="streaming")
    )
    counts.write_parquet(home / "counts-polars.parquet")
    return {"seconds": clock(), **_summed({name: int(counts[name].sum()) for name in judged})}


class Columns:
    """Polars' columns under the names that a frame of pandas gives them."""

    def __getattr__(self, name: str) -> Any:
        import polars as pl

        return pl.col(name)


def _summed(counts: Mapping[str, int]) -> dict[str, int]:
    def of(what: str) -> int:
        return sum(count for name, count in counts.items() if name.startswith(what))

    return {"rules": len(RULES), "asked": of("applies "), "good": of("good ")}
