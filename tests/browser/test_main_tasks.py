"""What each page is for, done as a person does it, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Site, Visit

VisitOf = Callable[..., Visit]
ORDERS = "order_id,customer_key,ordered_at,amount\n" + "".join(
    f"W{n},K{n % 7},2026-01-{n % 28 + 1:02},{n}\n" for n in range(1, 60)
)
BAD = "W90,K1,never,5\n"
WORK = 60_000  # milliseconds that background work may take here


@pytest.fixture(params=["en", "zh-hans"])
def window(request: pytest.FixtureRequest, company: Site, visit: VisitOf) -> Visit:
    return visit(company).sign_in(language=request.param)


def language_of(page: Page) -> str:
    return page.locator("html").get_attribute("lang") or ""


def test_a_file_is_imported_from_upload_to_result(window: Visit, tmp_path: Path) -> None:
    page = window.go("/data/import/")
    language = language_of(page)
    path = tmp_path / f"orders-{language}.csv"
    path.write_text(ORDERS.replace("W", f"W{language}") + BAD)
    page.set_input_files("[name=file]", path)
    page.select_option("[name=entity]", "orders")
    page.locator("main form details:has([name=new_source]) summary").click()
    page.fill("[name=new_source]", f"window-{language}")
    page.select_option("[name=lawful_basis]", "contract")
    window.look(f"import-upload-{language}")
    page.click("main form button")
    expect(page).to_have_url(re.compile("/mapping/$"))
    assert page.locator("[id='from-order_id']").input_value() == "column:order_id", "it was recognised"
    assert window.faults() == []
    window.look(f"import-mapping-{language}")
    page.locator("#mapping button").last.click()
    expect(page).to_have_url(re.compile("/preview/$"))
    expect(page.locator(".big-figure.must")).to_contain_text("1")
    assert window.faults() == []
    window.look(f"import-preview-{language}")
    page.locator(".page-header form button").click()
    expect(page).to_have_url(re.compile(r"/data/jobs/\d+/$"))
    page.locator(".job a[role=button]").click(timeout=WORK)
    expect(page).to_have_url(re.compile(r"/data/imports/\d+/$"))
    expect(page.locator("main")).to_contain_text("59")
    assert window.faults() == []
    window.look(f"import-result-{language}")
    with page.expect_download() as download:
        page.locator("a[href$='rejects.csv']").first.click()
    assert "never" in Path(download.value.path()).read_text(encoding="utf-8-sig")


def test_a_customer_is_found_from_anywhere(window: Visit) -> None:
    page = window.go("/customers/")
    names = page.locator("#customers-list tbody td:first-child a").all_inner_texts()
    name = next(name for name in names if re.match("[\u4e00-\u9fff]{3}", name))
    page.goto(window.site.address + "/data/jobs/")
    page.keyboard.press("Control+k")
    page.keyboard.type(name)
    expect(page.locator("#found a").first).to_contain_text(name)
    assert window.faults() == []
    window.look(f"palette-{language_of(page)}")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(name)


def test_a_list_is_sorted_filtered_paged_and_kept(window: Visit) -> None:
    page = window.go("/customers/")
    first = page.locator("tbody tr").first.inner_text()
    page.click("[rel=next]")
    expect(page).to_have_url(re.compile("after="))
    assert page.locator("tbody tr").first.inner_text() != first
    page.click("[rel=prev]")
    expect(page.locator("tbody tr").first).to_have_text(first, use_inner_text=True)
    page.click("thead a[href*='order_count']")
    expect(page).to_have_url(re.compile("sort=-order_count"))
    expect(page.locator("th[aria-sort=descending] a")).to_have_attribute("href", re.compile("order_count"))
    page.select_option("select[name=segment]", "champions")
    expect(page).to_have_url(re.compile("segment=champions"))
    expect(page.locator("tbody .mark").first).to_be_visible()
    page.go_back()
    expect(page).not_to_have_url(re.compile("segment=champions"))
    expect(page.locator("select[name=segment]")).to_have_value("")  # what came back is there
    page.go_forward()
    expect(page).to_have_url(re.compile("segment=champions"))
    page.locator(".list-actions summary").nth(0).click()
    page.fill("form[action='/views/'] [name=name]", f"Best {language_of(page)}")
    page.locator("form[action='/views/'] button").click()
    expect(page.locator(".toast")).to_be_visible()
    page.goto(window.site.address + "/customers/")
    page.locator(".list-actions summary").nth(0).click()
    page.get_by_role("link", name=f"Best {language_of(page)}").click()
    expect(page).to_have_url(re.compile("segment=champions"))
    page.locator(".list-actions summary").nth(2).click()
    with page.expect_download() as download:
        page.click("a[href*='export=csv']")
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) > 1


def test_a_cell_of_rfm_leads_to_its_customers_and_becomes_an_audience(window: Visit) -> None:
    page = window.go("/insight/rfm/")
    expect(page.locator(".chart svg").first).to_be_visible()
    page.locator(".chart .behind summary").first.click()
    cell = page.locator(".chart .behind a").last
    customers = cell.inner_text().replace(",", "")
    cell.click()
    expect(page).to_have_url(re.compile("rule="))
    expect(page.locator(".pages")).to_contain_text(customers)
    page.locator("a[href*='/audiences/new/']").click()
    name = f"Cell {language_of(page)}"
    page.fill("[name=name]", name)
    window.look(f"audience-new-{language_of(page)}")
    page.locator("main form button").last.click()
    expect(page.locator("h1")).to_have_text(name)
    assert window.faults() == []
    window.look(f"audience-{language_of(page)}")
    page.locator(".page-header .menu summary").click()
    page.locator("form[action$='/archive/'] button").click()
    page.locator(".toast form button").click()
    page.goto(window.site.address + "/audiences/")
    expect(page.locator("tbody")).to_contain_text(name)


def test_a_note_is_written_removed_and_brought_back(window: Visit) -> None:
    page = window.go("/customers/5/")
    text = f"Likes to be called in the evening {language_of(page)}"
    page.locator(".note-form:visible textarea").fill(text)
    page.locator(".note-form:visible button").click()
    expect(page.locator(".kept-note").first).to_contain_text(text)
    page.locator(".kept-note form button").first.click()
    expect(page.locator("main")).not_to_contain_text(text)
    page.locator(".toast form button").click()
    expect(page.locator(".kept-note").first).to_contain_text(text)


def test_the_timeline_is_narrowed_to_one_kind(window: Visit) -> None:
    page = window.go("/customers/3/")
    page.locator("#timeline nav a[href*='kind=order']").click()
    expect(page).to_have_url(re.compile("kind=order"))
    expect(page.locator("#timeline nav [aria-current]")).to_have_attribute("href", re.compile("kind=order"))
    again = page.locator("#timeline").inner_html()
    page.reload()
    assert page.locator("#timeline").inner_html() == again, "the part is what the whole page shows"


def test_data_are_refreshed_and_an_older_refresh_is_put_back(window: Visit) -> None:
    page = window.go("/data/refreshes/")
    page.locator("form[action$='/begin/'] button").first.click()
    page.locator(".job a[role=button]").click(timeout=WORK * 2)
    expect(page).to_have_url(re.compile(r"/data/refreshes/\d+/$"))
    expect(page.locator(".chart svg").first).to_be_visible()
    window.go("/data/refreshes/1/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("form[action$='/put-back/'] button").click()
    expect(page.locator(".toast")).to_be_visible()
    window.go("/data/refreshes/")
    window.look(f"refreshes-two-{language_of(page)}")


def test_a_token_is_shown_once(window: Visit) -> None:
    page = window.go("/governance/tokens/")
    page.locator("a[href$='/tokens/new/']").click()
    page.fill("[name=name]", "till")
    page.check("[name=rights][value=send_facts]")
    window.look(f"token-new-{language_of(page)}")
    page.locator("main form button").click()
    secret = page.locator(".secret").inner_text()
    assert secret.startswith("zhk_")
    answer = page.request.get(f"{window.site.address}/api/v1/customers", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status == 403, "it may send facts, not read customers"
    window.look(f"token-{language_of(page)}")
    assert window.faults() == []
    window.go("/governance/tokens/")
    page.locator("tbody a").first.click()
    assert secret not in page.content()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("form[action$='/revoke/'] button").click()
    expect(page.locator("form[action$='/revoke/']")).to_have_count(0)


def test_a_unit_narrows_what_pages_show(window: Visit) -> None:
    page = window.go("/customers/")
    everybody = page.locator(".pages span").first.inner_text()
    page.locator(".scope summary").click()
    page.select_option("[name=unit]", index=2)
    expect(page.locator(".pages span").first).not_to_have_text(everybody)
    page.locator(".scope summary").click()
    page.select_option("[name=unit]", index=0)
    expect(page.locator(".pages span").first).to_have_text(everybody)


def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(window: Visit) -> None:
    page = window.go("/account/")
    page.fill("[name=old_password]", "wrong")
    page.fill("[name=new_password1]", "short")
    page.fill("[name=new_password2]", "short")
    with page.expect_response(lambda answer: answer.status == 422):
        page.locator("main form button").click()
    expect(page.locator(".field .wrong").first).to_be_visible()
    window.complaints.clear()  # Chromium itself notes the status 422


def test_a_source_is_given_its_lawful_basis(window: Visit) -> None:
    page = window.go("/data/sources/list/")
    before = page.locator("[name=lawful_basis]").input_value()
    page.select_option("[name=lawful_basis]", "consent")
    page.locator("form:has([name=lawful_basis]) button").click()
    expect(page.locator(".toast")).to_be_visible()
    expect(page.locator("[name=lawful_basis]")).to_have_value("consent")
    page.select_option("[name=lawful_basis]", before)
    page.locator("form:has([name=lawful_basis]) button").click()


def test_work_in_the_background_is_looked_up(window: Visit) -> None:
    page = window.go("/data/refreshes/")
    page.locator("form[action$='/begin/'] button").first.click()
    page.locator(".job a[role=button]").wait_for(timeout=WORK * 2)
    window.go("/data/jobs/")
    page.locator("tbody a").first.click()
    expect(page).to_have_url(re.compile(r"/data/jobs/\d+/$"))
    expect(page.locator(".job .mark.good")).to_be_visible()
    assert window.faults() == []
    window.look(f"job-{language_of(page)}")
