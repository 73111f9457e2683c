"""Every list there is, in the order of each of its columns."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.ui.lists import TableView
from zhike.understand.audiences.services import save_audience

LISTS = {
    *("audience", "audience_moved", "audiences", "customers", "imports", "jobs", "refreshes", "sources", "tags"),
    "tokens",
    *("duplicates", "decisions", "quality", "quality_rules", "reviews", "departed_agents", "what_if"),
    *("affinity", "offers", "offered", "offer_rules"),
}
FORGED = (
    "[1, 1]",
    "[true, 1]",
    "[1e400, 1]",
    '["x", 1]',
    '["\\ud800", 1]',
    f"[{10**30}, 1]",
    "[null, 1]",
    "[" * 10_000,
)


def lists(patterns: list[Any]) -> Iterator[str]:
    """The names of all addresses that answer with a list."""
    for found in patterns:
        if not isinstance(found, URLPattern):
            yield from lists(found.url_patterns)
        elif issubclass(getattr(found.callback, "view_class", object), TableView):
            yield str(found.name)


@pytest.mark.usefixtures("company")
def test_no_list_breaks_at_a_forged_place_whatever_its_order(browser: Client) -> None:
    assert set(lists(get_resolver().url_patterns)) == LISTS
    browser.raise_request_exception = False
    with acting_as(OPERATOR):
        audience = save_audience(name="Best", rule='has tag "rfm_segment" = "champions"')
    cursors = [base64.urlsafe_b64encode(content.encode()).decode().rstrip("=") for content in FORGED]
    broken = []
    for name in sorted(LISTS):
        address = reverse(name, args=[audience.pk] if name.startswith("audience") and name != "audiences" else [])
        for column in browser.get(address).context["list"]["table"].columns:
            for content, cursor in zip(FORGED, cursors, strict=True) if column.is_sortable else ():
                answer = browser.get(address, {"sort": column.name, "after": cursor})
                if answer.status_code >= 500:
                    broken.append((name, column.name, content[:20]))
    assert broken == []


@pytest.mark.usefixtures("company")
def test_no_page_is_asked_with_a_character_that_no_query_can_hold(browser: Client) -> None:
    assert browser.get("/customers/", {"q": "up\0stairs"}).status_code == 400
    assert browser.get("/value/rfm/", {"unit": "\0"}).status_code == 400
