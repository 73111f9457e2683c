"""Text in the encodings that Chinese and Western firms write, detected or stated."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest
from deliveries import HEADER, Desk

from zhike.collect.sources.readers import Limits, inspect
from zhike.errors import UserError

NAMES = {
    "simplified": ["张伟", "王小明", "李娜", "刘洋", "陈静"],
    "one name": ["王芳"],
    "few among many": [*(f"customer {n}" for n in range(500)), "赵敏"],
    "traditional": ["陳大文", "黃美玲", "張國榮", "林志玲", "劉德華"],
    "western": ["Müller", "Françoise", "Señor Núñez", "Ångström"],
    "address": ["上海市浦东新区世纪大道100号", "北京市海淀区中关村大街1号", "广州市天河区体育西路"],
    "traditional address": ["臺北市信義區市府路45號", "香港九龍彌敦道", "高雄市苓雅區四維路"],
}


def table(names: list[str], end: str = "\n") -> str:
    return HEADER + end + "".join(f"{n},{name},2026-01-31,10{end}" for n, name in enumerate(names))


@pytest.mark.parametrize(
    ("encoding", "kinds"),
    [
        ("utf-8", NAMES),
        ("utf-8-sig", NAMES),
        ("utf-16", NAMES),
        ("gb18030", ["simplified", "one name", "few among many", "address"]),
        ("big5", ["traditional", "traditional address"]),
        ("cp1252", ["western"]),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_an_encoding_is_detected(tmp_path: Path, encoding: str, kinds: list[str], pack: type[bytes]) -> None:
    for kind in kinds:
        path = tmp_path / "file.csv"
        path.write_bytes(pack(table(NAMES[kind]).encode(encoding)))
        assert inspect(path, Limits(file=10**9, line=10**6)).encoding == encoding, kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_a_detected_encoding_is_read(desk: Desk, encoding: str) -> None:
    desk.bring(gzip.compress(table(["王芳", "陳大文"]).encode(encoding)), "file.csv.gz")
    assert desk.rows("customer_key") == ["王芳", "陳大文"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "big5", "gbk", "cp1252", "shift_jis"])
def test_an_encoding_can_be_stated(desk: Desk, encoding: str) -> None:
    name = "Zoë" if encoding in ("cp1252",) else "王芳"
    content = table([name, name + "\n2"]).replace(f"{name}\n2", f'"{name}\n2"').encode(encoding)
    assert desk.bring(content, format={"encoding": encoding}).accepted == 2
    assert desk.rows("customer_key") == [name, f"{name}\n2"]


def test_a_mark_wins_over_a_stated_utf_8(desk: Desk) -> None:
    desk.bring(codecs.BOM_UTF8 + table(["王芳"]).encode(), format={"encoding": "utf-8"})
    assert desk.rows("order_id", "customer_key") == [("0", "王芳")]


def test_a_byte_order_mark_is_no_part_of_the_first_value(desk: Desk) -> None:
    rows = table(["王芳"]).split("\n", 1)[1]
    for number, encoding in enumerate(("utf-8-sig", "utf-16")):
        form = {"header": False, "names": HEADER.split(",")}
        desk.bring(rows.encode(encoding), source=f"source{number}", format=form)
    assert desk.rows("order_id") == ["0", "0"]


def test_the_foreign_characters_may_come_late(desk: Desk) -> None:
    names = [*(f"customer {n}" for n in range(60_000)), *NAMES["simplified"]]
    desk.bring(table(names).encode("gb18030"))
    assert desk.rows("customer_key")[-5:] == NAMES["simplified"]


def test_half_a_character_at_the_end_of_utf_8_is_refused(desk: Desk) -> None:
    with pytest.raises(UserError, match=r"is not utf-8: byte [\d,]+ is 0xe7"):
        desk.bring(table(NAMES["address"] * 9).encode() + "9,王".encode()[:-1])


def test_utf_8_with_one_wrong_byte_is_not_taken_for_another_encoding(desk: Desk) -> None:
    with pytest.raises(UserError, match=r"is not utf-8: byte [\d,]+ is 0xff"):
        desk.bring(table(NAMES["address"] * 99).encode() + b"9,\xff,2026-01-31,1\n" + table(["王芳"]).encode())


def test_characters_cut_by_a_block_are_read_whole(desk: Desk) -> None:
    names = [f"{'王' * (n % 7)}芳{n}" for n in range(200_000)]
    for number, encoding in enumerate(("utf-8", "gb18030")):
        desk.bring(table(names).encode(encoding), source=f"source{number}")
        assert [who for source, who in desk.rows("source", "customer_key") if source == f"source{number}"] == names
