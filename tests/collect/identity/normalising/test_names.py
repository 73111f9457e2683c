"""Names of people: how they split, and that other spellings of them are the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ibis.expr.types import Table, Value
from tests.collect.identity.normalising.conftest import Rows

from zhike.collect.identity.normalising.names import person_name

Given = tuple[str | None, str | None, str | None]


def parts(table: Table) -> dict[str, Value]:
    name = person_name(name=table.name, family_name=table.family, given_name=table.given)
    return {"family": name.family, "given": name.given, "whole": name.whole}


def split(rows_of: Rows, names: list[Given]) -> list[Given]:
    columns = {key: [name[place] for name in names] for place, key in enumerate(("name", "family", "given"))}
    return [(row["family"], row["given"], row["whole"]) for row in rows_of(parts, columns)]  # type: ignore[misc]


HAN = {
    "张三": ("张", "三", "张三"),
    "張三豐": ("张", "三丰", "张三丰"),
    " 张 三 ": ("张", "三", "张三"),
    "张\u3000三": ("张", "三", "张三"),
    "小明 王": ("王", "小明", "王小明"),
    "娜娜 歐陽": ("欧阳", "娜娜", "欧阳娜娜"),
    "伟 张": ("张", "伟", "张伟"),
    "高 林": ("高", "林", "高林"),
    "百里 文": ("百里", "文", "百里文"),
    "尊敬的 王": ("王", None, "王"),
    "致 王": ("王", None, "王"),
    "王先生": ("王", None, "王"),
    "王小明先生": ("王", "小明", "王小明"),
    "李小姐": ("李", None, "李"),
    "赵敏女士": ("赵", "敏", "赵敏"),
    "陈博士": ("陈", None, "陈"),
    "張偉 教授": ("张", "伟", "张伟"),
    "尊敬的周总经理": ("周", None, "周"),
    "王总": ("王", None, "王"),
    "欧阳总": ("欧阳", None, "欧阳"),
    "刘三姐": ("刘", "三姐", "刘三姐"),
    "欧阳娜娜": ("欧阳", "娜娜", "欧阳娜娜"),
    "歐陽修": ("欧阳", "修", "欧阳修"),
    "诸葛亮": ("诸葛", "亮", "诸葛亮"),
    "司马老师": ("司马", None, "司马"),
    "爱新觉罗溥仪": ("爱新觉罗", "溥仪", "爱新觉罗溥仪"),
    "范徐丽泰": ("范", "徐丽泰", "范徐丽泰"),
    "阿卜杜·热合曼": ("阿卜杜", "热合曼", "阿卜杜热合曼"),
    "阿卜杜．热合曼": ("阿卜杜", "热合曼", "阿卜杜热合曼"),
    "阿卜杜•热合曼": ("阿卜杜", "热合曼", "阿卜杜热合曼"),
    "阿卜杜热合曼": (None, None, "阿卜杜热合曼"),
    "张三（男）": ("张", "三", "张三"),
    "张三 Zhang San": ("张", "三", "张三"),
    "王小明 收": ("王", "小明", "王小明"),
}
WORDS = {
    "John Smith": ("smith", "john", "john smith"),
    "Smith, John": ("smith", "john", "john smith"),
    "SMITH,JOHN": ("smith", "john", "john smith"),
    "Mr. John Smith Jr.": ("smith", "john", "john smith"),
    "Prof. Dr. Jürgen Groß": ("gross", "jurgen", "gross jurgen"),
    "Sir Ian McKellen": ("mckellen", "ian", "ian mckellen"),
    "John Smith, Ph.D.": ("smith", "john", "john smith"),
    "Smith, John, MD": ("smith", "john", "john smith"),
    "Henry Ford II": ("ford", "henry", "ford henry"),
    "Peter O’Brien": ("obrien", "peter", "obrien peter"),
    "Peter O'Brien": ("obrien", "peter", "obrien peter"),
    "Anna-Maria van der Berg": ("van der berg", "annamaria", "annamaria berg der van"),
    "van der Berg": ("van der berg", None, "berg der van"),
    "Ludwig van Beethoven": ("van beethoven", "ludwig", "beethoven ludwig van"),
    "Osama bin Laden": ("bin laden", "osama", "bin laden osama"),
    "José de la Cruz": ("de la cruz", "jose", "cruz de jose la"),
    "J. R. R. Tolkien": ("tolkien", "j r r", "j r r tolkien"),
    "ＷＡＮＧ Ｗｅｉ": ("wei", "wang", "wang wei"),
    "Wang Wei": ("wei", "wang", "wang wei"),
    "Madonna": ("madonna", None, "madonna"),
    'Robert "Bob" Jones': ("jones", "robert bob", "bob jones robert"),
    "Иван Петров": ("петров", "иван", "иван петров"),
}


@pytest.mark.parametrize("expected", [HAN, WORDS], ids=["han", "words"])
def test_a_name_is_split_by_its_script(rows_of: Rows, expected: dict[str, Given]) -> None:
    found = split(rows_of, [(name, None, None) for name in expected])
    assert dict(zip(expected, found, strict=True)) == expected


COLUMNS: dict[Given, Given] = {
    (None, "张", "三"): ("张", "三", "张三"),
    (None, "張", "张三"): ("张", "三", "张三"),
    ("张三", "张", None): ("张", "三", "张三"),
    ("三", "张", None): ("张", "三", "张三"),
    ("张三", None, "三"): ("张", "三", "张三"),
    (None, "张三", None): ("张", "三", "张三"),
    ("张三", "张三", None): ("张", "三", "张三"),
    (None, None, "三"): (None, "三", "三"),
    ("欧阳明", "欧", "阳明"): ("欧", "阳明", "欧阳明"),
    ("李四", "王", "五"): ("王", "五", "王五"),
    (None, "王", "先生"): ("王", None, "王"),
    ("张三", "Zhang", "San"): ("张", "三", "张三"),
    (None, "方", "方"): ("方", "方", "方方"),
    (None, "Smith", "John"): ("smith", "john", "john smith"),
    (None, "Smith", "John Smith"): ("smith", "john", "john smith"),
    (None, "Smith", "Smith John"): ("smith", "john", "john smith"),
    ("John Smith", "Smith", None): ("smith", "john", "john smith"),
    ("John Smith", None, "John"): ("smith", "john", "john smith"),
    (None, "van der Berg", "Anna"): ("van der berg", "anna", "anna berg der van"),
    (None, "Wang", "Wei"): ("wang", "wei", "wang wei"),
    (None, "无", "N/A"): (None, None, None),
}


def test_the_columns_go_before_the_name(rows_of: Rows) -> None:
    assert dict(zip(COLUMNS, split(rows_of, list(COLUMNS)), strict=True)) == COLUMNS


def test_what_is_no_name_has_no_parts(rows_of: Rows) -> None:
    nothing = [None, "", " ", "无", "先生", "Mr.", "N/A", "-", "(男)", "·", ",", "…"]
    assert split(rows_of, [(name, None, None) for name in nothing]) == [(None, None, None)] * len(nothing)


def test_different_names_stay_different(rows_of: Rows) -> None:
    pairs = ["王明 王民", "王明 王明明", "李雷 李雪", "欧阳明 欧明", "诸葛亮 诸葛量", "於明 余明"]
    names = [name for pair in pairs for name in pair.split()] + ["John Smith", "John Smyth", "Ann Lee", "Anne Lee"]
    wholes = [whole for *_, whole in split(rows_of, [(name, None, None) for name in names])]
    assert len(set(wholes)) == len({name.replace("於", "于") for name in names})


spellings = st.tuples(
    st.sampled_from(["", " ", "\u3000", "尊敬的"]),
    st.sampled_from(["张", "張", "欧阳", "歐陽", "诸葛", "王"]),
    st.sampled_from(["", " ", "\u3000", "\u200b"]),
    st.sampled_from(["伟", "偉", "小明", "麗娟"]),
    st.sampled_from(["", " ", "先生", "女士", " 教授", "（男）", "总经理", "律師", " 收"]),
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(spellings, min_size=20, max_size=100))
def test_however_it_is_written_a_name_is_the_same(rows_of: Rows, written: list[tuple[str, ...]]) -> None:
    simple = str.maketrans("張歐陽諸偉麗", "张欧阳诸伟丽")
    expected = [(family.translate(simple), given.translate(simple)) for _, family, _, given, _ in written]
    found = split(rows_of, [("".join(parts), None, None) for parts in written])
    assert found == [(family, given, family + given) for family, given in expected]
