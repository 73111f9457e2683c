"""The door in a Chinese address: street, number, place, building, unit, floor and room, once the divisions are cut off.

The text is half width, simplified, in capital letters, and `|` stands for every separator. The engines refer to groups
in a replacement differently, so a part is extracted by the first of several patterns, and replacements put constants.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import ibis
from ibis.expr.types import StringValue

HAN = "[㐀-鿿]"
_COUNT = "一二三四五六七八九十"
_N = f"[0-9A-Z{_COUNT}]"
_ROAD = "(?:大街|街|大道|道路|路|道|巷|胡同)"
_SECTION = f"(?:[东西南北中{_COUNT}]段)"
_STREET = f"(?:{HAN}{{1,12}}?[0-9]{{0,3}}{_ROAD}{_SECTION}?|[GSX]?[0-9]{{2,3}}[国省县]道)"
_HOUSE = f"[甲乙丙丁特]?(?:[0-9]+|[{_COUNT}]+)[甲乙丙丁]?(?:[-/][0-9]+)*"
_BUILDING = r"\|?(?:栋|幢|座|#)"
_STAIR = r"\|?(?:单元|梯)"
_FLOOR = r"\|?(?:层|楼|F)"
_ROOM = r"\|?(?:室|户|房)"
# Before what follows a building or a place. After a road, a dash joins numbers of houses.
_BEFORE = "(?:^|[^0-9A-Z路街道巷段号弄-])"
_AFTER = "(?:[^0-9A-Z号弄栋幢座层楼单元梯门国省县组队期区年-]|$)"
# A place, its building of one or two digits or a letter, and a room: 阳光花园22-902, C6-408, B613.
_AT_PLACE = f"(?:^|[{HAN[1:-1]}|])"

# Areas that have roads: the name of a road begins behind.
_AREA = f"^.*(?:工业园区?|工业区|产业园区?|科技园区?|软件园区?|开发区|园区|保税区|高新区)({HAN}{{2}}.*)$"

# For each part the pattern that most addresses fit, what must stand in an address for any other, and the others.
_BUILDINGS = (
    rf"({_N}+(?:-[0-9A-Z]+)?)\|?(?:栋|座)",
    "[#弄-]|[A-Z]",
    r"弄([0-9]+)\|?号",
    f"(?:^|[^路街道巷0-9A-Z{_COUNT}-])({_N}+(?:-[0-9A-Z]+)?)#",
    "(?:^|[^0-9A-Z])([A-Z]|[0-9]+[A-Z])楼",
    _BEFORE + "([0-9A-Z]{1,4})-[0-9]{1,2}-[0-9A-Z]{1,5}",
    _AT_PLACE + "([0-9]{1,2}|[A-Z][0-9]{0,2})-[0-9]{3,4}" + _AFTER,
    f"{HAN}([A-Z])[0-9]{{3,4}}{_AFTER}",
    rf"{HAN}([A-Z][0-9]{{0,2}})\|[0-9]",
)
_UNITS = (
    rf"({_N}+|[东西南北中甲乙丙丁]){_STAIR}",
    "-|门",
    _BEFORE + "[0-9A-Z]{1,4}-([0-9]{1,2})-[0-9A-Z]{1,5}",
    f"{_BUILDING}([0-9]{{1,2}})-[0-9]{{3,5}}",
    "([0-9]{1,2})门[0-9]",
)
_FLOORS = (
    f"([0-9{_COUNT}]+(?:-[0-9]+)?|B[0-9]){_FLOOR}(?:[^0-9A-Z]|[0-9]|$)",
    "地下|负",
    "(?:地下|负)([0-9一二三])层",
)
_ROOMS = (
    f"(?:^|[^0-9A-Z/-])([0-9]+[A-Z]?){_ROOM}",
    "[0-9]",
    _BEFORE + "[0-9A-Z]{1,4}-[0-9]{1,2}-([0-9A-Z]{1,5})",
    f"{_BUILDING}[0-9]{{1,2}}-([0-9]{{3,5}})",
    _AT_PLACE + "(?:[0-9]{1,2}|[A-Z][0-9]{0,2})-([0-9]{3,4}(?:/[0-9]+)?)" + _AFTER,
    f"{HAN}[A-Z]([0-9]{{3,4}}){_AFTER}",
    f"{_STAIR}([0-9A-Z]{{1,5}}){_AFTER}",
    f"([0-9A-Z]+(?:[-/][0-9A-Z]+)*){_ROOM}",
    rf"(?:栋|座|层|楼|F|门)\|?([A-Z]?[0-9]{{1,5}}[A-EG-Z]?(?:[-/][0-9A-Z]+)*){_AFTER}",
    r"(?:栋|座|层|楼)\|?([0-9]{3,5})号",
    f"(?:^|[^0-9A-Z路街道巷段弄-])([0-9]{{3,5}}[A-Z]?(?:[-/][0-9A-Z]+)*){_AFTER}",
)
_NUMBERS = (
    rf"{_ROAD}{_SECTION}?[东西南北中]?\|?({_HOUSE})\|?号",
    "[0-9]|号",
    rf"{_ROAD}{_SECTION}?[东西南北中]?\|?([甲乙丙丁]?[0-9]{{1,5}}(?:[-/][0-9]{{1,4}})?)#?{_AFTER}",
    rf"({_HOUSE})\|?号",
)
# What is no name of a place.
_NO_PLACE = (
    rf"{_STREET}(?:[东西南北中]?\|?{_HOUSE}\|?(?:号院?|弄|#|))?|{_HOUSE}\|?(?:号院?|弄)",
    rf"(?:地下|负)?(?:{_N}+(?:[-/][0-9A-Z]+)*|[东西南北中]单)\|?(?:栋|座|#|单元|元|梯|层楼?|楼|室|户|房间?|F)",
    r"[A-Z]*[0-9][0-9A-Z]*(?:[-/][0-9A-Z]+)*(?:\||$)|[A-Z][0-9]*\||[-|]+",
)


class Door(NamedTuple):
    """Where it is, below district and town; a part that is not there is NULL."""

    street: StringValue
    number: StringValue
    place: StringValue
    building: StringValue
    unit: StringValue
    floor: StringValue
    room: StringValue


def door_text(text: StringValue) -> StringValue:
    """What follows the divisions in a Chinese address, as the parts of the door are looked for in it."""
    return text.re_replace("号?(?:楼栋|栋楼|公寓楼|教学楼|宿舍楼)|号(?:楼|栋|幢|厂房|别墅)|#楼|幢楼?|座楼", "栋")


def written_door(text: StringValue) -> Door:
    """The parts of a door as they are written in a `door_text`, empty or NULL where there is none."""
    lane = text.re_extract(r"([0-9]+\|?弄)", 1).replace("|", "").nullif("")
    # 大道东62号 is its eastern section; 大道东方大厦 is not.
    section = text.re_extract(f"({_STREET}[东西南北中])[0-9]", 1).nullif("") + "段"
    return Door(
        street=ibis.coalesce(section, text.re_extract(_STREET, 0)),
        number=ibis.coalesce(lane, _first(text, _NUMBERS)),
        place=_place(text),
        building=_first(text, _BUILDINGS),
        unit=_first(text, _UNITS),
        floor=_first(text, _FLOORS),
        room=_first(text, _ROOMS),
    )


def spelt_door(written: Door) -> Door:
    """The same parts in one spelling; NULL where there is none."""
    return Door(
        street=_street(written.street),
        number=_house(written.number),
        place=written.place.nullif(""),
        building=_count(written.building),
        unit=_count(written.unit),
        floor=_count(written.floor),
        room=written.room.nullif(""),
    )


def _first(text: StringValue, patterns: tuple[str, ...]) -> StringValue:
    usual, needed, *others = patterns
    found = [text.re_extract(pattern, 1).nullif("") for pattern in (usual, *others)]
    return ibis.coalesce(found[0], text.re_search(needed).ifelse(ibis.coalesce(*found[1:]), None))


def _street(street: StringValue) -> StringValue:
    # 江场3路 and 江场三路 are the same; 104国道 keeps its number.
    street = ibis.coalesce(street.re_extract(_AREA, 1).nullif(""), street)
    in_words = street.translate("123456789", _COUNT[:9])
    return street.re_search(f"{HAN}[1-9]{_ROAD}").ifelse(in_words, street).nullif("")


def _house(number: StringValue) -> StringValue:
    """48甲 as 甲48."""
    behind = number.re_extract("^[0-9]+([甲乙丙丁])$", 1).nullif("")
    return ibis.coalesce(behind + number.re_extract("^[0-9]+", 0), _count(number))


def _count(text: StringValue) -> StringValue:
    """A number in digits, without zeros before it: 十二 is 12."""
    digits = text.re_replace("^十$", "10").re_replace("^十", "1").re_replace("十$", "0").replace("十", "")
    digits = digits.translate(_COUNT[:9], "123456789")
    return text.re_search(f"[{_COUNT}]").ifelse(digits, text.re_replace("^0+", "")).nullif("")


def _place(text: StringValue) -> StringValue:
    text = functools.reduce(lambda text, pattern: text.re_replace(pattern, "|"), _NO_PLACE, text)
    return text.replace("|", "").re_replace("(?:小区|内|旁|附近|对面|[东西南北]?侧)$", "")
