"""All that the page of one customer shows at once: who, worth what, with which contracts, orders, tags and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from zhike.collect.profiles.golden.reading import GoldenRecord, golden_record
from zhike.collect.profiles.named import names_of
from zhike.collect.profiles.notes import NoteShown, notes_of
from zhike.collect.profiles.queries import NoSuchCustomer
from zhike.collect.profiles.search import customer_columns
from zhike.collect.profiles.tables import CONTRACT_PARTIES, CUSTOMER_CONTRACTS, CUSTOMER_ORDERS, CUSTOMERS
from zhike.govern.access.masking import masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.attributes.tables import ATTRIBUTES
from zhike.understand.customers.origins import Origin, origins_of
from zhike.understand.propensity.overview import TenthJudged, raising, tenth_judged
from zhike.understand.propensity.tables import PROPENSITIES, RHYTHM
from zhike.understand.tags.counting.held import tags_of
from zhike.understand.tags.models import Tag
from zhike.understand.value.tables import ACTIVITY_SUMMARY, CONTRACT_SUMMARY, ORDER_SUMMARY, RFM, RFM_BOUNDS, RFM_VALUES
from zhike.warehouse.contracts import Contract
from zhike.warehouse.mapped import mapped_columns
from zhike.warehouse.queries import Published, published, rows

LINES_READ = 200
CONTRACTS_SHOWN, PARTIES_SHOWN = 100, 1000
PARTY = ("role", "relation_to_holder", "share", "since_on")
NOT_OF_A_PERSON = ("customer_id", "source", "customer_key", "import_id", "row_number", "provenance")
MEASURES = {"recency": "days_since_last", "frequency": "order_count", "monetary": "revenue_amount"}
Row = dict[str, Any]  # column → its value, as the contract types it
Borders = Mapping[str, tuple[float, ...]]  # measure → the four borders between the fifths


@dataclass(frozen=True)
class Score:
    """A score from 1 to 5, the value it is of, and the four borders between the fifths of all buyers."""

    score: int
    value: Decimal | int
    borders: tuple[float, ...]


@dataclass(frozen=True)
class Worth:
    """What the customer gave: 0 and None for who never ordered."""

    order_count: int
    revenue_amount: Decimal
    purchase_days: int
    repeat_share: float | None  # days with an order after the first, of all days with an order
    monetary_amount: Decimal | None  # mean revenue of such a day
    first_ordered_on: date | None
    last_ordered_on: date | None
    days_since_last: int | None
    contract_count: int
    active_contract_count: int
    annual_premium_amount: Decimal
    last_seen_on: date | None
    scores: Mapping[str, Score]  # recency, frequency, monetary; empty for who never ordered
    segment: str | None


@dataclass(frozen=True)
class ContractHeld:
    """A contract of which the customer is the holder, with everybody who takes part in it."""

    contract: Row
    parties: tuple[Row, ...]  # role, customer_id, name, relation_to_holder, share


@dataclass(frozen=True)
class OrderPlaced:
    """An order with its lines."""

    order_id: str
    source: str
    ordered_at: datetime
    amount: Decimal
    lines: tuple[Row, ...]


@dataclass(frozen=True)
class TagHeld:
    """A tag that the customer has; why is told by `tags.why`."""

    name: str
    theme: str
    kind: str
    value: str | float | date  # `yes`, one of a category, a number or a day
    is_set: bool  # by a person, a file or a program


@dataclass(frozen=True)
class CustomerProfile:
    """All that is known of one customer in the refresh in force, as whoever asks may see it."""

    customer_id: int
    refresh_id: int
    as_of: date
    identity: Row
    golden: GoldenRecord  # why each field is what it is
    origins: Mapping[str, Origin]  # field of the identity that a record gave → where it comes from
    keys: tuple[Mapping[str, object], ...]  # source, customer_key
    worth: Worth
    contracts: tuple[ContractHeld, ...]  # the last to begin first
    orders: tuple[OrderPlaced, ...]  # newest first, no more than the newest 200 lines
    tags: tuple[TagHeld, ...]
    notes: tuple[NoteShown, ...]
    leaving: Row  # row of PROPENSITIES; empty of whom no model speaks
    leaving_judged: TenthJudged | None  # how those did who had about such a chance when the model was judged
    raising: frozenset[tuple[str, str]]  # model and feature of which more than average speaks for leaving
    rhythm: Row  # row of RHYTHM; empty of who never ordered


def customer_profile(customer_id: int) -> CustomerProfile:
    """All that the page of a customer shows. Raises NoSuchCustomer, Denied."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    columns = customer_columns(now)
    place = columns.place_of(customer_id) if customer_id >= 0 else None
    if place is None:
        raise NoSuchCustomer(
            _("there is no customer %(customer_id)s") % {"customer_id": customer_id},
            advice=_("`zhike customers find TEXT` looks one up."),
        )
    row = columns.rows([place])[0]
    golden = golden_record(now, customer_id, row)
    summaries: Row = {}
    # The scores last: `frequency` of a summary is its count of repeat purchases.
    for contract in (ORDER_SUMMARY, CONTRACT_SUMMARY, ACTIVITY_SUMMARY, RFM, RFM_VALUES):
        summaries |= {f"{contract.name}.{name}": value for name, value in _one(now, contract, customer_id).items()}
    identity = {name: value for name, value in masked(CUSTOMERS, row).items() if name not in NOT_OF_A_PERSON}
    leaving = _one(now, PROPENSITIES, customer_id)
    return CustomerProfile(
        customer_id=customer_id,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
        identity=identity | golden.values,
        golden=golden,
        origins=origins_of(golden),
        keys=golden.keys,
        worth=_worth(now, customer_id, summaries),
        contracts=_contracts(now, customer_id),
        orders=_orders(now, customer_id),
        tags=_tags(now, customer_id),
        notes=notes_of(customer_id),
        leaving=leaving,
        leaving_judged=tenth_judged(now, str(leaving["churn_kind"]), float(str(leaving["churn_probability"])))
        if leaving
        else None,
        raising=raising(now),
        rhythm=_one(now, RHYTHM, customer_id),
    )


def _one(now: Published, contract: Contract, customer_id: int) -> Row:
    found = now.rows_of(contract, customer_id, limit=1)
    return found[0] if found else {}


def _worth(now: Published, customer_id: int, summaries: Row) -> Worth:
    orders = {name: summaries.get(f"order_summary.{name}") for name in ORDER_SUMMARY.column_names}
    contracts = {name: summaries.get(f"contract_summary.{name}") for name in CONTRACT_SUMMARY.column_names}
    days = int(str(orders["purchase_days"] or 0))
    borders = _borders(now)
    listed = mapped_columns(ATTRIBUTES, now.snapshots.get(ATTRIBUTES.table))
    place = listed.place_of(customer_id)
    scores = {
        score: Score(summaries[f"rfm.{score}"], summaries[f"rfm_values.{measure}"], borders[measure])
        for score, measure in MEASURES.items()
        if f"rfm.{score}" in summaries and f"rfm_values.{measure}" in summaries  # a refresh of before has no values
    }
    return Worth(
        order_count=orders["order_count"] or 0,
        revenue_amount=orders["revenue_amount"] or Decimal(0),
        purchase_days=days,
        repeat_share=(days - 1) / days if days else None,
        monetary_amount=orders["monetary_amount"],
        first_ordered_on=orders["first_ordered_on"],
        last_ordered_on=orders["last_ordered_on"],
        days_since_last=orders["days_since_last"],
        contract_count=contracts["contract_count"] or 0,
        active_contract_count=contracts["active_contract_count"] or 0,
        annual_premium_amount=contracts["annual_premium_amount"] or Decimal(0),
        last_seen_on=None if place is None else listed.value("last_seen_on", place),
        scores=scores,
        segment=summaries.get("rfm.segment"),
    )


def _contracts(now: Published, customer_id: int) -> tuple[ContractHeld, ...]:
    held = now.rows_of(CUSTOMER_CONTRACTS, customer_id, limit=CONTRACTS_SHOWN)
    roles = now.rows_of(CONTRACT_PARTIES, customer_id, limit=PARTIES_SHOWN)
    named = names_of(now, {int(str(role["party_id"])) for role in roles})
    parties: dict[tuple[object, object], list[Row]] = {}
    for role in reversed(roles):
        known = masked(CONTRACT_PARTIES, {name: role[name] for name in PARTY})
        other = named.get(int(str(role["party_id"])))
        party = known | {"customer_id": role["party_id"], "name": other.name if other else None}
        parties.setdefault((role["source"], role["contract_id"]), []).append(party)
    return tuple(
        ContractHeld(masked(CUSTOMER_CONTRACTS, one), tuple(parties.get((one["source"], one["contract_id"]), ())))
        for one in held
    )


def _orders(now: Published, customer_id: int) -> tuple[OrderPlaced, ...]:
    lines: dict[tuple[object, object], list[Row]] = {}
    for line in now.rows_of(CUSTOMER_ORDERS, customer_id, limit=LINES_READ):
        lines.setdefault((line["source"], line["order_id"]), []).append(masked(CUSTOMER_ORDERS, line))
    return tuple(
        OrderPlaced(
            order_id=str(order_id),
            source=str(source),
            ordered_at=found[0]["ordered_at"],
            amount=sum((line["amount"] for line in found), Decimal(0)),
            lines=tuple(found),
        )
        for (source, order_id), found in lines.items()
    )


def _tags(now: Published, customer_id: int) -> tuple[TagHeld, ...]:
    """In the order of their names; what was retired since the refresh is left out."""
    known = {tag.name: tag for tag in Tag.objects.filter(retired_at=None)}
    held = []
    for one in tags_of(now, customer_id):
        tag = known.get(one.name)
        value = next((value for value in (one.value, one.number, one.day) if value is not None), None)
        if tag is not None and value is not None:
            held.append(TagHeld(one.name, tag.theme, tag.kind, value, tag.is_set))
    return tuple(held)


@lru_cache(maxsize=4)
def _borders(now: Published) -> Borders:
    """Measure → the four borders between the fifths of all buyers."""
    found = rows(now.table(RFM_BOUNDS).order_by("place"))
    return {
        measure: tuple(float(str(row[measure])) for row in found if row[measure] is not None)
        for measure in MEASURES.values()
    }
