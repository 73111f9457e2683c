"""Loyalty: satisfaction beside loyalty, each number leading to its customers; what to do where nobody was asked."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.grown import Growth, grown
from tests.warehouse.small_company import AS_OF, import_company

from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied

PAGE = "/insight/loyalty/"


def _grow(folder: Path) -> None:
    from zhike.collect.sources.services import import_file
    from zhike.warehouse.services import run_refresh

    import_company(folder / "files")
    path = folder / "surveys.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["event_id", "customer_source", "customer_key", "kind", "occurred_at", "properties"])
        for n in range(0, 100, 2):
            said = {"satisfaction": n % 5 + 1, "of": 5} | ({"recommend": n % 11} if n % 3 else {})
            writer.writerow([f"s{n}", "crm", f"k{n}", "survey", "2026-05-20 10:00:00", json.dumps(said)])
    import_file(path, entity="events", source="desk")
    run_refresh(as_of=AS_OF)


SURVEYED = Growth("surveyed", _grow)


@pytest.fixture
def surveyed(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small company, half of whose customers have answered a survey."""
    with grown(SURVEYED, settings, tmp_path_factory):
        yield


@pytest.mark.usefixtures("surveyed")
def test_every_number_is_how_many_customers_it_leads_to(browser: Client) -> None:
    context = browser.get(PAGE).context
    cells = list(zip(context["levels"].values, context["levels"].links, strict=True))
    for values, links in zip(context["matrix"].values, context["matrix"].links, strict=True):
        cells += zip(values, links, strict=True)
    recommending = context["recommending"]
    cells += [(recommending.promoters.count, context["promoters_url"])]
    cells += [(recommending.detractors.count, context["detractors_url"])]
    assert any(number for number, _url in cells)
    for number, url in cells:
        assert bool(number) == bool(url)
        if url:
            assert browser.get(url).context["list"]["page"].total == number, url


@pytest.mark.usefixtures("surveyed")
def test_the_satisfied_who_have_gone_are_told(browser: Client) -> None:
    shown = browser.get(PAGE)
    found = shown.context["found"]
    gone, levels = found.gone["satisfied"], found.matrix["satisfied"]
    assert (gone.count, gone.total) == (levels["gone"], sum(levels.values()) - levels["new"])
    assert gone.share is not None
    assert gone.low < gone.share < gone.high
    assert "Of the satisfied who are not new," in shown.content.decode()


@pytest.mark.usefixtures("company")
def test_without_surveys_it_says_how_to_bring_them_in(browser: Client) -> None:
    shown = browser.get(PAGE)
    assert "No survey has been brought in yet" in shown.content.decode()
    assert sum(shown.context["levels"].values) == shown.context["found"].customers > 0


@pytest.mark.usefixtures("company")
def test_nobody_sees_it_without_the_right(open_with: Any) -> None:
    with pytest.raises(Denied):
        open_with(PAGE)
    assert open_with(PAGE, Right.SEE_CUSTOMERS).status_code == 200
