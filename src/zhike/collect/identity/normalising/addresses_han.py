"""Chinese addresses: the divisions they lie in, whichever are left out, and the door.

A table goes in and comes out, because the meaning of a name depends on what is known already (朝阳区 of Beijing or of
Changchun): each is looked up by a join, under the code found before it.
"""

from __future__ import annotations

import functools

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from zhike.collect.identity.normalising.addresses_doors import HAN, Door, door_text, spelt_door, written_door
from zhike.collect.identity.normalising.divisions_spelt import (
    division_beginnings,
    division_keys,
    names_of_divisions,
    town_keys,
)
from zhike.collect.identity.normalising.text import half_width, simplified

COLUMNS = (
    *("province", "city", "district", "division_code", "town"),
    *("street", "number", "place", "building", "unit", "floor", "room", "postcode"),
)
# Province, city and district, and one of them twice.
_NAMES_AT_MOST = 4

# At full width too: to find one before the width is folded is quicker.
_SEPARATORS = "[\\s\u00a0\u3000\u200b,，;；:：、。_＿()（）\\[\\]【】《》〈〉〔〕「」“”\"＂'＇·•*＊^|｜]+"
_NOTES = r"[(（][^()（）]*(?:旁|附近|对面|隔壁|交汇|交叉|路口)[^()（）]*[)）]"
_POSTCODE = r"^\|?([0-9]{6})\||\|(?:邮编)?([0-9]{6})\|?$"
_NOTHING = "^(?:无|没有|暂无|不详|未知|不明|空|N/?A|NULL|NONE|NIL|UNKNOWN|[-|./?0]*)$"
_LABEL = (
    rf"^\|?(?:{HAN}{{0,6}}(?:地址|住址|地点|总部)\||"
    "(?:通讯|现|家庭|住|详细|联系|公司|注册|办公|单位|户籍|收货)*(?:地址|住址|地点))"
)
_SKIPPED = r"^(?:\||-|/|\.|中国\||市辖区|市区|省直辖县级行政区划|自治区直辖县级行政区划|省直辖|境内)+"

# After a short name, what makes it that of a road or a house: 南京东路, 北京饭店.
_ROADS = (
    "^(?:[东西南北中]?[一二三四五六七八九十]?(?:环|新|老)?(?:路(?:[^北南桥]|$)|大街|街(?:[^道]|$)|大道|大路|道(?:[^里外]|$)|巷|弄|胡同|里[0-9])"
    "|广场|大厦|大楼|饭店|宾馆|酒店|商城|市场|公园|大学|学院|医院|机场|车站|大桥|公寓|花园|新村|银行|(?:街道|镇|乡)$)"
)
_TOWNS = "^(?:街道|镇|乡|村|庄|桥|门|寺|苑|小区|城[^区]|山庄|国际|中心|家园|商|坊|居|里)"
# What says that a name alone is one of a place: nothing, or a road or a town behind.
_MEANING = ("han_code", "han_open_name", "han_kind")
_EVIDENCE = rf"^(?:\||$|{HAN}{{2,6}}(?:路|街|大道|镇|乡|开发区))"
_ZONE = (
    "^[^!-~镇乡路街]{0,8}?"
    "(?:(?:经济|高新)?技术(?:产业)?开发区|经济开发区|开发区|高新区|经开区|示范区|新区|保税区|度假区)"
)
_UNLISTED = rf"^{HAN}{{2,4}}?[区县]"
_NO_DISTRICT = "[社园小业山库厂校舍营活宅街一二三四五六七八九十]区$"
_ELSEWHERE = f"^{HAN}{{2,7}}?(?:省|自治区)(?:{HAN}{{2,5}}?(?:市|自治州|地区|盟))?"
_TOWN = rf"^{HAN}{{1,8}}?(?:[镇乡]?街道|地区办事处|镇|乡|苏木)"
_NO_TOWN = "^[东西南北中]?(?:路|街|大街|大道|巷|口|桥|村|政府)"


def with_han_address(
    table: Table, *, address: str, province: str | None = None, city: str | None = None, district: str | None = None
) -> Table:
    """The table with the parts of a Chinese address in `COLUMNS`, each in one spelling; NULL where it is not said.

    `division_code` has the six digits of the deepest division that is sure. A district that may be several keeps its
    name, without a code. Columns of a province, city or district go before what the address says of them.
    """
    rows = table.mutate(
        han_text=prepared(table[address]), han_scope=ibis.literal(""), han_open=ibis.null("string"), han_town=None
    ).view()
    for part in (province, city, district):
        rows = _with_given_division(rows, part) if part else rows
    rows = rows.mutate(han_rest=_said(rows.han_text))
    for _ in range(_NAMES_AT_MOST):
        rows = _with_next_division(rows)
    rows = _with_open_district(_with_town(_with_zone(rows)))
    rows = rows.mutate(han_door=door_text(rows.han_rest)).view()
    rows = rows.mutate(**{f"han_{name}": part for name, part in written_door(rows.han_door)._asdict().items()})
    return _spelt(table, rows)


def _spelt(table: Table, rows: Table) -> Table:
    """What was found, under its own names, beside the columns of the table."""
    named = ibis.memtable(names_of_divisions()).rename(
        han_code="code", han_division_code="division_code", **{f"han_{name}": name for name in COLUMNS[:3]}
    )
    rows = rows.left_join(named, rows.han_scope == named.han_code)
    kept = [name for name in table.columns if name not in COLUMNS]
    return rows.select(
        *kept,
        province=rows.han_province,
        city=rows.han_city,
        district=ibis.coalesce(rows.han_district, rows.han_open),
        division_code=rows.han_division_code,
        town=rows.han_town,
        **spelt_door(Door(*(rows[f"han_{name}"] for name in Door._fields)))._asdict(),
        postcode=_postcode(rows.han_text),
    )


def prepared(text: StringValue) -> StringValue:
    """A Chinese address in one spelling of characters, `|` for every separator; NULL if nothing is said."""
    text = text.re_replace(_NOTES, "|").re_replace(_SEPARATORS, "|").re_replace("[–—―‐－~～〜]+", "-")
    return simplified(half_width(text)).upper()


def _said(text: StringValue) -> StringValue:
    """A prepared text without a postcode and what it is called."""
    text = text.re_replace(_POSTCODE, "|").re_replace(_LABEL, "").re_replace(_NOTHING, "")
    return _begun(text).fill_null("")


def _postcode(text: StringValue) -> StringValue:
    return ibis.coalesce(*(text.re_extract(_POSTCODE, group).nullif("") for group in (1, 2)))


def _begun(text: StringValue) -> StringValue:
    """The text from its first name on."""
    return text.re_replace(_SKIPPED, "")


def _with_given_division(rows: Table, part: str) -> Table:
    """Looks up what a column names, under what is known; what names no division is as if it were not there."""
    rows = _looked_up(rows, rows.han_scope + ":" + _said(prepared(rows[part])).replace("|", ""))
    return rows.mutate(
        han_scope=rows.han_code.fill_null(rows.han_scope), han_open=ibis.coalesce(rows.han_open_name, rows.han_open)
    ).drop(*_MEANING)


def _with_next_division(rows: Table) -> Table:
    """Cuts the next name of a division off the rest, and looks up what it means under what is known."""
    beginnings = ibis.memtable(division_beginnings())
    rows = rows.left_join(beginnings, rows.han_scope + ":" + rows.han_rest.left(2) == beginnings.beginning)
    fitting = rows.spellings.filter(lambda spelling: rows.han_rest.startswith(spelling))
    after = rows.han_rest.substr(fitting[0].length())
    rows = rows.mutate(han_token=fitting[0], han_after=after, han_behind=_behind(after))
    rows = rows.drop("beginning", "spellings").view()
    rows = _looked_up(rows, rows.han_scope + ":" + rows.han_token)
    is_taken = _is_division(rows).fill_null(False)
    return rows.mutate(
        han_rest=is_taken.ifelse(_begun(rows.han_after), rows.han_rest),
        han_scope=is_taken.ifelse(rows.han_code, rows.han_scope),
        han_open=is_taken.ifelse(ibis.coalesce(rows.han_open_name, rows.han_open), rows.han_open),
    ).drop("han_token", "han_after", "han_behind", *_MEANING)


def _looked_up(rows: Table, key: StringValue) -> Table:
    keys = ibis.memtable(division_keys()).rename(
        han_key="key", han_code="code", han_open_name="open_name", han_kind="kind"
    )
    return rows.left_join(keys, key == keys.han_key).drop("han_key")


def _behind(after: StringValue) -> StringValue:
    """What stands behind a name that could be that of a division."""
    return ibis.cases(
        (after == "", "nothing"),
        (after.startswith("场"), "its end"),
        (after.re_search(_ROADS), "road"),
        (after.re_search(_TOWNS), "town"),
        (after.re_search(_EVIDENCE), "nothing"),
        else_="something",
    )


def _is_division(rows: Table) -> BooleanValue:
    """Whether a name, with what stands behind it, is that of a division."""
    return ibis.cases(
        (rows.han_kind == "short", rows.han_behind.notin(("its end", "road"))),
        (rows.han_kind == "weak", rows.han_behind.isin(("nothing", "something"))),
        (rows.han_kind == "bare", rows.han_behind == "nothing"),
        (rows.han_code.notnull(), rows.han_behind != "its end"),
        else_=False,
    )


def _with_zone(rows: Table) -> Table:
    """Cuts off a development zone or a district that no list has, as far as no district is known."""
    rows = rows.mutate(han_rest=rows.han_rest.re_replace(_ELSEWHERE, "")).view()
    zone = ibis.coalesce(rows.han_rest.re_extract(_ZONE, 0).nullif(""), rows.han_rest.re_extract(_UNLISTED, 0))
    is_unknown = (rows.han_scope.length() < 6) & rows.han_open.isnull()
    rows = rows.mutate(han_zone=is_unknown.ifelse(zone, "")).view()
    rows = rows.mutate(han_zone=rows.han_zone.re_search(_NO_DISTRICT).ifelse("", rows.han_zone)).view()
    return (
        rows.mutate(
            han_rest=_begun(rows.han_rest.substr(rows.han_zone.length())),
            han_open=ibis.coalesce(rows.han_open, _same_zone(rows.han_zone).nullif("")),
        )
        .drop("han_zone")
        .view()
    )


def _same_zone(zone: StringValue) -> StringValue:
    ways = (("高新技术(?:产业)?开发区|高新开发区", "高新区"), ("经济技术开发区|经济开发区", "经开区"))
    return functools.reduce(lambda zone, way: zone.re_replace(*way), ways, zone)


def _with_town(rows: Table) -> Table:
    """Cuts off the town, and takes the district or city from it where it lies in one alone."""
    rows = rows.mutate(han_token=rows.han_rest.re_extract(_TOWN, 0)).view()
    rows = rows.mutate(han_after=rows.han_rest.substr(rows.han_token.length())).view()
    rows = rows.mutate(han_is_taken=(rows.han_token != "") & ~rows.han_after.re_search(_NO_TOWN)).view()
    rows = rows.mutate(
        han_town=rows.han_is_taken.ifelse(rows.han_token, None),
        han_rest=rows.han_is_taken.ifelse(_begun(rows.han_after.re_replace("^(?:地区)?办事处", "")), rows.han_rest),
    )
    keys = ibis.memtable(town_keys())
    key = (rows.han_scope.length() < 6).ifelse(rows.han_scope + ":" + rows.han_town, "")
    rows = rows.left_join(keys, key == keys.key)
    return rows.mutate(han_scope=rows.town_code.fill_null(rows.han_scope)).drop(
        "key", "town_code", "han_token", "han_after", "han_is_taken"
    )


def _with_open_district(rows: Table) -> Table:
    """Looks a district up that was open when it was read, now that its city or province is known."""
    rows = rows.view()
    rows = _looked_up(rows, (rows.han_scope.length() < 6).ifelse(rows.han_scope + ":" + rows.han_open, ""))
    return rows.mutate(han_scope=rows.han_code.fill_null(rows.han_scope)).drop(*_MEANING).view()
