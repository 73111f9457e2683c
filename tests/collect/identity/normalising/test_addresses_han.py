"""Chinese addresses."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.spec.spark import ENGINES, engine_for_tests

from zhike.collect.identity.normalising.addresses import normalised_address
from zhike.collect.identity.normalising.addresses_han import COLUMNS, with_han_address

Parts = dict[str, str | None]
DIVISIONS = ("province", "city", "district")
DOOR = ("street", "number", "place", "building", "unit", "floor", "room")


def rows_of(**columns: list[str | None]) -> ibis.Table:
    numbered = {"row": list(range(len(next(iter(columns.values()))))), **columns}
    return ibis.memtable(numbered, schema={name: "int64" if name == "row" else "string" for name in numbered})


def parts(*texts: str | None) -> list[Parts]:
    found = with_han_address(rows_of(text=list(texts)), address="text").order_by("row").to_pyarrow()
    return found.select(COLUMNS).to_pylist()


def said(parts: Parts, names: tuple[str, ...]) -> Parts:
    return {name: parts[name] for name in names if parts[name] is not None}


PLACED = {
    "绵阳市梓潼县黄河街204号": ("四川省", "绵阳市", "梓潼县", "510725"),
    "上海徐汇区天钥桥路408号": ("上海市", "上海市", "徐汇区", "310104"),
    "广东 清远 阳山县 创业路876号": ("广东省", "清远市", "阳山县", "441823"),
    "寒亭区世纪城16#1-907（黄河路169号）": ("山东省", "潍坊市", "寒亭区", "370703"),
    "浙江省，杭州市，西湖区，文三路90号": ("浙江省", "杭州市", "西湖区", "330106"),
    "河北省-石家庄市-长安区-中山东路1号": ("河北省", "石家庄市", "长安区", "130102"),
    "１０００８０ 北京市海淀区中关村大街５９号": ("北京市", "北京市", "海淀区", "110108"),
    "中国上海市静安区南京西路1717号": ("上海市", "上海市", "静安区", "310106"),
    "上海市南京路100号": ("上海市", "上海市", None, "310000"),
    "北京市北京路1号": ("北京市", "北京市", None, "110000"),
    "南京路100号": (None, None, None, None),
    "北京西路12号": (None, None, None, None),
    "东方广场E1 611室": (None, None, None, None),
    "朝阳区建国路88号": (None, None, "朝阳区", None),
    "北京朝阳建国路88号": ("北京市", "北京市", "朝阳区", "110105"),
    "长春市朝阳区红旗街1号": ("吉林省", "长春市", "朝阳区", "220104"),
    "鼓楼区中山路1号": (None, None, "鼓楼区", None),
    "南京市鼓楼区中山路1号": ("江苏省", "南京市", "鼓楼区", "320106"),
    "大连中山区人民路1号": ("辽宁省", "大连市", "中山区", "210202"),
    "广东省中山市中山市创业路113号": ("广东省", "中山市", None, "442000"),
    "中山市中山四路57号": ("广东省", "中山市", None, "442000"),
    "吉林省吉林市昌邑区解放路1号": ("吉林省", "吉林市", "昌邑区", "220202"),
    "吉林昌邑区解放路1号": ("吉林省", "吉林市", "昌邑区", "220202"),
    "湖北省仙桃市沔阳大道1号": ("湖北省", "仙桃市", "仙桃市", "429004"),
    "河南济源市济水大街1号": ("河南省", "济源市", "济源市", "419001"),
    "海南 儋州 儋州市 文化大道953号": ("海南省", "儋州市", None, "460400"),
    "新疆石河子市北四路1号": ("新疆维吾尔自治区", "石河子市", "石河子市", "659001"),
    "东莞市长安镇锦厦路2号": ("广东省", "东莞市", None, "441900"),
    "廣東省東莞市虎門鎮連升路12號": ("广东省", "东莞市", None, "441900"),
    "坑梓街道吉康路1号": ("广东省", "深圳市", "坪山区", "440310"),
    "湖北恩施州恩施市施州大道1号": ("湖北省", "恩施土家族苗族自治州", "恩施市", "422801"),
    "内蒙呼和浩特新城区中山东路1号": ("内蒙古自治区", "呼和浩特市", "新城区", "150102"),
    "昆山花桥镇绿地大道1号": ("江苏省", "苏州市", "昆山市", "320583"),
    "上海浦东建业路813号": ("上海市", "上海市", "浦东新区", "310115"),
    "上海市闸北区江场三路76号": ("上海市", "上海市", "静安区", "310106"),
    "成都市双流县航空港腾飞十路": ("四川省", "成都市", "双流区", "510116"),
    "苏州市工业园区金鸡湖大道1号": ("江苏省", "苏州市", "苏州工业园区", "320571"),
    "西安市高新技术产业开发区高新三路9号": ("陕西省", "西安市", "高新区", "610100"),
    "哈尔滨道里区上海街7号": ("黑龙江省", "哈尔滨市", "道里区", "230102"),
    "台州路桥区银座街1号": ("浙江省", "台州市", "路桥区", "331004"),
    "青岛市南区东海西路43号": ("山东省", "青岛市", "市南区", "370202"),
    "吉林松原乾安县科技大道127号": ("吉林省", "松原市", "乾安县", "220723"),
    "香港九龙尖沙咀弥敦道132号": ("香港特别行政区", "香港特别行政区", None, "810000"),
    "澳门花地玛堂区黑沙环1号": ("澳门特别行政区", "澳门特别行政区", "花地玛堂区", "820001"),
    "台湾台北市大安区忠孝东路四段1号": ("台湾省", "台北市", "大安区", "710000"),
}

DOORS = {
    "黄河街204号紫金苑21栋5单元402": {
        "street": "黄河街",
        "number": "204",
        "place": "紫金苑",
        "building": "21",
        "unit": "5",
        "room": "402",
    },
    "天钥桥路408弄12号301室": {"street": "天钥桥路", "number": "408弄", "building": "12", "room": "301"},
    "知春路甲48号盈都大厦C座4单元11层": {
        "street": "知春路",
        "number": "甲48",
        "place": "盈都大厦",
        "building": "C",
        "unit": "4",
        "floor": "11",
    },
    "泰山大道东62号动力国际A栋23-25楼": {
        "street": "泰山大道东段",
        "number": "62",
        "place": "动力国际",
        "building": "A",
        "floor": "23-25",
    },
    "宝龙二路103#": {"street": "宝龙二路", "number": "103"},
    "北环大道武警大厦1308": {"street": "北环大道", "place": "武警大厦", "room": "1308"},
    "中山北路3553号伸大厦1714-1715室": {"street": "中山北路", "number": "3553", "place": "伸大厦", "room": "1714-1715"},
    "湖滨路168号企业天地3号楼28F": {
        "street": "湖滨路",
        "number": "168",
        "place": "企业天地",
        "building": "3",
        "floor": "28",
    },
    "科学院南路18号院3号楼": {"street": "科学院南路", "number": "18", "building": "3"},
    "人民南路四段来福士广场塔1栋31层": {
        "street": "人民南路四段",
        "place": "来福士广场塔",
        "building": "1",
        "floor": "31",
    },
    "中关村软件园二期10号楼": {"place": "中关村软件园二期", "building": "10"},
    "西乡街道宝源路1053号资信达大厦315室": {"street": "宝源路", "number": "1053", "place": "资信达大厦", "room": "315"},
}

SAME_DOOR = [
    "黄河街204号锦绣家园32栋5单元1602室",
    "黄河街204号锦绣家园32号楼5单元1602",
    "黄河街204号 锦绣家园32-5-1602",
    "锦绣家园32#5-1602（黄河街204号）",
    "黃河街２０４號錦繡家園３２幢５單元１６０２",
    "黄河街204号锦绣家园小区三十二栋五单元1602室",
]


@pytest.fixture(scope="module")
def placed() -> dict[str, Parts]:
    return dict(zip(PLACED, parts(*PLACED), strict=True))


@pytest.mark.parametrize("text", PLACED)
def test_divisions_are_found_whichever_are_left_out(placed: dict[str, Parts], text: str) -> None:
    found = placed[text]
    assert (found["province"], found["city"], found["district"], found["division_code"]) == PLACED[text]


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("东莞市长安镇锦厦路2号", "长安镇"),
        ("昆山花桥镇绿地大道1号", "花桥镇"),
        ("坑梓街道吉康路1号", "坑梓街道"),
        ("南京路100号", None),
    ],
)
def test_the_town_is_found(placed: dict[str, Parts], text: str, town: str | None) -> None:
    assert placed[text]["town"] == town


def test_the_parts_of_a_door() -> None:
    found = dict(zip(DOORS, parts(*DOORS), strict=True))
    assert {text: said(one, DOOR) for text, one in found.items()} == DOORS


def test_spellings_of_one_door_are_equal() -> None:
    expected = {"street": "黄河街", "number": "204", "place": "锦绣家园", "building": "32", "unit": "5", "room": "1602"}
    assert [said(one, DOOR) for one in parts(*SAME_DOOR)] == [expected] * len(SAME_DOOR)


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        ("1号楼2单元", "12号楼", "building"),
        ("阳光花园1-2-301", "阳光花园12-3-01", "building"),
        ("黄河街20号", "黄河街204号", "number"),
        ("天钥桥路408弄", "天钥桥路408号", "number"),
        ("中山东路1号", "中山西路1号", "street"),
        ("A座1201", "B座1201", "building"),
        ("阳光花园3栋", "月光花园3栋", "place"),
    ],
)
def test_different_doors_stay_different(one: str, other: str, part: str) -> None:
    first, second = parts(one, other)
    assert first[part] != second[part]


def test_nothing_is_nothing() -> None:
    texts = [None, "", " ", "　", "-", "无", "不详", "暂无", "N/A", "未知"]
    assert [said(one, COLUMNS) for one in parts(*texts)] == [{}] * len(texts)


def test_columns_of_divisions_complement_the_address_and_go_before_it() -> None:
    table = rows_of(
        text=["黄河街204号", "建国路88号", "浙江省杭州市西湖区文三路90号", "文三路90号", "中关村大街59号"],
        p=["四川", "", "广东", "浙江省", "北京市"],
        c=["绵阳市", "北京", "广州市", "杭州", "市辖区"],
        d=["梓潼县", "朝阳区", None, "错的", "海淀"],
    )
    found = with_han_address(table, address="text", province="p", city="c", district="d").order_by("row").to_pyarrow()
    assert [tuple(row[name] for name in ("division_code", "street")) for row in found.to_pylist()] == [
        ("510725", "黄河街"),
        ("110105", "建国路"),
        ("440100", "文三路"),
        ("330100", "文三路"),
        ("110108", "中关村大街"),
    ]


def test_what_is_spelt_is_spelt_the_same_again() -> None:
    first = parts(*PLACED, *SAME_DOOR)
    joined = ["".join(one[name] or "" for name in (*DIVISIONS, "town", "street")) for one in first]
    again = parts(*joined)
    assert [said(one, (*DIVISIONS, "town", "street")) for one in again] == [
        said(one, (*DIVISIONS, "town", "street")) for one in first
    ]


@settings(max_examples=5, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    st.lists(st.text(alphabet="京市北区路号楼单元室一十中山A9-#(（,\\$|'\n　", max_size=20), min_size=1, max_size=20)
)
def test_dirty_text_raises_nothing_and_gives_no_empty_part(texts: list[str]) -> None:
    found = parts(*texts)
    assert len(found) == len(texts)
    assert all(value != "" for row in found for value in row.values())


def test_real_addresses_are_placed(shared_data: Path) -> None:
    table = ibis.read_csv(shared_data / "china_addresses" / "addr.csv.gz")
    table = table.select(text=table["原始地址"])
    begins = "^(?:北京|上海|天津|重庆|深圳|广州|杭州|成都|武汉|南京|苏州|西安|长沙|厦门|青岛|济南|郑州)市"
    found = with_han_address(table.filter(table.text.re_search(begins)), address="text").to_pyarrow()
    assert found.num_rows > 5_000
    assert found["city"].null_count == 0
    named = found.filter(
        ibis.memtable(found).select(is_named=ibis._.text.re_search(r"^..市[^市路0-9]{1,3}区")).to_pyarrow()[0]
    )
    assert named["district"].null_count < 0.01 * named.num_rows


def test_records_of_one_person_who_did_not_move_agree(shared_data: Path) -> None:
    records = ibis.read_csv(shared_data / "cn_person_dedupe" / "cn_person_dedupe.csv.gz")
    spelt = with_han_address(records.select("rec_id", "person_id", text="address"), address="text").to_pyarrow()
    one, other = ibis.memtable(spelt), ibis.memtable(spelt)
    pairs = one.inner_join(other, [one.person_id == other.person_id, one.rec_id < other.rec_id])
    stayed = pairs.filter((pairs.room == pairs.room_right) & (pairs.number == pairs.number_right))
    compared = ("district", "street", "number", "place", "building", "unit", "room")
    shares = stayed.agg(**{name: (stayed[name] == stayed[f"{name}_right"]).mean() for name in compared}).to_pyarrow()
    assert all(share >= 0.97 for share in shares.to_pylist()[0].values())


@pytest.mark.parametrize("name", ENGINES)
def test_both_engines_spell_alike(name: str) -> None:
    engine = engine_for_tests(name)
    western = [
        "12/34 Smith Street, Richmond VIC 3121",
        "123 N. Main St., Apt 4B, Springfield, IL 62704",
        "Hauptstr. 12, 10115 Berlin",
    ]
    texts = [*PLACED, *DOORS, *SAME_DOOR, *western, None, "", "-"]
    table = rows_of(text=texts, city=["" for _ in texts])
    spelt = normalised_address(table, address="text", city="city")
    found = engine.connection.to_pyarrow(spelt).sort_by("row").to_pylist()
    assert [row["text"] for row in found] == texts
    assert [row["division_code"] for row in found[: len(PLACED)]] == [code for *_, code in PLACED.values()]
    assert [said(row, DOOR) for row in found[len(PLACED) : len(PLACED) + len(DOORS)]] == list(DOORS.values())
    assert [row["number"] for row in found[-6:]] == ["34", "123", "12", None, None, None]
