"""Audiences: saved from a rule, listed, renamed, archived and brought back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.audiences.models import Audience
from zhike.understand.audiences.services import save_audience

pytestmark = pytest.mark.usefixtures("company")
RULE = 'has tag "rfm_segment" = "champions"'


def saved(name: str = "Champions") -> Audience:
    with acting_as(OPERATOR):
        return save_audience(name=name, rule=RULE)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_an_audience_is_saved_from_a_rule(browser: Client) -> None:
    form = browser.get("/audiences/new/", {"rule": RULE})
    assert form.context["counted"].count
    response = browser.post("/audiences/new/", {"name": "Best", "rule": RULE, "note": "For the summer"}, follow=True)
    assert response.redirect_chain[-1][0] == f"/audiences/{Audience.objects.get().pk}/"
    assert response.context["list"]["page"].total == form.context["counted"].count
    assert "For the summer" in text(response)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": "has tag"}, "rule"),
        ({"rule": 'has tag "none"'}, "rule"),
        ({"name": ""}, "name"),
        ({"name": "Taken"}, "name"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    browser: Client, changes: dict[str, str], field: str
) -> None:
    saved("Taken")
    response = browser.post("/audiences/new/", {"name": "Best", "rule": RULE, "note": "kept", **changes})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "kept" in text(response)


def test_the_count_follows_the_rule(browser: Client) -> None:
    assert "RFM segment is Champions" in text(browser.get("/audiences/count/", {"rule": RULE}))
    assert "cannot read the rule" in text(browser.get("/audiences/count/", {"rule": "has tag"}))
    assert "shows here" in text(browser.get("/audiences/count/", {"rule": ""}))


def test_it_is_renamed(browser: Client) -> None:
    audience = saved()
    assert "<h1>Best</h1>" in text(browser.post(f"/audiences/{audience.pk}/rename/", {"name": "Best"}, follow=True))
    saved("Other")
    taken = browser.post(f"/audiences/{audience.pk}/rename/", {"name": "Other"}, follow=True)
    assert "<h1>Best</h1>" in text(taken)
    assert "there is an audience “Other” already" in text(taken)


def test_it_is_archived_and_brought_back(browser: Client) -> None:
    audience = saved()
    archived = browser.post(f"/audiences/{audience.pk}/archive/", follow=True)
    assert f'action="/audiences/{audience.pk}/restore/"' in text(archived)
    assert archived.context["list"]["page"].total == 0
    assert browser.get("/audiences/", {"archived": "yes"}).context["list"]["page"].total == 1
    assert "is back" in text(browser.post(f"/audiences/{audience.pk}/restore/", follow=True))


def test_its_page_lists_its_customers_with_filters_of_their_own(browser: Client) -> None:
    audience = saved()
    everybody = browser.get(f"/audiences/{audience.pk}/").context["list"]["page"].total
    few = browser.get(f"/audiences/{audience.pk}/", {"order_count.from": "100"}).context["list"]["page"].total
    assert few == 0 < everybody


def test_one_that_can_no_longer_be_counted_says_why(browser: Client) -> None:
    audience = saved()
    Audience.objects.filter(pk=audience.pk).update(rule='has tag "gone"')
    assert "Its customers cannot be counted" in text(browser.get(f"/audiences/{audience.pk}/"))
    assert browser.get("/audiences/").status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_audiences(browser: Client) -> None:
    saved("one")
    browser.get("/audiences/")
    with CaptureQueriesContext(connection) as with_one:
        browser.get("/audiences/")
    saved("two")
    saved("three")
    with CaptureQueriesContext(connection) as with_three:
        browser.get("/audiences/")
    assert len(with_three) == len(with_one)


def test_search_everywhere_finds_audiences(browser: Client) -> None:
    saved("Spring callers")
    assert "Spring callers" in text(browser.get("/search/", {"q": "spring"}))


def test_who_may_not_define_them_may_only_look(open_with: Any) -> None:
    audience = saved()
    shown = text(open_with(f"/audiences/{audience.pk}/", Right.SEE_CUSTOMERS))
    assert "Archive" not in shown
    with pytest.raises(Denied):
        open_with("/audiences/new/", Right.SEE_CUSTOMERS)
    with pytest.raises(Denied):
        open_with("/audiences/")
