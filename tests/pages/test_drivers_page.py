"""What drives moves, on the page of migration: of a firm that is large enough to tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from tests.grown import Growth, grown

from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.migration.drivers.queries import DrivenMoves, move_drivers
from zhike.understand.migration.drivers.tables import MOVE_CELLS, MOVE_STARTS
from zhike.understand.migration.drivers.words import rule_of_band
from zhike.warehouse.queries import published, rows

PAGE = "/insight/migration/"
EACH = 120  # customers of each unit who buy in one line of business, and in two
# Of whom, by lines of business, so many stop at the end of 2025, and so many give twice as much from then on.
STOPPED, GREW = {1: 60, 2: 30}, {1: 20, 2: 50}


def _grow(folder: Path) -> None:
    from zhike.collect.sources.services import add_source, import_file
    from zhike.warehouse.services import run_refresh

    units = "unit_id,name,parent_id\nhq,Head office,\nnorth,North,hq\nsouth,South,hq\n"
    people, orders = ["customer_key,name,phone,unit_id"], ["order_id,customer_key,ordered_at,amount,line_of_business"]
    months = [(year, month) for year in (2024, 2025, 2026) for month in range(1, 13) if (year, month) < (2026, 7)]
    for number in range(4 * EACH):
        lines, unit, place = 1 + number % 2, ("north", "south")[number // 2 % 2], number // 4
        people.append(f"k{number},Ada{number} Berg,+86 138{number:08},{unit}")
        for year, month in months:
            is_after = year == 2026
            if is_after and place < STOPPED[lines]:
                continue
            has_grown = is_after and place >= EACH - GREW[lines]
            line = "music" if lines == 2 and month % 2 else "books"
            orders.append(f"{number}-{year}-{month},k{number},{year}-{month:02}-10,{100 * (1 + has_grown)},{line}")
    add_source(name="shop", lawful_basis="contract")
    for entity, text in (("org_units", units), ("source_records", "\n".join(people)), ("orders", "\n".join(orders))):
        path = folder / f"{entity}.csv"
        path.write_text(text + "\n")
        import_file(path, entity=entity, source="shop")
    run_refresh(as_of=date(2026, 7, 15))


MOVERS = Growth("movers", _grow)


@pytest.fixture
def movers(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A firm of 480 buyers, of whom some stopped and some gave more."""
    with grown(MOVERS, settings, tmp_path_factory):
        yield


def odds(moved: int, of: int) -> float:
    return moved / (of - moved)


def drivers_of(unit: str | None = None) -> DrivenMoves:
    """As the operator sees it; in these tests nobody acts but the browser."""
    with acting_as(OPERATOR):
        return move_drivers(unit=unit)


def by_band(found: DrivenMoves, move: str) -> dict[tuple[str, str], Any]:
    [one] = [one for one in found.moves if one.move == move]
    return {(band.feature, band.band): band for band in one.bands}


@pytest.mark.usefixtures("movers")
def test_the_odds_are_those_of_the_customers_whose_moves_are_known(browser: Client) -> None:
    assert sum(row["customers"] for row in rows(published().table(MOVE_CELLS))) == 4 * EACH
    assert {row["from_stage"] for row in rows(published().table(MOVE_STARTS))} == {"stable"}
    with translation.override("en"):
        response = browser.get(PAGE)
    shown = response.context["drivers"]
    assert [name for name, _title in shown.choices] == ["fell", "grew"]
    assert "Of 480 customers who were stable or growing on 31 Dec 2025, 180 (38%)" in shown.summary
    chart = shown.chart
    assert list(chart.labels) == ["At most 1 line of business (reference)", "2 lines of business"]
    ratio = odds(2 * STOPPED[2], 2 * EACH) / odds(2 * STOPPED[1], 2 * EACH)
    assert chart.values == [1, pytest.approx(ratio, rel=1e-5)]
    assert chart.lows[1] < ratio < chart.highs[1] < 1
    assert "“2 lines of business” multiplies the odds of falling by 0.33" in chart.finding
    assert [row[3]["text"] for row in chart.rows()] == ["240", "240"]
    assert chart.rows()[1][4]["text"] == "60 (25%)"
    assert chart.rows()[0][2]["text"] == "–"

    grew = browser.get(PAGE, {"move": "grew"}).context["drivers"]
    assert grew.chart.values[1] == pytest.approx(odds(2 * GREW[2], 2 * EACH) / odds(2 * GREW[1], 2 * EACH), rel=1e-5)
    known = by_band(drivers_of(), "fell")
    assert known["tenure", "365"].without == "alone"


@pytest.mark.usefixtures("movers")
def test_bands_lead_to_those_who_are_in_them_today(browser: Client) -> None:
    for move in ("fell", "grew"):
        shown = browser.get(PAGE, {"move": move}).context["drivers"]
        listed = [browser.get(url) for url in (*shown.chart.links, shown.moved_url)]
        assert [one.status_code for one in listed] == [200] * 3
        one_line, two_lines, moved = (one.context["list"]["page"].total for one in listed)
        still = {"fell": (60, 90), "grew": (40, 40)}[move]
        assert (one_line, two_lines) == tuple(2 * count for count in still)
        assert moved == {"fell": 180, "grew": 140}[move]
    every = drivers_of()
    for one in every.moves:
        for band in one.bands:
            rule = rule_of_band(one.move, band.feature, band.band, band.upper)
            listed_of_band = browser.get("/customers/", {"rule": rule})
            assert listed_of_band.status_code == 200
            assert "list" in listed_of_band.context, rule


@pytest.mark.usefixtures("movers")
def test_a_unit_has_odds_of_its_own(browser: Client) -> None:
    north = by_band(drivers_of("north"), "fell")
    assert north["lines", "2"].customers == EACH
    assert north["lines", "2"].odds_ratio == pytest.approx(odds(30, EACH) / odds(60, EACH), rel=1e-5)
    whole = by_band(drivers_of("hq"), "fell")
    assert whole == by_band(drivers_of(), "fell")
    shown = browser.get(PAGE, {"unit": "north"}).context["drivers"]
    assert "unit_id=north" in shown.chart.links[0]
    assert browser.get(PAGE, {"unit": "hq", "move": "nowhere"}).context["drivers"].move == "fell"


@pytest.mark.usefixtures("company")
def test_where_too_few_moved_it_is_said(browser: Client) -> None:
    for one in drivers_of().moves:
        assert one.refusal == "few"
    shown = browser.get(PAGE).context.get("drivers")
    assert shown is None or (shown.chart is None and "50" in shown.refusal)


@pytest.mark.usefixtures("movers")
def test_it_speaks_chinese_and_only_to_who_may_see_customers(browser: Client, open_with: Any) -> None:
    said = browser.get(PAGE, headers={"accept-language": "zh-CN"}).content.decode()
    assert "迁移的驱动因素" in said
    assert "2 条业务线" in said
    with pytest.raises(Denied):
        open_with(PAGE)
    assert open_with(PAGE, Right.SEE_CUSTOMERS).status_code == 200
