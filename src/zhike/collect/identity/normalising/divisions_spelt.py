"""How people write divisions of China, and which one they mean where others are known already.

A spelling is looked up under the code of what is known: "44:清远" is 4401's sibling 4418, ":朝阳区" is several.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from zhike.collect.identity.normalising.built import built
from zhike.collect.identity.normalising.divisions import TAIWAN_CODE, Division, divisions
from zhike.collect.identity.normalising.divisions_known import (
    FAMOUS_COUNTY_CITIES,
    FORMER_CITIES,
    FORMER_DISTRICTS,
    POPULAR,
    TOWNS_OF_CITIES,
)
from zhike.collect.identity.normalising.text import simple_characters

# How sure a spelling is, surest first: `repeated` names what is known already, `bare` needs more that speaks for it.
KINDS = ("full", "former", "short", "weak", "repeated", "bare")

_ZONES = (
    ("高新技术产业开发区", "高新技术产业开发区 高新技术开发区 高新开发区 高新区"),
    ("高新技术产业园区", "高新技术产业园区 高新区"),
    ("经济技术开发区", "经济技术开发区 经济开发区 经开区"),
    ("经济开发区", "经济开发区 经济技术开发区 经开区"),
)


class Meaning(NamedTuple):
    """What a spelling means under what is known: the code known now, a name where the code stays open, the kind."""

    code: str
    open_name: str | None
    kind: str


class _Candidate(NamedTuple):
    rank: int
    level: int
    code: str
    name: str
    kind: str


@built
def division_keys() -> pa.Table:
    """One row per spelling under what is known: key ("code:spelling"), code, open_name, kind."""
    return _as_table(_meanings())


@built
def town_keys() -> pa.Table:
    """One row per name of a town that lies in one district only, of all or of a province or city: key, town_code."""
    found: dict[str, set[str]] = defaultdict(set)
    for town in divisions().filter(pa.compute.equal(divisions()["level"], "town")).to_pylist():
        code = town["code"][:6]
        for scope in ("", code[:2], code[:4]):
            found[f"{scope}:{_as_looked_up(town['name'])}"].add(code)
    for city, names in TOWNS_OF_CITIES.items():
        for name in names:
            for scope in ("", city[:2], city):
                found[f"{scope}:{name}"].add(city)
    sure = {key: codes.pop() for key, codes in found.items() if len(codes) == 1}
    return pa.table({"key": list(sure), "town_code": list(sure.values())})


@built
def division_beginnings() -> pa.Table:
    """One row per two characters with which spellings begin: beginning ("code:xy"), spellings, longest first.

    To look for the few that begin so is a tenth of the work of one regular expression of all.
    """
    spellings: dict[str, list[str]] = defaultdict(list)
    for key in division_keys()["key"].to_pylist():
        scope, _, spelling = key.partition(":")
        spellings[f"{scope}:{spelling[:2]}"].append(spelling)
    ordered = [sorted(several, key=len, reverse=True) for several in spellings.values()]
    return pa.table({"beginning": list(spellings), "spellings": pa.array(ordered, pa.list_(pa.string()))})


@built
def names_of_divisions() -> pa.Table:
    """Every division but towns: code, province, city, district, and the six digits of GB/T 2260 as division_code."""
    listed = [one for one in _divisions() if one.level != "town"]
    official = [TAIWAN_CODE if one.code.startswith(TAIWAN_CODE) else one.code for one in listed]
    return pa.table(
        {
            "code": [one.code for one in listed],
            "division_code": [code.ljust(6, "0") for code in official],
            "province": [one.province for one in listed],
            "city": pa.array([one.city for one in listed], pa.string()),
            "district": pa.array([one.district for one in listed], pa.string()),
        }
    )


def _divisions() -> list[Division]:
    return [Division(**row) for row in divisions().to_pylist()]


def _as_table(meanings: dict[str, Meaning]) -> pa.Table:
    columns = {name: [getattr(one, name) for one in meanings.values()] for name in Meaning._fields}
    return pa.table({"key": list(meanings), **{name: pa.array(list_, pa.string()) for name, list_ in columns.items()}})


def _meanings() -> dict[str, Meaning]:
    candidates: dict[tuple[str, str], list[_Candidate]] = defaultdict(list)
    listed = [one for one in _divisions() if one.level != "town"]
    spelt = {one.code: [(_as_looked_up(text), kind) for text, kind in _spellings(one)] for one in listed}
    for one in listed:
        for scope in _scopes(one.code):
            for spelling, kind in spelt[one.code]:
                kind_here = _kind_under(scope, kind)
                rank = KINDS.index(kind_here)
                candidates[scope, spelling].append(_Candidate(rank, len(one.code), one.code, one.name, kind_here))
        for above in (*_scopes(one.code)[1:], one.code):
            for spelling, kind in spelt.get(above, ()):
                rank = KINDS.index("repeated")
                candidates[one.code, spelling].append(_Candidate(rank, 0, one.code, one.name, kind))
    found = {key: _decided(key[0], several) for key, several in candidates.items()}
    return {f"{scope}:{spelling}": meaning for (scope, spelling), meaning in found.items() if meaning}


def _as_looked_up(name: str) -> str:
    # 乾安县: what a table of Traditional characters takes for one, though it is the official name.
    table = simple_characters()
    return "".join(table.get(character, character) for character in name)


def _scopes(code: str) -> list[str]:
    return ["", *(code[:length] for length in (2, 4) if length < len(code))]


def _kind_under(scope: str, kind: str) -> str:
    # The name of a district alone, without its kind, says little where nothing else is known: 和平, 新城.
    return "bare" if kind == "weak" and not scope else kind


def _decided(scope: str, candidates: list[_Candidate]) -> Meaning | None:
    """The one that is meant; where several may be, what they have in common; None where a short name is anybody's."""
    candidates = [one for one in candidates if one.rank == min(other.rank for other in candidates)]
    candidates = [one for one in candidates if one.level == min(other.level for other in candidates)]
    kind = candidates[0].kind
    if len({one.code for one in candidates}) == 1:
        return Meaning(candidates[0].code, None, kind)
    names = {one.name for one in candidates}
    return Meaning(scope, names.pop(), kind) if kind == "full" and len(names) == 1 else None


def _spellings(one: Division) -> Iterator[tuple[str, str]]:
    """Every way to write a division, with its kind."""
    yield one.name, "full"
    yield from ((spelling, "full") for spelling in POPULAR.get(one.code, ()))
    former = {**FORMER_CITIES, **FORMER_DISTRICTS}
    yield from ((spelling, "former") for spelling, code in former.items() if code == one.code)
    if one.level != "district":
        yield from _of_province_or_city(one)
    elif one.short is None:
        yield from ((spelling, "full") for spelling in _of_zone(one))
    else:
        yield from _of_district(one, one.short)


def _of_province_or_city(one: Division) -> Iterator[tuple[str, str]]:
    yield f"中国{one.name}", "full"
    if one.name.endswith("市"):
        yield f"{one.name}区", "former"
    if one.short:
        yield one.short, "short"
        yield f"中国{one.short}", "short"
    if one.short and one.level == "city":
        yield f"{one.short}州" if one.name.endswith("州") else f"{one.short}地区", "former"


def _of_district(one: Division, short: str) -> Iterator[tuple[str, str]]:
    yield short, "short" if short in FAMOUS_COUNTY_CITIES else "weak"
    if "自治" in one.name:
        yield short + one.name[-1], "full"
    if one.name in ("市南区", "市北区", "市中区"):
        yield one.name[1:], "former"  # 青岛市南区
    # Counties become cities, and both become districts; addresses keep the former name for long.
    for kind in {"区": ("县", "市", "新区"), "市": ("县",), "县": ("市",)}.get(one.name[-1], ()):
        yield short + kind, "former"


def _of_zone(one: Division) -> Iterator[str]:
    """A development zone with and without the names of its province and city, and with its shorter kinds."""
    city, province = (re.sub("(市|省|地区|盟)$", "", name) for name in (one.city or "", one.province))
    bare = re.sub(f"^(?:{province}省?)?(?:{city}市?)?(?=.{{3}})", "", one.name) or one.name
    for ending, kinds in _ZONES:
        if bare.endswith(ending):
            stem = bare.removesuffix(ending)
            endings = kinds.split()
            break
    else:
        stem, endings = bare, [""]
    for kind in endings:
        for before in ("", city, f"{city}市"):
            yield before + stem + kind
