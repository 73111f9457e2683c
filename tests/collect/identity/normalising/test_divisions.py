"""The divisions of China, and what their spellings mean."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pyarrow.compute as pc
import pytest

from zhike.collect.identity.normalising.divisions import Division, divisions, short_name
from zhike.collect.identity.normalising.divisions_known import FORMER_CITIES, FORMER_DISTRICTS, POPULAR
from zhike.collect.identity.normalising.divisions_spelt import (
    division_beginnings,
    division_keys,
    names_of_divisions,
    town_keys,
)


@pytest.fixture(scope="module")
def by_code() -> dict[str, Division]:
    return {row["code"]: Division(**row) for row in divisions().to_pylist()}


@pytest.fixture(scope="module")
def meanings() -> dict[str, tuple[str, str | None]]:
    return {row["key"]: (row["code"], row["open_name"]) for row in division_keys().to_pylist()}


def test_every_level_is_there_once(by_code: dict[str, Division]) -> None:
    counts = {row["values"]: row["counts"] for row in pc.value_counts(divisions()["level"]).to_pylist()}
    assert counts["province"] == 34
    assert 340 < counts["city"] < 370
    assert 2_850 < counts["district"] < 3_300
    assert counts["town"] > 40_000
    assert len(by_code) == divisions().num_rows


@pytest.mark.parametrize(
    ("code", "province", "city", "district"),
    [
        ("11", "北京市", "北京市", None),
        ("110108", "北京市", "北京市", "海淀区"),
        ("44", "广东省", None, None),
        ("4419", "广东省", "东莞市", None),
        ("440304", "广东省", "深圳市", "福田区"),
        ("429004", "湖北省", "仙桃市", "仙桃市"),
        ("469025", "海南省", "白沙黎族自治县", "白沙黎族自治县"),
        ("810001", "香港特别行政区", "香港特别行政区", "中西区"),
        ("7101", "台湾省", "台北市", None),
        ("110101001", "北京市", "北京市", "东城区"),
    ],
)
def test_a_division_names_those_it_lies_in(
    by_code: dict[str, Division], code: str, province: str, city: str | None, district: str | None
) -> None:
    found = by_code[code]
    assert (found.province, found.city, found.district) == (province, city, district)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("北京市", "北京"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("新疆维吾尔自治区", "新疆"),
        ("香港特别行政区", "香港"),
        ("恩施土家族苗族自治州", "恩施"),
        ("巴音郭楞蒙古自治州", "巴音郭楞"),
        ("积石山保安族东乡族撒拉族自治县", "积石山"),
        ("海淀区", "海淀"),
        ("浦东新区", "浦东"),
        ("神农架林区", "神农架"),
        ("大兴安岭地区", "大兴安岭"),
        ("城区", None),
        ("矿区", None),
        ("忠县", None),
        ("石家庄高新技术产业开发区", None),
    ],
)
def test_a_short_name_lacks_the_kind_and_has_two_characters(name: str, short: str | None) -> None:
    assert short_name(name) == short


def test_no_short_name_is_one_character(by_code: dict[str, Division]) -> None:
    assert [one.name for one in by_code.values() if one.short is not None and len(one.short) < 2] == []


def test_districts_that_became_part_of_others_are_gone(by_code: dict[str, Division]) -> None:
    assert by_code["330105"].name == "拱墅区"
    assert not {"330103", "330104", "350402", "410322"} & by_code.keys()
    assert len({(one.name, one.code[:4]) for one in by_code.values() if one.level == "district"}) == len(
        [one for one in by_code.values() if one.level == "district"]
    )


def test_former_and_popular_names_are_those_of_divisions_that_exist(by_code: dict[str, Division]) -> None:
    named = {*FORMER_CITIES.values(), *FORMER_DISTRICTS.values(), *POPULAR}
    assert named - by_code.keys() == set()


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (":广东", "44"),
        (":广东省", "44"),
        (":吉林", "22"),
        (":吉林市", "2202"),
        ("22:吉林", "2202"),
        (":绵阳市", "5107"),
        ("51:绵阳", "5107"),
        ("5107:梓潼县", "510725"),
        ("31:徐汇", "310104"),
        ("4228:恩施市", "422801"),
        (":恩施州", "4228"),
        (":襄樊市", "4206"),
        ("3205:吴江市", "320509"),
        ("31:闸北区", "310106"),
        ("1301:高新区", "130171"),
        (":石家庄高新区", "130171"),
        ("3702:南区", "370202"),
        ("22:干安县", "220723"),
        (":海南", "46"),
        ("4420:中山市", "4420"),
    ],
)
def test_a_spelling_means_one_division_under_what_is_known(
    meanings: dict[str, tuple[str, str | None]], key: str, code: str
) -> None:
    assert meanings[key] == (code, None)


@pytest.mark.parametrize(
    ("key", "code", "name"),
    [(":朝阳区", "", "朝阳区"), (":鼓楼区", "", "鼓楼区"), ("13:桥西区", "13", "桥西区"), (":通州区", "", "通州区")],
)
def test_a_name_of_several_stays_open(
    meanings: dict[str, tuple[str, str | None]], key: str, code: str, name: str
) -> None:
    assert meanings[key] == (code, name)


@pytest.mark.parametrize("key", ["44:朝阳区", ":高新区", "31:中山", "31:南京", ":新城"])
def test_a_name_that_is_nothing_there_has_no_meaning(meanings: dict[str, tuple[str, str | None]], key: str) -> None:
    assert key not in meanings


def test_every_key_is_found_by_its_beginning_once() -> None:
    listed = [
        row["beginning"].partition(":")[0] + ":" + spelling
        for row in division_beginnings().to_pylist()
        for spelling in row["spellings"]
    ]
    assert sorted(listed) == sorted(division_keys()["key"].to_pylist())
    assert len(set(listed)) == len(listed)


def test_a_town_decides_its_district_where_it_is_the_only_one_of_its_name() -> None:
    towns = dict(zip(town_keys()["key"].to_pylist(), town_keys()["town_code"].to_pylist(), strict=True))
    assert towns[":坑梓街道"] == "440310"
    assert towns[":虎门镇"] == "4419"
    assert towns["4420:小榄镇"] == "4420"
    assert ":城关镇" not in towns


def test_codes_have_six_digits_and_taiwan_only_that_of_its_province() -> None:
    rows = {row["code"]: row["division_code"] for row in names_of_divisions().to_pylist()}
    assert (rows["44"], rows["4401"], rows["440106"], rows["7101"]) == ("440000", "440100", "440106", "710000")
    assert {len(code) for code in rows.values()} == {6}


@pytest.mark.parametrize(("name", "length"), [("provinces", 2), ("cities", 4), ("areas", 6)])
def test_names_agree_with_another_list(shared_data: Path, by_code: dict[str, Division], name: str, length: int) -> None:
    with gzip.open(shared_data / "china_divisions" / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
        other = {row["code"]: row["name"] for row in csv.DictReader(file) if len(row["code"]) == length}
    both = other.keys() & by_code.keys()
    # Zones that are renumbered every year are all that differs.
    different = {by_code[code].name for code in both if by_code[code].name != other[code]}
    assert len(both) > 0.88 * len(other)
    assert all("区" in name or "管" in name for name in different)
    assert len(different) <= 3
