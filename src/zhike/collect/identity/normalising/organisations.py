"""Names of firms and other organisations: what they are called, which branch, and in which form of law."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, StringValue, StructValue

from zhike.collect.identity.normalising.text import HAN, once, plain

# As they stand at the end of a name, the longer before those that they end with; canonical form → spellings.
_HAN_FORMS = {
    "stock": ("股份有限责任公司", "股份有限公司", "股份公司"),
    "limited": ("有限责任公司", "有限公司", "有限责任"),
    "partnership": (
        "合伙企业有限合伙",
        "有限合伙企业",
        "有限合伙",
        "普通合伙企业",
        "特殊普通合伙",
        "普通合伙",
        "合伙企业",
    ),
    "sole_trader": ("个体工商户", "个体经营", "个体户", "个人独资企业"),
    "cooperative": ("专业合作社", "合作社"),
    "group": ("集团公司", "集团"),
    "factory": ("总厂", "工厂", "厂"),
    "company": ("总公司", "公司"),
}
_LATIN_FORMS = {
    "limited": "(?:co ?)?(?:pty ?)?(?:ltd|limited|gmbh|llc|l l c|sarl|s a r l|bv|b v|srl|s r l|sdn bhd|oy|ab|aps|pte)",
    "stock": "(?:co ?)?(?:inc|incorporated|corp|corporation|plc|ag|s a|sa|nv|n v|se|spa|s p a|kgaa|kk|jsc|asa)",
    "partnership": "(?:gmbh (?:&|and) co kg|llp|l l p|lp|kg|ohg|partners|partnership)",
    "group": "group",
    "company": "(?:company|co)",
}
_LATIN_FORM = "|".join(_LATIN_FORMS.values())
_HAN_FORM = "|".join(spelling for spellings in _HAN_FORMS.values() for spelling in spellings)

_PROVINCES = (
    *(
        "北京",
        "天津",
        "上海",
        "重庆",
        "河北",
        "山西",
        "内蒙古",
        "辽宁",
        "吉林",
        "黑龙江",
        "江苏",
        "浙江",
        "安徽",
        "福建",
    ),
    *("江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "四川", "贵州", "云南", "西藏", "陕西", "甘肃"),
    *("青海", "宁夏", "新疆", "香港", "澳门", "台湾"),
)
_CITIES = (
    *("石家庄", "唐山", "保定", "太原", "大同", "呼和浩特", "包头", "沈阳", "大连", "鞍山", "长春", "哈尔滨", "大庆"),
    *("南京", "无锡", "徐州", "常州", "苏州", "南通", "扬州", "盐城", "镇江", "杭州", "宁波", "温州", "嘉兴", "绍兴"),
    *("金华", "台州", "湖州", "合肥", "芜湖", "福州", "厦门", "泉州", "漳州", "南昌", "赣州", "济南", "青岛", "淄博"),
    *("烟台", "潍坊", "威海", "临沂", "郑州", "洛阳", "武汉", "宜昌", "襄阳", "长沙", "株洲", "广州", "深圳", "珠海"),
    *("汕头", "佛山", "东莞", "中山", "惠州", "江门", "南宁", "柳州", "桂林", "海口", "三亚", "成都", "绵阳", "贵阳"),
    *("遵义", "昆明", "大理", "拉萨", "西安", "咸阳", "兰州", "西宁", "银川", "乌鲁木齐"),
)
_OF_PROVINCE = "(?:壮族|回族|维吾尔)?自治区|特别行政区|省|市"
_PROVINCE = f"(?:{'|'.join(_PROVINCES)})(?:{_OF_PROVINCE})?"
_CITY = f"(?:{'|'.join(_CITIES)})市?"
_PLACE = f"(?:{_PROVINCE})?(?:{_CITY})?"
_DISTRICT = f"(?:市[{HAN}]{{1,3}}?[区县])"

_BRANCHES = (
    "分公司|支公司|子公司|营业部|营销服务部|办事处|代表处|联络处|分行|支行|营业厅|营业所|分理处|"
    "分店|门店|分部|分院|分校|分厂"
)
_HEADS = "(?:有限责任|有限合伙|合伙企业|集团|(?:集团|股份)?(?:有限责任|有限)?公司)+"
_SECTORS = "(?:银行|信用社|保险|证券|人寿|财险|产险|电信|移动|联通|平安)"
# What stands behind the firm's legal form, or behind its sector, or from a place on.
_HAN_BRANCH = tuple(
    f"{before}([{HAN}a-z0-9]*?(?:{_BRANCHES}))$" for before in (f"^.*?[^分支子]{_HEADS}", f"^.*?{_SECTORS}")
)
_PLACED_BRANCH = f"^.*((?:{_PROVINCE}|{_CITY})[{HAN}]*?(?:{_BRANCHES}))$"  # from the last place on
# 恒远（上海）科技 is 恒远科技 of 上海, as far as that is not its branch: 恒远科技（上海）分公司.
_AMID = f"[{HAN}] ({_PROVINCE}|{_CITY})(?: |$)"
_OF_BRANCH = f"[{HAN}] (?:{_PROVINCE}|{_CITY}) ?[{HAN}]*(?:{_BRANCHES})$"
_OF_OTHER_BRANCH = f"[{HAN}] (?:{_PROVINCE}|{_CITY}) .*(?:{_PROVINCE}|{_CITY})[{HAN}]*(?:{_BRANCHES})$"
_HOLDINGS = "holdings?"  # as 控股: of a group, one firm beside the others
_OFFICES = "branch|office|subbranch|sub-branch|representative office"
_LATIN_BRANCH = f"(?:,| (?:{_LATIN_FORM}|{_HOLDINGS}),?) ?([a-z' ]+ (?:{_OFFICES}))$"

_OTHERS = (
    *(
        "公司",
        "集团",
        "厂",
        "企业",
        "合伙",
        "个体工商户",
        "合作社",
        "银行",
        "分行",
        "支行",
        "信用社",
        "事务所",
        "工作室",
    ),
    *("研究院", "研究所", "设计院", "学院", "大学", "中学", "小学", "学校", "幼儿园", "医院", "诊所", "卫生院", "药房"),
    *(
        "局",
        "委员会",
        "管委会",
        "居委会",
        "村委会",
        "办公室",
        "中心",
        "协会",
        "学会",
        "商会",
        "基金会",
        "联合会",
        "总会",
    ),
    *("商店", "商行", "超市", "商场", "酒店", "宾馆", "饭店", "餐厅", "餐馆", "酒楼", "经营部", "门市部", "营业部"),
    *(
        "分公司",
        "支公司",
        "办事处",
        "代表处",
        "事业部",
        "出版社",
        "报社",
        "电视台",
        "派出所",
        "人民政府",
        "法院",
        "服务部",
    ),
    *(
        "有限责任",
        "有限合伙",
        "加油站",
        "专卖店",
        "旗舰店",
        "连锁店",
        "便利店",
        "药店",
        "农场",
        "林场",
        "车队",
        "经销部",
    ),
)
_OTHER_WORDS = (
    "bank|university|college|school|hospital|institute|foundation|association|committee|ministry|council|hotel|trust|"
    f"{_HOLDINGS}"
)


@dataclass(frozen=True)
class OrganisationName:
    """A name as it is compared (`core`), its branch (NULL of the firm itself), its form of law in one word, its seat.

    The seat is the province or city in the name, where only one firm is called so.
    """

    core: StringValue
    branch: StringValue
    legal_form: StringValue
    seat: StringValue


def organisation_name(text: StringValue) -> OrganisationName:
    """The name without place and legal form, the branch, and the form of law.

    The forms are `limited`, `stock`, `partnership`, `sole_trader`, `cooperative`, `group`, `factory` and `company`.
    中国 at the beginning is part of a name, a province or a city there is not, unless nothing else is.
    """
    spelt = once(_spelt(text), _without_branch)
    found = once(once(spelt, _without_form), _without_place)
    return OrganisationName(**{name: found[name] for name in ("core", "branch", "legal_form", "seat")})


def is_organisation_name(text: StringValue) -> BooleanValue:
    """Whether a name ends as those of organisations do, or has a word that only these have."""
    chinese = f"(?:{'|'.join(_OTHERS)})$|[{HAN}]{{2}}(?:公司|银行|集团)"
    latin = f"[ ,](?:{_LATIN_FORM})$|(?:^|[ ,])(?:{_OTHER_WORDS}|{_OFFICES})(?:[ ,]|$)"
    return _spelt(text).re_search(f"{chinese}|{latin}")


def _spelt(text: StringValue) -> StringValue:
    """Brackets and punctuation as nothing between Chinese characters, as a space between words."""
    text = plain(text).re_replace(r"[()\[\]【】《》<>\"“”'·•、。]", " ").re_replace("[.;:/_ ]+", " ")
    return text.re_replace(" ?[,，] ?", ",").re_replace("^[ ,]+|[ ,]+$", "").nullif("")


def _without_branch(text: StringValue) -> StructValue:
    is_seat = text.re_search(_OF_OTHER_BRANCH) | ~text.re_search(_OF_BRANCH)
    amid = is_seat.ifelse(text.re_extract(_AMID, 1).nullif(""), None)
    without = amid.isnull().ifelse(text, text.replace(" " + amid, ""))
    joined = text.re_search(f"[{HAN}]").ifelse(without.re_replace("[ ,]", ""), text)
    return once(ibis.struct({"text": joined, "amid": amid}), lambda parts: _parted(parts["text"], parts["amid"]))


def _parted(text: StringValue, amid: StringValue) -> StructValue:
    found = ibis.coalesce(
        text.re_extract(_HAN_BRANCH[0], 1).nullif(""),
        text.re_extract(_HAN_BRANCH[1], 1).nullif(""),
        text.re_extract(_PLACED_BRANCH, 1).nullif(""),
        text.re_extract(f"({_BRANCHES})$", 1).nullif(""),
        text.re_extract(_LATIN_BRANCH, 1).nullif(""),
    )
    return once(found, lambda branch: ibis.struct({"firm": _before(text, branch), "branch": branch, "amid": amid}))


def _before(text: StringValue, branch: StringValue) -> StringValue:
    rest = text.left(text.length() - branch.length().fill_null(0)).re_replace("[ ,-]+$", "")
    return (rest == "").ifelse(text, rest)


def _without_form(parts: StructValue) -> StructValue:
    firm = parts["firm"]
    han = ((firm.re_search(f"(?:{'|'.join(spellings)})$"), form) for form, spellings in _HAN_FORMS.items())
    latin = ((firm.re_search(f"(?:^|[ ,])(?:{pattern})$"), form) for form, pattern in _LATIN_FORMS.items())
    # The form of a partnership has that of a company within it.
    order = sorted(latin, key=lambda case: case[1] != "partnership")
    bare = firm.re_replace(f"(?:{_HAN_FORM})+$", "").re_replace(f"(?:[ ,]+(?:{_LATIN_FORM}))+$", "")
    form = ibis.cases(*han, *order)
    kept = {name: parts[name] for name in ("branch", "amid")}
    return ibis.struct({"firm": firm, "bare": bare, "legal_form": form, **kept})


def _without_place(parts: StructValue) -> StructValue:
    bare = (parts["bare"] == "").ifelse(parts["firm"], parts["bare"])
    placed = bare.re_replace(f"^{_PLACE}{_DISTRICT}|^{_PLACE}", "")
    core = (
        (placed.length() < 2)
        .ifelse(bare, placed)
        .re_replace(",", " ")
        .re_replace("^the ", "")
        .re_replace(" (?:&|and) ", " ")
    )
    before = (placed.length() < 2).ifelse(None, bare.re_extract(f"^{_PLACE}", 0).nullif(""))
    seat = before.fill_null(parts["amid"]).re_replace(f"(?:{_OF_PROVINCE})$", "")
    return ibis.struct({"core": core, "seat": seat, "branch": parts["branch"], "legal_form": parts["legal_form"]})
