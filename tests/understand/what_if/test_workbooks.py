"""The workbook of a scenario: its formulas give what we compute, also after somebody has changed a cell."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import fastexcel
import pytest
from tests.understand.what_if.spreadsheet import Spreadsheet

from zhike.errors import UserError
from zhike.stats.ltv import LINES, LtvTable, ltv_table
from zhike.stats.what_if import break_even_retention, effect, tornado
from zhike.understand.what_if.reading import scenario_of_text
from zhike.understand.what_if.results import Result, work_out
from zhike.understand.what_if.sheet import sheet_names
from zhike.understand.what_if.shipped import examples
from zhike.understand.what_if.words import LINES as WORDS
from zhike.understand.what_if.workbook import workbook, write_workbook

GIVEN_FACTORS = """\
name: factors
customers: 50
years: 5
whole_base: 900
inputs:
  retention: {first: 50%, step: 5%}
  referral: 2%
  spend: {first: 30, growth: 4%}
  orders: 2.5
  cost_share: 40%
  other_income: 3
  renewal_cost: 1.5
  renewal_cost_per: expiring
  acquisition_cost: 12
  discount_factors: [1, 1.1, 1.21, 1.33, 1.46]
strategies:
  "=cmd|' /C calc'!A1":
    set: {spend: 33, renewal_cost_per: renewal, acquisition_cost: 14}
    multiply: {spend: [1, 1, 1.1, 1.1, 1.1], orders: 1.1}
    add: {spend: 1, retention: 2%}
    cost: {per_customer: 1, fixed: [100, 0, 0, 0, 0]}
  one year:
    add: {spend: 1}
"""


@pytest.fixture(params=["calculator", "magazine", "factors", "one year", "thirty years"])
def result(request: pytest.FixtureRequest) -> Result:
    if request.param in ("calculator", "magazine"):
        return work_out(examples()[request.param])
    text = GIVEN_FACTORS
    if request.param != "factors":
        years = {"one year": 1, "thirty years": 30}[request.param]
        text = text.replace("years: 5", f"years: {years}").replace("[1, 1.1, 1.21, 1.33, 1.46]", "1.1")
        text = text.replace("[1, 1, 1.1, 1.1, 1.1]", "1.1").replace("[100, 0, 0, 0, 0]", "7").replace("5%}", "1%}")
    return work_out(scenario_of_text(text, where="a.yaml"))


def column(number: int) -> str:
    first, second = divmod(number, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def assert_table(book: Spreadsheet, sheet: str, table: LtvTable, *, top: int, first: int = 1) -> None:
    for place, name in enumerate(LINES):
        for year, value in enumerate(getattr(table, name)):
            address = f"{column(first + year)}{top + place}"
            assert book.worked_out(sheet, address) == pytest.approx(value, rel=1e-9, abs=1e-9), (name, year)


def test_every_formula_gives_the_value_that_is_kept_with_it(result: Result) -> None:
    book = Spreadsheet(workbook(result))
    assert len(book.formulas) > len(LINES) * result.inputs.years
    for place in book.formulas:
        kept = book.values[place]
        assert book.worked_out(*place) == (kept if isinstance(kept, str) else pytest.approx(kept, rel=1e-9, abs=1e-6))


def test_the_tables_are_ours(result: Result) -> None:
    book = Spreadsheet(workbook(result))
    assert book.sheets[:3] == ["Inputs", "LTV", "Strategies"]
    assert_table(book, "LTV", result.table, top=2)
    for place, (sheet, found) in enumerate(zip(book.sheets[3:-3], result.strategies.values(), strict=True), start=2):
        top, years = book.row(sheet, str(WORDS["retained"].label)), result.inputs.years
        assert_table(book, sheet, result.table, top=top)
        assert_table(book, sheet, found.table, top=top, first=1 + years)
        assert book.worked_out("Strategies", f"D{place}") == pytest.approx(found.change)
        assert book.worked_out("Strategies", f"E{place}") == pytest.approx(found.change_in_all)


def test_a_scenario_without_strategies_has_no_sheets_of_them() -> None:
    text = GIVEN_FACTORS.split("strategies:")[0]
    assert Spreadsheet(workbook(work_out(scenario_of_text(text, where="a.yaml")))).sheets == [
        *("Inputs", "LTV", "Tornado", "Break-even", "Workings")
    ]


def test_no_line_of_a_table_is_a_plain_number(result: Result) -> None:
    book = Spreadsheet(workbook(result))
    numbers = [place for place, value in book.values.items() if isinstance(value, float) and place[0] == "LTV"]
    assert set(numbers) == {place for place in book.formulas if place[0] == "LTV"}


def test_whoever_changes_an_input_sees_what_we_would_compute() -> None:
    result = work_out(examples()["calculator"])
    book = Spreadsheet(workbook(result))
    for label, address, value in (
        ("New customers", "B", 1000.0),
        ("Retention rate", "C", 0.5),
        ("Average spend per order", "D", 77.0),
        ("Risk factor", "B", 3.0),
        ("Renewal cost", "C", 4.0),
        ("Renewal cost is counted per", "B", "expiring"),
    ):
        book.change("Inputs", f"{address}{book.row('Inputs', label)}", value)
    inputs = replace(
        result.inputs,
        customers=1000,
        retention=(0.6, 0.5, 0.8),
        spend=(90, 100, 77),
        risk=3,
        renewal_cost=(0, 4, 0),
        renewal_cost_per="expiring",
    )
    assert_table(book, "LTV", ltv_table(inputs), top=2)
    name = "loyalty programme"
    found = effect(inputs, result.scenario.strategy(name))
    sheet = book.sheets[3 + list(result.strategies).index(name)]
    top = book.row(sheet, str(WORDS["retained"].label))
    assert_table(book, sheet, found.table, top=top, first=4)
    place = 2 + list(result.strategies).index(name)
    assert book.worked_out("Strategies", f"D{place}") == pytest.approx(found.change)
    assert book.worked_out("Strategies", f"E{place}") == pytest.approx(1000 * found.change)


def test_whoever_changes_a_strategy_sees_what_it_is_worth_then() -> None:
    result = work_out(examples()["calculator"])
    book = Spreadsheet(workbook(result))
    sheet = book.sheets[5]
    assert book.values[sheet, "A1"] == "birthday club"
    book.change(sheet, f"B{book.row(sheet, 'Orders or renewals a year: plus')}", 0.3)
    book.change(sheet, f"C{book.row(sheet, 'Fixed cost of the strategy')}", 5000.0)
    strategy = result.scenario.strategy("birthday club")
    changed = replace(strategy, add={"orders": (0.3, 0.1, 0.1)}, cost_fixed=(0, 5000, 0))
    assert book.worked_out("Strategies", "D4") == pytest.approx(effect(result.inputs, changed).change)


NAMES = ("=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://example.org", "it's", "a/b:c*d?[e]\\f", "😀" * 40, "history")


def test_text_is_never_a_formula_whatever_it_begins_with() -> None:
    strategies = "".join(f"  {name!r}: {{note: {name!r}, add: {{spend: 1}}}}\n" for name in NAMES)
    strategies = strategies.replace('"it\'s"', "it''s").replace("\\\\", "\\")
    scenario = scenario_of_text(
        "name: '=1+1'\nnote: '+1'\nsource: '@a'\ncustomers: 5\nyears: 2\ninputs: {retention: 0.5}\n"
        f"assumptions: {{'=2': {{note: '=3', inputs: {{spend: 2}}}}}}\nstrategies:\n{strategies}",
        where="a.yaml",
    )
    content = workbook(work_out(scenario))
    book = Spreadsheet(content)
    for text in ("=1+1", "+1", "@a", *scenario.strategies):
        places = [place for place, value in book.values.items() if value == text]
        assert places, text
        assert not set(places) & set(book.formulas)
    for place in book.formulas:
        book.worked_out(*place)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if "hyperlink" in name or "externalLink" in name]
        assert b"<hyperlink" not in b"".join(archive.read(name) for name in archive.namelist())


def test_sheets_have_names_that_a_workbook_may_have_and_no_two_the_same() -> None:
    wanted = ["Inputs", "inputs", "a" * 40, "A" * 40, "x/y", "[]", "'quoted'", "history", "😀" * 20, "生日会", ""]
    found = sheet_names(wanted)
    assert found[:6] == ["Inputs", "inputs 2", "a" * 31, "A" * 29 + " 2", "x y", "–"]
    assert found[6:] == ["quoted", "history 2", "😀" * 15, "生日会", "– 2"]
    assert len({name.lower() for name in found}) == len(found)


def test_other_programs_read_the_values_that_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(work_out(examples()["calculator"]), path)
    rows = fastexcel.read_excel(str(path)).load_sheet("LTV", header_row=None).to_arrow().to_pylist()
    npv = next(row for row in rows if next(iter(row.values())) == "Net present value")
    assert [round(float(value)) for value in list(npv.values())[1:]] == [-246_933, 3_818_119, 3_729_625]


def test_what_is_assumed_stands_beside_the_number() -> None:
    book = Spreadsheet(workbook(work_out(examples()["magazine"])))
    row = book.row("Inputs", "Average spend per order")
    assert book.values["Inputs", f"E{row}"] == "assumed: price and rental"
    assert ("Inputs", f"E{book.row('Inputs', 'Retention rate')}") not in book.values


@pytest.mark.parametrize("name", ["calculator", "magazine"])
def test_tornado_and_break_even_stay_live(name: str) -> None:
    result = work_out(examples()[name])
    book = Spreadsheet(workbook(result))
    for changed in (None, 0.8):
        inputs = result.inputs
        if changed is not None:
            # Of one who stays in each year, the others of each; the tornado by 20 instead of 10 %.
            row = book.row("Inputs", "Retention rate")
            kept = tuple(changed * value for value in inputs.by_year("retention"))
            for column, value in zip("BCD", kept, strict=True):
                book.change("Inputs", f"{column}{row}", value)
            book.change("Tornado", "B1", 0.2)
            inputs = replace(inputs, retention=kept)
        bars = {bar.name: bar for bar in tornado(inputs, share=0.1 if changed is None else 0.2)}
        for place, bar in enumerate(result.tornado, start=5):
            found = [book.worked_out("Tornado", f"{column}{place}") for column in "BCD"]
            expected = [bars[bar.name].less, ltv_table(inputs).value, bars[bar.name].more]
            assert found == pytest.approx(expected), bar.name
        even = break_even_retention(inputs).retention or ["none"] * (inputs.years - 1)
        found = [book.worked_out("Break-even", f"C{place}") for place in range(3, 3 + len(even))]
        assert found == (even if "none" in even else pytest.approx(list(even), abs=5e-5))


def test_where_there_is_no_break_even_the_workbook_says_so() -> None:
    text = "name: a\ncustomers: 5\nyears: 2\ninputs: {retention: 0.5, spend: 9, orders: 1}\n"
    book = Spreadsheet(workbook(work_out(scenario_of_text(text, where="a.yaml"))))
    assert book.values["Break-even", "C3"] == book.worked_out("Break-even", "C3") == "none"


def test_the_values_kept_in_tornado_and_break_even_are_those_of_their_formulas() -> None:
    book = Spreadsheet(workbook(work_out(examples()["calculator"])))
    places = [place for place in book.formulas if place[0] in ("Workings", "Tornado", "Break-even")]
    assert len(places) > 1000
    for place in places:
        assert book.worked_out(*place) == pytest.approx(book.values[place], rel=1e-6, abs=1e-6), place


def test_a_workbook_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        write_workbook(work_out(examples()["magazine"]), tmp_path / "none" / "a.xlsx")
    with pytest.raises(UserError, match=r"scenario\.yaml: the name of a workbook ends in \.xlsx"):
        write_workbook(work_out(examples()["magazine"]), tmp_path / "scenario.yaml")
    assert not (tmp_path / "scenario.yaml").exists()
