"""Homes with data of any size, made once and kept in build/."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import date
from pathlib import Path

AS_OF = date(2026, 6, 30)
BUILD = Path(__file__).parents[1] / "build" / "benchmarks"


def open_home(home: Path) -> None:
    """Loads Django with an installation in this folder."""
    os.environ.update(ZHIKE_HOME=str(home), DJANGO_SETTINGS_MODULE="zhike.config.settings", ZHIKE_LOG_LEVEL="WARNING")
    import django

    django.setup()
    from zhike.govern.access.actors import OPERATOR, become
    from zhike.operate.setup import ensure_ready

    become(OPERATOR)
    ensure_ready()


def fresh_home() -> Path:
    """An empty folder for one contender."""
    BUILD.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="home-", dir=BUILD))


def collected_home(customers: int, orders: int, events: int = 0) -> Path:
    """A home in which this many customers, order lines and events are collected, as imports would have left them."""
    home = BUILD / "-".join(map(str, filter(None, ("collected", customers, orders, events))))
    if (home / "complete").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    open_home(home)
    from zhike.collect.sources.models import Source
    from zhike.warehouse import catalog
    from zhike.warehouse.engines.duckdb import embedded, literal
    from zhike.warehouse.entities import EVENTS, ORDERS, SOURCE_RECORDS
    from zhike.warehouse.files import make_folder

    Source.objects.create(name="shop", lawful_basis="contract")
    engine = embedded()
    per_file = 5_000_000
    for contract, rows, query in (
        (ORDERS, orders, _orders),
        (EVENTS, events, _events),
        (SOURCE_RECORDS, customers, _records),
    ):
        folder = f"{catalog.table_of(contract).location()}/data"
        make_folder(folder)
        paths = []
        for start in range(0, rows, per_file):
            table = engine.connection.sql(query(start, min(start + per_file, rows), customers))
            target = f"{folder}/import-1-{start}.parquet"
            sql = engine.conforming(contract, table)
            engine.sql(
                f"COPY ({sql}) TO {literal(target.removeprefix('file://'))} (FORMAT parquet, COMPRESSION snappy)"
            )
            paths.append(target)
        if paths:
            catalog.append_files(contract, paths, properties={"zhike.import": "1"})
    (home / "complete").touch()
    return home


def _orders(start: int, stop: int, customers: int) -> str:
    """Order lines, one in three orders having two; three years, skewed spend, in the order of time."""
    return f"""
        SELECT 'shop' AS source, 'O' || (i - i % 4 % 3 % 2) AS order_id, (i % 4 % 3 % 2 + 1)::VARCHAR AS line_id,
            'shop' AS customer_source, 'C' || (hash(i - i % 4 % 3 % 2) % {customers}) AS customer_key,
            TIMESTAMP '2023-07-01' + INTERVAL (hash(i - i % 4 % 3 % 2) // 1000 % 94_608_000) SECOND AS ordered_at,
            ordered_at::DATE AS ordered_on, 'SKU' || (hash(i * 7) % 1000) AS product_id,
            ['food', 'health', 'home', 'travel'][1 + i % 4] AS category,
            ['shop', 'club'][1 + i % 2] AS line_of_business,
            1 + i % 3 AS quantity, (1 + exp(hash(i * 3) % 900 / 100.0))::DECIMAL(18, 2) AS amount, 'CNY' AS currency,
            1 AS import_id, i AS row_number, false AS is_correction
        FROM range({start}, {stop}) AS t(i)"""


def _events(start: int, stop: int, customers: int) -> str:
    """Visits and claims over the same three years, in the order of time."""
    return f"""
        SELECT 'shop' AS source, 'E' || i AS event_id, 'shop' AS customer_source,
            'C' || (hash(i * 11) % {customers}) AS customer_key, ['login', 'page_view', 'claim'][1 + i % 3] AS kind,
            TIMESTAMP '2023-07-01' + INTERVAL (hash(i * 13) % 94_608_000) SECOND AS occurred_at,
            occurred_at::DATE AS occurred_on, ['app', 'web'][1 + i % 2] AS channel,
            1 AS import_id, i AS row_number, false AS is_correction
        FROM range({start}, {stop}) AS t(i)"""


def _records(start: int, stop: int, customers: int) -> str:
    del customers
    return f"""
        SELECT 'shop' AS source, 'C' || i AS customer_key, 'person' AS kind, 'Customer ' || i AS name,
            (13_000_000_000 + i)::VARCHAR AS phone, 'c' || i || '@example.com' AS email, 'Hangzhou' AS city,
            1 AS import_id, i AS row_number, false AS is_correction
        FROM range({start}, {stop}) AS t(i)"""


def refreshed_home(customers: int, orders: int, events: int = 0) -> Path:
    """The same home with a refresh in force."""
    home = collected_home(customers, orders, events)
    if not (home / "refreshed").exists():
        open_home(home)
        from zhike.warehouse.services import run_refresh

        run_refresh(as_of=AS_OF)
        (home / "refreshed").touch()
    return home
