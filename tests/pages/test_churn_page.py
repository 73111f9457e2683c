"""Who may leave: the answer, what is said where too few left, and the customers behind each number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from tests.grown import Growth, grown

from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.ui.templatetags.formats import number
from zhike.understand.propensity.overview import Band, churn_overview
from zhike.understand.propensity.views import _last_told, _of_bands

PAGE = "/insight/churn/"


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.usefixtures("company")
def test_where_too_few_left_it_says_so(browser: Client) -> None:
    response = browser.get(PAGE)
    assert "Nothing can be said yet of who may leave" in text(response)
    assert response.context["shown"] is None
    models = response.context["found"].models
    assert [one.is_used for one in models] == [False, False]
    assert "too_few" in [doubt.kind for one in models for doubt in one.doubts]


@pytest.mark.usefixtures("company")
def test_who_may_not_see_customers_may_not_see_who_leaves(open_with: Callable[..., object]) -> None:
    with pytest.raises(Denied):
        open_with(PAGE)
    open_with(PAGE, Right.SEE_CUSTOMERS)


def test_where_nobody_is_likelier_to_leave_it_says_how_many_are_likeliest() -> None:
    bands = [Band(lower=place / 10, customers=count) for place, count in enumerate((900, 40, 2, 0, 0, 0, 0, 0, 0, 0))]
    assert _of_bands(bands) == "Nobody is likelier to leave than to stay; 42 have a chance of 10% or more."
    assert _last_told(bands) == 3
    assert _of_bands([*bands[:8], Band(0.8, 7)]) == "7 customers are likelier to leave than to stay."
    assert _last_told([*bands[:8], Band(0.8, 7), Band(0.9, 0)]) == 9


AS_OF = date(2026, 6, 30)
CUSTOMERS = 700


def _orders() -> str:
    """Two years of buyers by the month, of whom some buy seldom, and each may stop any day."""
    drawn = np.random.default_rng(11)
    lines = ["order_id,customer,date,amount"]
    for customer in range(CUSTOMERS):
        gap = 20 + 60 * drawn.random()
        on, last = 700 * drawn.random(), 700 - 300 * drawn.exponential()
        while on < max(last, 100) and on < 730:
            day = AS_OF - timedelta(days=730 - int(on))
            lines.append(f"{len(lines)},C-{customer},{day},{drawn.integers(10, 90)}")
            on += max(1.0, drawn.gamma(3, gap / 3))
    return "\n".join(lines) + "\n"


def _grow(folder: Path) -> None:
    from zhike.collect.sources.services import import_file
    from zhike.warehouse.services import run_refresh

    path = folder / "orders.csv"
    path.write_text(_orders())
    import_file(path, entity="orders", source="shop")
    run_refresh(as_of=AS_OF)


LEAVERS = Growth("leavers", _grow)


@pytest.fixture
def leavers(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Buyers of whom many have stopped."""
    with grown(LEAVERS, settings, tmp_path_factory):
        yield


@pytest.mark.usefixtures("leavers")
def test_it_answers_and_every_number_leads_to_its_customers(browser: Client) -> None:
    response = browser.get(PAGE)
    found, shown = response.context["found"], response.context["shown"]
    assert (shown.name, shown.learnt_on, shown.judged_on) == ("order", date(2026, 1, 1), date(2026, 4, 1))
    assert shown.auc is not None
    assert shown.auc > 0.7
    assert f"of {number(shown.scored)} active buyers are expected to order nothing" in text(response)
    for chart in (response.context["bands"], response.context["reasons"], response.context["trends"]):
        for value, link in zip(chart.values, chart.links, strict=True):
            assert bool(value) == bool(link)
            if link:
                assert browser.get(link).context["list"]["page"].total == value
    assert browser.get(response.context["links"]["scored"]).context["list"]["page"].total == shown.scored
    within = shown.expected_interval
    assert within.low < shown.expected < within.high
    assert response.context["expected_within"] in text(response)
    quiet = browser.get(response.context["rhythm"]["url"])
    assert quiet.context["list"]["page"].total == found.rhythm.quiet > 50


@pytest.mark.usefixtures("leavers")
def test_a_customer_is_told_how_likely_they_leave_and_why(browser: Client) -> None:
    listed = browser.get("/customers/", {"rule": "churn_probability > 0.6 and quiet_against_rhythm = yes"})
    customer = listed.context["list"]["page"].rows[0]["customer_id"]
    shown = text(browser.get(f"/customers/{customer}/"))
    assert "Chance of ordering nothing within 90 days." in shown
    assert "What speaks most for it" in shown
    assert "When the model was judged, " in shown
    assert "it gave the higher chance to the one who left" in shown
    assert "Gone quiet" in shown


@pytest.mark.usefixtures("leavers")
def test_probabilities_hold_for_the_time_that_was_not_seen() -> None:
    [shown] = [one for one in churn_overview().models if one.is_used]
    assert shown.judged is not None
    assert shown.judged["expected"] == pytest.approx(shown.judged_events, rel=0.25)
    assert sum(band.customers for band in shown.bands) == shown.scored
    assert sum(reason.customers for reason in shown.reasons) == shown.scored
