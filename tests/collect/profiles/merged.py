"""Small companies: real imports, real decisions on who is one, no linking."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from zhike.collect.identity.services import merge_customers
from zhike.collect.identity.tables import IDENTITY_MAP
from zhike.collect.profiles.queries import FACTS_SHOWN
from zhike.collect.sources.services import import_file
from zhike.warehouse.queries import published, rows
from zhike.warehouse.services import run_refresh

AS_OF = date(2026, 6, 1)
CORE = """customer_key,name,phone,email,born_on,city,address,updated_at,kind,employer,job_title,referred_by
c1,James Evans,13800000001,james@example.com,1980-05-06,上海,中山路1号,2024-01-01,person,Bergwerk Ltd,buyer,
c2,李雷,13800000002,,1990-01-02,,,2024-01-01,person,,,c1
c3,Bergwerk Ltd,02112345678,office@example.com,,,,2024-01-01,organisation,,,
"""
APP = """customer_key,name,phone,email,born_on,updated_at,first_seen_on
a1,EvansJames,12,james.evans@example.com,1900-01-01,2026-01-01,2020-02-03
"""

PEOPLE = """customer_key,name,phone,email,kind
a1,王小明,13800000001,ming@example.com,person
a2,Anna Berg,13800000002,anna@example.com,person
a3,Bergwerk Ltd,02112345678,office@example.com,organisation
"""
CONTRACTS = "contract_id,customer_key,started_on\nP-77,a2,2025-01-01\n"


def bring_in(folder: Path, source: str, entity: str, text: str) -> None:
    """Imports a small file."""
    path = folder / f"{source}-{entity}.csv"
    path.write_text(text, encoding="utf-8")
    import_file(path, entity=entity, source=source)


def number_of(source: str, key: str) -> int:
    """The customer of a key."""
    found = rows(published().table(IDENTITY_MAP))
    return next(int(str(row["customer_id"])) for row in found if (row["source"], row["customer_key"]) == (source, key))


def merged_company(folder: Path) -> int:
    """Brings everybody in, merges James Evans of the app with that of the core system, and refreshes; his number."""
    bring_in(folder, "core", "source_records", CORE)
    bring_in(folder, "app", "source_records", APP)
    run_refresh(as_of=AS_OF)
    merge_customers([[number_of("core", "c1"), number_of("app", "a1")]], why="same passport")
    run_refresh(as_of=AS_OF)
    return number_of("core", "c1")


def searched_company(folder: Path) -> None:
    """Brings in three customers with contracts and orders, and refreshes."""
    orders = "".join(f"{n},a{1 + n % 2},2026-01-{1 + n % 28:02},{n}\n" for n in range(FACTS_SHOWN * 4))
    for entity, text in {
        "source_records": PEOPLE,
        "contracts": CONTRACTS,
        "orders": "order_id,customer_key,ordered_at,amount\n" + orders,
    }.items():
        bring_in(folder, "core", entity, text)
    run_refresh(as_of=date(2026, 2, 1))
