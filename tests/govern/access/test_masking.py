"""What is shown of personal data to who may not see it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.masking import mask, masked
from zhike.govern.access.rights import Right
from zhike.warehouse.entities import SOURCE_RECORDS

READER = Actor(ActorKind.TOKEN, 1, "reader", frozenset({Right.SEE_CUSTOMERS}))
STEWARD = Actor(ActorKind.TOKEN, 2, "steward", frozenset({Right.SEE_CUSTOMERS, Right.SEE_PERSONAL_DATA}))
ROW = {
    "customer_key": "k1",
    "name": "王小明",
    "phone": "13800138000",
    "born_on": date(1980, 2, 1),
    "income_amount": Decimal("120000"),
    "email": None,
    "city": "",
    "extra": '{"a":1}',
    "country": "CN",
    "kind": "person",
    "matched": "name",
}


def test_personal_columns_show_only_what_tells_rows_apart() -> None:
    with acting_as(READER):
        assert masked(SOURCE_RECORDS, ROW) == {
            "customer_key": "k•••",
            "name": "王•••",
            "phone": "•••00",
            "born_on": "1980",
            "income_amount": "•••",
            "email": None,
            "city": "",
            "extra": "•••",
            "country": "CN",
            "kind": "person",
            "matched": "name",
        }


def test_who_may_see_personal_data_sees_it() -> None:
    with acting_as(STEWARD):
        assert masked(SOURCE_RECORDS, ROW) == ROW


@pytest.mark.parametrize("column", [column for column in SOURCE_RECORDS if column.personal], ids=lambda c: c.name)
@pytest.mark.parametrize("value", ["13800138000", "ann@example.com", date(1980, 2, 1), Decimal(5), 7, True])
def test_no_personal_value_is_shown_whole(column: object, value: object) -> None:
    assert mask(column, value) != value  # type: ignore[arg-type]
