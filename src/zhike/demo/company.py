"""Grows the demo company: its source systems' files one after another, and the truth beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from zhike.demo import app, bank, callcentre, circles, core, core_contracts, leads, mail, services, shop, staff, surveys
from zhike.demo.block import Grown, grow
from zhike.demo.dispatch import Delivery, Dispatch
from zhike.demo.draws import Draws
from zhike.demo.structure import HEAD_OFFICE, Structure
from zhike.demo.text import day_number
from zhike.demo.truth import Truth, identity_table, person_table, purchase_table, response_table
from zhike.progress import Progress, Silent

__all__ = ["SOURCES", "Delivery", "DemoSource", "write_company"]

SILENT = Silent()
PERSONS_PER_BLOCK = 25_000  # a block is what lies in memory; what it holds does not depend on this
PERSONS_PER_FILE = 250_000
PERSONS_IN_WORKBOOKS = 100_000  # people beyond have their rows in CSV

# In the order in which they can be imported: who is known before what was done.
FEEDS = (
    *core.FEEDS,
    *core_contracts.FEEDS,
    *circles.FEEDS,
    *bank.FEEDS,
    *app.FEEDS,
    *shop.FEEDS,
    *services.FEEDS,
    *callcentre.FEEDS,
    *mail.FEEDS,
    *surveys.FEEDS,
    *leads.FEEDS,
)


@dataclass(frozen=True)
class DemoSource:
    """A source system; `lawful_basis` says why the company may hold its data, "" where it may not."""

    name: str
    title: str
    title_zh: str
    owner_unit_id: str
    lawful_basis: str


SOURCES = (
    DemoSource("hr", "Human resources", "人力资源系统", HEAD_OFFICE, "legal_obligation"),
    DemoSource("core", "Policy system", "保单核心系统", HEAD_OFFICE, "contract"),
    DemoSource("bank", "Bancassurance partner", "银保合作行", HEAD_OFFICE, "contract"),
    DemoSource("app", "Ruihe app", "瑞和APP", HEAD_OFFICE, "consent"),
    DemoSource("shop", "Gift and health shop", "礼品健康商城", HEAD_OFFICE, "contract"),
    DemoSource("callcentre", "Call centre", "客服中心", HEAD_OFFICE, "legitimate_interests"),
    DemoSource("mail", "Mail system", "邮件短信平台", HEAD_OFFICE, "consent"),
    DemoSource("cards", "Business cards", "展会名片", "B01", "legitimate_interests"),
    DemoSource("list", "Purchased list", "外购名单", "B02", ""),
)


def write_company(
    directory: Path,
    *,
    customers: int = 20_000,
    seed: int = 20260101,
    as_of: date = date(2026, 6, 30),
    progress: Progress = SILENT,
) -> Iterator[Delivery]:
    """Yields each file of the company when it is complete; the same arguments give the same bytes.

    `directory/truth` is complete when the iterator is exhausted. Memory does not grow with the
    number of customers.
    """
    today = day_number(as_of)
    draws, structure = Draws(seed), Structure.for_customers(customers)
    directory.mkdir(parents=True, exist_ok=True)
    dispatch = Dispatch(directory, draws.of("dirt"))
    with closing(Truth(directory / "truth")) as truth, closing(dispatch):
        yield from _own_lists(dispatch, structure, today, draws)
        progress.begin("growing the company", total=customers, unit="customers")
        for start in range(0, customers, PERSONS_PER_BLOCK):
            if start % PERSONS_PER_FILE == 0:
                yield from dispatch.finish(FEEDS)
            ids = np.arange(start, min(start + PERSONS_PER_BLOCK, customers))
            as_workbook = start < PERSONS_IN_WORKBOOKS
            grown = grow(ids, structure, today, draws, as_workbook=as_workbook)
            for feed in FEEDS:
                part = start // PERSONS_PER_FILE + 1
                yield from dispatch.write(feed, grown.rows[feed.name], part, as_workbook=as_workbook)
            _keep_truth(truth, grown)
            progress.advance(len(ids))
        yield from dispatch.finish(FEEDS)
        truth.write_planted(dispatch.planted)
        truth.write_parameters(customers=customers, seed=seed, as_of=as_of.isoformat())


def _own_lists(dispatch: Dispatch, structure: Structure, as_of: int, draws: Draws) -> Iterator[Delivery]:
    people = staff.staff_list(structure, as_of, draws.of("staff"))
    lists = {
        staff.UNITS: staff.unit_list(structure),
        staff.STAFF: people,
        staff.PRODUCTS: staff.product_list(),
        staff.GOODS: staff.goods_list(),
    }
    for feed, rows in lists.items():
        yield from dispatch.write(feed, rows, 1, as_workbook=len(rows) <= staff.LARGEST_WORKBOOK)
    yield from dispatch.finish(tuple(lists))


def _keep_truth(truth: Truth, grown: Grown) -> None:
    truth.add("identity", identity_table(grown.people, grown.records))
    truth.add("persons", person_table(grown.people, grown.usage, grown.attitudes))
    truth.add("purchase_process", purchase_table(grown.people, grown.shop))
    truth.add("response_rule", response_table(grown.people, grown.records[0], grown.outcomes))
