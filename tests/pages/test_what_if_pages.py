"""What if: the list of scenarios, and the page on which one is worked out."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from tests.understand.what_if.spreadsheet import Spreadsheet

from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.what_if.models import SavedScenario
from zhike.understand.what_if.reading import scenario_of_text
from zhike.understand.what_if.services import change_scenario, save_scenario
from zhike.understand.what_if.shipped import examples

LIST, NEW, RESULT = "/insight/what-if/", "/insight/what-if/new/", "/insight/what-if/result/"
CALCULATOR = f"{NEW}?example=calculator"


class _Fields(HTMLParser):
    """What a browser without JavaScript would send of the form of sliders."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.is_inside = False
        self.open: tuple[str, list[tuple[str, bool]]] | None = None
        self.text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "form":
            self.is_inside = found.get("id") == "what-if"
        elif not self.is_inside:
            return
        elif tag == "input" and name:
            self.fields.setdefault(name, []).append(value)
        elif tag == "select":
            self.open = (name, [])
        elif tag == "option" and self.open:
            self.open[1].append((value, "selected" in found))
        elif tag == "textarea":
            self.text = (name, [])

    def handle_data(self, data: str) -> None:
        if self.text:
            self.text[1].append(data)
        elif self.open and self.open[1] and not self.open[1][-1][0]:
            self.open[1][-1] = (data, self.open[1][-1][1])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "textarea" and self.text:
            self.fields[self.text[0]] = ["".join(self.text[1]).removeprefix("\n")]
            self.text = None
        elif tag == "select" and self.open:
            name, options = self.open
            self.fields[name] = [value for value, is_chosen in options if is_chosen] or [options[0][0]]
            self.open = None


def fields(response: Any, **changes: Any) -> dict[str, Any]:
    """The fields of the form as they are filled in, some of them changed; dots in names as `__`."""
    form = _Fields()
    form.feed(response.content.decode())
    return form.fields | {name.replace("__", "."): value for name, value in changes.items()}


def text(response: Any) -> str:
    return str(response.content.decode())


def saved(name: str = "calculator") -> SavedScenario:
    with acting_as(OPERATOR):
        return save_scenario(examples()[name])


def test_an_empty_list_says_how_to_begin(browser: Client) -> None:
    shown = text(browser.get(LIST))
    assert "No scenario is saved yet" in shown
    assert all(f"?example={name}" in shown for name in examples())


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_example_is_shown_as_it_is_worked_out_from_its_file(browser: Client, name: str) -> None:
    response = browser.get(NEW, {"example": name})
    result = response.context["result"]
    assert result.scenario.ltv_inputs() == examples()[name].ltv_inputs()
    assert list(result.strategies) == list(examples()[name].strategies)
    again = browser.post(NEW, fields(response))
    assert again.status_code == 200
    assert again.context["result"] == result  # through the form and back


def test_the_published_figures_stand_on_the_page(browser: Client) -> None:
    shown = text(browser.get(CALCULATOR))
    for figure in ("¥36.50", "3.7%, 4.3%", "19,998,000", "-248,800", "+¥6.03", "−¥2.59"):
        assert figure in shown


def test_moving_a_number_moves_the_result_and_only_it(browser: Client) -> None:
    sent = fields(browser.get(NEW, {"example": "magazine"}), inputs__retention=["48"])
    response = browser.post(RESULT, sent, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "<html" not in text(response)
    fresh = browser.post(NEW, sent)
    assert response.context["result"] == fresh.context["result"]
    assert response.context["result"].inputs.by_year("retention").tolist() == [0.48] * 3


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("inputs.retention", ["60", "120", "80"], "must not be above 1"),
        ("inputs.spend", ["-1"], "must not be below 0"),
        ("inputs.orders", ["many", "1", "1"], "is no number"),
        ("inputs.spend", ["1e999"], "must be a finite number"),
        ("inputs.spend", ["1e308"], "too large"),
        ("inputs.interest", [""], "is empty"),
        ("inputs.interest", ["6", "7"], "it is the same in all years"),
        ("customers", ["0"], "must be above 0"),
        ("customers", ["<b>"], "is no number"),
        ("whole_base", ["-3"], "must not be below 0"),
        ("years", ["31"], "must not be above 30"),
        ("years", ["99999999999999999999"], "too large"),
        ("years", ["2.5"], "must be a whole number"),
        ("sensitivity", ["0"], "must be above 0"),
        ("strategies.0.name", [""], "a name is missing"),
        ("strategies.1.name", ["discount"], "two strategies"),
        ("strategies.1.changes.1.value", ["90"], "must not be above 1"),
        ("strategies.1.per_customer", ["-3"], "must not be below 0"),
        ("name", ["x" * 101], "up to 100 characters"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_stays_typed(
    browser: Client, field: str, typed: list[str], said: str
) -> None:
    sent = fields(browser.get(CALCULATOR)) | {field: typed, "do": "save"}
    response = browser.post(NEW, sent)
    assert response.status_code == 422
    faults = response.context["faults"]
    assert said in " ".join(faults.values())
    if said != "too large":
        assert {"strategies.1.name": "strategies.3.name"}.get(field, field) in faults
    assert fields(response)[field] == typed
    assert SavedScenario.objects.count() == 0
    live = browser.post(RESULT, sent, headers={"HX-Request": "true"})
    assert said in " ".join(problem["message"] for problem in live.context["problems"])


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("renewal_cost_per", "renewal_cost_per"),
        ("strategies.0.changes.0.input", "strategies.0.changes.0.value"),
        ("strategies.0.changes.0.how", "strategies.0.name"),
        ("strategies.0.basis", "strategies.0.name"),
    ],
)
def test_a_choice_that_there_is_not_is_refused(browser: Client, field: str, place: str) -> None:
    sent = fields(browser.get(NEW, {"example": "magazine"})) | {field: ["moon"], "do": "save"}
    response = browser.post(NEW, sent)
    assert response.status_code == 422
    assert list(response.context["faults"]) == [place]


def test_what_was_wrong_is_cleared_once_it_is_right(browser: Client) -> None:
    sent = fields(browser.get(CALCULATOR), customers=["-1"])
    wrong = browser.post(RESULT, sent, headers={"HX-Request": "true"})
    assert 'id="customers-wrong"' in text(wrong)
    right = browser.post(RESULT, sent | {"customers": ["5"], "wrong": "customers"}, headers={"HX-Request": "true"})
    assert '<small id="customers-wrong" class="wrong" role="alert" hx-swap-oob="outerMorph"></small>' in text(right)


@pytest.mark.parametrize("do", ["", "remove_strategy 99", "remove_change 0 x", "by_year moon", "choose 9 9", "fly"])
def test_a_form_that_nobody_sends_changes_nothing(browser: Client, do: str) -> None:
    assert browser.post(NEW, {"do": do, "strategies.0.name": "a"}).status_code == 200
    assert browser.post(RESULT, {"inputs.retention": "\x00", "assumed.0.title": "x"}).status_code == 200


def test_buttons_change_what_there_is_to_fill_in(browser: Client) -> None:
    def press(sent: dict[str, Any], do: str) -> dict[str, Any]:
        return fields(browser.post(NEW, sent | {"do": do}))

    sent = fields(browser.get(NEW, {"example": "magazine"}))
    sent = press(sent, "by_year inputs.retention")
    assert sent["inputs.retention"] == ["30", "30", "30"]
    sent = press(sent | {"years": ["5"]}, "")
    assert len(sent["inputs.retention"]) == 5
    sent = press(sent, "same inputs.retention")
    assert sent["inputs.retention"] == ["30"]
    sent = press(sent, "add_strategy")
    assert sent["strategies.1.name"] == ["Strategy 2"]
    sent = press(sent | {"strategies.1.changes.0.how": ["multiply"]}, "choose 1 0")
    assert sent["strategies.1.changes.0.value"] == ["1"]
    sent = press(sent, "add_change 1")
    assert sent["strategies.1.changes.1.input"] == ["orders"]
    sent = press(sent, "remove_change 1 0")
    assert sent["strategies.1.changes.0.input"] == ["orders"]
    sent = press(sent, "remove_strategy 0")
    assert sent["strategies.0.name"] == ["Strategy 2"]
    assert "strategies.1.name" not in sent


def test_a_scenario_is_saved_changed_and_saved_as_another(browser: Client) -> None:
    response = browser.post(NEW, fields(browser.get(CALCULATOR), do="save"), follow=True)
    [kept] = SavedScenario.objects.all()
    assert kept.made_by is not None
    assert response.redirect_chain == [(f"{LIST}{kept.pk}/", 302)]
    page = f"{LIST}{kept.pk}/"
    browser.post(page, fields(response, inputs__acquisition_cost=["10"], note=["cheaper"], do="save"))
    kept.refresh_from_db()
    assert (kept.note, kept.content["inputs"]["acquisition_cost"], kept.revision) == ("cheaper", 10, 2)
    taken = browser.post(page, fields(browser.get(page), do="save_as"))
    assert taken.status_code == 422
    assert "already" in taken.context["faults"]["name"]
    browser.post(page, fields(browser.get(page), name=["Another"], do="save_as"))
    assert set(SavedScenario.objects.values_list("name", flat=True)) == {kept.name, "Another"}
    assert "Another" in text(browser.get(LIST))


def test_assumptions_stay_what_they_are(browser: Client) -> None:
    browser.post(NEW, fields(browser.get(NEW, {"example": "magazine"}), do="save"))
    [kept] = SavedScenario.objects.all()
    document = {"name": kept.name, "note": kept.note} | kept.content
    magazine = examples()["magazine"]
    assert document["assumptions"]["costs of a publisher"]["inputs"] == {"service_cost": 24, "acquisition_cost": 39}
    assert document["source"] == magazine.source
    assert document["strategies"]["automatic renewal by card"]["note"].startswith("Four of ten")


def test_of_two_who_save_at_once_the_second_is_told_and_loses_nothing(browser: Client) -> None:
    one = saved()
    page = f"{LIST}{one.pk}/"
    mine = fields(browser.get(page), customers=["7"], do="save")
    with acting_as(OPERATOR):
        change_scenario(scenario_id=one.pk, scenario=examples()["calculator"])
    response = browser.post(page, mine)
    assert response.status_code == 409
    assert "Somebody changed this scenario meanwhile" in text(response)
    assert fields(response)["customers"] == ["7"]
    assert browser.post(page, fields(response, do="save")).status_code == 302
    one.refresh_from_db()
    assert one.content["customers"] == 7


def test_it_is_archived_and_brought_back(browser: Client) -> None:
    one = saved()
    assert "Undo" in text(browser.post(f"{LIST}{one.pk}/archive/", follow=True))
    assert one.name in text(browser.get(LIST, {"archived": "yes"}))
    browser.post(f"{LIST}{one.pk}/restore/")
    assert SavedScenario.objects.get().archived_at is None


def test_the_workbook_computes_what_is_typed(browser: Client) -> None:
    sent = fields(browser.get(CALCULATOR), name=["客户/价值"], inputs__acquisition_cost=["0"])
    response = browser.post(NEW, sent | {"do": "xlsx"})
    assert "filename*=utf-8''%E5%AE%A2" in response["Content-Disposition"]
    book = Spreadsheet(response.content)
    assert book.sheets[:3] == ["Inputs", "LTV", "Strategies"]
    row = book.row("LTV", "Lifetime value per original customer")
    assert book.worked_out("LTV", f"D{row}") == pytest.approx(
        68.264, abs=0.001
    )  # 36.50 and 32 that are saved, discounted
    file = browser.post(NEW, sent | {"do": "yaml"})
    assert scenario_of_text(file.content.decode(), where="").customers == 200_000
    assert browser.post(NEW, sent | {"do": "xlsx", "years": "0"}).status_code == 422


def test_one_that_can_be_read_no_more_is_still_listed_and_can_go(browser: Client) -> None:
    SavedScenario.objects.create(name="Old", content={"customers": 1, "years": 1, "inputs": {"gone": 1}})
    assert "Old" in text(browser.get(LIST))
    one = SavedScenario.objects.get()
    assert "cannot be read any more" in text(browser.get(f"{LIST}{one.pk}/"))


@pytest.mark.usefixtures("company")
def test_the_orders_fill_a_scenario(browser: Client) -> None:
    response = browser.get(NEW, {"orders": ""})
    assert response.context["result"].table.value > 0
    assert "what the data do not say" in text(response)


def test_before_the_first_refresh_it_says_what_is_missing(browser: Client) -> None:
    assert "nothing has been computed yet" in text(browser.get(NEW, {"orders": ""})).lower()


def test_nobody_sees_or_saves_without_the_right(open_with: Any, browser: Client) -> None:
    one = saved()
    for path in (LIST, NEW, f"{LIST}{one.pk}/"):
        with pytest.raises(Denied):
            open_with(path, Right.SAVE_SCENARIOS)
        shown = text(open_with(path, Right.SEE_CUSTOMERS))
        assert 'value="save"' not in shown
    assert 'value="save"' in text(browser.get(NEW))
