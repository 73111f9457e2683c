"""The single view: why a field is what it is, correcting it, relations as a graph, personal notes."""

from __future__ import annotations

import re
from typing import Any
from unittest import mock

from django.test import Client
from tests.collect.profiles.conftest import james as james
from tests.collect.profiles.merged import number_of

from zhike.collect.profiles.relations.services import relate
from zhike.collect.profiles.services import correct, write_note
from zhike.collect.sources.models import Source
from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_field_says_what_each_record_says_and_which_was_taken(browser: Client, james: int) -> None:
    path = f"/customers/{james}/fields/phone/"
    part = text(browser.get(path, headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "ill-formed, implausible or incomplete" in part
    assert part.index("13800000001") < part.index("<p>12 ")
    assert 'value="13800000001"' in part
    assert "<h1>Phone</h1>" in text(browser.get(path))
    page = text(browser.get(f"/customers/{james}/"))
    assert path in page
    assert "From core" in page
    assert "From app" in page
    assert browser.get(f"/customers/{james}/fields/shoe/").status_code == 404


def test_a_field_is_corrected_and_that_is_undone(browser: Client, james: int) -> None:
    path = f"/customers/{james}/fields/city/"
    wrong = browser.post(f"/customers/{james}/fields/email/", {"value": "a@b", "last_seen": "0"})
    assert wrong.status_code == 422
    assert "is no e-mail address" in text(wrong)
    done = browser.post(path, {"value": "Leeds", "why": "she moved", "last_seen": "0"}, follow=True)
    assert "corrected, in lists at the next refresh" in text(done)
    assert "Leeds" in text(done)
    shown = text(browser.get(path))
    assert "上海 → Leeds" in shown
    assert "she moved" in shown
    overtaken = browser.post(path, {"value": "Hull", "why": "called", "last_seen": "0"})
    assert overtaken.status_code == 409
    for kept in ("somebody else has just corrected this", 'value="Hull"', 'value="called"'):
        assert kept in text(overtaken)
    assert browser.post(path, {"value": "Hull", "last_seen": "9" * 5000}).status_code == 302
    browser.post(f"/corrections/{overtaken.context['last_seen'] + 1}/undo/")
    robot = text(browser.post(f"/customers/{james}/fields/gender/", {"value": "robot", "last_seen": "0"}))
    assert "is not one of female, male, other" in robot
    number = shown.split("/corrections/")[1].split("/")[0]
    undone = browser.post(f"/corrections/{number}/undo/", follow=True)
    assert "Leeds" not in text(undone).split('id="who"')[1]
    assert "undone by ann" in text(browser.get(path))


def test_who_may_not_see_personal_data_sees_none_in_a_field(open_with: Any, james: int) -> None:
    correct(customer_id=james, field="phone", value="13900000009", why="secret")
    shown = text(open_with(f"/customers/{james}/fields/phone/", Right.SEE_CUSTOMERS, Right.CORRECT_CUSTOMERS))
    assert "139" not in shown
    assert "secret" not in shown
    assert "•••09" in shown
    assert 'name="value"' in shown


def test_relations_are_a_graph_with_its_table_and_are_entered(browser: Client, james: int) -> None:
    firm = number_of("core", "c3")
    page = text(browser.get(f"/customers/{james}/"))
    assert '"kind": "graph"' in page
    assert f'href="/customers/{firm}/">Bergwerk Ltd</a>' in page
    entered = {"related": "13800000002", "kind": "spouse", "since_on": "2020-02-03"}
    kept = browser.post(f"/customers/{james}/relations/", entered, follow=True)
    assert "since 3 Feb 2020" in text(kept)
    [number] = re.findall(r'action="/relations/(\d+)/remove/" class="inline"', text(kept))
    assert "since 3 Feb 2020" not in text(browser.post(f"/relations/{number}/remove/", follow=True))
    assert "since 3 Feb 2020" in text(browser.post(f"/relations/{number}/restore/", follow=True))
    wrong = {"related": "nobody", "kind": "relative", "role": "uncle", "since_on": "2020-02-04"}
    refused = browser.post(f"/customers/{james}/relations/", wrong)
    assert refused.status_code == 422
    for kept in ("names no customer", 'value="nobody"', 'value="relative" selected', 'value="uncle"', "2020-02-04"):
        assert kept in text(refused)
    endless = browser.post(f"/customers/{james}/notes/", {"text": "long " * 2001, "is_sensitive": "on"})
    assert endless.status_code == 422
    assert "long long" in text(endless)
    assert "a note has up to 10000 characters" in text(endless)


def test_an_organisation_shows_who_is_who_in_it(browser: Client, james: int) -> None:
    firm, lei = number_of("core", "c3"), number_of("core", "c2")
    with acting_as(OPERATOR):
        relate(
            customer_id=firm, related_id=lei, kind="member", department="Sales", layer="decision", function="finance"
        )
        write_note(customer_id=firm, text="Acme was here", kind="competitor")
    with mock.patch("zhike.understand.customers.relations.LISTED", 0):
        folded = text(browser.get(f"/customers/{firm}/"))
    assert "James Evans</a>" in folded.split("and 1 more")[1]
    page = text(browser.get(f"/customers/{firm}/"))
    assert "entered by staff" in page
    assert re.search(r'action="/relations/\d+/remove/"', page)
    table, rest = page.split("Who is who</h3>")[1].split("</table>", 1)
    assert table.index("Sales") < table.index("李雷")
    assert "James Evans" in rest.split("Of whom no place is known")[1].split("</p>")[0]
    assert "finance" in table
    assert "Competitors present" in page
    assert "Acme was here" in page


def test_personal_notes_have_their_section_for_who_may_see_them(browser: Client, open_with: Any, james: int) -> None:
    said = {"kind": "next_holiday", "text": "Iceland in May", "is_sensitive": "on"}
    written = browser.post(f"/customers/{james}/notes/", said, follow=True)
    section = text(written).split('id="told"')[1]
    assert section.index("Next holiday") < section.index("Iceland in May")
    assert written.context["profile"].notes[0].is_sensitive
    masked = text(open_with(f"/customers/{james}/", Right.SEE_CUSTOMERS, Right.WRITE_NOTES))
    assert "Iceland" not in masked
    assert 'id="told"' not in masked
    with acting_as(OPERATOR):
        assert write_note(customer_id=james, text="two girls", kind="family").is_sensitive


def test_a_number_of_before_leads_to_the_customer(browser: Client, james: int) -> None:
    gone = {0, 1, 2, 3} - {james, number_of("core", "c2"), number_of("core", "c3")}
    assert browser.get(f"/customers/{gone.pop()}/")["Location"] == f"/customers/{james}/"


def test_the_priority_of_a_field_is_changed_on_the_page_of_its_source(browser: Client, james: int) -> None:
    browser.post("/data/sources/app/", {"of_fields": "1", "priority_phone": "5", "priority_email": ""})
    source = Source.objects.get(name="app")
    assert (source.field_priorities, source.priority) == ({"phone": 5}, 100)
    assert 'value="5"' in text(browser.get("/data/sources/app/"))
    refused = browser.post("/data/sources/app/", {"of_fields": "1", "priority_phone": "-1"})
    assert refused.status_code == 422
