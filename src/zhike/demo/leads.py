"""Lists of leads: business cards from fairs, in Traditional Chinese and Big5, and a purchased list."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike.demo import places
from zhike.demo.dirt import RAGGED, Fault
from zhike.demo.draws import Draws, Flags, row_keys
from zhike.demo.feeds import Feed
from zhike.demo.files import Rows, Separated, merged
from zhike.demo.people import PROSPECTS_FROM, People
from zhike.demo.records import Habits, Records
from zhike.demo.text import blank, constant, days, flags, pick

CARD_HABITS = Habits(
    "cards",
    prefix="BC",
    digits=10,
    copies=0.01,
    misspelt=0.03,
    wide=0.05,
    separated=0.6,
    missing={"email": 0.2, "phone": 0.1},
)
LIST_HABITS = Habits(
    "list",
    prefix="L",
    digits=10,
    copies=0.03,
    misspelt=0.03,
    outdated=0.8,
    missing={"email": 0.5, "phone": 0.05},
)
CARDS = Feed(
    "cards_leads",
    "leads",
    "cards",
    "編號",
    Separated(encoding="big5", quoted=("姓名", "公司")),
    (
        Fault("future date", "收到日期", "2099/12/31", "received_on"),
        Fault("unknown code", "來源", "不明", "source_class"),
        Fault("missing key", "編號", None, "lead_id"),
        *RAGGED,
    ),
)
LIST = Feed(
    "list_leads",
    "leads",
    "list",
    "no",
    Separated(delimiter=";", quoted=("full_name",)),
    (
        Fault("unparsable date", "dob", "1985-??-??", "born_on"),
        Fault("unknown code", "sex", "x", "gender"),
        Fault("missing key", "no", None, "lead_id"),
        *RAGGED,
    ),
)
FEEDS = (CARDS, LIST)
SHARES = {"cards": 0.012, "list": 0.04}  # of the customers; half as many again are strangers
TRADITIONAL_FIRMS = (
    "恆遠科技",
    "瑞豐貿易",
    "金橋物流",
    "華信機械",
    "天成醫藥",
    "博達餐飲",
    "宏圖建築",
    "盛世商貿",
)
TRADITIONAL_TITLES = ("經理", "總監", "主任", "工程師", "採購", "財務")
CLASSES = ("展覽", "活動", "轉介紹")


def strangers(people: People) -> People:
    """People who are on lists and not yet customers, one for each of these people."""
    return People(people.draws, people.structure, people.as_of, people.ids + PROSPECTS_FROM)


def on_list(people: People, source: str, draws: Draws, share: float) -> Flags:
    """Adults who are on the list of this source."""
    return people.adult & draws.chance(f"on {source}", people.ids, share)


def lead_records(people: People, draws: Draws) -> dict[str, tuple[Records, Records]]:
    """For each list, the records of customers and those of strangers."""
    found = {}
    for habits in (CARD_HABITS, LIST_HABITS):
        share = SHARES[habits.source]
        known = Records(people, on_list(people, habits.source, draws, share), habits, draws)
        others = strangers(people)
        found[habits.source] = (
            known,
            Records(others, on_list(others, habits.source, draws, share / 2), habits, draws),
        )
    return found


def card_rows(pair: tuple[Records, Records], draws: Draws) -> Rows:
    """Business cards as the people at the fair typed them in."""
    return _by_neighbour(*(_cards(records, draws) for records in pair))


def list_rows(pair: tuple[Records, Records], draws: Draws) -> Rows:
    """The purchased list."""
    return _by_neighbour(*(_list(records, draws) for records in pair))


def _by_neighbour(known: Rows, others: Rows) -> Rows:
    # A stranger stands behind the customer with the same number, so that blocks can be cut anywhere.
    shift = row_keys(np.full(len(others), PROSPECTS_FROM), -2)
    return merged(known, Rows(others.keys - shift, others.columns))


def _cards(records: Records, draws: Draws) -> Rows:
    keys, people, who = records.keys, records.people, records.who
    received = people.as_of - 5 - draws.below("card received", keys, 700)
    columns = {
        "編號": records.key,
        "姓名": records.in_script("traditional"),
        "公司": pick(TRADITIONAL_FIRMS, draws.below("card firm", keys, len(TRADITIONAL_FIRMS))),
        "職稱": pick(TRADITIONAL_TITLES, draws.below("card title", keys, len(TRADITIONAL_TITLES))),
        "手機": records.phone,
        "電郵": records.email,
        "城市": pick([city.traditional for city in places.CITIES], people.branch[who]),
        "來源": pick(CLASSES, draws.weighted("card class", keys, (5, 3, 2))),
        "收到日期": days(received, "slashes"),
    }
    return Rows(keys, columns)


def _list(records: Records, draws: Draws) -> Rows:
    keys, people, who = records.keys, records.people, records.who
    usual = draws.chance("list style", keys, 0.7)
    born: pa.Array = pc.if_else(pa.array(usual), records.birthdays("slashes"), records.birthdays("chinese"))
    columns = {
        "no": records.key,
        "full_name": records.name,
        "sex": flags(people.female[who], "1", "2"),
        "dob": blank(born, draws.chance("no dob", keys, 0.3)),
        "tel": records.phone,
        "mail": records.email,
        "town": places.cities(people.home, "name").take(pa.array(who)),
        "interest": constant("保险", len(who)),
        "vendor": constant("百信数据", len(who)),
    }
    return Rows(keys, columns)
