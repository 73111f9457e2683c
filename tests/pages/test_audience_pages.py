"""Audiences: saved from a rule, listed, looked at from every side, changed, frozen, exported."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.pages.sent_forms import filled_in

from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.rules.text import parse_rule
from zhike.rules.tree import tree_from_json, tree_to_json
from zhike.understand.audiences.freezing import freeze_audience
from zhike.understand.audiences.models import Audience, AudienceFigure
from zhike.understand.audiences.naming import digest_of
from zhike.understand.audiences.services import (
    archive_audience,
    change_audience,
    note_audience,
    redefine_audience,
    save_audience,
)

pytestmark = pytest.mark.usefixtures("company")
RULE = 'has tag "rfm_segment" = "champions"'
TABS = ("profile", "funnel", "history", "overlap", "look-alikes", "lists", "export")


def saved(name: str = "Champions", rule: str = RULE) -> Audience:
    with acting_as(OPERATOR):
        return save_audience(name=name, rule=rule)


def frozen(audience: Audience, name: str = "Then") -> Audience:
    with acting_as(OPERATOR):
        return freeze_audience(name=name, audience_id=audience.pk)


def text(response: Any) -> str:
    return str(response.content.decode())


def links(response: Any) -> list[str]:
    """Addresses that lead to customers."""
    return [unescape(found) for found in re.findall(r'href="(/customers/\?rule=[^"]+)"', text(response))]


def listed(browser: Client, address: str) -> int:
    return int(browser.get(address).context["list"]["page"].total)


def test_an_audience_is_saved_from_a_rule(browser: Client) -> None:
    form = browser.get("/audiences/new/", {"rule": RULE})
    count = form.context["builder"]["counted"].count
    assert count
    response = browser.post("/audiences/new/", filled_in(form, name="Best", note="For the summer"), follow=True)
    assert response.redirect_chain[-1][0] == f"/audiences/{Audience.objects.get().pk}/"
    assert response.context["list"]["page"].total == count
    assert "For the summer" in text(response)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule": "has tag"}, "the rule ends too early"),
        ({"rule": 'has tag "none"'}, "there is no tag “none”"),
        ({"name": ""}, "This field is required."),
        ({"name": "Taken"}, "there is an audience “Taken” already"),
    ],
)
def test_what_is_wrong_stands_at_its_place_and_nothing_is_lost(
    browser: Client, changes: dict[str, str], said: str
) -> None:
    saved("Taken")
    form = browser.get("/audiences/new/", {"rule": RULE})
    response = browser.post("/audiences/new/", filled_in(form, **{"name": "Best", "note": "kept", **changes}))
    assert response.status_code == 422
    assert said in text(response)
    assert "kept" in text(response)
    assert response.context["builder"]["text"] == changes.get("rule", RULE)


def test_the_list_says_what_each_audience_is_and_how_it_grows(browser: Client) -> None:
    buyers = saved("Buyers", "order_count > 0 and age > 20")
    saved("Many buyers", 'in audience "Buyers" and order_count > 3')
    frozen(buyers)
    for refresh, size in ((901, 10), (902, 14)):
        AudienceFigure.objects.create(
            audience=buyers, refresh_id=refresh, as_of="2026-05-01", size=size, of_customers=100, rule_digest="x"
        )
    response = browser.get("/audiences/")
    rows = {row["name"]: row for row in response.context["list"]["page"].rows}
    assert rows["Buyers"]["words"] == "Orders > 0 · Age > 20"
    assert (rows["Buyers"]["change"], rows["Buyers"]["sizes"]) == (4, [10, 14])
    assert rows["Buyers"]["used_by"] == "Many buyers"
    assert [rows[name]["kind"] for name in ("Buyers", "Then")] == ["live", "frozen"]
    assert rows["Then"]["change"] is None
    assert browser.get("/audiences/", {"kind": "frozen"}).context["list"]["page"].total == 1


def test_it_is_renamed_and_its_note_is_changed(browser: Client) -> None:
    audience = saved()
    assert "<h1>Best</h1>" in text(browser.post(f"/audiences/{audience.pk}/rename/", {"name": "Best"}, follow=True))
    saved("Other")
    taken = browser.post(f"/audiences/{audience.pk}/rename/", {"name": "Other"}, follow=True)
    assert taken.status_code == 422
    assert 'value="Other"' in text(taken)
    assert "there is an audience “Other” already" in text(taken)
    long = browser.post(f"/audiences/{audience.pk}/note/", {"note": "n" * 2001})
    assert (long.status_code, "n" * 2001 in text(long)) == (422, True)
    assert Audience.objects.get(pk=audience.pk).name == "Best"
    assert "For June" in text(browser.post(f"/audiences/{audience.pk}/note/", {"note": "For June"}, follow=True))


def test_its_rule_is_changed_in_the_builder(browser: Client) -> None:
    audience = saved(rule="order_count > 0")
    before = listed(browser, f"/audiences/{audience.pk}/")
    form = browser.get(f"/audiences/{audience.pk}/edit/")
    changed = browser.post(f"/audiences/{audience.pk}/edit/", filled_in(form, r__0__values="1"), follow=True)
    assert 0 < changed.context["list"]["page"].total < before
    itself = filled_in(browser.get(f"/audiences/{audience.pk}/edit/"), rule='in audience "Champions"')
    refused = browser.post(f"/audiences/{audience.pk}/edit/", itself)
    assert refused.status_code == 422
    assert "itself" in text(refused)


def test_who_saves_a_rule_that_somebody_changed_meanwhile_is_told_and_loses_nothing(browser: Client) -> None:
    audience = saved(rule="order_count > 0")
    address = f"/audiences/{audience.pk}/edit/"
    form = browser.get(address)
    with acting_as(OPERATOR):
        redefine_audience(audience_id=audience.pk, rule="order_count > 7")
    counted = browser.post(address, filled_in(form, r__0__values="1", do="count"))
    told = browser.post(address, filled_in(counted, do=""))
    assert told.status_code == 409
    assert "Somebody changed this audience meanwhile" in text(told)
    assert "Changed since you opened it: its rule." in text(told)
    assert "<code>order_count &gt; 7</code>" in text(told)
    assert told.context["builder"]["text"] == "order_count > 1"
    with acting_as(OPERATOR):
        note_audience(audience_id=audience.pk, note="and again")
        archive_audience(audience_id=audience.pk)
    again = browser.post(address, filled_in(told))
    assert again.status_code == 409
    assert "Changed since you opened it: its note, it was archived or brought back." in text(again)
    assert Audience.objects.get(pk=audience.pk).tree == rule_tree("order_count > 7")
    assert browser.post(address, filled_in(again)).status_code == 302
    assert Audience.objects.get(pk=audience.pk).tree == rule_tree("order_count > 1")
    assert browser.post(address, filled_in(form, seen="nonsense")).status_code == 409
    assert browser.post(address, filled_in(form, seen="9" * 40)).status_code == 409


@pytest.mark.parametrize(("field", "url"), [("name", "rename"), ("note", "note")])
def test_a_name_and_a_note_are_compared_too(browser: Client, field: str, url: str) -> None:
    audience = saved()
    seen = hidden_fields(browser.get(f"/audiences/{audience.pk}/"))
    address = f"/audiences/{audience.pk}/{url}/"
    with acting_as(OPERATOR):
        change_audience(audience_id=audience.pk, rule="order_count > 7", note="a\nb")
    told = browser.post(address, {**seen, field: "Mine"})
    assert told.status_code == 409
    assert "Changed since you opened it: its rule, its note." in text(told)
    assert "Mine" in text(told)
    assert getattr(Audience.objects.get(pk=audience.pk), field) != "Mine"
    assert browser.post(address, filled_in(told)).status_code == 302
    assert getattr(Audience.objects.get(pk=audience.pk), field) == "Mine"
    fresh = hidden_fields(browser.get(f"/audiences/{audience.pk}/"))
    assert browser.post(address, {**fresh, field: "Yours"}).status_code == 302


def test_who_may_not_see_its_rule_may_still_rename_it(open_with: Any) -> None:
    audience = saved("Ada", 'name contains "Ada"')
    shown = open_with(f"/audiences/{audience.pk}/", Right.SEE_CUSTOMERS, Right.DEFINE_AUDIENCES)
    assert hidden_fields(shown)["seen"] == str(audience.revision)
    assert "Ada" not in hidden_fields(shown)["had_rule"]


def hidden_fields(response: Any) -> dict[str, str]:
    """What a page of an audience says it showed."""
    found = re.findall(r'<input type="hidden" name="(seen|had_\w+)" value="([^"]*)"', text(response))
    return {name: unescape(value) for name, value in found}


def rule_tree(rule: str) -> str:
    return tree_to_json(parse_rule(rule))


def test_it_is_archived_and_brought_back(browser: Client) -> None:
    audience = saved()
    archived = browser.post(f"/audiences/{audience.pk}/archive/", follow=True)
    assert f'action="/audiences/{audience.pk}/restore/"' in text(archived)
    assert archived.context["list"]["page"].total == 0
    assert browser.get("/audiences/", {"archived": "yes"}).context["list"]["page"].total == 1
    assert browser.get(f"/audiences/{audience.pk}/").status_code == 200
    assert "is back" in text(browser.post(f"/audiences/{audience.pk}/restore/", follow=True))


def test_its_page_lists_its_customers_with_filters_of_their_own(browser: Client) -> None:
    audience = saved()
    everybody = listed(browser, f"/audiences/{audience.pk}/")
    assert listed(browser, f"/audiences/{audience.pk}/?order_count.from=100") == 0 < everybody


def test_one_that_can_no_longer_be_counted_says_why(browser: Client) -> None:
    audience = saved()
    Audience.objects.filter(pk=audience.pk).update(tree='{"node":"has_tag","tag":"gone","values":[]}', revision=9)
    for tab in ("", *(f"{tab}/" for tab in TABS)):
        assert "Its customers cannot be counted" in text(browser.get(f"/audiences/{audience.pk}/{tab}")), tab
    assert browser.get("/audiences/").status_code == 200
    assert "there is no tag “gone”" in text(browser.get(f"/audiences/{audience.pk}/edit/"))


def test_its_profile_leads_to_the_customers_behind_every_bar(browser: Client) -> None:
    audience = saved("Often", "order_count > 1")
    response = browser.get(f"/audiences/{audience.pk}/profile/")
    chart = response.context["chart"]
    assert re.search(r"“.+” is [\d.]+ times as common among them", str(chart.finding))
    assert all(low <= value <= high for low, value, high in zip(chart.lows, chart.values, chart.highs, strict=True))
    for link, (_share, _of_all, count) in zip(chart.links[:3], chart.notes[:3], strict=True):
        assert listed(browser, link) == int(count.replace(",", ""))
    saved("Seldom", "order_count = 1")
    beside = browser.get(f"/audiences/{audience.pk}/profile/", {"against": "Seldom"})
    assert "Share of the others" in text(beside)


def test_its_funnel_leads_to_who_is_left(browser: Client) -> None:
    audience = saved("Some", "order_count > 0 and age > 20 and (order_count > 4 or not age > 30)")
    chart = browser.get(f"/audiences/{audience.pk}/funnel/").context["chart"]
    assert "narrows it most" in str(chart.finding)
    assert [listed(browser, link) for link in chart.links] == list(chart.values)
    told = saved("Told", 'name contains "Ada" and order_count > 0')
    assert not any("Ada" in link for link in browser.get(f"/audiences/{told.pk}/funnel/").context["chart"].links)
    either = saved("Either", "order_count > 4 or age > 40")
    assert "brings the most" in str(browser.get(f"/audiences/{either.pk}/funnel/").context["chart"].finding)


def test_its_overlap_with_others_is_drawn_and_each_column_leads_to_its_customers(browser: Client) -> None:
    first = saved("First", "order_count > 1")
    saved("Second", "age > 24")
    saved("Third", "order_count > 4")
    empty = browser.get(f"/audiences/{first.pk}/overlap/")
    assert "Choose one or more" in text(empty)
    response = browser.get(f"/audiences/{first.pk}/overlap/", {"with": ["Second", "Third", "Nobody's"]})
    chart = response.context["chart"]
    assert list(chart.sets) == ["First", "Second", "Third"]
    assert [listed(browser, link) for link in chart.links] == list(chart.values)
    assert [listed(browser, link) for link in chart.set_links] == list(chart.sizes)
    assert sum(chart.values) == response.context["found"].in_any


def test_its_history_is_a_trend_and_says_when_there_is_none_yet(browser: Client) -> None:
    audience = saved(rule="order_count > 0")
    assert "Its history begins with this refresh" in text(browser.get(f"/audiences/{audience.pk}/history/"))
    digest = digest_of(tree_from_json(audience.tree))
    for refresh, size in ((-2, 10), (-1, 14)):
        AudienceFigure.objects.create(
            audience=audience, refresh_id=refresh, as_of="2026-05-01", size=size, of_customers=100, rule_digest=digest
        )
    response = browser.get(f"/audiences/{audience.pk}/history/")
    more = response.context["audience"].count - 14
    assert str(response.context["chart"].finding) == f"{more} more than on 1 May 2026"
    nobody = browser.get(f"/audiences/{audience.pk}/moved/", {"who": "left"})
    assert "Who left" in text(nobody)
    assert "Nobody did." in text(nobody)


def test_look_alikes_are_found_and_kept(browser: Client) -> None:
    audience = saved("Often", "order_count > 1")
    response = browser.get(f"/audiences/{audience.pk}/look-alikes/", {"size": "7"})
    assert response.context["count"] == 7
    kept = browser.post(f"/audiences/{audience.pk}/look-alikes/", {"size": "7", "name": "Like them"}, follow=True)
    assert "<h1>Like them</h1>" in text(kept)
    assert kept.context["list"]["page"].total == 7
    wrong = browser.post(f"/audiences/{audience.pk}/look-alikes/", {"size": "7", "name": "Like them"})
    assert wrong.status_code == 422
    assert "there is an audience “Like them” already" in text(wrong)
    assert browser.get(f"/audiences/{audience.pk}/look-alikes/", {"size": "none"}).status_code == 422


def test_lists_are_frozen_split_and_drawn(browser: Client) -> None:
    audience = saved(rule="order_count > 0")
    address = f"/audiences/{audience.pk}/lists/"
    size = listed(browser, f"/audiences/{audience.pk}/")
    browser.post(address, {"act": "freeze", "name": "Then"})
    browser.post(address, {"act": "split", "name": "Test", "shares": "letter 80\nhold-out: 20 %", "salt": "x"})
    browser.post(address, {"act": "split_by", "name": "By", "by": "tag:rfm_segment"})
    browser.post(address, {"act": "sample", "name": "Few", "size": "5", "seed": "1"})
    response = browser.get(address)
    made = {one["audience"].name: one["audience"].count for one in response.context["made"]}
    assert made["Then"] == size
    assert made["Test: letter"] + made["Test: hold-out"] == size
    assert sum(count for name, count in made.items() if name.startswith("By: ")) == size
    assert made["Few"] == 5
    assert "salt x" in text(response)
    wrong = browser.post(address, {"act": "split", "name": "Test", "shares": "letter"})
    assert wrong.status_code == 422
    assert "“letter” is no part and its share" in text(wrong)
    taken = browser.post(address, {"act": "freeze", "name": "Then"})
    assert "there is an audience “Then” already" in text(taken)


def test_a_frozen_list_stays_and_is_compared_with_now(browser: Client) -> None:
    audience = saved(rule="order_count > 0")
    then = frozen(audience)
    before = listed(browser, f"/audiences/{then.pk}/")
    form = browser.get(f"/audiences/{audience.pk}/edit/")
    browser.post(f"/audiences/{audience.pk}/edit/", filled_in(form, r__0__values="1"))
    assert listed(browser, f"/audiences/{then.pk}/") == before
    response = browser.get(f"/audiences/{then.pk}/now/")
    moved = response.context["moved"]
    assert (moved.before, response.context["joined"]) == (before, 0)
    assert listed(browser, response.context["left_url"]) == response.context["left"] == before - moved.after > 0
    assert browser.get(f"/audiences/{then.pk}/edit/").status_code == 422
    assert "frozen" in text(browser.get(f"/audiences/{then.pk}/profile/"))


def test_it_is_exported_by_who_may(browser: Client, open_with: Any) -> None:
    audience = saved(rule="order_count > 0")
    size = listed(browser, f"/audiences/{audience.pk}/")
    answer = browser.get(f"/audiences/{audience.pk}/export/", {"kind": "csv", "columns": ["order_count"]})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert rows[0] == ["customer_id", "order_count"]
    assert len(rows) == size + 1
    assert 'filename="' in answer["Content-Disposition"]
    for kind, beginning in (("xlsx", b"PK"), ("parquet", b"PAR1")):
        file = browser.get(f"/audiences/{audience.pk}/export/", {"kind": kind})
        assert b"".join(file.streaming_content).startswith(beginning)  # type: ignore[attr-defined]
    assert browser.get(f"/audiences/{audience.pk}/export/", {"kind": "pdf"}).status_code == 422
    address = f"/audiences/{audience.pk}/export/"
    assert "You may not export lists" in text(open_with(address, Right.SEE_CUSTOMERS))
    with pytest.raises(Denied):
        open_with(f"{address}?kind=csv", Right.SEE_CUSTOMERS)


def test_the_number_of_queries_does_not_grow_with_the_audiences(browser: Client) -> None:
    saved("one")
    browser.get("/audiences/")
    with CaptureQueriesContext(connection) as with_one:
        browser.get("/audiences/")
    saved("two")
    saved("three")
    browser.get("/audiences/")
    with CaptureQueriesContext(connection) as with_three:
        browser.get("/audiences/")
    assert len(with_three) <= len(with_one) + 2 * 2, "reading what they mean is asked for each, and no more"


def test_search_everywhere_finds_audiences(browser: Client) -> None:
    saved("Spring callers")
    assert "Spring callers" in text(browser.get("/search/", {"q": "spring"}))


def test_who_may_not_define_them_may_only_look(open_with: Any) -> None:
    audience = saved()
    for tab in ("", *(f"{tab}/" for tab in TABS)):
        shown = text(open_with(f"/audiences/{audience.pk}/{tab}", Right.SEE_CUSTOMERS))
        assert "Archive" not in shown
        assert "Freeze</button>" not in shown
        assert "Keep as a frozen list" not in shown
    for address in ("/audiences/new/", f"/audiences/{audience.pk}/edit/"):
        with pytest.raises(Denied):
            open_with(address, Right.SEE_CUSTOMERS)
    for address in ("/audiences/", "/rules/names/", f"/audiences/{audience.pk}/profile/"):
        with pytest.raises(Denied):
            open_with(address)


def test_whose_rule_tells_who_somebody_is_shows_its_name_and_no_more(open_with: Any) -> None:
    audience = saved("A few", 'name contains "Ada"')
    shown = text(open_with(f"/audiences/{audience.pk}/", Right.SEE_CUSTOMERS))
    assert "A few" in shown
    assert "Its customers cannot be counted" in shown
    assert "Ada" not in shown
    assert "Ada" in text(open_with(f"/audiences/{audience.pk}/", Right.SEE_CUSTOMERS, Right.SEE_PERSONAL_DATA))


def test_pages_of_an_audience_say_what_to_do_before_there_is_anything(browser: Client, tmp_path: Path) -> None:
    nobody = saved("Nobody", "order_count > 100000")
    assert "Nobody fits the rule now." in text(browser.get(f"/audiences/{nobody.pk}/"))
    assert "nobody is in this audience" in text(browser.get(f"/audiences/{nobody.pk}/profile/"))
    assert "nobody is in this audience" in text(browser.get(f"/audiences/{nobody.pk}/look-alikes/"))
    assert "There is no other audience" in text(browser.get(f"/audiences/{nobody.pk}/overlap/"))
    assert "None yet." in text(browser.get(f"/audiences/{nobody.pk}/lists/"))
