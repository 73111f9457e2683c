"""Tags as people use them: looked up, defined, taken into force, set, reviewed, and asked why; in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Site, Visit

VisitOf = Callable[..., Visit]
WORK = 60_000  # milliseconds that a tag may take to be computed here
BUYER = "revenue_amount > 0"


@pytest.fixture(params=["en", "zh-hans"])
def window(request: pytest.FixtureRequest, company: Site, visit: VisitOf) -> Visit:
    return visit(company).sign_in(language=request.param)


def language_of(page: Page) -> str:
    return page.locator("html").get_attribute("lang") or ""


def name_for(page: Page, what: str) -> str:
    return f"{what}_{language_of(page).replace('-', '_')}"


def take_into_force(page: Page, name: str) -> None:
    """Approves and publishes what waits, as the buttons on the page of the tag do."""
    page.locator(f"form[action='/tags/{name}/versions/1/approve/'] button").click()
    page.locator(f"form[action='/tags/{name}/versions/1/publish/'] button").click()


def define_set_tag(window: Visit, name: str) -> Page:
    """A category that people set, in force."""
    page = window.go("/tags/new-tag/")
    page.check("[name=origin][value=person]")
    expect(page.locator(".builder")).to_be_hidden()
    page.select_option("[name=kind]", "category")
    page.fill("[name=values]", "phone = By telephone | 电话\nmail = By mail | 邮件")
    page.fill("[name=title]", name)
    page.fill("[name=name]", name)
    page.fill("main [name=theme]", "business/service")
    page.locator("main form button").last.click()
    expect(page).to_have_url(re.compile(f"/tags/{name}/$"))
    take_into_force(page, name)
    expect(page.locator(f"a[href='/tags/{name}/set/']")).to_be_visible()
    return page


def test_the_catalogue_is_walked_along_its_tree(window: Visit) -> None:
    page = window.go("/tags/")
    everything = page.locator(".pages span").first.inner_text()
    page.locator(".tree a[href*='business%2Fvalue']").click()
    expect(page.locator(".tree [aria-current]")).to_have_count(1)
    expect(page.locator(".pages span").first).not_to_have_text(everything)
    page.select_option("select[name=kind]", "number")
    expect(page).to_have_url(re.compile("in=business%2Fvalue.*kind=number|kind=number.*in=business%2Fvalue"))
    page.locator("tbody a").first.click()
    expect(page.locator(".chart svg").first).to_be_visible()
    assert window.faults() == []


def test_a_tag_is_defined_taken_into_force_and_its_customers_are_looked_at(window: Visit) -> None:
    page = window.go("/tags/new-tag/")
    name = name_for(page, "buyer")
    page.fill("#rule-text", BUYER)
    expect(page.locator(".builder .counted-figure b")).to_be_visible()
    window.look(f"tag-new-{language_of(page)}")
    assert window.faults() == []
    page.fill("[name=title]", name)
    page.fill("[name=name]", name)
    page.fill("main [name=theme]", "business/value")
    page.locator("main form button").last.click()
    expect(page).to_have_url(re.compile(f"/tags/{name}/$"))
    expect(page.locator(".chosen.must")).to_be_visible()
    assert window.faults() == []
    window.look(f"tag-waiting-{language_of(page)}")
    take_into_force(page, name)
    page.locator(".job .mark.good").wait_for(timeout=WORK)
    page = window.go(f"/tags/{name}/")
    figure = page.locator(".big-figure a").first
    customers = figure.inner_text()
    figure.click()
    expect(page).to_have_url(re.compile("rule="))
    expect(page.locator(".pages")).to_contain_text(customers)


def test_another_version_shows_whom_it_changes(window: Visit) -> None:
    page = window.go("/tags/purchase_rhythm/edit/")
    rule = page.locator("#rule-text").input_value()
    page.fill("#rule-text", rule.replace("12 months) >= 4", "12 months) >= 5"))
    expect(page.locator("#tag-preview .lines")).to_be_visible()
    page.fill("[name=note]", "Five orders a year")
    page.locator("form:has([name=part][value=definition]) button").last.click()
    expect(page).to_have_url(re.compile(r"/versions/\d+/$"))
    expect(page.locator("pre.rule ins").first).to_contain_text("5")
    expect(page.locator("#members .figures")).to_be_visible()
    assert window.faults() == []
    window.look(f"tag-version-{language_of(page)}")
    page.locator("form[action$='/withdraw/'] button").click()
    expect(page.locator(".toast")).to_be_visible()


def test_the_single_view_says_why_on_the_spot(window: Visit) -> None:
    page = window.go("/customers/?q=%E5%88%98%E6%95%8F%E8%96%87")
    expect(page.locator(".why")).to_have_count(0)
    page.locator(".why-link[href$='/tags/may_be_asked/']").click()
    answer = page.locator(".why")
    expect(answer.locator("li.yes").first).to_be_visible()
    assert window.faults() == []
    window.look(f"why-{language_of(page)}")
    answer.locator("li a").first.click()
    expect(page).to_have_url(re.compile(r"/customers/\d+/tags/\w+/$"))
    expect(page.locator(".why .verdict")).to_be_visible()
    assert window.faults() == []


def test_a_tag_is_set_on_the_single_view_and_that_is_undone(window: Visit) -> None:
    page = window.go("/tags/")
    name = name_for(page, "wish")
    define_set_tag(window, name)
    page = window.go("/customers/5/")
    page.select_option(".set-one select", f"{name}=phone")
    page.locator(".set-one button").click()
    expect(page.locator(f".tag-chip form[action$='/tags/{name}/unset/']")).to_have_count(1)
    page.locator(".toast form button").click()
    expect(page).to_have_url(re.compile("/customers/5/"))
    expect(page.locator(f".tag-chip form[action$='/tags/{name}/unset/']")).to_have_count(0)


def test_a_file_sets_a_tag_once_it_was_looked_at(window: Visit, tmp_path: Path) -> None:
    page = window.go("/tags/")
    name = name_for(page, "filed")
    define_set_tag(window, name)
    path = tmp_path / "wishes.csv"
    path.write_text("customer_id,value\n1,phone\n2,mail\n3,fax\n")
    page = window.go(f"/tags/{name}/set/")
    assert window.faults() == []
    page.set_input_files("[name=file]", path)
    page.locator("form[action$='/set/file/'] button").click()
    expect(page.locator("#rejects")).to_contain_text("fax")
    assert window.faults() == []
    window.look(f"tag-file-{language_of(page)}")
    page.locator(".page-header form button").click()
    expect(page).to_have_url(re.compile(f"/tags/{name}/$"))
    expect(page.locator(".big-figure a").first).to_have_text("2")
    page.locator("#changes form button").click()
    expect(page.locator(".big-figure dd").first).to_have_text("0")
    window.look(f"tag-set-{language_of(page)}")


def test_a_sample_is_reviewed_with_the_keyboard_alone(window: Visit) -> None:
    page = window.go("/tags/gender/review/")
    page.fill("[name=size]", "6")
    page.locator("button[name=draw]").click()
    expect(page.locator(".review h2").first).to_be_visible()
    window.look(f"tag-review-{language_of(page)}")
    assert window.faults() == []
    waiting = page.locator(".progress span").inner_text()
    for key in "yun":
        page.locator("main").focus()
        with page.expect_navigation():
            page.keyboard.press(key)
    assert page.locator(".progress span").inner_text() != waiting


def test_why_and_the_catalogue_are_read_without_javascript(company: Site, visit: VisitOf) -> None:
    window = visit(company, javascript=False)
    page = window.go("/sign-in/")
    page.fill("[name=username]", company.username)
    page.fill("[name=password]", company.password)
    page.click("main form button")
    page = window.go("/customers/5/")
    page.locator(".why-link").first.click()
    assert re.search(r"/customers/5/tags/\w+/$", page.url)
    assert page.locator(".why .verdict").is_visible()
    page = window.go("/tags/rfm_segment/")
    page.locator(".behind summary").nth(1).click()
    page.fill("form[action='/tags/rfm_segment/why/'] input", "5")
    page.locator("form[action='/tags/rfm_segment/why/'] button").click()
    assert page.url.endswith("/customers/5/tags/rfm_segment/")


def test_a_tag_is_fit_to_print(company: Site, visit: VisitOf) -> None:
    window = visit(company).sign_in()
    page = window.go("/tags/rfm_segment/")
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert not page.locator(".page-header .actions").is_visible()
    assert len(page.pdf(format="A4")) > 10_000


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_of_a_set_tag_stands(window: Visit, theme: str) -> None:
    window.prefer(theme=theme)
    page = window.go("/tags/")
    name = name_for(page, f"told_{theme}")
    define_set_tag(window, name)
    page = window.go(f"/tags/{name}/set/")
    page.select_option("[name=value]", "phone")
    page.fill("[name=customers]", "5 6 7")
    page.locator("button[name=count]").click()
    expect(page.locator("[role=status] b")).to_contain_text("3")
    found = {"set": window.faults()}
    page.locator("button[name=set]").click()
    expect(page.locator("#changes form button")).to_have_count(1)
    for part in ("", "edit/", "versions/1/", "review/", "set/"):
        window.go(f"/tags/{name}/{part}")
        found[part] = window.faults()
        window.look(f"tag-set-{part.strip('/').replace('/', '-') or 'page'}-{language_of(page)}-{theme}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found[part].append("too wide")
    assert {part: faults for part, faults in found.items() if faults} == {}


def test_a_mistake_in_a_value_is_shown_at_its_line_and_mended_by_a_click(window: Visit) -> None:
    page = window.go("/tags/premium_band/edit/")
    rule = page.locator("#rule-text").input_value()
    page.fill("#rule-text", rule.replace("annual_premium_amount < 20000", "annual_premium_amuont < 20000"))
    expect(page.locator("#rule-error .line")).to_contain_text("3")
    expect(page.locator(".builder.is-value")).to_be_visible()
    assert window.faults() == []
    window.look(f"tag-value-mistake-{language_of(page)}")
    page.locator("#rule-error button[value^=apply]").click()
    expect(page.locator("#rule-error")).to_have_count(0)
    expect(page.locator("#tag-preview .lines")).to_be_visible()
    assert page.locator("#rule-text").input_value().split() == rule.split()


def test_a_value_begins_with_an_example(window: Visit) -> None:
    page = window.go("/tags/new-tag/")
    page.locator(".examples button[value*=' when ']").click()
    expect(page.locator("#rule-text")).to_have_value(re.compile("^when .*\nwhen .*\notherwise"))
    expect(page.locator("#tag-preview .lines li")).to_have_count(3)
