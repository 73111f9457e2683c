"""Scenarios: what a file may say, and every mistake with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation

from zhike.errors import UserError
from zhike.stats.ltv import ltv_table
from zhike.understand.what_if.reading import BadScenario, read_scenario, scenario_from_data, scenario_of_text
from zhike.understand.what_if.results import as_document, work_out
from zhike.understand.what_if.scenario import Assumptions, Cost, Scenario, StrategyText
from zhike.understand.what_if.shipped import example_text, examples
from zhike.understand.what_if.values import Growth
from zhike.understand.what_if.words import INPUTS

PARTS = (Scenario, Assumptions, StrategyText, Cost, Growth)

SMALL = """\
name: small
customers: 1000
years: 3
inputs:
  retention: 50%
  spend: 10
"""


def read(text: str) -> Scenario:
    return scenario_of_text(text, where="a.yaml")


def test_the_calculator_that_is_shipped_gives_the_published_values() -> None:
    table = work_out(examples()["calculator"]).table
    assert [round(value, 2) for value in table.ltv] == [-1.23, 17.86, 36.50]
    assert [round(value) for value in table.npv] == [-246_933, 3_818_119, 3_729_625]
    assert examples()["calculator"].assumptions == {}


def test_the_magazine_that_is_shipped_is_as_it_is_told() -> None:
    scenario = examples()["magazine"]
    result = work_out(scenario)
    assert (scenario.customers, result.inputs.retention, result.inputs.renewal_cost) == (100_000, 0.3, 8)
    assert {"retention", "renewal_cost", "renewal_cost_per"}.isdisjoint(scenario.assumed())
    assert set(scenario.inputs) | set(scenario.assumed()) == {
        *("retention", "renewal_cost", "renewal_cost_per", "orders", "spend", "list_rental", "advertising"),
        *("service_cost", "acquisition_cost", "interest", "risk"),
    }
    first, _second, third = result.table.ltv
    assert 0 < first < 2
    assert third == pytest.approx(12, abs=0.5)
    assert result.inputs.spend < 0.5 * 40  # type: ignore[operator]
    for year in range(3):
        from_readers = result.table.sales[year] + result.table.list_rental[year]
        assert from_readers / result.table.revenue[year] == pytest.approx(0.25)
    assert result.table.renewal_cost == (0, 240_000, 72_000)
    renewed_by_card = result.strategies["automatic renewal by card"]
    assert renewed_by_card.change > 5


def test_renewal_costs_of_the_magazine_can_be_switched_to_expiring_subscribers() -> None:
    text = example_text("magazine").replace("renewal_cost_per: renewal", "renewal_cost_per: expiring")
    table = work_out(read(text)).table
    assert table.renewal_cost == (0, 800_000, 240_000)
    assert table.value == pytest.approx(5.53, abs=0.01)


def test_a_strategy_may_switch_what_renewal_costs_are_counted_per() -> None:
    found = work_out(read(SMALL + "  renewal_cost: 2\nstrategies: {mail all: {set: {renewal_cost_per: expiring}}}\n"))
    assert found.table.renewal_cost == (0, 1000, 500)
    assert found.strategies["mail all"].table.renewal_cost == (0, 2000, 1000)


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("0.25", (0.25, 0.25, 0.25)),
        ("25 %", (0.25, 0.25, 0.25)),
        ("[1, .5, 1e-1]", (1, 0.5, 0.1)),
        ("{first: 20%, growth: 50%}", (0.2, 0.3, 0.45)),
        ("{first: 0.2, step: 0.1, at_most: 0.35}", (0.2, 0.3, 0.35)),
        ("{first: 0.2, step: -15%, at_least: 0}", (0.2, 0.05, 0)),
    ],
)
def test_an_input_is_a_number_a_list_or_a_growth(said: str, numbers: tuple[float, ...]) -> None:
    inputs = read(SMALL.replace("50%", said)).ltv_inputs()
    assert inputs.by_year("retention").tolist() == pytest.approx(numbers)


@pytest.mark.parametrize(
    ("text", "number"), [("200_000", 200_000), ("200000", 200_000), ("2e5", 200_000), ("+2.5", 2.5)]
)
def test_numbers_are_written_in_several_ways(text: str, number: float) -> None:
    assert read(SMALL.replace("1000", text)).customers == number


def test_up_to_thirty_years_are_worked_out() -> None:
    for years in (1, 30):
        result = work_out(read(SMALL.replace("years: 3", f"years: {years}")))
        assert len(result.table.ltv) == years


def test_names_are_texts_in_any_writing_whatever_they_look_like() -> None:
    scenario = read(SMALL + "strategies: {2024: {add: {spend: 1}}, yes: {add: {spend: 1}}, 生日会: {add: {spend: 1}}}")
    assert list(scenario.strategies) == ["2024", "yes", "生日会"]


def test_the_whole_base_is_the_cohort_unless_another_is_given() -> None:
    strategies = "strategies: {more: {add: {spend: 1}}}\n"
    cohort, firm = (work_out(read(SMALL + strategies + base)) for base in ("", "whole_base: 5000\n"))
    per_customer = cohort.strategies["more"].change
    assert per_customer == pytest.approx(1.75)
    assert cohort.strategies["more"].change_in_all == pytest.approx(1750)
    assert firm.strategies["more"].change_in_all == pytest.approx(8750)


def test_an_assumed_input_counts_as_one_that_is_given() -> None:
    scenario = read(SMALL.replace("  spend: 10\n", "") + "assumptions: {prices: {note: a guess, inputs: {spend: 10}}}")
    assert ltv_table(scenario.ltv_inputs()) == ltv_table(read(SMALL).ltv_inputs())
    assert scenario.assumed() == {"spend": "prices"}


def test_a_result_as_data_has_what_programs_ask_for() -> None:
    document = as_document(work_out(examples()["calculator"]))
    base: dict[str, list[dict[str, float]]] = document["base"]  # type: ignore[assignment]
    assert [year["year"] for year in base["years"]] == [1, 2, 3]
    assert {"customers", "revenue", "cost", "gross", "npv", "ltv"} <= set(base["years"][0])
    assert list(document["strategies"]) == [  # type: ignore[call-overload]
        *("referral programme", "loyalty programme", "birthday club", "discount")
    ]


MISTAKES = {
    "no such key": ("sourse: a book\n", "line 7, sourse: there is no such key: did you mean source?"),
    "no such input": ("  spnd: 10\n", "line 7, inputs.spnd: there is no such input: did you mean spend?"),
    "no number": ("  orders: many\n", "line 7, inputs.orders: 'many' is no number: write one such as 0.6"),
    "no number of a year": ("  orders: [1, 2, x]\n", "line 7, inputs.orders.3: 'x' is no number"),
    "a comma": ("  orders: 1,200\n", "line 7, inputs.orders: '1,200' is no number"),
    "what a comma leaves": ("  orders: [1,000, 2]\n", "line 7, inputs.orders.2: '000' is no number"),
    "an octal number": ("  orders: 010\n", "'010' is no number"),
    "yes": ("  orders: yes\n", "'yes' is no number"),
    "not a number": ("  orders: .nan\n", "'.nan' is no number"),
    "infinite": ("  orders: 1e999\n", "finite number"),
    "nothing": ("  orders:\n", "line 7, inputs.orders: is empty: write one such as"),
    "too few years": ("  orders: [1, 2]\n", "line 7, inputs.orders: give one number for all years, or a list of 3"),
    "a list of what is one": ("  interest: [1, 2, 3]\n", "line 7, inputs.interest: give one number: it is the same"),
    "a share of more than all": ("  retention_: 2\n", "did you mean retention?"),
    "negative": ("  orders: [1, 1, -1]\n", "line 7, inputs.orders: is -1 in year 3: must not be below 0"),
    "growth of nothing": ("  orders: {first: 1}\n", "line 7, inputs.orders: give either growth"),
    "growth in two ways": ("  orders: {first: 1, growth: 1, step: 1}\n", "line 7, inputs.orders: give either growth"),
    "growth misspelt": ("  orders: {first: 1, grwth: 1}\n", "inputs.orders.grwth: there is no such key: did you mean"),
    "bounds that cross": ("  orders: {first: 1, step: 1, at_least: 2, at_most: 1}\n", "at_least is above at_most"),
    "a word for a number": ("  orders: renewal\n", "line 7, inputs.orders: must be a finite number"),
    "another basis": ("  renewal_cost_per: reader\n", "line 7, inputs.renewal_cost_per: must be one of renewal, exp"),
    "two ways to discount": ("  discount_factors: 1\n  risk: 2\n", "line 7, inputs.discount_factors: give either"),
    "a discount factor of nothing": ("  discount_factors: [1, 1, 0]\n", "is 0 in year 3: must be above 0"),
    "too large": ("  orders: 1e300\n  referral: 1e100\n", "line 4, inputs: these numbers are too large"),
    "given twice": (
        "assumptions:\n  guess:\n    inputs: {spend: 3}\n",
        "line 9, assumptions.guess.inputs.spend: spend is given twice, here and in inputs",
    ),
    "no inputs assumed": ("assumptions: {guess: {note: x}}\n", "line 7, assumptions.guess.inputs: is missing"),
    "no strategy": ("strategies:\n  club:\n", "line 8, strategies.club: must be keys with values: note, set, multi"),
    "an idle strategy": ("strategies:\n  club: {note: x}\n", "line 8, strategies.club: changes nothing"),
    "a strategy too far": (
        "strategies:\n  club:\n    add: {retention: 60%}\n",
        "line 9, strategies.club.add.retention: retention is 1.1 in year 1: must not be above 1 (100%)",
    ),
    "a strategy of customers": ("strategies: {club: {set: {customers: 3}}}\n", "there is no such input"),
    "a negative cost": ("strategies: {club: {cost: {fixed: -3}}}\n", "club.cost.fixed: programme_fixed_cost is -3"),
    "nameless": ("strategies: {'': {add: {spend: 1}}}\n", "a name is missing"),
    "unreadable": ('strategies: {"\\x07": {add: {spend: 1}}}\n', "characters that nobody can read"),
    "half a character": ('note: "\\ud800"\n', "line 7, note: has characters that nobody can read"),
    "a move of nothing": ("sensitivity: 0\n", "line 7, sensitivity"),
    "a key twice": ("name: other\n", "a.yaml:7: is no YAML: the key name is there twice"),
    "a reference": ("note: &a x\nsource: *a\n", "a.yaml:8: is no YAML: references with * are not read here"),
    "a tag": ("note: !!timestamp x\n", "a.yaml:7: is no YAML: tags with ! are not read here"),
    "an open bracket": ("note: [\n", "is no YAML"),
    "a list as a key": ("? [a]\n: 1\n", "a key is no plain text"),
    "two documents": ("---\nname: x\n", "is no YAML"),
    "a control character": ("note: \x00\n", "is no YAML"),
    "too deep": (f"note: {'[' * 5000}\n", "nested too deeply"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_place(mistake: str) -> None:
    added, told = MISTAKES[mistake]
    with pytest.raises(BadScenario) as refused:
        read(SMALL + added)
    assert told in str(refused.value)
    assert "Value error" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no scenario"),
        ("# nothing\n", "holds no scenario"),
        ("[]", "holds no scenario"),
        ("just text", "must be keys with values"),
        ("- name: x", "must be keys with values"),
        ("name: x", "customers: is missing\nyears: is missing\ninputs: is missing"),
        (SMALL.replace("years: 3", "years: 31"), "line 3, years"),
        (SMALL.replace("years: 3", "years: 2.5"), "line 3, years"),
        (SMALL.replace("customers: 1000", "customers: 0"), "line 2, customers: is 0: must be above 0"),
        (SMALL.replace("  retention: 50%\n", ""), "line 4, inputs: the input retention is missing"),
        (SMALL.replace("50%", "150%"), "line 5, inputs.retention: is 1.5: must not be above 1 (100%)"),
    ],
)
def test_what_is_no_scenario_is_told(text: str, told: str) -> None:
    with pytest.raises(BadScenario) as refused:
        read(text)
    assert told in str(refused.value)


def test_several_mistakes_are_told_at_once() -> None:
    with pytest.raises(BadScenario) as refused:
        read(SMALL + "  orders: x\n  risk: y\n")
    assert "line 7, inputs.orders" in str(refused.value)
    assert "line 8, inputs.risk" in str(refused.value)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadScenario, match=r"no such file(.|\n)*--examples"):
        read_scenario(tmp_path / "none.yaml")
    with pytest.raises(BadScenario, match="cannot be read"):
        read_scenario(tmp_path)
    path = tmp_path / "a.yaml"
    path.write_bytes(SMALL.replace("small", "新客户").encode("gb18030"))
    with pytest.raises(BadScenario, match="not UTF-8"):
        read_scenario(path)
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(BadScenario, match="larger than any"):
        read_scenario(path)


def test_a_mark_at_the_beginning_of_a_file_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(SMALL, encoding="utf-8-sig")
    assert read_scenario(path) == read(SMALL)


def test_every_key_and_every_input_is_explained() -> None:
    text = (Path(__file__).parents[3] / "docs" / "how-to" / "work-out-lifetime-value.md").read_text(encoding="utf-8")
    keys = {field.alias or name for part in PARTS for name, field in part.model_fields.items()}
    assert [name for name in (*sorted(keys), *INPUTS, "renewal_cost_per") if f"`{name}`" not in text] == []


def test_tables_beside_the_base_that_cannot_be_computed_are_told() -> None:
    scenario = read(SMALL.replace("spend: 10", "spend: 1e305") + "sensitivity: 100%\n")
    with pytest.raises(UserError, match="small: these numbers are too large"):
        work_out(scenario)


def test_a_scenario_may_come_from_a_program() -> None:
    data = {"name": "x", "customers": 10, "years": 2, "inputs": {"retention": [0.5, 0.5], "spend": 3}}
    assert scenario_from_data(data, where="scenario").ltv_inputs().spend == 3
    for wrong in (float("nan"), True, 10**400, {}):
        with pytest.raises(BadScenario, match=r"^scenario: inputs\.spend"):
            scenario_from_data(data | {"inputs": {"retention": 0.5, "spend": wrong}}, where="scenario")


def test_examples_are_in_both_languages_with_the_same_numbers() -> None:
    english = examples()
    with translation.override("zh-hans"):
        chinese = examples()
    assert list(english) == list(chinese)
    for name, one in english.items():
        other = chinese[name]
        assert other.ltv_inputs() == one.ltv_inputs()
        assert [other.strategy(key) for key in other.strategies] == [one.strategy(key) for key in one.strategies]
        said = [other.name, other.note, other.source, *other.assumptions, *other.strategies]
        said += [part.note for part in (*other.assumptions.values(), *other.strategies.values())]
        assert all(re.search("[\u4e00-\u9fff]", text) for text in said)
