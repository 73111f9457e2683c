"""Made-up firms for tests of linking: their records as counters, registers and exhibitions write them, and the truth.

A branch is a customer of its own. Neighbours in one building, firms of one group and firms of one name in two cities
are others, whatever they share.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

_WORDS = (
    "恒远瑞丰金桥华信天成博达宏图盛世联创中盛新源远景诚和海纳卓越鼎泰锦程康宁凯旋腾跃"
    "嘉禾明德百川众合和盛润泽安信友邦星辰高路银河长虹万通景瑞兴业同创佳美德润普惠泰和"
)
WORDS = tuple(_WORDS[start : start + 2] for start in range(0, len(_WORDS), 2))
TRADES = ("科技", "贸易", "机械制造", "物流", "餐饮管理", "医药", "建筑工程", "信息技术", "电子", "文化传媒")
CITIES = {"上海": "021", "北京": "010", "广州": "020", "深圳": "0755", "杭州": "0571", "南京": "025", "成都": "028"}
STREETS = ("人民路", "建设路", "中山路", "长江路", "解放街", "文化街", "学府路", "滨河路")
PERSONS = (
    "Smith",
    "Baker",
    "Carter",
    "Hughes",
    "Mason",
    "Turner",
    "Walsh",
    "Foster",
    "Barnes",
    "Fisher",
    "Grant",
    "Lowe",
)
ENGLISH_TRADES = (
    "Engineering",
    "Foods",
    "Logistics",
    "Software",
    "Furniture",
    "Travel",
    "Plastics",
    "Textiles",
    "Media",
)
TOWNS = ("Leeds", "York", "Hull", "Ripon", "Selby", "Bath", "Derby")
ROADS = ("Mill Street", "Station Road", "Church Lane", "Park Avenue", "High Street", "Abbey Road")
TRADITIONAL = str.maketrans(
    "远丰桥华达图联创创诚卓鼎锦凯腾众润兴业长虹万银辰贸机械制餐饮医药筑电传媒",
    "遠豐橋華達圖聯創創誠卓鼎錦凱騰眾潤興業長虹萬銀辰貿機械製餐飲醫藥築電傳媒",
)
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"

Record = dict[str, str | int | None]


@dataclass(frozen=True)
class Firm:
    """What is true of one firm, or of one of its branches."""

    name: str
    city: str
    seat: str  # the city in its name
    trade: str
    is_chinese: bool
    branch: str
    code: str
    phone: str
    email: str
    street: str
    number: int
    room: int


def firms(count: int, *, seed: int = 11) -> list[Record]:
    """Records of so many firms, some of them with branches; two in three are known twice or three times."""
    draw = random.Random(seed)
    records: list[Record] = []
    truth = 0
    for _ in range(count):
        firm = _firm(draw)
        elsewhere = [city for city in (CITIES if firm.is_chinese else TOWNS) if city != firm.city]
        branches = [_branch(draw, firm, city) for city in draw.sample(elsewhere, draw.choice((0, 0, 0, 1, 2)))]
        own = [firm, *branches, *_neighbours(draw, firm)]
        for one in own:
            records += [_record(draw, one, truth, again) for again in range(draw.choice((1, 2, 3)))]
            truth += 1
    for number, record in enumerate(records):
        record["id"] = number
    return records


def _firm(draw: random.Random) -> Firm:
    is_chinese = draw.random() < 0.6
    city = draw.choice(list(CITIES) if is_chinese else TOWNS)
    name = draw.choice(WORDS) + draw.choice(("", "", *WORDS)) if is_chinese else _western_name(draw)
    return Firm(
        name=name,
        city=city,
        seat=city,
        trade=draw.choice(TRADES if is_chinese else ENGLISH_TRADES),
        is_chinese=is_chinese,
        branch="",
        code=_credit_code(draw) if is_chinese else f"{draw.randint(10**7, 10**8 - 1)}",
        phone=f"{CITIES[city]}-{draw.randint(20_000_000, 89_999_999)}"
        if is_chinese
        else f"0{draw.randint(1132_000_000, 1139_999_999)}",
        email=f"{draw.choice(('office', 'info', 'kf'))}@{draw.randrange(10**6)}.example.com",
        street=draw.choice(STREETS if is_chinese else ROADS),
        number=draw.randint(1, 400),
        room=draw.randint(101, 2_909),
    )


def _western_name(draw: random.Random) -> str:
    first, second = draw.sample(PERSONS, 2)
    return draw.choice((first, f"{first} & {second}", f"{first} and Sons", f"{first} Brothers"))


def _branch(draw: random.Random, firm: Firm, city: str) -> Firm:
    """The same firm elsewhere: by the same number of the register and often the same switchboard."""
    shown = f"{city}{draw.choice(('分公司', '办事处'))}" if firm.is_chinese else f"{city} Branch"
    changed = {"city": city, "branch": shown, "street": draw.choice(STREETS if firm.is_chinese else ROADS)}
    code = _credit_code(draw) if firm.is_chinese else firm.code
    phone = firm.phone if draw.random() < 0.5 else firm.phone[:-4] + f"{draw.randrange(10**4):04}"
    return Firm(**{**firm.__dict__, **changed, "code": code, "phone": phone, "number": draw.randint(1, 400)})


def _neighbours(draw: random.Random, firm: Firm) -> list[Firm]:
    """Others in the same house, by the same switchboard; of the same group; of the same name elsewhere."""
    other = _firm(draw)
    chance = draw.random()
    if other.is_chinese != firm.is_chinese or chance > 0.25:
        return []
    house = {"street": firm.street, "number": firm.number, "city": firm.city}
    if chance < 0.1:
        return [Firm(**{**other.__dict__, **house, "phone": firm.phone})]
    if chance < 0.175:
        trade = draw.choice([one for one in (TRADES if firm.is_chinese else ENGLISH_TRADES) if one != firm.trade])
        return [Firm(**{**other.__dict__, **house, "name": firm.name, "trade": trade, "phone": firm.phone})]
    city = draw.choice([one for one in (CITIES if firm.is_chinese else TOWNS) if one != firm.city])
    return [Firm(**{**other.__dict__, "name": firm.name, "trade": firm.trade, "city": city, "seat": city})]


def _record(draw: random.Random, firm: Firm, truth: int, again: int) -> Record:
    hit: Callable[[float], bool] = lambda share: draw.random() < share * (1 if again else 0.4)  # noqa: E731
    style = _chinese_name if firm.is_chinese else _english_name
    address = (
        f"{firm.city}市{firm.street}{firm.number}号{firm.room}室"
        if firm.is_chinese
        else f"Unit {firm.room}, {firm.number} {firm.street}, {firm.city}"
    )
    phone = firm.phone.replace("-", draw.choice(("-", " ", ""))) if firm.is_chinese else firm.phone
    return {
        "truth": truth,
        "kind": "organisation",
        "name": style(draw, firm, plain=not again),
        "id_number": None if hit(0.5) else firm.code,
        "phone": None if hit(0.25) else phone,
        "email": None if hit(0.45) else firm.email,
        "address": None if hit(0.3) else address,
    }


def _chinese_name(draw: random.Random, firm: Firm, *, plain: bool) -> str:
    name = firm.name
    if not plain and len(name) > 2 and draw.random() < 0.05:
        name = name[1] + name[0] + name[2:]
    form = draw.choice(("有限公司", "有限责任公司")) if plain or draw.random() < 0.8 else ""
    place = firm.seat
    styles = (
        f"{place}{name}{firm.trade}{form}",
        f"{name}（{place}）{firm.trade}{form}",
        f"{place}市{name}{firm.trade}{form}",
    )
    text = styles[0] if plain else draw.choice((*styles, f"{name}{firm.trade}{form}"))
    text += firm.branch
    return text.translate(TRADITIONAL) if not plain and draw.random() < 0.1 else text


def _english_name(draw: random.Random, firm: Firm, *, plain: bool) -> str:
    name = (
        firm.name
        if plain
        else draw.choice((firm.name, firm.name.replace("&", "and"), firm.name.replace(" and ", " & ")))
    )
    if not plain and draw.random() < 0.05:
        place = draw.randrange(1, len(name) - 1)
        name = name[:place] + name[place + 1 :]
    forms = ("Ltd", "Limited", "Ltd.", "LTD", "") if not plain else ("Ltd", "Limited")
    text = f"{name} {firm.trade} {draw.choice(forms)}".strip()
    text = f"The {text}" if not plain and draw.random() < 0.05 else text
    text = f"{text}, {firm.branch}" if firm.branch else text
    return text.upper() if not plain and draw.random() < 0.2 else text


def _credit_code(draw: random.Random) -> str:
    body = "91" + "990000" + "".join(draw.choice("0123456789") for _ in range(9))
    total = sum(CREDIT.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return body + CREDIT[-total % 31]
