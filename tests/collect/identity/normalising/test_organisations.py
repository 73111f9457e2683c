"""Names of organisations: what they are called, which branch, and in which form of law."""

from __future__ import annotations

from ibis.expr.types import Table, Value
from tests.collect.identity.normalising.conftest import Normalised, Rows

from zhike.collect.identity.normalising.organisations import is_organisation_name, organisation_name

Parts = tuple[str | None, str | None, str | None]
NAMES: dict[str | None, Parts] = {
    "华为技术有限公司": ("华为技术", None, "limited"),
    "華為技術有限公司": ("华为技术", None, "limited"),
    "深圳市腾讯计算机系统有限公司": ("腾讯计算机系统", None, "limited"),
    "腾讯计算机系统有限公司": ("腾讯计算机系统", None, "limited"),
    "广东省广州市天河区红星贸易有限责任公司": ("红星贸易", None, "limited"),
    "上海汽车集团股份有限公司": ("汽车", None, "stock"),
    "万科企业股份有限公司": ("万科企业", None, "stock"),
    "红星（集团）有限公司": ("红星", None, "limited"),
    "红星(集团)有限公司": ("红星", None, "limited"),
    "海尔集团": ("海尔", None, "group"),
    "上海汽车厂": ("汽车", None, "factory"),
    "红星投资合伙企业（有限合伙）": ("红星投资", None, "partnership"),
    "红星种植专业合作社": ("红星种植", None, "cooperative"),
    "中国人寿保险股份有限公司": ("中国人寿保险", None, "stock"),
    "中国人寿保险股份有限公司北京市分公司": ("中国人寿保险", "北京市分公司", "stock"),
    "中国平安保险（集团）股份有限公司深圳分公司": ("中国平安保险", "深圳分公司", "stock"),
    "招商银行股份有限公司深圳分行": ("招商银行", "深圳分行", "stock"),
    "招商银行深圳分行": ("招商银行", "深圳分行", None),
    "北京公司": ("北京", None, "company"),
    "超市发连锁股份有限公司": ("超市发连锁", None, "stock"),
    "Acme Co., Ltd.": ("acme", None, "limited"),
    "ACME CO.,LTD": ("acme", None, "limited"),
    "Acme Limited": ("acme", None, "limited"),
    "Acme, Inc.": ("acme", None, "stock"),
    "Acme Pty Ltd": ("acme", None, "limited"),
    "Acme LLC": ("acme", None, "limited"),
    "Siemens AG": ("siemens", None, "stock"),
    "Müller GmbH": ("muller", None, "limited"),
    "The Walt Disney Company": ("walt disney", None, "company"),
    "Marks & Spencer plc": ("marks spencer", None, "stock"),
    "HSBC Holdings plc, Shanghai Branch": ("hsbc holdings", "shanghai branch", "stock"),
    "Acme Holdings Ltd": ("acme holdings", None, "limited"),
    "Acme Holdings": ("acme holdings", None, None),
    "Acme Group Ltd": ("acme", None, "limited"),
    "Cisco": ("cisco", None, None),
    "无": (None, None, None),
    "N/A": (None, None, None),
    "": (None, None, None),
    None: (None, None, None),
}


def parts(table: Table) -> dict[str, Value]:
    name = organisation_name(table.name)
    return {"core": name.core, "branch": name.branch, "legal_form": name.legal_form}


def found(rows_of: Rows, names: list[str | None]) -> list[Parts]:
    return [tuple(row.values()) for row in rows_of(parts, {"name": names})]  # type: ignore[misc]


def test_a_name_is_parted(rows_of: Rows) -> None:
    assert dict(zip(NAMES, found(rows_of, list(NAMES)), strict=True)) == NAMES


def test_a_core_is_its_own_spelling(rows_of: Rows) -> None:
    cores = [core for core, _, _ in found(rows_of, list(NAMES))]
    assert [core for core, _, _ in found(rows_of, cores)] == cores


def test_different_firms_stay_different(rows_of: Rows) -> None:
    names = [
        "华为技术有限公司",
        "华为软件技术有限公司",
        "中兴通讯股份有限公司",
        "中国银行",
        "中国农业银行",
        "Acme Ltd",
        "Acne Ltd",
    ]
    assert len({core for core, _, _ in found(rows_of, [*names])}) == len(names)


def test_organisations_are_told_from_people(normalised: Normalised) -> None:
    organisations = [name for name in NAMES if name and name not in ("无", "N/A", "Cisco")]
    organisations += [
        "北京大学",
        "协和医院",
        "第一中学",
        "王记饭店",
        "海淀区人民政府",
        "Bank of China",
        "Stanford University",
    ]
    people = ["张三", "王小明", "John Smith", "Anna van der Berg", "欧阳娜娜", "Marco Polo", "Inca Jones", "李厂长"]
    assert [
        n for n, yes in zip(organisations, normalised(is_organisation_name, organisations), strict=True) if not yes
    ] == []
    assert [n for n, yes in zip(people, normalised(is_organisation_name, people), strict=True) if yes] == []
    assert normalised(is_organisation_name, [None, "无"]) == [None, None]
