"""How names in Chinese characters are read: the letters in which the same people write them abroad, and in apps.

The table of characters is pypinyin's. Tones are left out, as they are in names, and a name that is written in letters
is what it is read as. Many names share one reading, and some characters have several.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import ibis
import pyarrow as pa
from ibis.expr.types import StringValue, Table

from zhike.collect.identity.normalising.built import built

MOST_READINGS = 3  # of a character that are looked at; the rarer ones are those of old texts
LONGEST = {"family": 2, "given": 3}  # characters; what is longer is a foreign name, of which the characters are sounds
_TONES = "\u0300\u0301\u0302\u0304\u030c"
_SOUNDS = ("m", "n", "ng", "hm", "hng")  # no syllables of names
# Letters for the ü that no keyboard has: the first is what most type, the last what passports have.
_UMLAUTS = ("v", "u", "yu")
# Of characters that are read otherwise as a family name; several where families differ.
_FAMILIES = (
    "单=shan 曾=zeng 解=xie,jie 仇=qiu,chou 区=ou 查=zha 朴=piao,pu,park 盖=ge,gai 翟=zhai,di 缪=miao,mou 乐=yue,le "
    "员=yun,yuan 召=shao 黑=he,hei 种=chong 折=she 秘=bi 繁=po 覃=qin,tan 祭=zhai 隗=wei,kui 牟=mou,mu 洗=xian 薄=bo "
    "柏=bai,bo 卜=bu 谌=chen,shen 郇=xun,huan 阚=kan 能=nai 乜=nie 都=du 费=fei,bi 郗=xi,chi "
    "尉迟=yuchi 万俟=moqi 澹台=tantai 单于=chanyu"
)


class Reading(NamedTuple):
    """How a name or a character is read: in letters, and patterns of these and of all its readings."""

    reading: str
    usual: str
    pattern: str


@built
def character_readings() -> pa.Table:
    """Every Chinese character: character, reading (the commonest), usual (as it may be spelt), pattern (of several)."""
    found = {character: _reading(several[:MOST_READINGS]) for character, several in _listed().items()}
    return _as_table("character", found)


@functools.cache
def family_readings() -> pa.Table:
    """The family names that are read otherwise than their characters: family, reading, usual, pattern."""
    pairs = (pair.split("=") for pair in _FAMILIES.split())
    return _as_table("family", {family: _reading(readings.split(",")) for family, readings in pairs})


def with_readings(records: Table, *, keep: Callable[[Table], Table]) -> Table:
    """The records with `READINGS` for their `family_name` and `given_name`.

    `reading` is that of both, the same whichever is written first, and `family_reading` and `given_reading` of each:
    in small letters, without blanks. `readings` is what tells more than one of these is right: of a name in Chinese
    characters the pattern of all, and of one in letters these, as far as they can be the reading of characters. A part
    of a name that cannot be read is NULL. `keep` computes a table at once.
    """
    is_han = records.script == "han"
    letters = {part: records[f"{part}_name"].re_replace("[^a-z]", "").nullif("") for part in ("family", "given")}
    rows = records.mutate(is_han=is_han, **{f"{part}_letters": text for part, text in letters.items()})
    known = keep(_known_characters(rows))
    rows = _with_given(_with_family(rows, known), known)
    family, given = (rows.is_han.ifelse(rows[f"{part}_read"], rows[f"{part}_letters"]) for part in ("family", "given"))
    is_part = rows.family_name.isnull() | rows.given_name.isnull()
    both = ibis.coalesce(ibis.least(family + given, given + family), is_part.ifelse(family.fill_null(given), None))
    pattern = "^(?:" + rows.family_pattern + rows.given_pattern + "|" + rows.given_pattern + rows.family_pattern + ")$"
    written = rows.given_letters.fill_null("") + rows.family_letters.fill_null("")
    return rows.select(
        *records.columns,
        family_reading=family,
        given_reading=given,
        reading=both,
        readings=rows.is_han.ifelse(pattern, written.re_search(_syllables()).ifelse(written, None)),
    )


def _known_characters(rows: Table) -> Table:
    """The readings of those characters that stand in any of the names."""
    han = rows.filter(rows.is_han)
    places = [(part, place) for part, longest in LONGEST.items() for place in range(longest)]
    seen = ibis.union(*(han.select(character=han[f"{part}_name"].substr(place, 1)) for part, place in places))
    return seen.distinct().join(ibis.memtable(character_readings()), "character")


def _with_family(rows: Table, known: Table) -> Table:
    """The reading of a family name that has one of its own, else those of its characters."""
    families = ibis.memtable(family_readings()).rename(own_read="reading", own_pattern="pattern")
    rows = rows.left_join(families, rows.family_name == families.family).drop("family", "usual")
    rows = _with_characters(rows, "family", known)
    return rows.mutate(
        family_read=ibis.coalesce(rows.own_read, rows.family_read),
        # Rare readings of a character are none of a family name.
        family_pattern=ibis.coalesce(rows.own_pattern, rows.family_usual),
    ).drop("own_read", "own_pattern", "family_usual")


def _with_given(rows: Table, known: Table) -> Table:
    return _with_characters(rows, "given", known).drop("given_usual")


def _with_characters(rows: Table, part: str, known: Table) -> Table:
    """The readings of the characters of a name one behind the other; NULL where one has none, or there are too many."""
    name, longest = rows[f"{part}_name"], LONGEST[part]
    rows = rows.mutate(
        name_length=(rows.is_han & (name.length() <= longest)).ifelse(name.length(), None),
        **{f"character_{place}": name.substr(place, 1) for place in range(longest)},
    )
    for place in range(longest):
        here = known.select(
            **{f"known_{place}": known.character, f"read_{place}": known.reading},
            **{f"{name}_{place}": known[name] for name in ("usual", "pattern")},
        )
        rows = rows.left_join(here, rows[f"character_{place}"] == here[f"known_{place}"])
    found = {
        f"{part}_{column}": _one_behind_the_other(rows, column, longest) for column in ("read", "usual", "pattern")
    }
    joined = (
        f"{name}_{place}" for name in ("character", "known", "read", "usual", "pattern") for place in range(longest)
    )
    return rows.mutate(**found).drop("name_length", *joined)


def _one_behind_the_other(rows: Table, column: str, longest: int) -> StringValue:
    texts = [rows[f"{column}_{place}"] for place in range(longest)]
    lengths = (
        (rows.name_length == count, functools.reduce(lambda a, b: a + b, texts[:count]))
        for count in range(1, longest + 1)
    )
    return ibis.cases(*lengths)


def _listed() -> dict[str, list[str]]:
    """The readings of every character, the commonest first."""
    # Importing the package would read its phrases too, which are ten times as much.
    spec = importlib.util.find_spec("pypinyin")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pypinyin is not installed")
    listed = json.loads((Path(spec.origin).parent / "pinyin_dict.json").read_text(encoding="utf-8"))
    return {
        chr(int(code)): list(dict.fromkeys(map(_without_tone, several.split(",")))) for code, several in listed.items()
    }


def _without_tone(syllable: str) -> str:
    parted = unicodedata.normalize("NFD", syllable)
    return unicodedata.normalize("NFC", "".join(letter for letter in parted if letter not in _TONES))


def _reading(several: Sequence[str]) -> Reading:
    return Reading(_spellings(several[0])[0], _pattern(several[:1]), _pattern(several))


def _pattern(syllables: Sequence[str]) -> str:
    spelt = list(dict.fromkeys(text for syllable in syllables for text in _spellings(syllable)))
    return spelt[0] if len(spelt) == 1 else f"(?:{'|'.join(spelt)})"


def _spellings(syllable: str) -> list[str]:
    return [syllable.replace("ü", letters) for letters in _UMLAUTS] if "ü" in syllable else [syllable]


def _as_table(key: str, found: dict[str, Reading]) -> pa.Table:
    columns = {name: [getattr(one, name) for one in found.values()] for name in Reading._fields}
    return pa.table({key: list(found), **columns})


@built
def syllables() -> pa.Table:
    """What characters are read as, in all spellings: syllable, longest first."""
    listed = {text for several in _listed().values() for syllable in several for text in _spellings(syllable)}
    return pa.table({"syllable": sorted(listed - set(_SOUNDS), key=lambda text: (-len(text), text))})


@functools.cache
def _syllables() -> str:
    """The pattern of letters that can be the reading of characters."""
    return f"^(?:{'|'.join(syllables()['syllable'].to_pylist())})+$"
