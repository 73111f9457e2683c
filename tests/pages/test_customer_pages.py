"""Customers: the list, finding somebody, the single view with its timeline and notes."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.warehouse.small_company import AS_OF

from zhike.collect.profiles.services import write_note
from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.customers.queries import list_customers

LIST = "/customers/"
CHAMPIONS = {"rule": 'has tag "rfm_segment" = "champions"'}


def first(**wanted: Any) -> dict[str, object]:
    """The first customer of a list, as the operator sees them."""
    with acting_as(OPERATOR):
        return list_customers(limit=1, **wanted).rows[0]


def buyer() -> dict[str, object]:
    return first(sort="order_count", descending=True)


def text(response: Any) -> str:
    return str(response.content.decode())


def queries(browser: Client, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("path", ["/customers/", "/customers/1/", "/insight/rfm/", "/customers/?q=ada", "/"])
def test_before_the_first_refresh_pages_say_what_to_do(browser: Client, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == 200
    assert path == "/" or "Nothing has been computed yet" in text(response)


@pytest.mark.usefixtures("company")
class TestList:
    def test_the_best_customers_come_first_and_lead_to_their_page(self, browser: Client) -> None:
        shown = text(browser.get(LIST))
        best = first(sort="revenue_amount", descending=True)
        assert f'<a href="/customers/{best["customer_id"]}/">' in shown.split("<tbody>")[1].split("</tr>")[0]

    def test_filters_order_and_columns_are_in_the_address(self, browser: Client) -> None:
        response = browser.get(LIST, {"order_count.from": "2", "sort": "order_count", "columns": "name,order_count"})
        page = response.context["list"]
        counts = [row["order_count"] for row in page["page"].rows]
        assert counts == sorted(counts)
        assert min(counts) >= 2
        assert [column.name for column in page["query"].columns] == ["name", "order_count"]

    def test_a_rule_shows_its_audience_in_words_and_can_be_saved(self, browser: Client) -> None:
        shown = text(browser.get(LIST, CHAMPIONS))
        assert "RFM segment is Champions" in shown
        assert "/audiences/new/?rule=has+tag+%22rfm_segment%22" in shown

    def test_a_number_without_end_is_nobody(self, browser: Client) -> None:
        assert browser.get(LIST, {"q": "1" * 5000}).status_code == 200

    def test_a_rule_that_cannot_be_read_says_so(self, browser: Client) -> None:
        response = browser.get(LIST, {"rule": "has tag"})
        assert response.status_code == 422
        assert "the rule ends too early" in text(response)

    def test_only_the_table_is_sent_to_htmx(self, browser: Client) -> None:
        response = browser.get(LIST, headers={"HX-Request": "true", "HX-Target": "section#customers-list"})
        assert 'id="customers-list"' in text(response).split(">")[0]
        assert "<html" not in text(response)

    def test_an_export_holds_every_customer_of_the_list(self, browser: Client) -> None:
        response = browser.get(LIST, {**CHAMPIONS, "export": "csv", "columns": "name,order_count"})
        lines = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))  # type: ignore[call-overload]
        with acting_as(OPERATOR):
            expected = list_customers(**CHAMPIONS).total
        assert lines[0] == ["Name", "Orders"]
        assert len(lines) == 1 + expected

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, browser: Client) -> None:
        one = f"{LIST}?order_count.from={buyer()['order_count']}"
        assert queries(browser, one) == queries(browser, LIST)

    def test_nobody_sees_it_without_the_right(self, open_with: Any) -> None:
        with pytest.raises(Denied):
            open_with(LIST)

    def test_without_the_right_names_are_masked_and_cannot_be_guessed(self, open_with: Any) -> None:
        shown = text(open_with(f"{LIST}?unit_id=north", Right.SEE_CUSTOMERS))
        assert "Ada1 Berg" not in shown
        assert "A•••</a>" in shown
        assert 'name="name"' not in shown.split("data-filters")[1].split("</form>")[0]
        assert "export=csv" not in shown


@pytest.mark.usefixtures("company")
class TestFinding:
    def test_one_exact_hit_leads_straight_to_the_customer(self, browser: Client) -> None:
        found = first(filters={"name": "Ada7 Berg"})
        response = browser.get(LIST, {"q": "Ada7 Berg"})
        assert (response.status_code, response["Location"]) == (302, f"/customers/{found['customer_id']}/")

    def test_several_are_listed_with_what_matched(self, browser: Client) -> None:
        shown = text(browser.get(LIST, {"q": "Ada1"}))
        assert "Ada1 Berg" in shown
        assert "name: " in shown

    def test_nobody_is_said_to_be_found(self, browser: Client) -> None:
        assert "Nobody is found" in text(browser.get(LIST, {"q": "nobody of this name"}))

    def test_too_little_is_said_to_be_too_little(self, browser: Client) -> None:
        assert "at least two letters" in text(browser.get(LIST, {"q": "a"}))

    def test_search_everywhere_finds_customers(self, browser: Client) -> None:
        assert "Ada7 Berg" in text(browser.get("/search/", {"q": "Ada7"}))


@pytest.mark.usefixtures("company")
class TestSingleView:
    def test_it_says_who_they_are_what_they_gave_and_why_they_are_tagged(self, browser: Client) -> None:
        known = buyer()
        shown = text(browser.get(f"/customers/{known['customer_id']}/"))
        for words in ("Who they are", "Recency", "Frequency", "Monetary", "RFM segment", "Timeline"):
            assert words in shown
        why = f"/customers/{known['customer_id']}/tags/rfm_segment/"
        assert why in shown
        assert "orders in all" in text(browser.get(why))

    def test_fields_say_where_they_come_from(self, browser: Client) -> None:
        found = first(filters={"name": "Ada7 Berg"})
        shown = text(browser.get(f"/customers/{found['customer_id']}/"))
        assert "Every field is from hr" in shown
        assert "org_units-more.csv" not in shown
        assert "source_records-more.csv" in shown

    def test_what_is_not_known_is_a_dash(self, browser: Client) -> None:
        found = first(filters={"name": "Ada7 Berg"})
        assert "<dt>E-mail</dt><dd>–" in text(browser.get(f"/customers/{found['customer_id']}/"))

    @pytest.mark.parametrize("number", [99_999_999, 2**32, 10**30])
    def test_an_unknown_number_is_told_in_words(self, browser: Client, number: int) -> None:
        response = browser.get(f"/customers/{number}/")
        assert response.status_code == 404
        assert "There is no such customer" in text(response)

    def test_the_timeline_is_filtered_by_kind_with_and_without_htmx(self, browser: Client) -> None:
        customer_id = buyer()["customer_id"]
        alone = browser.get(f"/customers/{customer_id}/timeline/", {"kind": "order"}, headers={"HX-Request": "true"})
        whole = browser.get(f"/customers/{customer_id}/", {"kind": "order"})
        assert text(alone).strip() in text(whole)
        assert {one.entry.kind for one in whole.context["entries"]} == {"order"}

    def test_a_timeline_without_htmx_leads_to_its_page(self, browser: Client) -> None:
        response = browser.get("/customers/1/timeline/", {"kind": "order"})
        assert response["Location"] == "/customers/1/?kind=order#timeline"

    def test_the_number_of_queries_does_not_grow(self, browser: Client) -> None:
        path = f"/customers/{buyer()['customer_id']}/"
        with acting_as(OPERATOR):
            write_note(customer_id=int(str(buyer()["customer_id"])), text="one")
        counted = queries(browser, path)
        with acting_as(OPERATOR):
            for words in ("two", "three"):
                write_note(customer_id=int(str(buyer()["customer_id"])), text=words)
        assert queries(browser, path) == counted

    def test_nobody_sees_it_without_the_right(self, open_with: Any) -> None:
        with pytest.raises(Denied):
            open_with("/customers/1/")

    def test_without_the_right_to_see_personal_data_it_is_masked(self, open_with: Any) -> None:
        found = first(filters={"name": "Ada7 Berg"})
        shown = text(open_with(f"/customers/{found['customer_id']}/", Right.SEE_CUSTOMERS))
        assert "Ada7" not in shown
        assert "A•••" in shown
        assert "Keep the note" not in shown


@pytest.mark.usefixtures("company")
class TestNotes:
    def test_a_note_is_written_removed_and_brought_back(self, browser: Client) -> None:
        page = f"/customers/{buyer()['customer_id']}/"
        written = browser.post(f"{page}notes/", {"text": "Call after six.", "is_sensitive": "on"}, follow=True)
        assert "Call after six." in text(written)
        note = written.context["profile"].notes[0]
        assert note.is_sensitive
        removed = browser.post(f"/notes/{note.note_id}/remove/", follow=True)
        assert "Call after six." not in text(removed)
        assert f'action="/notes/{note.note_id}/restore/"' in text(removed)
        assert "Call after six." in text(browser.post(f"/notes/{note.note_id}/restore/", follow=True))

    def test_an_empty_note_is_refused_in_words(self, browser: Client) -> None:
        response = browser.post(f"/customers/{buyer()['customer_id']}/notes/", {"text": " "})
        assert response.status_code == 422
        assert "a note needs some words" in text(response)


@pytest.mark.usefixtures("company")
def test_today_begins_with_how_many_there_are(browser: Client) -> None:
    shown = text(browser.get("/"))
    assert "Contracts in force" in shown
    assert f"as of {AS_OF.day} Jun {AS_OF.year}" in shown
