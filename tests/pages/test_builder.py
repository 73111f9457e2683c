"""The builder: rows and text are two faces of one rule; what each row does, what is wrong and where."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from tests.pages.sent_forms import buttons_of, filled_in

from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.models import User
from zhike.govern.access.rights import Right
from zhike.understand.audiences.queries import count_audience
from zhike.understand.audiences.services import save_audience

pytestmark = pytest.mark.usefixtures("company")
NEW = "/audiences/new/"
RULE = (
    'city = "上海" and age between 20 and 60 and count(orders where amount > 10 in last 24 months) >= 1 '
    'and (order_count > 1 or not has tag "rfm_segment" = "champions")'
)


def builder(response: Any) -> dict[str, Any]:
    shown: dict[str, Any] = response.context["builder"]
    return shown


def opened(browser: Client, rule: str = "") -> Any:
    return browser.get(NEW, {"rule": rule})


def sent(browser: Client, before: Any, **changes: str | list[str]) -> Any:
    """The builder after a change, as the page asks for it while somebody types."""
    return browser.post("/rules/build/", filled_in(before, **changes))


def rows(response: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = builder(response)["top"]["rows"]
    return found


def test_rows_and_text_say_the_same(browser: Client) -> None:
    page = opened(browser, RULE)
    assert [row["kind"] for row in rows(page)] == ["attribute", "attribute", "facts", "group"]
    again = sent(browser, page, do="count")
    assert builder(again)["text"] == builder(page)["text"] == RULE
    assert builder(again)["before"] == builder(page)["before"]
    rebuilt = sent(browser, page, do="rows")
    assert builder(rebuilt)["text"] == RULE, "made anew of the fields that the page shows"


def test_a_field_that_is_changed_changes_the_text_and_the_count(browser: Client) -> None:
    page = opened(browser, "order_count >= 1")
    after = sent(browser, page, r__0__values="5")
    assert builder(after)["text"] == "order_count >= 5"
    with acting_as(OPERATOR):
        assert builder(after)["counted"].count == count_audience("order_count >= 5").count
    assert builder(after)["counted"].count < builder(page)["counted"].count


def test_text_that_is_changed_changes_the_rows(browser: Client) -> None:
    page = opened(browser, "order_count >= 1")
    after = sent(browser, page, rule='city = "成都" or order_count = 3')
    assert [row["title"] for row in rows(after)] == ["City", "Orders"]
    assert builder(after)["top"]["joined"][1].is_chosen


def test_text_that_cannot_be_read_keeps_the_rows_and_says_where(browser: Client) -> None:
    page = opened(browser, "order_count >= 1")
    wrong = sent(browser, page, rule="order_count >= 1 an age > 30")
    error = builder(wrong)["error"]
    assert (error["before"], error["wrong"], error["after"]) == ("order_count >= 1 ", "an", " age > 30")
    assert builder(wrong)["is_stale"]
    assert rows(wrong)[0]["values"][0]["text"] == "1"
    mended = sent(browser, wrong, do=f"apply {error['suggestion'].start} {error['suggestion'].end} and")
    assert builder(mended)["text"] == "order_count >= 1 and age > 30"
    assert len(rows(mended)) == 2
    given_up = sent(browser, wrong, do="rows")
    assert builder(given_up)["text"] == "order_count >= 1"


def test_a_name_that_there_is_not_is_said_at_the_row_and_in_the_text_and_mended_by_a_click(browser: Client) -> None:
    page = opened(browser, "agee > 30 and order_count > 1")
    (fault,) = rows(page)[0]["faults"]
    assert fault.suggestion == "age"
    assert builder(page)["error"]["wrong"] == "agee"
    for button in (button for button in buttons_of(page) if button.startswith(("put ", "apply 0 4 "))):
        mended = sent(browser, page, do=button)
        assert builder(mended)["text"] == "age > 30 and order_count > 1", button
        assert builder(mended)["counted"]


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("attribute:order_count", ""),
        ("tag:rfm_segment", 'has tag "rfm_segment"'),
        ("facts:ever:orders", "ever(orders)"),
        ("facts:last:orders", "last(orders) within 30 days"),
        ("Age", ""),
        ("Last order", "last_ordered_on within 30 days"),
        ("last_ordered_on", "last_ordered_on within 30 days"),
    ],
)
def test_a_condition_is_added_by_what_it_is_about(browser: Client, asked: str, text: str) -> None:
    page = opened(browser)
    chosen = sent(browser, page, do=f"add top {asked}")
    typed = sent(browser, page, do="add top", r__new=asked)
    for after in (chosen, typed):
        assert len(rows(after)) == 1
        assert builder(after)["text"] == text, "a row that is not filled in yet says nothing"


def test_what_there_is_not_cannot_be_added(browser: Client) -> None:
    after = sent(browser, opened(browser), do="add top", r__new="shoe size of the spouse")
    assert rows(after) == []
    assert "shoe size" in str(builder(after)["top"]["problem"])
    assert "shoe size" in after.content.decode()


def test_each_row_says_what_it_leaves_and_what_it_changes(browser: Client) -> None:
    page = opened(browser, 'order_count > 0 and city = "上海"')
    first, second = (row["count"] for row in rows(page))
    with acting_as(OPERATOR):
        both = count_audience('order_count > 0 and city = "上海"').count
        assert first.so_far == first.alone == count_audience("order_count > 0").count
        assert first.without == second.alone == count_audience('city = "上海"').count
    assert second.so_far == both
    assert second.change == both - first.so_far
    nested = opened(browser, "order_count > 0 and (age > 30 or age < 20)")
    inner = rows(nested)[1]["group"]["rows"]
    assert [row["joins"] for row in inner] == ["", "or"]
    assert all(row["count"] for row in inner)


def test_a_row_that_is_not_filled_in_is_left_out_until_it_is(browser: Client) -> None:
    page = sent(browser, opened(browser, "order_count > 0"), do="add top attribute:age")
    assert builder(page)["is_incomplete"]
    assert builder(page)["text"] == "order_count > 0"
    assert rows(page)[1]["missing"]
    assert not rows(page)[1]["faults"]
    filled = sent(browser, page, r__1__values="30")
    assert builder(filled)["text"] == "order_count > 0 and age >= 30"
    wrong = sent(browser, page, r__1__values="thirty")
    assert "thirty" in rows(wrong)[1]["faults"][0].message
    assert builder(wrong)["counted"] is None
    assert "thirty" in wrong.content.decode(), "what was typed stays"


def test_rows_are_moved_duplicated_grouped_and_removed(browser: Client) -> None:
    page = opened(browser, 'order_count > 1 and age > 30 and city = "上海"')
    steps = [
        ("down 0", 'age > 30 and order_count > 1 and city = "上海"'),
        ("duplicate 2", 'age > 30 and order_count > 1 and city = "上海" and city = "上海"'),
        ("remove 3", 'age > 30 and order_count > 1 and city = "上海"'),
        ("wrap 1", 'age > 30 and order_count > 1 and city = "上海"'),
        ("up 2", 'age > 30 and (order_count > 1 or city = "上海")'),
        ("up 1.1", 'age > 30 and (city = "上海" or order_count > 1)'),
        ("carry 0 1 1", '(city = "上海" or age > 30 or order_count > 1)'),
        ("dissolve 0", 'city = "上海" and age > 30 and order_count > 1'),
    ]
    for act, text in steps:
        page = sent(browser, page, do=act)
        assert builder(page)["text"].strip("()") == text.strip("()"), act


def test_what_was_done_is_taken_back_and_done_again(browser: Client) -> None:
    page = opened(browser, "order_count > 1 and age > 30")
    assert not builder(page)["can_undo"]
    removed = sent(browser, page, do="remove 0")
    typed = sent(browser, sent(browser, removed, r__0__values="4"), r__0__values="45")
    assert builder(typed)["text"] == "age > 45"
    back = sent(browser, typed, do="undo")
    assert builder(back)["text"] == "age > 30", "typing in one field is one step"
    back = sent(browser, back, do="undo")
    assert builder(back)["text"] == "order_count > 1 and age > 30"
    assert not builder(back)["can_undo"]
    again = sent(browser, sent(browser, back, do="redo"), do="redo")
    assert builder(again)["text"] == "age > 45"


def test_values_are_ticked_with_how_many_have_them(browser: Client) -> None:
    page = opened(browser, 'has tag "rfm_segment" in ("champions", "loyal")')
    ticks = {tick.value: tick for tick in rows(page)[0]["ticks"]}
    assert [name for name, tick in ticks.items() if tick.is_chosen] == ["champions", "loyal"]
    with acting_as(OPERATOR):
        assert ticks["champions"].count == count_audience('has tag "rfm_segment" = "champions"').count
    after = sent(browser, page, r__0__values=["champions"])
    assert builder(after)["text"] == 'has tag "rfm_segment" = "champions"'
    turned = sent(browser, after, r__0__negated="yes")
    assert builder(turned)["text"] == 'not has tag "rfm_segment" = "champions"'


def test_facts_are_narrowed_by_their_own_columns_and_a_window(browser: Client) -> None:
    page = sent(browser, opened(browser), do="add top facts:count:orders")
    page = sent(browser, page, r__0__values="2", do="add 0 attribute:amount")
    page = sent(browser, page, r__0__0__values="10", r__0__window__kind="last")
    assert rows(page)[0]["window"]["units"][0].is_chosen, "a unit that fits is there"
    page = sent(browser, page, r__0__window__number="24", r__0__window__unit="month")
    assert builder(page)["text"] == "count(orders where amount >= 10 in last 24 months) >= 2"
    page = sent(browser, page, r__0__function="sum")
    assert rows(page)[0]["columns"], "a function of a column offers columns"
    page = sent(browser, page, r__0__column="amount")
    assert builder(page)["text"] == "sum(orders.amount where amount >= 10 in last 24 months) >= 2"


def test_every_state_has_an_address_without_personal_data(browser: Client, administrator: User) -> None:
    page = opened(browser, "order_count > 1")
    after = sent(browser, page, r__0__values="2")
    assert after["HX-Replace-Url"] == "/audiences/new/?rule=order_count+%3E+2"
    personal = sent(browser, page, rule='name contains "Ada"')
    address = personal["HX-Replace-Url"]
    assert "Ada" not in address
    assert builder(browser.get(address))["text"] == 'name contains "Ada"'
    long = " or ".join(f"order_count = {number}" for number in range(90))
    address = sent(browser, page, rule=long)["HX-Replace-Url"]
    assert len(address) < 100
    assert builder(browser.get(address))["text"] == long
    stranger = User.objects.create(username="eve", is_superuser=True)
    browser.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert builder(browser.get(address))["text"] == "", "a draft is its writer's alone"


def test_what_a_condition_can_be_about_is_found_with_coverage_and_values(browser: Client) -> None:
    found = browser.get("/rules/names/", {"q": "rfm segment"}).content.decode()
    assert 'data-ref="tag:rfm_segment"' in found
    assert "About to sleep" in found
    assert "<meter" in found
    of_facts = browser.get("/rules/names/", {"q": "", "facts": "orders"}).content.decode()
    assert 'data-ref="attribute:amount"' in of_facts
    assert "tag:" not in of_facts
    assert "Nothing is called" in browser.get("/rules/names/", {"q": "zzz"}).content.decode()


def test_who_may_not_see_personal_data_is_not_offered_what_identifies(open_with: Any) -> None:
    few = open_with("/rules/names/?q=phone", Right.SEE_CUSTOMERS).content.decode()
    assert 'data-ref="attribute:phone"' not in few
    all_rights = open_with("/rules/names/?q=phone", Right.SEE_CUSTOMERS, Right.SEE_PERSONAL_DATA).content.decode()
    assert 'data-ref="attribute:phone"' in all_rights
    refused = open_with("/audiences/new/?rule=phone+is+known", Right.SEE_CUSTOMERS, Right.DEFINE_AUDIENCES)
    assert "right to see personal data" in refused.content.decode()


def test_without_javascript_buttons_build_the_rule_on_the_page_itself(browser: Client) -> None:
    page = browser.post(NEW, filled_in(opened(browser), do="add top", r__new="Orders: any", name="Kept"))
    assert page.status_code == 200
    assert builder(page)["text"] == "ever(orders)"
    assert "Kept" in page.content.decode(), "what was typed elsewhere stays"
    page = browser.post(NEW, filled_in(page, do="remove 0"))
    assert builder(page)["can_undo"]
    page = browser.post(NEW, filled_in(page, do="undo"))
    saved = browser.post(NEW, filled_in(page, name="Buyers"))
    assert saved.status_code == 302


def test_a_rule_that_is_not_complete_is_not_saved_and_nothing_is_lost(browser: Client) -> None:
    page = sent(browser, opened(browser, "order_count > 0"), do="add top attribute:age")
    refused = browser.post(NEW, filled_in(page, name="Half", csrfmiddlewaretoken=""))
    assert refused.status_code == 422
    assert "this is not filled in yet" in refused.content.decode()
    assert len(rows(refused)) == 2
    nothing = browser.post(NEW, filled_in(opened(browser), name="Nobody"))
    assert nothing.status_code == 422
    assert "there is no condition here yet" in nothing.content.decode()


def test_an_audience_is_a_condition_too(browser: Client) -> None:
    with acting_as(OPERATOR):
        save_audience(name="Buyers", rule="order_count > 0")
    page = sent(browser, opened(browser), do="add top audience:Buyers")
    assert builder(page)["text"] == 'in audience "Buyers"'


def test_what_no_page_sends_is_refused_in_words(browser: Client) -> None:
    page = filled_in(opened(browser, "order_count > 0"))
    for forged in (
        {"before": "["},
        {"before": json.dumps({"rows": [{"kind": "spell"}]})},
        {"r.0.kind": "spell"},
        {"do": "remove 7"},
        {"do": "remove 0.0.0"},
        {"do": "up x"},
        {"do": "add 4 attribute:age"},
        {"do": "carry 0 9 1"},
    ):
        answer = browser.post("/rules/build/", page | {name: [value] for name, value in forged.items()})
        assert answer.status_code == 422, forged
    harmless = browser.post("/rules/build/", page | {"past": ["{"], "do": ["put 0 name"], "touched": ["x"]})
    assert harmless.status_code == 200


def test_a_definition_may_be_a_value_where_the_page_takes_one(browser: Client) -> None:
    page = filled_in(opened(browser, "order_count > 0"), accepts="definition", rule="days_since(last_ordered_on)")
    after = browser.post("/rules/build/", page)
    assert builder(after)["is_value"]
    assert rows(after) == []
    again = browser.post("/rules/build/", filled_in(after))
    assert builder(again)["is_value"], "sent as it was, it stays one"
    refused = sent(browser, opened(browser), rule="days_since(last_ordered_on)")
    assert builder(refused)["error"]
