"""How names in Chinese characters are read, and that names in letters are met by it."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from tests.spec.spark import ENGINES, engine_for_tests

from zhike.collect.identity.linking.workbench import Workbench
from zhike.collect.identity.normalising.fields import READINGS
from zhike.collect.identity.normalising.readings import character_readings, with_readings

# Family name, given name, script → family, given, both, and what else they may be read as.
NAMES = {
    ("王", "小明", "han"): ("wang", "xiaoming", "wangxiaoming", "wangxiaoming xiaomingwang wangxiaomeng"),
    ("单", "雄信", "han"): ("shan", "xiongxin", "shanxiongxin", "shanxiongxin"),  # dan in any other word
    ("曾", "国藩", "han"): ("zeng", "guofan", "guofanzeng", "zengguofan"),
    ("解", "缙", "han"): ("xie", "jin", "jinxie", "xiejin jiejin"),
    ("尉迟", "恭", "han"): ("yuchi", "gong", "gongyuchi", "yuchigong"),
    ("欧阳", "乐", "han"): ("ouyang", "le", "leouyang", "ouyangle ouyangyue"),
    ("吕", "布", "han"): ("lv", "bu", "bulv", "lvbu lubu lyubu"),
    ("王", None, "han"): ("wang", None, "wang", None),
    (None, "明", "han"): (None, "ming", "ming", None),
    ("阿卜杜", "热合曼", "han"): (None, "reheman", None, None),  # the sounds of another language
    ("xiaoming", "wang", "latin"): ("xiaoming", "wang", "wangxiaoming", "wangxiaoming"),
    ("ming", "wang xiao", "latin"): ("ming", "wangxiao", "mingwangxiao", "wangxiaoming"),
    ("smith", "john", "latin"): ("smith", "john", "johnsmith", None),
    (None, None, "latin"): (None, None, None, None),
}


def read(engine_name: str) -> list[dict[str, str | None]]:
    engine = engine_for_tests(engine_name)
    rows = [(number, *name) for number, name in enumerate(NAMES)]
    columns = ("number", "family_name", "given_name", "script")
    table = pa.table({name: [row[place] for row in rows] for place, name in enumerate(columns)})
    if engine.name == "duckdb":
        names = engine.connection.create_table("names_to_read", table, temp=True, overwrite=True)
    else:
        engine.session.createDataFrame(table).createOrReplaceTempView("names_to_read")  # type: ignore[attr-defined]
        names = engine.connection.table("names_to_read")
    with Workbench(engine) as bench:
        found = engine.arrow(with_readings(names, keep=bench.keep)).to_pylist()
    return sorted(found, key=lambda row: row["number"])


@pytest.mark.parametrize("engine", ENGINES)
def test_names_are_read_as_people_write_them_in_letters(engine: str) -> None:
    found = read(engine)
    assert [tuple(row[name] for name in READINGS[:3]) for row in found] == [one[:3] for one in NAMES.values()]
    for row, (*_, others) in zip(found, NAMES.values(), strict=True):
        assert (row["readings"] is None) == (others is None)
        if others:
            assert all(re.search(str(row["readings"]), other) for other in others.split())


def test_another_name_is_not_read_alike() -> None:
    [wang, *_] = read("duckdb")
    assert not any(re.search(str(wang["readings"]), other) for other in ("wangxiao", "wangming", "yuxiaoming", "ming"))


def test_nearly_every_character_is_known() -> None:
    known = set(character_readings()["character"].to_pylist())
    unknown = {chr(code) for code in range(0x4E00, 0x9FA6)} - known
    assert len(unknown) < 30  # 兡 and 瓩 are units of the metric system
