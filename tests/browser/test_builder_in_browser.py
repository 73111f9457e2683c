"""The builder in a real browser: with mouse and keyboard, in both languages, with nothing lost while typing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import SETTLED, Site, Visit

VisitOf = Callable[..., Visit]
NEW = "/audiences/new/"
RULE = "order_count%20%3E%200%20and%20gender%20%3D%20%22female%22"
TABS = ("", "profile/", "funnel/", "history/", "overlap/", "look-alikes/", "lists/", "export/", "edit/")


@pytest.fixture(params=["en", "zh-hans"])
def window(request: pytest.FixtureRequest, company: Site, visit: VisitOf) -> Visit:
    return visit(company).sign_in(language=request.param)


def language_of(page: Page) -> str:
    return page.locator("html").get_attribute("lang") or ""


def settle(page: Page) -> None:
    """Waits until what was typed is sent and answered."""
    for _ in range(100):
        page.wait_for_timeout(100)
        if page.evaluate(SETTLED):
            page.wait_for_timeout(300)
            if page.evaluate(SETTLED):
                return


def text_of(page: Page) -> str:
    return page.locator("#rule-text").input_value()


def count_of(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator(".counted-figure b").inner_text()))


def add(page: Page, name: str, group: str = "top") -> None:
    """Adds a condition by typing what it is about and pressing Enter."""
    page.locator(f"[data-combo='{group}']").click()
    page.keyboard.type(name)
    page.locator(".combo-option[aria-selected=true]").filter(has_text=name).wait_for()
    page.keyboard.press("Enter")
    settle(page)


def test_an_audience_is_built_counted_and_saved(window: Visit) -> None:
    page = window.go(NEW)
    expect(page.locator(".counted")).to_be_visible()
    window.look(f"builder-empty-{language_of(page)}")
    page.locator("[data-combo=top]").click()
    page.keyboard.type("age")
    expect(page.locator(".combo-option meter").first).to_be_visible()
    assert window.faults() == []
    window.look(f"builder-choosing-{language_of(page)}")
    page.keyboard.press("Escape")
    expect(page.locator(".combo-list")).to_have_count(0)
    page.locator("[data-combo=top]").fill("")
    add(page, "age")
    expect(page.locator("[name='r.0.values']")).to_be_focused()
    page.keyboard.type("30")
    settle(page)
    assert text_of(page) == "age >= 30"
    everybody = count_of(page)
    add(page, "rfm_segment")
    page.locator(".tick").filter(has_text=re.compile("Champions|冠军")).click()
    settle(page)
    assert text_of(page) == 'age >= 30 and has tag "rfm_segment" = "champions"'
    assert count_of(page) <= everybody
    expect(page.locator("#row-1 .row-count b")).to_have_text(page.locator(".counted-figure b").inner_text())
    expect(page).to_have_url(re.compile("rule=age"))
    name = f"Champions from 30 {language_of(page)}"
    page.fill("[name=name]", name)
    assert window.faults() == []
    window.look(f"builder-{language_of(page)}")
    page.locator(".builder-save button").click()
    expect(page.locator("h1")).to_have_text(name)


def test_rows_follow_the_text_and_a_mistake_is_mended_by_a_click(window: Visit) -> None:
    page = window.go(NEW)
    page.locator("#rule-text").fill('order_count > 0 an gender = "female"')
    settle(page)
    expect(page.locator("#rule-error mark")).to_have_text("an")
    assert window.faults() == []
    window.look(f"builder-mistake-{language_of(page)}")
    page.locator("[data-place]").click()
    assert page.evaluate("getSelection().toString()") == "an"
    page.locator("#rule-error button[value^='apply']").click()
    settle(page)
    assert text_of(page) == 'order_count > 0 and gender = "female"'
    assert page.locator(".rule-row").count() == 2
    page.locator("#rule-text").fill('gendre = "female"')
    settle(page)
    page.locator(".row-fault button").click()
    settle(page)
    assert text_of(page) == 'gender = "female"'
    assert count_of(page) > 0


def test_rows_are_moved_and_taken_back_by_keyboard(window: Visit) -> None:
    page = window.go(f"{NEW}?rule={RULE}")
    page.locator("[name='r.0.values']").focus()
    page.keyboard.press("Alt+ArrowDown")
    settle(page)
    assert text_of(page) == 'gender = "female" and order_count > 0'
    expect(page.locator("[name='r.1.values']")).to_be_focused()
    page.keyboard.press("Alt+g")
    settle(page)
    assert page.locator("#row-1 #row-1-0").count() == 1
    page.keyboard.press("Alt+d")
    settle(page)
    assert text_of(page) == 'gender = "female" and (order_count > 0 or order_count > 0)'
    page.keyboard.press("Alt+Backspace")
    settle(page)
    page.locator("#row-0 .close").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert text_of(page) == "order_count > 0"
    page.locator("h1").click()
    page.keyboard.press("Control+z")
    settle(page)
    assert text_of(page) == 'gender = "female" and order_count > 0'
    page.keyboard.press("Control+Shift+z")
    settle(page)
    assert text_of(page) == "order_count > 0"


def test_a_row_is_carried_by_the_mouse(company: Site, visit: VisitOf) -> None:
    page = visit(company).sign_in().go(f"{NEW}?rule={RULE}%20and%20(age%20%3E%2030%20or%20age%20%3C%2020)")
    page.locator("#row-0 > .rule-line > [data-grip]").drag_to(page.locator("#row-2-1 > .rule-line > .rule-parts"))
    settle(page)
    assert text_of(page) == 'gender = "female" and (age > 30 or order_count > 0 or age < 20)'
    page.locator("#row-1-1 > .rule-line > [data-grip]").drag_to(page.locator(".rule-add").last)
    settle(page)
    assert text_of(page) == 'gender = "female" and (age > 30 or age < 20) and order_count > 0'


def test_whoever_types_fast_loses_nothing(company: Site, visit: VisitOf) -> None:
    window = visit(company).sign_in()
    page = window.go(f"{NEW}?rule=order_count%20%3E%200%20and%20revenue_amount%20%3E%200")
    page.route("**/rules/build/", lambda route: (page.wait_for_timeout(150), route.continue_()))
    for field, typed in (("r.0.values", "12"), ("r.1.values", "3456"), ("r.0.values", "7")):
        page.locator(f"[name='{field}']").select_text()
        page.keyboard.type(typed, delay=90)
        page.keyboard.press("Tab")
    settle(page)
    page.unroute("**/rules/build/")
    assert text_of(page) == "order_count > 7 and revenue_amount > 3456"
    page.locator("#rule-text").click()
    page.keyboard.press("End")
    page.keyboard.type(" and age between 30 and 40", delay=60)
    settle(page)
    assert text_of(page) == "order_count > 7 and revenue_amount > 3456 and age between 30 and 40"
    assert page.evaluate("document.activeElement.selectionStart") == len(text_of(page)), "the caret stays"
    assert page.locator(".rule-row").count() == 3


def test_back_and_reload_show_the_same_rule(company: Site, visit: VisitOf) -> None:
    page = visit(company).sign_in().go(f"{NEW}?rule=order_count%20%3E%200")
    page.locator("[name='r.0.values']").fill("3")
    settle(page)
    page.reload()
    assert text_of(page) == "order_count > 3"
    page.locator("#audience-count a").click()
    expect(page).to_have_url(re.compile("/customers/"))
    page.go_back()
    settle(page)
    assert text_of(page) == "order_count > 3"


def test_the_builder_works_without_javascript(company: Site, visit: VisitOf) -> None:
    window = visit(company, javascript=False)
    page = window.go("/sign-in/")
    page.fill("[name=username]", company.username)
    page.fill("[name=password]", company.password)
    page.click("main form button")
    page = window.go(NEW)
    page.fill("[name='r.new']", "age")
    page.locator("button[value='add top']").click()
    page.fill("[name='r.0.values']", "30")
    page.fill("[name=name]", "Without scripts")
    page.locator(".builder-side button.only-without-js").click()
    assert text_of(page) == "age >= 30"
    assert count_of(page) > 0
    page.locator(".builder-save button").click()
    expect(page.locator("h1")).to_have_text("Without scripts")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_of_an_audience_stands(window: Visit, theme: str) -> None:
    page = window.page
    window.prefer(theme=theme)
    window.go(f"{NEW}?rule={RULE}")
    name = f"Women who buy {theme} {language_of(page)}"
    page.fill("[name=name]", name)
    page.locator(".builder-save button").click()
    expect(page.locator("h1")).to_have_text(name)
    address = re.sub(r"^https?://[^/]+", "", page.url)
    found = {}
    for tab in TABS:
        window.go(f"{address}{tab}")
        assert page.locator("h1").count() == 1, tab
        found[tab] = window.faults()
        window.look(f"audience-{tab.strip('/') or 'customers'}-{language_of(page)}-{theme}")
        page.set_viewport_size({"width": 640, "height": 900})  # what a window of 1280 is at a zoom of 200 %
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            found[tab].append("too wide at 200 %")
        page.set_viewport_size({"width": 1280, "height": 900})
    assert {tab: faults for tab, faults in found.items() if faults} == {}
    window.go(f"{address}lists/")
    page.fill("#freeze-name", f"{name} then")
    page.locator("form:has([value=freeze]) button").click()
    page.locator("table").get_by_role("link", name=f"{name} then").click()
    page.locator(".tabs a[href$='/now/']").click()
    expect(page.locator("h1")).to_have_text(f"{name} then")
    assert window.faults() == []
    window.look(f"audience-now-{language_of(page)}-{theme}")
    window.go(f"{address}profile/")
    page.locator(".chart .behind summary").first.click()
    page.locator(".chart .behind a").first.click()
    expect(page).to_have_url(re.compile("/customers/.rule=in"))
