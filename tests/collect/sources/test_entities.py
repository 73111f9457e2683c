"""All twelve entities, once with a detected mapping and once with a written one."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import yaml
from deliveries import HEADER, Desk

from zhike.collect.sources.detection import MappingIncomplete
from zhike.collect.sources.mapping import mappable
from zhike.collect.sources.models import Source
from zhike.collect.sources.services import change_source, state_lawful_basis
from zhike.errors import UserError
from zhike.warehouse.contracts import Column, Kind
from zhike.warehouse.entities import ENTITIES

SAMPLES: dict[Kind, str] = {
    Kind.DECIMAL: "12.5",
    Kind.NUMBER: "0.5",
    Kind.BOOLEAN: "yes",
    Kind.DATE: "2026-01-31",
    Kind.INSTANT: "2026-01-31 18:05:00",
    Kind.JSON: '{"a": 1}',
}


def cell(column: Column) -> str:
    if column.one_of:
        return column.one_of[-1]
    return "CNY" if column.name == "currency" else SAMPLES.get(column.kind, f"{column.name} 王")


def delivery(entity: str, prefix: str = "") -> tuple[str, dict[str, str]]:
    """A file with one row in which every column of the entity is filled."""
    contract = ENTITIES[entity]
    values = {name: cell(contract[name]) for name in mappable(contract)}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([[prefix + name for name in values], values.values()])
    return text.getvalue(), values


@pytest.mark.parametrize("entity", ENTITIES)
def test_an_entity_is_imported_with_a_detected_and_with_a_written_mapping(desk: Desk, entity: str) -> None:
    content, values = delivery(entity)
    desk.bring(content, entity=entity, source="detected", detect=True)
    content, values = delivery(entity, "their ")
    desk.bring(content, entity=entity, source="written", columns={name: "their " + name for name in values})
    assert desk.rejects("column", "reason") == []
    contract = ENTITIES[entity]
    columns = [column.name for column in contract if column.name not in ("source", "import_id", "customer_source")]
    detected, written = desk.rows(*columns, entity=entity)
    assert detected == written
    found = dict(zip(columns, detected, strict=True))
    assert all(found[name] is not None for name in values if name != "customer_source")
    texts = [name for name in values if contract[name].kind == Kind.TEXT and name in found]
    assert [found[name] for name in texts] == [values[name] for name in texts]


SHOPS: dict[str, tuple[str, dict[str, Any]]] = {
    "English": (
        "Invoice No,Stock Code,Description,Quantity,Invoice Date,Unit Price,Customer ID,Country\n"
        "536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,UK\n536365,85123A,HOLDER,6,12/13/2010 8:26,2.55,17850,UK\n",
        {
            "order_id": "Invoice No",
            "line_id": {"occurrence_of": ["Invoice No", "Stock Code"]},
            "customer_key": "Customer ID",
            "ordered_at": {"column": "Invoice Date", "format": ["%m/%d/%Y %H:%M"]},
            "product_id": "Stock Code",
            "product_name": "Description",
            "quantity": "Quantity",
            "unit_price": "Unit Price",
            "amount": {"multiply": ["Quantity", "Unit Price"]},
        },
    ),
    "Chinese": (
        "订单号,会员号,下单时间,金额,商品编号\n1,a,2026-01-31 10:00,10,x\n",
        {
            "order_id": "订单号",
            "customer_key": "会员号",
            "ordered_at": "下单时间",
            "amount": "金额",
            "product_id": "商品编号",
        },
    ),
    "our own names": (
        "order_id,customer_key,ordered_at,amount,date\n1,a,2026-01-31,10,2025-01-01\n",
        {"order_id": "order_id", "customer_key": "customer_key", "ordered_at": "ordered_at", "amount": "amount"},
    ),
    "day first": (
        "id,customer,date,total\n1,a,31.01.2026,10\n",
        {
            "order_id": "id",
            "customer_key": "customer",
            "ordered_at": {"column": "date", "format": ["%d.%m.%Y"]},
            "amount": "total",
        },
    ),
}


@pytest.mark.parametrize("shop", SHOPS)
def test_a_mapping_is_detected_from_names_and_values(desk: Desk, shop: str) -> None:
    content, columns = SHOPS[shop]
    result = desk.bring(content, detect=True)
    assert result.mapping.as_data()["columns"] == columns
    assert result.rejected == 0
    again = desk.bring(content.replace("\n", "\n\n"), detect=True)
    assert again.mapping == result.mapping, "the mapping of the source is remembered"
    assert (again.accepted, again.duplicates) == (0, result.accepted)


def test_dates_that_may_be_day_first_or_month_first_are_not_guessed(desk: Desk) -> None:
    with pytest.raises(UserError, match="can be read day first or month first") as refused:
        desk.bring("id,customer,date,total\n1,a,01/02/2026,10\n2,a,03/04/2026,10\n", detect=True)
    advised = refused.value.advice.split("`")[1]
    assert yaml.safe_load("{" + advised + "}") == {"ordered_at": {"column": "date", "format": "%d/%m/%Y"}}


def test_an_incomplete_mapping_is_proposed_with_what_is_missing(desk: Desk) -> None:
    with pytest.raises(MappingIncomplete) as incomplete:
        desk.bring("number,buyer,when,worth\n1,a,2026-01-31,10\n", detect=True)
    assert "looks like 'order_id', 'customer_key', 'ordered_at', 'amount'" in incomplete.value.message
    assert "number, buyer, when, worth" in incomplete.value.advice
    proposal = yaml.safe_load(incomplete.value.proposal)
    assert proposal["entity"] == "orders"
    assert set(proposal["columns"]) == {"order_id", "customer_key", "ordered_at", "amount"}
    completed = dict(zip(proposal["columns"], ["number", "buyer", "when", "worth"], strict=True))
    assert desk.bring("number,buyer,when,worth\n1,a,2026-01-31,10\n", columns=completed).accepted == 1


def test_an_unknown_entity_is_refused_with_those_there_are(desk: Desk) -> None:
    with pytest.raises(UserError, match="no entity is called 'oders'") as refused:
        desk.bring(f"{HEADER}\n", entity="oders", detect=True)
    assert all(entity in refused.value.advice for entity in ENTITIES)


def test_a_list_without_lawful_basis_is_quarantined_until_one_is_stated(desk: Desk) -> None:
    row = f"{HEADER}\n1,ann,2026-01-31,10\n"
    assert desk.bring(row, source="bought").quarantined
    assert not desk.bring(row, source="shop", lawful_basis="contract").quarantined
    change_source(name="bought", lawful_basis="consent")
    assert not desk.bring(row, source="bought").quarantined
    assert not Source.objects.get(name="bought").is_quarantined


def test_a_mapping_does_not_change_a_lawful_basis_that_was_stated(desk: Desk) -> None:
    state_lawful_basis(name="shop", lawful_basis="consent")
    desk.bring(f"{HEADER}\n1,ann,2026-01-31,10\n", lawful_basis="contract")
    assert Source.objects.get(name="shop").lawful_basis == "consent"
