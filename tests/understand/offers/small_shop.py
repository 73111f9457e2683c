"""A shop of sixty customers, of whom who buys tea buys a cup, with a contract here and there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.grown import Growth, grown
from tests.warehouse.small_company import AS_OF

PEOPLE = "customer_key,name,city\n" + "".join(f"k{n},Ada{n} Berg,{('Leeds', 'York')[n % 2]}\n" for n in range(60))


def _orders() -> str:
    """Thirty bought tea and a cup at once, ten tea alone, twenty a pot; eleven of these a hat on another day."""
    lines = []
    for n in range(60):
        held = ("tea", "cup") if n < 30 else ("tea",) if n < 40 else ("pot",)
        lines += [f"o{n},{place},k{n},2026-01-05,{item},{item.title()},{10 + place}" for place, item in enumerate(held)]
        if n >= 49:
            lines.append(f"h{n},0,k{n},2026-02-05,hat,Hat,5")
    return "order_id,line_id,customer_key,ordered_at,product_id,product_name,amount\n" + "\n".join(lines) + "\n"


CONTRACTS = "contract_id,customer_key,started_on,terminated_on,status,product_id,product_name\n" + "".join(
    f"c{n},k{n},2025-01-01,{'2025-06-01' if n % 4 == 0 else ''},active,care,Care\n" for n in range(0, 60, 2)
)


def _grow(folder: Path) -> None:
    from zhike.collect.sources.services import import_file

    for entity, text in (("source_records", PEOPLE), ("orders", _orders()), ("contracts", CONTRACTS)):
        path = folder / f"{entity}.csv"
        path.write_text(text)
        import_file(path, entity=entity, source="shop")
    _refresh()


def _refresh() -> None:
    from zhike.warehouse.services import run_refresh

    run_refresh(as_of=AS_OF)


def _write_rules(_folder: Path) -> None:
    """What is offered to whom; some of it not now."""
    from zhike.understand.offers.models import OfferRule
    from zhike.understand.offers.services import OfferText, save_offer_rule

    def write(name: str, rule: str, *values: str, **more: Any) -> OfferRule:
        is_on = more.pop("is_on", True)
        return save_offer_rule(OfferText(name=name, rule=rule, by="product", values=values, **more), is_on=is_on)

    write("York", 'city = "York"', "care", "new", priority=1, reason="It rains there.")
    write("Leeds", 'city = "Leeds"', "care", priority=1, may_repeat=True)
    write("refill", "order_count > 0", "tea", priority=3, may_repeat=True)
    write("hats", "order_count > 0", "hat", priority=4)
    write("over", "order_count > 0", "pot", priority=1, valid_until=AS_OF - timedelta(days=1))
    write("to come", "order_count > 0", "pot", priority=1, valid_from=AS_OF + timedelta(days=1))
    write("off", "order_count > 0", "pot", priority=1, is_on=False)
    gone = write("gone", "order_count > 0", "pot", priority=1, valid_from=AS_OF, valid_until=AS_OF)
    OfferRule.objects.filter(pk=gone.pk).update(tree='{"node": "has_tag", "tag": "gone"}')
    _refresh()


SHOP = Growth("shop", _grow)
RULED = Growth("shop with offer rules", _write_rules, on=SHOP)


@pytest.fixture
def shop(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small shop, refreshed."""
    with grown(SHOP, settings, tmp_path_factory):
        yield


@pytest.fixture
def ruled_shop(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small shop with offer rules, refreshed with them."""
    with grown(RULED, settings, tmp_path_factory):
        yield
