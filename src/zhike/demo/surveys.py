"""Surveys: holders of contracts are asked once a year, buyers of the shop after an order, and some answer.

How satisfied holders are shows in who stays (`attitudes`); whether buyers come back has nothing to do with it.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhike.demo.attitudes import Attitudes
from zhike.demo.dirt import Fault
from zhike.demo.draws import Draws, Floats, Ints, row_keys, scrambled
from zhike.demo.feeds import FAR_FUTURE, Feed
from zhike.demo.files import JsonLines, Rows, merged
from zhike.demo.people import People
from zhike.demo.policies import Contracts
from zhike.demo.records import Records
from zhike.demo.shop import ShopLife
from zhike.demo.text import blank, instants, join, number, pick

FAULTS = (
    Fault("future date", "at", f"{FAR_FUTURE}T08:00:00+08:00", "occurred_at"),
    Fault("unparsable date", "at", "last week", "occurred_at"),
    Fault("missing key", "answer_id", None, "event_id"),
)
ANSWERS = Feed(
    "mail_surveys",
    "events",
    "mail",
    "answer_id",
    JsonLines(raw=("answers",)),
    (*FAULTS, Fault("missing value", "recipient", None, "customer_key")),
)
SHOP_ANSWERS = Feed(
    "shop_surveys",
    "events",
    "shop",
    "answer_id",
    JsonLines(raw=("answers",)),
    (*FAULTS, Fault("missing value", "member", None, "customer_key")),
)
FEEDS = (ANSWERS, SHOP_ANSWERS)
YEARS, DAYS_BETWEEN = 3, 365
TEN_POINTS_FROM = 2  # surveys ago, when the questionnaire had ten points and not yet five
ANSWER_SHARE, WITH_FEELING = 0.18, 0.10  # besides, of those who are very satisfied or not at all
AVERAGE, SPREAD, CHANCE = 4.1, 0.85, 0.5  # of what is answered: by satisfaction, and by the day
UPSET_DAYS, UPSET = 180, 1.4  # after a complaint, and by how much
RECOMMEND, RECOMMEND_SPREAD, RECOMMEND_CHANCE = 7.8, 1.6, 1.1
RESTLESS_RECOMMEND = -1.5  # who compares offers recommends less
LEFT_OUT = 0.08  # one of the two questions
SHOP_ANSWER_SHARE, SHOP_ASKS_WITHIN = 0.12, 8  # of the orders; days after one


def answer_rows(people: People, records: Records, contracts: Contracts, attitudes: Attitudes, draws: Draws) -> Rows:
    """Answers of the last years, at most one a year from each holder."""
    return merged(*(_of_year(people, records, contracts, attitudes, year, draws) for year in range(YEARS)))


def _of_year(
    people: People, records: Records, contracts: Contracts, attitudes: Attitudes, year: int, draws: Draws
) -> Rows:
    keys = row_keys(people.ids, year)
    asked_on = people.as_of - year * DAYS_BETWEEN - draws.below("asked", keys, DAYS_BETWEEN)
    holds = np.zeros(len(people), dtype=np.bool_)
    holds[contracts.who[contracts.in_force(asked_on[contracts.who])]] = True
    feeling = np.where(np.abs(attitudes.satisfaction) > 1, WITH_FEELING, 0.0)
    answers = holds & draws.chance("answers", keys, ANSWER_SHARE + feeling)
    who = np.flatnonzero(answers)
    keys, day = keys[who], asked_on[who]
    satisfied = _satisfied(contracts, attitudes, who, day, len(people), draws.normal("on the day", keys))
    at = day * 86_400 + 28_800 + draws.below("second", keys, 50_000)
    columns = {
        "answer_id": join("Q", number(scrambled(people.ids[who], 9, "survey")), "-", number(np.full(len(who), year))),
        "recipient": records.key_of_fact(who, keys),
        "at": instants(at, between="T", end="+08:00"),
        "device": pick(("email", "sms"), draws.below("device", keys, 2)),
        "answers": _answers(satisfied, attitudes, who, keys, draws, is_old=year >= TEN_POINTS_FROM),
    }
    return Rows(keys, columns)


def shop_answer_rows(people: People, records: Records, shop: ShopLife, attitudes: Attitudes, draws: Draws) -> Rows:
    """Answers to the question that follows an order of the shop in the last years."""
    at, since = shop.purchases.at, people.as_of - YEARS * DAYS_BETWEEN
    orders = row_keys(people.ids[shop.who[shop.purchases.buyer]], shop.purchases.place)
    answered_at = at + 1 + SHOP_ASKS_WITHIN * draws.uniform("answers after", orders)
    asked = (at >= since) & (answered_at < people.as_of + 1)
    rows = np.flatnonzero(asked & draws.chance("answers", orders, SHOP_ANSWER_SHARE))
    who, keys = shop.who[shop.purchases.buyer[rows]], orders[rows]
    satisfied = AVERAGE + SPREAD * draws.normal("with the goods", keys)
    columns = {
        "answer_id": join("Z", number(scrambled(people.ids[who], 9, "shop survey")), "-", number(keys % 65_536)),
        "member": records.key_of_fact(who, keys),
        "at": instants((answered_at[rows] * 86_400).astype(np.int64), between="T", end="+08:00"),
        "answers": _answers(satisfied, attitudes, who, keys, draws, is_old=False),
    }
    return Rows(keys, columns)


def _satisfied(contracts: Contracts, attitudes: Attitudes, who: Ints, day: Ints, people: int, chance: Floats) -> Floats:
    """How satisfied they say they are, before it is rounded to points from 1 to 5."""
    complained = np.zeros(people, dtype=np.int64)
    np.maximum.at(complained, contracts.who, contracts.complained)
    since = day - complained[who]
    upset = (complained[who] > 0) & (since >= 0) & (since < UPSET_DAYS)
    return np.asarray(AVERAGE + SPREAD * attitudes.satisfaction[who] + CHANCE * chance - UPSET * upset)


def _answers(satisfied: Floats, attitudes: Attitudes, who: Ints, keys: Ints, draws: Draws, *, is_old: bool) -> pa.Array:
    """The properties of the events, as JSON objects."""
    exact = 1 + (satisfied - 1) * 9 / 4 if is_old else satisfied
    points: Ints = np.clip(np.rint(exact), 1, 10 if is_old else 5).astype(np.int64)
    recommend = RECOMMEND + RECOMMEND_SPREAD * (satisfied - AVERAGE) + RESTLESS_RECOMMEND * attitudes.is_restless[who]
    recommend = recommend + RECOMMEND_CHANCE * draws.normal("recommends", keys)
    tenths: Ints = np.clip(np.rint(recommend), 0, 10).astype(np.int64)
    scale = ',"of":10' if is_old else ""
    silent = draws.weighted("left out", keys, (1 - 2 * LEFT_OUT, LEFT_OUT, LEFT_OUT))
    both = join('{"satisfaction":', number(points), scale, ',"recommend":', number(tenths), "}")
    column = blank(both, silent > 0)
    alone = join('{"satisfaction":', number(points), scale, "}")
    other = join('{"recommend":', number(tenths), "}")
    return pa.compute.coalesce(column, pa.compute.if_else(pa.array(silent == 1), alone, other))
