"""A company of a hundred customers in eight files, the same at every call, and ways to bring it in."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

AS_OF = date(2026, 6, 1)
CUSTOMERS = 100
START = date(2024, 1, 1)
CITIES = ("上海", "Leeds", "成都", "")


def write_company(folder: Path) -> list[tuple[str, str, Path]]:
    """Writes the files below a folder: what each is, its source, its path; in the order of their import."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, source, rows in _files():
        path = folder / f"{name}.csv"
        listed = list(rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(listed[0]))
            writer.writeheader()
            writer.writerows(listed)
        files.append((name.split("-")[0], source, path))
    return files


def import_company(folder: Path) -> None:
    """Writes the files and imports them through the service, in this process."""
    from zhike.collect.sources.services import import_file

    for entity, source, path in write_company(folder):
        import_file(path, entity=entity, source=source)


def import_contracts_of_life(folder: Path, *, source: str) -> None:
    """Four hundred contracts of forty customers, ten of each; four customers gave up all theirs.

    Enough to learn from who renews; what the other contracts of the company are is too little.
    """
    from zhike.collect.sources.services import import_file

    path = folder / "contracts-of-life.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(_contract_of_life(0)))
        writer.writeheader()
        writer.writerows(_contract_of_life(n) for n in range(400))
    import_file(path, entity="contracts", source=source)


def all_tables() -> dict[str, list[dict[str, object]]]:
    """Every computed table of the refresh in force, in the order of its rows' text."""
    from zhike.warehouse.engines import engine
    from zhike.warehouse.queries import published
    from zhike.warehouse.tables import refresh_steps

    now = published()
    contracts = [contract for step in refresh_steps() for contract in step.writes]
    return {c.table: sorted(engine().arrow(now.table(c)).to_pylist(), key=repr) for c in contracts}


def _files() -> Iterator[tuple[str, str, Iterable[dict[str, object]]]]:
    yield "source_records", "crm", (_person(n) for n in range(0, CUSTOMERS, 2))
    yield "orders", "shop", (_order(n, n % 13) for n in range(240))
    yield "orders-again", "shop", (_order(n, n % 13 + 1) for n in range(200, 230))  # corrections and duplicates
    yield "contracts", "crm", (_contract(n) for n in range(60))
    yield "parties", "crm", ({"contract_id": f"p{n}", "role": "insured", "customer_key": f"k{n}"} for n in range(20))
    yield "events", "app", (_moment("event_id", n, "occurred_at") | {"kind": "login"} for n in range(90))
    yield "messages", "mail", (_moment("message_id", n, "sent_at") | {"channel": "email"} for n in range(40))
    yield "responses", "mail", (_moment("response_id", n, "occurred_at") | {"kind": "clicked"} for n in range(20))
    yield "interactions", "desk", (_moment("interaction_id", n, "occurred_at") | {"channel": "call"} for n in range(30))


def _person(n: int) -> dict[str, object]:
    chinese = n % 4 == 0
    return {
        "customer_key": f"k{n}",
        "family_name": "欧阳" if chinese else "Ångström",
        "given_name": f"娜{n}" if chinese else f"Ada{n}",
        "city": CITIES[n % 4],
        "born_on": START - timedelta(days=9000 + 37 * n),
        "income_amount": f"{n * 1234}.5",
    }


def _order(n: int, quarters: int) -> dict[str, object]:
    day = START + timedelta(days=(n * n * 7) % 860)
    return {
        "order_id": f"o{n // 2}",
        "line_id": n % 2 + 1,
        "customer_source": ("shop", "crm")[n // 2 % 2],
        "customer_key": f"k{(n // 2 * 31) % CUSTOMERS}",
        "ordered_at": f"{day} {n % 24:02}:30:00",
        "amount": f"{n * 3 + quarters * 0.25:.2f}",
        "line_of_business": ("food", "home")[n % 2],
    }


def _contract(n: int) -> dict[str, object]:
    began = START + timedelta(days=n * 16)
    return {
        "contract_id": f"p{n}",
        "customer_key": f"k{n * 3 % CUSTOMERS}",
        "started_on": began,
        "ends_on": began + timedelta(days=500) if n % 3 == 0 else "",
        "terminated_on": began + timedelta(days=90) if n % 5 == 0 else "",
        "status": "active",
        "premium_amount": f"{n}.1",
        "premium_period": ("monthly", "yearly", "single")[n % 3],
        "line_of_business": ("life", "car")[n % 2],
    }


def _contract_of_life(n: int) -> dict[str, object]:
    began = date(AS_OF.year - 3 - n % 7, 1 + n % 12, 15)
    given_up = n % 10 == 3
    return {
        "contract_id": f"life{n}",
        "customer_key": f"k{n % 40}",
        "started_on": began,
        "terminated_on": date(began.year + 1 + n % 2, began.month, 1) if given_up else "",
        "status": "surrendered" if given_up else "active",
        "premium_amount": "100",
        "premium_period": "yearly",
        "line_of_business": "whole_life",
    }


def _moment(name: str, n: int, at: str) -> dict[str, object]:
    return {
        name: f"{name[0]}{n}",
        "customer_source": "crm",
        "customer_key": f"k{n * 7 % CUSTOMERS}",
        at: f"{START + timedelta(days=n * 9)} 09:{n % 60:02}:00",
    }
