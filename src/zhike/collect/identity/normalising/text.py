"""Text of any script in one spelling: width, Traditional and Simplified, case, accents, blanks."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources

import ibis
import ibis.expr.operations as ops
from ibis.expr.types import StringValue, Value

# U+3000 is the space of Chinese text; U+FF01 to U+FF5E are ASCII at the width of a Chinese character.
FULL_WIDTH = "\u3000" + "".join(chr(0xFF01 + place) for place in range(94))
FOLDED = " " + "".join(chr(0x21 + place) for place in range(94))

# Those of ASCII as an engine's patterns spell them: in a text of SQL, one engine takes some for letters.
SPACES = r"\t\n\x0b\f\r " + "\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff"
_ACCENTS = "\u0300-\u036f"
# Han characters, with those of extensions and the zero that dates are written with.
HAN = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_LIGATURES = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
# What no decomposition of Unicode says, or where engines disagree about small letters.
_LETTERS = dict(zip("ØøŁłĐđĦħÐðİıΣςẞÆŒÞ‘’ʼ`´", "oollddhhddiiσσßæœþ'''''", strict=True))
_ACCENTED = (range(0xC0, 0x250), range(0x386, 0x3CF), range(0x1E00, 0x1F00))
_PART = 64  # characters of a table that are looked through at a time

MEANINGLESS = (
    *("无", "没有", "空", "空白", "暂无", "不详", "未知", "不明", "不清楚", "未填", "未填写", "未提供"),
    *("未登记", "未录入", "保密", "匿名", "不便透露", "待补充", "待定", "其他", "测试"),
    *("n/a", "na", "n.a.", "nil", "none", "null", "nan", "unknown", "not known", "not available", "not applicable"),
    *("anonymous", "undefined", "missing", "empty", "blank", "tbd", "tba", "test"),
)  # Or no letter and no digit.
_MEANINGLESS = f"^(?:{'|'.join(map(re.escape, MEANINGLESS))}|[ -/:-@\\[-`{{-~·•。，、；：？！—…～×★●○]*)$"

_depth: ContextVar[int] = ContextVar("depth", default=0)


def half_width(text: StringValue) -> StringValue:
    """The text with full-width ASCII and the space of Chinese text at half width."""
    return _replaced(text, _half_widths())


def simplified(text: StringValue) -> StringValue:
    """The text with every Traditional character as the Simplified one that is the first in the table of OpenCC."""
    return _replaced(text, simple_characters())


def squeezed(text: StringValue) -> StringValue:
    """The text without any white space, visible or not; NULL if nothing is left."""
    return text.re_replace(f"[{SPACES}{INVISIBLE}]", "").nullif("")


def plain(text: StringValue) -> StringValue:
    """The text as it is compared: half width, Simplified, small letters without accents, single spaces between words.

    NULL where nothing is left, only punctuation, or a word that says that there is nothing.
    """
    letters = _all_characters()
    folded = _where_any(text, letters, lambda text: _without_ligatures(_replaced_by_character(text, letters)))
    spaced = folded.lower().re_replace(f"[{INVISIBLE}]", "").re_replace(f"[{SPACES}]+", " ")
    return spaced.re_replace("^ | $", "").re_replace(_MEANINGLESS, "").nullif("")


def once(value: Value, use: Callable[[Value], Value]) -> Value:
    """`use(value)`, with the value computed and spelt out once however often `use` names it.

    An expression has no names of its own: without this, five steps that each name their input three times would be
    two hundred copies of the first. A list of one, and a function over it, is a name on every engine. Keep `use` small:
    DuckDB prepares it again for every two thousand rows.
    """
    if isinstance(value.op(), (ops.Field, ops.Argument, ops.Literal)):
        return use(value)
    with _deeper() as depth:
        # Named by how deep it lies, so that the same expression is always the same text.
        name = ops.Argument(name=f"v{depth}", shape=value.op().shape, dtype=value.type())
        body = use(name.to_expr())
    return ops.ArrayMap(ibis.array([value]), param=name, index=None, body=body).to_expr()[0]


@contextmanager
def _deeper() -> Iterator[int]:
    depth = _depth.get()
    token = _depth.set(depth + 1)
    try:
        yield depth
    finally:
        _depth.reset(token)


def _without_ligatures(text: StringValue) -> StringValue:
    text = text.re_replace(f"[{_ACCENTS}]", "")
    return functools.reduce(lambda text, letter: text.replace(letter, _LIGATURES[letter]), _LIGATURES, text)


def _replaced(text: StringValue, table: Mapping[str, str]) -> StringValue:
    return _where_any(text, table, lambda text: _replaced_by_character(text, table))


def _where_any(text: StringValue, table: Mapping[str, str], change: Callable[[Value], Value]) -> StringValue:
    # Looked for first: hardly any text has one of them, and to look costs a fifth of a microsecond.
    pattern = f"[{_ranges(''.join(table))}]"
    return once(text, lambda text: text.re_search(pattern).ifelse(change(text), text))


def _replaced_by_character(text: StringValue, table: Mapping[str, str]) -> StringValue:
    """The text with the characters of a table replaced, one by one.

    `translate` of DuckDB prepares its table again in every row: .6 ms for that of Chinese. So each character is looked
    for among those few of the table that are about where it is.
    """
    pairs = sorted(table.items())
    parts = [pairs[start : start + _PART] for start in range(0, len(pairs), _PART)]

    def one(character: StringValue) -> StringValue:
        keys = _part(character, parts, 0)
        values = _part(character, parts, 1)
        # Itself is put behind, so that what the table does not have is found too.
        return (values + character).left((keys + character).find(character) + 1).right(1)

    return text.split("").map(one).join("")


def _part(character: StringValue, parts: Sequence[Sequence[tuple[str, str]]], side: int) -> StringValue:
    texts = ["".join(pair[side] for pair in part) for part in parts]
    followers = [part[0][0] for part in parts[1:]]
    cases = [(character < follower, text) for follower, text in zip(followers, texts, strict=False)]
    return ibis.cases(*cases, else_=texts[-1]) if cases else ibis.literal(texts[0])


@cache
def _half_widths() -> dict[str, str]:
    return dict(zip(FULL_WIDTH, FOLDED, strict=True))


@cache
def simple_characters() -> dict[str, str]:
    """Traditional → Simplified, each with one character and none with one that would be replaced again."""
    text = (resources.files("opencc") / "dictionary" / "TSCharacters.txt").read_text("utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if line)
    table = {key: values.split(" ")[0] for key, values in pairs}
    # Characters that Unicode has twice, because an older encoding had: 李 at U+F9E1.
    twice = {chr(code): unicodedata.normalize("NFC", chr(code)) for code in range(0xF900, 0xFB00)}
    table |= {key: table.get(value, value) for key, value in twice.items()}
    return {key: table.get(value, value) for key, value in table.items() if key != value}


@cache
def _all_characters() -> dict[str, str]:
    """All tables as one, because a large expression costs more than to look through it."""
    return {**_half_widths(), **simple_characters(), **_plain_letters()}


@cache
def _plain_letters() -> dict[str, str]:
    """Letters without accents, and capitals about whose small letter engines disagree.

    Ligatures and accents that stand alone are there as they are, so that they are noticed.
    """
    letters = {letter: _without_accents(letter) for block in _ACCENTED for letter in map(chr, block)}
    noticed = {letter: letter for letter in (*_LIGATURES, *map(chr, range(0x300, 0x370)))}
    return {letter: base for letter, base in letters.items() if base != letter} | noticed | _LETTERS


def _without_accents(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if unicodedata.category(base).startswith("L") else letter


@cache
def _ranges(characters: str) -> str:
    """The inside of a class of a pattern, with neighbours as ranges."""
    codes = set(map(ord, characters))
    starts = sorted(code for code in codes if code - 1 not in codes)
    ends = sorted(code for code in codes if code + 1 not in codes)
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in zip(starts, ends, strict=True))
