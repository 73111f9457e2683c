"""Without a mouse, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect
from tests.browser.conftest import Site, Visit
from tests.browser.pages import PAGES

VisitOf = Callable[..., Visit]


def test_a_customer_is_found_and_noted_with_the_keyboard_alone(company: Site, visit: VisitOf) -> None:
    window = visit(company)
    page = window.go("/sign-in/")
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.type(company.username)
    page.keyboard.press("Tab")
    page.keyboard.type(company.password)
    page.keyboard.press("Enter")
    page.wait_for_selector(".rail")
    page.wait_for_load_state()  # keys mean something once the scripts have run
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile("/customers/$"))
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/customers/\d+/$"))
    page.wait_for_load_state()
    page.locator(".note-form:visible textarea").focus()
    page.keyboard.type("Met at the counter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".kept-note").first).to_contain_text("Met at the counter")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()


def test_what_has_the_focus_can_be_seen(company: Site, visit: VisitOf) -> None:
    window = visit(company).sign_in()
    page = window.go("/customers/")
    unseen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(e => [e.outerHTML.slice(0, 80), getComputedStyle(e).outlineStyle, getComputedStyle(e).boxShadow])"
            "(document.activeElement)"
        )
        if style[1] == "none" and style[2] == "none":
            unseen.append(style[0])
    assert unseen == []


def test_pages_are_read_and_simple_forms_sent_without_javascript(company: Site, visit: VisitOf) -> None:
    window = visit(company, javascript=False)
    page = window.go("/sign-in/")
    page.fill("[name=username]", company.username)
    page.fill("[name=password]", company.password)
    page.click("main form button")
    for name, path in PAGES.items():
        window.go(path)
        assert page.locator("h1").count() == 1, name
    page = window.go("/insight/rfm/")
    page.locator(".behind summary").first.click()
    assert page.locator(".behind table").first.is_visible(), "the table stands in for the chart"
    page = window.go("/customers/")
    page.select_option("select[name=segment]", "champions")
    page.click(".filters .only-without-js")
    assert "segment=champions" in page.url
    page.click("[rel=next]") if page.locator("[rel=next]").count() else None
    page.click("form.language button")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    page.click("form.language button")


def test_text_may_be_twice_as_large(company: Site, visit: VisitOf) -> None:
    window = visit(company, width=640).sign_in()  # what a window of 1280 is at a zoom of 200 %
    too_wide = []
    for name, path in PAGES.items():
        page = window.go(path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            too_wide.append(name)
    assert too_wide == []


def test_the_single_view_is_fit_to_print(company: Site, visit: VisitOf) -> None:
    window = visit(company).sign_in()
    page = window.go("/customers/3/")
    page.emulate_media(media="print")
    for part in (".rail", ".top", ".actions", ".list-tools"):
        assert not page.locator(part).first.is_visible() if page.locator(part).count() else True
    assert page.locator("h1").is_visible()
    assert len(page.pdf(format="A4")) > 10_000
