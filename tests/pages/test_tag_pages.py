"""Tags: the catalogue, defining and taking into force, setting and undoing, reviewing, and why a customer has one."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.services import run_job
from zhike.understand.tags.computing.rebuilding import rebuild_tag
from zhike.understand.tags.defining.publishing import approve_version, publish_version
from zhike.understand.tags.defining.services import create_tag, draft_version
from zhike.understand.tags.definitions import NoSuchTag
from zhike.understand.tags.models import Tag, TagChange, TagFigure, TagReview
from zhike.understand.tags.proving.figures import record_figures
from zhike.understand.tags.proving.sampling import draw_sample
from zhike.understand.tags.queries import list_tags
from zhike.understand.tags.setting.services import set_tag

pytestmark = pytest.mark.usefixtures("company")
RULE = "revenue_amount > 0"
CASES = 'when revenue_amount >= 500 then "large" when revenue_amount > 0 then "small"'
NEW = {"name": "buyer", "title": "Buyer", "theme": "business/value", "origin": "rule", "schedule": "every_refresh"}


def text(response: Any) -> str:
    return str(response.content.decode())


def defined(name: str, rule: str = "", **more: Any) -> None:
    """A tag in force, computed."""
    with acting_as(OPERATOR):
        origin = {} if rule else {"origin": "person"}
        create_tag(name=name, rule=rule or None, theme="business/value", title=name.title(), **origin, **more)
        approve_version(tag=name)
        publish_version(tag=name)
        if rule:
            rebuild_tag(name)


# The catalogue


def test_a_number_of_thousands_of_digits_names_nobody(browser: Client) -> None:
    defined("by_hand")
    number = "9" * 5000
    assert browser.get("/search/", {"q": number}).status_code == 200
    assert browser.get("/tags/rfm_segment/why/", {"q": number}).status_code == 302
    assert browser.get("/tags/rfm_segment/versions/1/", {"with": number}).status_code == 200
    said = {"how": "many", "act": "give", "rule": "", "customers": f"1, {number}", "set": "yes"}
    assert "is no customer number" in text(browser.post("/tags/by_hand/set/", said))
    assert browser.post("/tags/rfm_segment/review/", {"review": number, "verdict": "right"}).status_code == 302
    assert not TagReview.objects.filter(verdict="right").exists()
    answer = browser.generic("POST", "/data/import/", b"x", "multipart/form-data; boundary=b", CONTENT_LENGTH=number)
    assert answer.status_code == 413


def test_the_catalogue_lists_every_tag_beside_the_tree_of_themes(browser: Client) -> None:
    page = browser.get("/tags/")
    assert page.context["list"]["page"].total == len(list_of_all())
    assert [theme.depth for theme in page.context["themes"]][:2] == [1, 1]
    assert "RFM segment" in text(browser.get("/tags/", {"title": "rfm seg"}))
    below = browser.get("/tags/", {"in": "business/value"})
    assert 0 < below.context["list"]["page"].total < page.context["list"]["page"].total
    assert {row["theme_path"] for row in below.context["list"]["page"].rows} == {"business/value"}


def test_it_is_filtered_sorted_paged_and_exported(browser: Client) -> None:
    numbers = browser.get("/tags/", {"kind": "number"}).context["list"]["page"].rows
    assert {row["kind"] for row in numbers} == {"number"}
    falling = browser.get("/tags/", {"sort": "-coverage"}).context["list"]["page"].rows
    shares = [row["coverage"] for row in falling]
    assert shares == sorted(shares, reverse=True)
    first = browser.get("/tags/").context["list"]["page"]
    second = browser.get("/tags/", {"after": first.next}).context["list"]["page"]
    assert {row["name"] for row in first.rows}.isdisjoint(row["name"] for row in second.rows)
    file = browser.get("/tags/", {"export": "csv", "columns": "name,coverage,trend"})
    lines = b"".join(file.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == first.total + 1


def test_the_number_of_queries_does_not_grow_with_the_tags(browser: Client) -> None:
    browser.get("/tags/")
    with CaptureQueriesContext(connection) as before:
        browser.get("/tags/")
    defined("one", RULE)
    defined("two", RULE)
    browser.get("/tags/")
    with CaptureQueriesContext(connection) as after:
        browser.get("/tags/")
    assert len(after) == len(before)


def list_of_all() -> tuple[Any, ...]:
    with acting_as(OPERATOR):
        return list_tags()


# One tag


@pytest.mark.parametrize("name", ["rfm_segment", "spent_last_year", "last_purchase_on", "cross_sell_candidate"])
def test_a_page_says_what_a_tag_means_of_whom_and_of_what_it_is_made(browser: Client, name: str) -> None:
    page = browser.get(f"/tags/{name}/")
    shown = {one.name: one for one in list_of_all()}[name]
    assert page.context["figures"]["customers"] == f"{shown.customers:,}"
    assert page.context["lineage"]
    assert page.context["definition"]["text"]
    assert f'action="/tags/{name}/why/"' in text(page)


def test_every_tag_of_the_library_has_a_page(browser: Client) -> None:
    broken = [one.name for one in list_of_all() if browser.get(f"/tags/{one.name}/").status_code != 200]
    assert broken == []


def test_every_bar_leads_to_its_customers(browser: Client) -> None:
    for name in ("rfm_segment", "messages_in_30_days", "last_purchase_on"):
        chart = browser.get(f"/tags/{name}/").context["values_chart"]
        for link, count in zip(chart.links, chart.values, strict=True):
            if link:
                assert browser.get(link).context["list"]["page"].total == count
        assert sum(chart.values) == {one.name: one for one in list_of_all()}[name].customers


def test_a_tag_that_is_not_there_says_so(browser: Client, open_with: Any) -> None:
    assert browser.get("/tags/nothing/").status_code == 404
    with pytest.raises(NoSuchTag):
        open_with("/tags/nothing/", Right.SEE_CUSTOMERS)
    with pytest.raises(Denied):
        open_with("/tags/rfm_segment/")


def test_its_trend_is_drawn_from_refresh_to_refresh(browser: Client) -> None:
    with acting_as(OPERATOR):
        record_figures()
    tag = Tag.objects.get(name="recently_active")
    newest = TagFigure.objects.filter(tag=tag, value="").latest("refresh_id")
    assert browser.get("/tags/recently_active/").context["trend"] is None
    TagFigure.objects.create(
        tag=tag, refresh_id=0, as_of=newest.as_of.replace(year=2025), customer_count=1, of_customers=1000
    )
    trend = browser.get("/tags/recently_active/").context["trend"]
    assert len(trend.days) == 2
    assert trend.finding.startswith("Up from")


def test_a_definition_is_taken_away_as_a_file(browser: Client) -> None:
    file = browser.get("/tags/rfm_segment/file/")
    assert file["Content-Disposition"] == 'attachment; filename="rfm_segment.yaml"'
    assert "name: rfm_segment" in text(file)


# Defining


def test_a_tag_is_drafted_approved_published_and_computed(browser: Client) -> None:
    made = browser.post("/tags/new-tag/", NEW | {"rule": RULE, "note": "For the spring"}, follow=True)
    assert made.redirect_chain[-1][0] == "/tags/buyer/"
    assert "Version 1 waits for approval" in text(made)
    assert "waits to be published" in text(browser.post("/tags/buyer/versions/1/approve/", follow=True))
    in_force = browser.post("/tags/buyer/versions/1/publish/", follow=True)
    assert in_force.context["job_id"]
    run_job(in_force.context["job_id"])
    page = browser.get("/tags/buyer/")
    assert page.context["job_id"] is None
    assert page.context["figures"]["customers"] != "–"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "No name"}, "name"),
        ({"name": "rfm_segment"}, "name"),
        ({"title": ""}, "title"),
        ({"theme": "!"}, "theme"),
        ({"values": "= nothing"}, "values"),
        ({"values": "gold = Gold"}, "values"),
        ({"later_fact": RULE}, "later_days"),
        ({"later_fact": "nonsense >", "later_days": "90"}, "__all__"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    browser: Client, changes: dict[str, str], field: str
) -> None:
    sent = NEW | {"rule": RULE, "note": "kept"} | changes
    response = browser.post("/tags/new-tag/", sent)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "kept" in text(response)
    assert not Tag.objects.filter(name="buyer").exists()


@pytest.mark.parametrize("rule", ["", "revenue_amout > 0", "revenue_amount >", 'has tag "nothing"'])
def test_a_wrong_rule_is_said_beside_it(browser: Client, rule: str) -> None:
    response = browser.post("/tags/new-tag/", NEW | {"rule": rule, "written": "", "before": ""})
    assert response.status_code == 422
    assert not Tag.objects.filter(name="buyer").exists()


def test_what_would_come_of_a_value_is_counted_while_it_is_written(browser: Client) -> None:
    preview = browser.post("/tags/preview-tag/", {"rule": CASES}).context["preview"]
    assert [one["title"] for one in preview["values"]] == ["large", "small"]
    assert preview["count"] == sum(one["count"] for one in preview["values"])
    assert browser.post("/tags/preview-tag/", {"rule": RULE}).context["preview"] == {}, "the builder counts it"
    assert browser.post("/tags/preview-tag/", {"rule": "nonsense"}).context["preview"] == {}


def test_another_version_shows_what_it_says_otherwise_and_whom_it_changes(browser: Client) -> None:
    defined("size", CASES)
    changed = CASES.replace("500", "1000")
    edit = browser.get("/tags/size/edit/")
    sent = {"part": "definition", "rule": changed, "seen": edit.context["form"]["seen"].value(), "note": "stricter"}
    page = browser.post("/tags/size/edit/", sent, follow=True)
    assert page.redirect_chain[-1][0] == "/tags/size/versions/2/"
    assert ("gone", "500") in page.context["difference"]
    assert ("added", "1000") in page.context["difference"]
    moved = browser.get("/tags/size/versions/2/members/", {"with": "1"}).context["moved"]
    before, after = ({title: counts[place] for title, *counts in moved.values} for place in (0, 1))
    assert (moved.gained, moved.lost) == (0, 0)
    assert moved.changed == before["large"] - after["large"] > 0


def test_of_a_condition_those_who_get_and_lose_it_can_be_looked_at(browser: Client) -> None:
    defined("buyer", RULE)
    with acting_as(OPERATOR):
        draft_version(tag="buyer", rule="revenue_amount > 500 or age > 30")
    moved = browser.get("/tags/buyer/versions/2/members/").context["moved"]
    for count, url in ((moved.gained, moved.gained_url), (moved.lost, moved.lost_url)):
        assert browser.get(url).context["list"]["page"].total == count > 0


def test_who_was_overtaken_is_told_and_nothing_is_lost(browser: Client) -> None:
    defined("buyer", RULE)
    with acting_as(OPERATOR):
        draft_version(tag="buyer", rule="revenue_amount > 1")
    sent = {"part": "definition", "rule": "revenue_amount > 2", "seen": "1", "note": "kept"}
    response = browser.post("/tags/buyer/edit/", sent)
    assert response.status_code == 422
    assert "was drafted meanwhile" in text(response)
    assert "kept" in text(response)


def test_what_a_tag_is_called_changes_without_a_version(browser: Client) -> None:
    defined("buyer", RULE)
    words = {"part": "words", "title": "Somebody who buys", "theme": "business/habit", "schedule": "weekly"}
    page = browser.post("/tags/buyer/edit/", words | {"owner": "ann"}, follow=True)
    assert "Somebody who buys" in text(page)
    assert len(page.context["versions"]) == 1
    assert Tag.objects.get(name="buyer").owner.username == "ann"  # type: ignore[union-attr]
    assert browser.post("/tags/buyer/edit/", words | {"owner": "nobody"}).status_code == 422


def test_a_version_is_withdrawn_and_a_tag_retired_and_brought_back(browser: Client) -> None:
    defined("buyer", RULE)
    with acting_as(OPERATOR):
        draft_version(tag="buyer", rule="revenue_amount > 1")
    assert browser.post("/tags/buyer/versions/2/withdraw/", follow=True).context["waiting"] is None
    retired = browser.post("/tags/buyer/retire/", follow=True)
    assert 'action="/tags/buyer/restore/"' in text(retired)
    assert browser.get("/tags/", {"title": "buyer"}).context["list"]["page"].total == 0
    assert browser.get("/tags/", {"title": "buyer", "state": "retired"}).context["list"]["page"].total == 1
    assert "The tag is back" in text(browser.post("/tags/buyer/restore/", follow=True))


def test_a_tag_that_others_are_made_of_is_not_retired(browser: Client) -> None:
    defined("buyer", RULE)
    defined("top", 'has tag "buyer" and revenue_amount > 500')
    response = browser.post("/tags/buyer/retire/")
    assert response.status_code == 409
    assert "top" in text(response)
    assert [one["title"] for one in browser.get("/tags/buyer/").context["users"]] == ["Top"]


def test_a_tag_is_computed_at_once_where_that_is_asked_for(browser: Client) -> None:
    defined("buyer", RULE)
    page = browser.post("/tags/buyer/rebuild/", follow=True)
    assert page.redirect_chain[-1][0] == f"/data/jobs/{Job.objects.latest('pk').pk}/"


def test_who_may_not_define_or_approve_may_only_look(open_with: Any) -> None:
    defined("buyer", RULE)
    page = text(open_with("/tags/buyer/", Right.SEE_CUSTOMERS))
    assert "/edit/" not in page
    assert "/retire/" not in page
    for path in ("/tags/new-tag/", "/tags/buyer/edit/", "/tags/buyer/review/"):
        with pytest.raises(Denied):
            open_with(path, Right.SEE_CUSTOMERS)
    drafting = text(open_with("/tags/buyer/", Right.SEE_CUSTOMERS, Right.DEFINE_TAGS))
    assert "/tags/buyer/edit/" in drafting
    assert "/retire/" not in drafting


# Setting


def test_a_tag_is_set_for_many_and_that_is_undone(browser: Client) -> None:
    defined("vip", kind="category", values=["gold", "silver"])
    sent = {"how": "many", "act": "give", "value": "gold", "customers": "1, 2\n3", "rule": "", "note": "by letter"}
    assert browser.post("/tags/vip/set/", sent | {"count": "yes"}).context["counted"] == 3
    assert not TagChange.objects.exists()
    done = browser.post("/tags/vip/set/", sent | {"set": "yes"}, follow=True)
    change = TagChange.objects.get()
    assert f'action="/tags/vip/changes/{change.pk}/undo/"' in text(done)
    assert done.context["figures"]["customers"] == "3"
    undone = browser.post(f"/tags/vip/changes/{change.pk}/undo/", follow=True)
    assert undone.context["figures"]["customers"] == "0"
    again = TagChange.objects.latest("pk")
    assert browser.post(f"/tags/vip/changes/{again.pk}/undo/", follow=True).context["figures"]["customers"] == "3"


def test_the_customers_of_a_rule_are_meant_as_they_are_now(browser: Client) -> None:
    defined("vip")
    sent = {"how": "many", "act": "give", "rule": RULE, "customers": "", "set": "yes"}
    browser.post("/tags/vip/set/", sent)
    buyers = browser.get("/customers/", {"rule": RULE}).context["list"]["page"].total
    assert TagChange.objects.get().customer_count == buyers
    browser.post("/tags/vip/set/", sent | {"act": "take"})
    assert browser.get("/tags/vip/").context["figures"]["customers"] == "0"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "bronze"}, "value"),
        ({"customers": "x"}, "customers"),
        ({"customers": "", "rule": ""}, "rule"),
        ({"customers": "", "rule": "nonsense >"}, "rule"),
    ],
)
def test_what_cannot_be_set_is_said_at_its_field(browser: Client, changes: dict[str, str], field: str) -> None:
    defined("vip", kind="category", values=["gold", "silver"])
    sent = {"how": "many", "act": "give", "value": "gold", "customers": "1", "rule": "", "note": "kept"} | changes
    response = browser.post("/tags/vip/set/", sent | {"set": "yes"})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "kept" in text(response)
    assert not TagChange.objects.exists()


def file_of(rows: list[tuple[str, str]], kind: str) -> BytesIO:
    """A table of customers and values, as CSV or XLSX."""
    file = BytesIO()
    if kind == "csv":
        file.write("\n".join(f"{one},{value}" for one, value in [("customer_id", "value"), *rows]).encode())
    else:
        with xlsxwriter.Workbook(file) as book:
            sheet = book.add_worksheet()
            for place, row in enumerate([("customer_id", "value"), *rows]):
                sheet.write_row(place, 0, row)
    file.seek(0)
    file.name = f"values.{kind}"
    return file


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_is_tried_out_before_it_is_carried_out(browser: Client, kind: str) -> None:
    defined("vip", kind="category", values=["gold", "silver"])
    rows = [("1", "gold"), ("2", "silver"), ("3", "bronze"), ("999999", "gold"), ("x", "gold")]
    tried = browser.post("/tags/vip/set/file/", {"file": file_of(rows, kind), "note": "of June"})
    assert (tried.context["tried"].customers, tried.context["tried"].rejected) == (2, 3)
    assert "is none of the tag" in text(tried)
    assert not TagChange.objects.exists()
    done = browser.post("/tags/vip/set/file/", {"confirm": "yes", "note": "of June"}, follow=True)
    assert done.context["figures"]["customers"] == "2"
    assert [(one.customer_count, one.note) for one in TagChange.objects.all()] == [(2, "of June")]
    gone = browser.post("/tags/vip/set/file/", {"confirm": "yes"})
    assert gone.status_code == 422, "it is carried out once"


def test_a_file_that_cannot_be_read_is_refused_in_words(browser: Client) -> None:
    defined("vip")
    file = BytesIO(b"name\nx\n")
    file.name = "names.csv"
    response = browser.post("/tags/vip/set/file/", {"file": file})
    assert response.status_code == 422
    assert "has no column customer_id" in text(response)


def test_on_the_single_view_a_tag_is_set_taken_away_and_that_is_undone(browser: Client) -> None:
    defined("vip", kind="category", values=["gold", "silver"])
    page = browser.post("/customers/5/tags/", {"tag": "vip=gold"}, follow=True)
    assert page.redirect_chain[-1][0] == "/customers/5/#tags"
    assert "/customers/5/tags/vip/unset/" in text(page), "at once, and not only after a refresh"
    page = browser.post("/customers/5/tags/vip/unset/", follow=True)
    assert "/customers/5/tags/vip/unset/" not in text(page)
    undo = TagChange.objects.latest("pk").pk
    back = browser.post(
        f"/tags/vip/changes/{undo}/undo/", headers={"referer": "http://testserver/customers/5/"}, follow=True
    )
    assert back.redirect_chain[-1][0] == "/customers/5/#tags"
    assert "/customers/5/tags/vip/unset/" in text(back)
    assert browser.post("/customers/5/tags/", {"tag": "rfm_segment"}).status_code == 409


# Reviewing


def test_a_sample_is_looked_at_one_by_one(browser: Client) -> None:
    defined("buyer", RULE)
    assert "No sample yet" in text(browser.get("/tags/buyer/review/"))
    first = browser.post("/tags/buyer/review/", {"draw": "yes", "size": "12"}, follow=True)
    assert (first.context["done_count"], first.context["drawn_count"]) == (0, 12)
    while review := first.context.get("review"):
        first = browser.post("/tags/buyer/review/", {"review": review["review_id"], "verdict": "right"}, follow=True)
    assert "The sample is looked at" in text(first)
    page = browser.get("/tags/buyer/")
    assert page.context["figures"]["accuracy"] == "100%"
    assert browser.get("/tags/", {"title": "buyer"}).context["list"]["page"].rows[0]["accuracy"].startswith("100%")


def test_what_is_right_instead_is_kept(browser: Client) -> None:
    defined("size", CASES, values=[{"value": "large", "title": "Large"}, {"value": "small", "title": "Small"}])
    page = browser.post("/tags/size/review/", {"draw": "yes", "size": "3"}, follow=True)
    review = page.context["review"]
    browser.post("/tags/size/review/", {"review": review["review_id"], "verdict": "wrong", "truth": "small"})
    kept = TagReview.objects.get(pk=review["review_id"])
    assert (kept.verdict, kept.truth, kept.reviewer and kept.reviewer.username) == ("wrong", "small", "ann")
    unclear = browser.post("/tags/size/review/", {"review": "0", "verdict": "right"}, follow=True)
    assert "there is no review" in text(unclear)


# Why


def test_why_is_an_answer_of_its_own_address_and_a_part_of_the_single_view(browser: Client) -> None:
    defined("buyer", RULE)
    customer_id = browser.get("/customers/", {"rule": RULE}).context["list"]["page"].rows[0]["customer_id"]
    address = f"/customers/{customer_id}/tags/buyer/"
    page = browser.get(address)
    assert "<h1>Buyer</h1>" in text(page)
    assert 'data-theme="system"' in text(page)
    part = browser.get(address, headers={"hx-request": "true"})
    assert "<h1>" not in text(part)
    assert text(part).strip() in text(page)
    assert address in text(browser.get(f"/customers/{customer_id}/"))


def test_why_is_asked_from_the_tag_by_number_or_name(browser: Client) -> None:
    defined("buyer", RULE)
    assert browser.get("/tags/buyer/why/", {"q": "3"})["Location"] == "/customers/3/tags/buyer/"
    assert browser.get("/tags/buyer/why/", {"q": "Ada11 Berg"})["Location"].endswith("/tags/buyer/")
    assert browser.get("/tags/buyer/why/", {"q": "Berg"})["Location"].startswith("/customers/?q=")
    assert "Nobody is found" in text(browser.get("/tags/buyer/why/", {"q": "Nobody Atall"}, follow=True))


# Elsewhere


def test_search_finds_tags_by_name_and_title_in_either_language(browser: Client) -> None:
    for wanted in ("rfm_segment", "RFM seg", "客群"):
        assert "/tags/rfm_segment/" in text(browser.get("/search/", {"q": wanted}))


def test_today_says_what_waits_and_what_fell(browser: Client, open_with: Any) -> None:
    defined("buyer", RULE)
    with acting_as(OPERATOR):
        draft_version(tag="buyer", rule="revenue_amount > 1")
        draw_sample(tag="buyer", size=4)
    tag = Tag.objects.get(name="recently_active")
    for refresh_id, count in ((0, 100), (10**9, 10)):
        day = timezone.now().date().replace(year=2020 + bool(refresh_id))
        TagFigure.objects.create(tag=tag, refresh_id=refresh_id, as_of=day, customer_count=count, of_customers=200)
    page = text(browser.get("/"))
    assert "Approve “Buyer”, version 2" in page
    assert "Review “Buyer”: 4 customers" in page
    assert "fell from" in page
    shown = text(open_with("/", Right.SEE_CUSTOMERS))
    assert "Approve “Buyer”" not in shown


def test_before_the_first_refresh_pages_say_what_is_defined(browser: Client) -> None:
    from zhike.warehouse.models import CurrentRefresh

    CurrentRefresh.objects.all().delete()
    assert "Age band" in text(browser.get("/tags/"))
    assert browser.get("/tags/rfm_segment/").status_code == 200
    assert browser.get("/tags/new-tag/").status_code == 200
    assert "Nothing has been computed yet" in text(browser.get("/customers/1/tags/rfm_segment/"))


def test_titles_are_in_the_readers_language(browser: Client) -> None:
    defined("kunde", CASES, title_zh="规模", values=[{"value": "large", "title": "Large", "title_zh": "大"}, "small"])
    page = browser.get("/tags/kunde/", headers={"accept-language": "zh-hans"})
    assert "<h1>规模</h1>" in text(page)
    assert "大" in page.context["values_chart"].labels


def test_a_change_that_nobody_made_cannot_be_undone(browser: Client) -> None:
    defined("vip")
    with acting_as(OPERATOR):
        set_tag(tag="vip", customers=[1])
    assert browser.post("/tags/vip/changes/999999/undo/").status_code == 404
