"""Histories and contracts of the refresh in force, as the commands of value models read them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.warehouse.small_company import AS_OF

from zhike.errors import UserError
from zhike.understand.value.lifetime.queries import Asked, read_histories, read_spending, with_holdout
from zhike.understand.value.renewals.queries import contracts_of_line


@pytest.mark.usefixtures("company")
def test_orders_are_counted_by_the_period_as_by_the_week() -> None:
    by_month, by_week = (read_histories(Asked(period=period)) for period in ("month", None))
    cells = by_month.grouped.cells
    assert (cells.frequency <= cells.recency).all()
    assert (cells.age % 1 == 0).all()
    # Whoever bought first in a month that is not over is not known yet.
    assert 0 < cells.customers.sum() <= by_week.grouped.cells.customers.sum()


@pytest.mark.usefixtures("company")
def test_of_orders_the_last_part_is_held_out_without_asking() -> None:
    parted = with_holdout(Asked())
    assert parted is not None
    assert parted.until is not None
    assert parted.later_until == AS_OF
    assert (AS_OF - parted.until) <= timedelta(weeks=52)
    held = read_histories(parted)
    assert held.later is not None
    assert held.later_spending is not None
    _spending, later = read_spending(parted)
    assert later is not None
    assert (later.purchases >= 1).all()
    assert with_holdout(Asked(until=parted.until, later_until=AS_OF)) == parted


@pytest.mark.usefixtures("holders")
def test_contracts_of_one_line_and_length_are_learnt_from_at_a_time() -> None:
    from zhike.understand.value.renewals.tables import RENEWAL_MODELS
    from zhike.warehouse.queries import published, rows

    models = rows(published().table(RENEWAL_MODELS))
    for model in models:
        found = contracts_of_line(str(model["line_of_business"]), int(str(model["period_months"])))
        assert found.ended.sum() + found.went_on.sum() == model["contract_count"]
        survival = json.loads(str(model["survival"]))
        if survival:
            assert found.kept() == pytest.approx([one[1] for one in survival], abs=1e-5)
    with pytest.raises(UserError, match="several kinds of contracts"):
        contracts_of_line()
    with pytest.raises(UserError, match="no such contracts"):
        contracts_of_line("moon")
