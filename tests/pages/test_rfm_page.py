"""RFM: the answer, the grid, the segments, and the customers behind each number."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied

pytestmark = pytest.mark.usefixtures("company")
PAGE = "/insight/rfm/"


def text(response: Any) -> str:
    return str(response.content.decode())


def test_it_answers_with_a_sentence(browser: Client) -> None:
    assert re.search(r"are [\d.]+% of the buyers and give [\d.]+% of the revenue\.", text(browser.get(PAGE)))


def test_a_cell_leads_to_as_many_customers_as_it_shows(browser: Client) -> None:
    heat = browser.get(PAGE).context["heat"]
    counts = [count for row in heat.values for count in row]
    links = [link for row in heat.links for link in row]
    assert all(bool(count) == bool(link) for count, link in zip(counts, links, strict=True))
    place = next(place for place, count in enumerate(counts) if count)
    listed = browser.get(links[place])
    assert listed.context["list"]["page"].total == counts[place]


def test_each_segment_leads_to_its_customers(browser: Client) -> None:
    segments = browser.get(PAGE).context["segments"]
    assert len(segments) == 9
    for segment in segments:
        if segment["url"]:
            listed = browser.get(segment["url"])
            assert listed.context["list"]["page"].total == segment["figures"].customers


@pytest.mark.parametrize("show", ["customers", "revenue", "response"])
@pytest.mark.parametrize("axes", ["recency-frequency", "monetary-frequency", "recency-monetary"])
def test_every_view_of_the_grid_has_an_address(browser: Client, show: str, axes: str) -> None:
    response = browser.get(PAGE, {"show": show, "axes": axes})
    shown = text(response)
    assert f"show={show}" in unescape(shown)
    assert response.context["heat"].finding


def test_a_line_of_business_is_scored_on_its_own_and_leads_nowhere(browser: Client) -> None:
    response = browser.get(PAGE, {"line": "food"})
    assert response.context["heat"].links == ()
    assert not any(segment["url"] for segment in response.context["segments"])


def test_a_unit_keeps_to_its_customers(browser: Client) -> None:
    response = browser.get(PAGE, {"unit": "north"})
    if response.context["found"].customers:
        links = [link for row in response.context["heat"].links for link in row if link]
        assert all(parse_qs(urlsplit(link).query)["unit_id"] == ["north"] for link in links)
    else:
        assert "Nobody has ordered" in text(response)


def test_borders_lie_between_or_within_the_bars(browser: Client) -> None:
    for one in browser.get(PAGE).context["distributions"]:
        assert all(0 <= place <= len(one["chart"].values) for place, _ in one["chart"].marks)


def test_nobody_sees_it_without_the_right(open_with: Any) -> None:
    with pytest.raises(Denied):
        open_with(PAGE)
    assert open_with(PAGE, Right.SEE_CUSTOMERS).status_code == 200
