"""What the refresh learns of buyers: from counts by the week, as from each history; and which model speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pytest

from zhike.understand.value.lifetime.fitting import FittedBuying, chosen, fit_buying
from zhike.understand.value.lifetime.histories import Histories, histories_by_week
from zhike.warehouse.engines.duckdb import embedded

UNTIL = date(1997, 9, 30)


@pytest.fixture
def counted(shared_data: Path) -> Histories:
    """The CDNOW sample of Fader, Hardie & Lee, counted as the refresh counts."""
    told = np.genfromtxt(shared_data / "cdnow/cbs_sample_cal39w_hold39w.csv", delimiter=",", names=True)
    days = {name: np.rint(told[column] * 7).astype(int) for name, column in (("recency", "recency"), ("age", "T"))}
    each = pa.table(
        {
            "frequency": told["frequency"].astype(int),
            "recency_days": days["recency"],
            "age_days": days["age"],
            "monetary_amount": told["monetary_value"],
        }
    )
    return histories_by_week(ibis.memtable(each), embedded(), until=UNTIL)


def test_counted_by_the_week_the_published_parameters_come_out(counted: Histories) -> None:
    assert len(counted) == 676  # of 2,357 customers
    found = fit_buying(counted, "bgnbd")
    assert found.fit.parameters == pytest.approx({"r": 0.2426, "alpha": 4.4137, "a": 0.7930, "b": 2.4262}, rel=0.003)
    assert found.amounts is not None
    assert found.amounts.fit.parameters == pytest.approx({"p": 6.25, "q": 3.74, "gamma": 15.44}, rel=0.003)


def test_of_two_models_that_do_as_well_the_one_speaks_that_doubts_one_time_buyers(counted: Histories) -> None:
    both = [fit_buying(counted, name) for name in ("bgnbd", "mbgnbd")]
    assert chosen(both).name == "mbgnbd"
    better = _better(both[0], 1.9), both[1]
    assert better[0].fit.log_likelihood > better[1].fit.log_likelihood
    assert chosen(better).name == "mbgnbd"
    assert chosen([_better(both[0], 3.0), both[1]]).name == "bgnbd"


def _better(one: FittedBuying, by: float) -> FittedBuying:
    return replace(one, fit=replace(one.fit, log_likelihood=one.fit.log_likelihood + by))
