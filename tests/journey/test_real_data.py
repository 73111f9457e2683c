"""Published data sets come out at their published numbers, through import and refresh.

Sources of the numbers: UCI Online Retail after the cleaning that the literature uses (customer known,
no cancellation, quantity and price positive); Fader & Hardie's CDNOW purchase log; IBM's Telco sample.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS
from zhike.collect.sources.mapping import read_mapping
from zhike.collect.sources.services import ImportResult, import_file
from zhike.understand.tags.tables import TAG_BITMAPS
from zhike.understand.value.tables import CONTRACT_SUMMARY, ORDER_SUMMARY, RFM
from zhike.warehouse.queries import published, rows
from zhike.warehouse.services import run_refresh

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"


def bring_in(path: Path, *, entity: str, mapping: str) -> ImportResult:
    return import_file(path, entity=entity, source="real", mapping=read_mapping(TUTORIAL / mapping))


@pytest.mark.usefixtures("home")
def test_online_retail_accounts_for_every_line(shared_data: Path) -> None:
    path = shared_data / "online_retail" / "online_retail_2010_2011.csv.gz"
    result = bring_in(path, entity="orders", mapping="online_retail.yaml")
    assert (result.read, result.accepted, result.duplicates, result.rejected) == (541_909, 397_884, 0, 144_025)
    assert result.reasons == {
        "CustomerID: no customer": 135_080,
        "InvoiceNo: cancelled invoice": 8_905,
        "UnitPrice: no price": 40,
    }
    again = bring_in(path, entity="orders", mapping="online_retail.yaml")
    assert (again.accepted, again.duplicates, again.same_as) == (0, 397_884, result.import_id)
    refresh = run_refresh(as_of=date(2011, 12, 9))
    assert refresh.customer_count == 4_338
    orders, summary = published().table(CUSTOMER_ORDERS), published().table(ORDER_SUMMARY)
    assert rows(orders.agg(orders=orders.order_id.nunique(), revenue=orders.amount.sum())) == [
        {"orders": 18_532, "revenue": Decimal("8911407.9040")}
    ]
    assert rows(summary.agg(orders=summary.order_count.sum(), revenue=summary.revenue_amount.sum())) == [
        {"orders": 18_532, "revenue": Decimal("8911407.9040")}
    ]
    scores = published().table(RFM)
    assert rows(scores.agg(n=scores.count(), least=scores.recency.min(), most=scores.monetary.max())) == [
        {"n": 4_338, "least": 1, "most": 5}
    ]


@pytest.mark.usefixtures("home")
def test_cdnow_has_its_customers_purchases_and_revenue(shared_data: Path) -> None:
    result = bring_in(shared_data / "cdnow" / "CDNOW_master.txt.gz", entity="orders", mapping="cdnow.yaml")
    assert (result.read, result.accepted, result.rejected) == (69_659, 69_659, 0)
    assert run_refresh(as_of=date(1998, 6, 30)).customer_count == 23_570
    orders = published().table(CUSTOMER_ORDERS)
    assert rows(orders.agg(lines=orders.count(), revenue=orders.amount.sum())) == [
        {"lines": 69_659, "revenue": Decimal("2500315.6300")}
    ]


@pytest.mark.usefixtures("home")
def test_cdnow_calibration_has_the_sufficient_statistics_of_the_literature(shared_data: Path) -> None:
    # 24,337 repeat transactions of 9,451 repeaters among all 23,570 customers until 1997-09-30.
    bring_in(shared_data / "cdnow" / "CDNOW_master.txt.gz", entity="orders", mapping="cdnow.yaml")
    run_refresh(as_of=date(1997, 9, 30))
    summary = published().table(ORDER_SUMMARY)
    assert rows(
        summary.agg(customers=summary.count(), repeats=summary.frequency.sum(), repeaters=(summary.frequency > 0).sum())
    ) == [{"customers": 23_570, "repeats": 24_337, "repeaters": 9_451}]


@pytest.mark.usefixtures("home")
def test_telco_contracts_keep_their_status_and_everything_else_the_file_says(shared_data: Path) -> None:
    path = shared_data / "telco_churn_ibm" / "Telco-Customer-Churn.csv.gz"
    result = bring_in(path, entity="contracts", mapping="telco.yaml")
    assert (result.read, result.accepted) == (7_043, 7_043)
    run_refresh(as_of=date(2019, 1, 1))
    contracts, summary = published().table(CUSTOMER_CONTRACTS), published().table(CONTRACT_SUMMARY)
    assert rows(contracts.group_by("current_status").agg(n=contracts.count()).order_by("current_status")) == [
        {"current_status": "active", "n": 5_174},
        {"current_status": "cancelled", "n": 1_869},
    ]
    assert rows(summary.agg(holders=summary.count(), in_force=summary.active_contract_count.sum())) == [
        {"holders": 7_043, "in_force": 5_174}
    ]
    first = rows(contracts.filter(contracts.contract_id == "7590-VHVEG").select("extra"))[0]["extra"]
    assert '"PaymentMethod":"Electronic check"' in str(first)
    tags = published().table(TAG_BITMAPS)
    held = tags.filter(tags.tag == "contract_holder", tags.value.notnull())
    held = rows(held.select("value", "customer_count").order_by("value"))
    assert held == [{"value": "active", "customer_count": 5_174}, {"value": "former", "customer_count": 1_869}]
