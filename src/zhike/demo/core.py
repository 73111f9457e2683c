"""The policy system: people and group customers, as its clerks entered them over the years."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhike.demo import places
from zhike.demo.dirt import RAGGED, Fault
from zhike.demo.draws import Draws, Floats, Ints, row_keys, scrambled
from zhike.demo.feeds import FAR_FUTURE, Feed
from zhike.demo.files import Rows, Separated, merged
from zhike.demo.people import NEIGHBOURS, ORGANISATIONS_FROM, People
from zhike.demo.records import Habits, Records, customer_keys
from zhike.demo.structure import agent_ids
from zhike.demo.text import blank, constant, days, flags, instants, join, number, patch, pick, words

HABITS = Habits(
    "core",
    prefix="C",
    misspelt=0.006,
    missing={"email": 0.22, "phone": 0.03, "id_number": 0.02, "born": 0.01, "address": 0.06},
)
CUSTOMERS = Feed(
    "core_customers",
    "source_records",
    "core",
    "CUST_NO",
    Separated(quoted=("CUST_NAME", "ADDR")),
    (
        Fault("future date", "BIRTH_DT", FAR_FUTURE, "born_on"),
        Fault("unparsable date", "CREATED_DT", "0000-00-00", "first_seen_on"),
        Fault("negative amount", "ANNUAL_INCOME", "-1", "income_amount"),
        Fault("unparsable number", "ANNUAL_INCOME", "12O000元", "income_amount"),
        Fault("unknown code", "SEX", "9", "gender"),
        Fault("missing key", "CUST_NO", None, "customer_key"),
        *RAGGED,
    ),
)
FEEDS = (CUSTOMERS,)
FIRMS = (
    "恒远",
    "瑞丰",
    "金桥",
    "华信",
    "天成",
    "博达",
    "宏图",
    "盛世",
    "联创",
    "中盛",
    "东方",
    "新源",
    "远景",
    "诚和",
    "海纳",
    "卓越",
)
TRADES = (
    "科技有限公司",
    "贸易有限公司",
    "机械制造有限公司",
    "物流有限公司",
    "餐饮管理有限公司",
    "医药有限公司",
    "建筑工程有限公司",
)
TITLES = ("职员", "主管", "经理", "总监")


def organisations_of(people: People) -> Ints:
    """Ids of the group customers near these people; the first of each neighbourhood is the contact person."""
    return np.asarray(ORGANISATIONS_FROM + people.ids[people.ids % NEIGHBOURS == 0] // NEIGHBOURS)


def organisation_keys(organisations: Ints) -> pa.Array:
    """Customer numbers of group customers."""
    return join("G", number(scrambled(organisations - ORGANISATIONS_FROM, 8, "group")))


def organisation_names(organisations: Ints, city: Ints) -> pa.Array:
    """Names of firms: city, a word of good omen, a number where that is taken, trade."""
    place = organisations - ORGANISATIONS_FROM
    towns = pick([city.name.removesuffix("市") for city in places.CITIES], city)
    again = place // (len(FIRMS) * len(TRADES))
    return join(
        towns,
        pick(FIRMS, place % len(FIRMS)),
        blank(number(again), again == 0, ""),
        pick(TRADES, place // len(FIRMS) % len(TRADES)),
    )


def credit_codes(organisations: Ints) -> pa.Array:
    """Unified social credit codes of firms, with the check character of GB 32100; area 99 is not in use."""
    body = 91_990_000_000_000_000 + scrambled(organisations - ORGANISATIONS_FROM, 9, "credit code")
    total, rest = np.zeros(len(body), dtype=np.int64), body.copy()
    for place in range(17):
        total += rest % 10 * pow(3, 16 - place, 31)
        rest //= 10
    return join(number(body), pick(tuple("0123456789ABCDEFGHJKLMNPQRTUWXY"), -total % 31))


def switchboards(organisations: Ints, city: Ints) -> pa.Array:
    """Telephone numbers that all staff of a firm share; subscriber numbers do not begin with 9 in China."""
    line = 90_000_000 + (organisations - ORGANISATIONS_FROM) % 10_000_000
    return join(pick([city.area for city in places.CITIES], city), "-", number(line))


def known_since(people: People, draws: Draws) -> Floats:
    """Days before `as_of` when the insurer first met each person, at most ten years and after birth."""
    waited = 3_650 * draws.uniform("known since", people.ids) ** 1.3
    return np.asarray(np.clip(waited, 0, (people.age * 365).clip(1) - 1))


def customer_rows(people: People, records: Records, first_contract: Ints, draws: Draws) -> Rows:
    """People and group customers in one file, as the policy system exports them."""
    return merged(_person_rows(people, records, first_contract, draws), _organisation_rows(people, draws))


def _person_rows(people: People, records: Records, first_contract: Ints, draws: Draws) -> Rows:
    who, keys, home = records.who, records.keys, people.home
    first_seen = people.as_of - known_since(people, draws)[who].astype(np.int64)
    first_seen = np.minimum(first_seen, first_contract[who])
    changed = first_seen + ((people.as_of - first_seen) * draws.uniform("changed", keys)).astype(np.int64)
    employed = people.works_for_group[who]
    firm = ORGANISATIONS_FROM + people.ids[who] // NEIGHBOURS
    city = people.branch[who]
    taken = pa.array(who)
    columns = {
        "CUST_NO": records.key,
        "CUST_TYPE": constant("P", len(who)),
        "CUST_NAME": records.name,
        "SEX": flags(people.female[who], "M", "F"),
        "BIRTH_DT": records.birthdays("iso"),
        "ID_TYPE": flags(people.english[who], "01", "03"),
        "ID_NO": records.id_number,
        "MOBILE": records.phone,
        "TEL2": blank(switchboards(firm, city), ~employed | draws.chance("no switchboard", keys, 0.4)),
        "EMAIL": records.email,
        "PROVINCE": places.cities(home, "province").take(taken),
        "CITY": places.cities(home, "name").take(taken),
        "DISTRICT": records.district,
        "ADDR": records.street,
        "POST_CODE": places.postal_codes(home).take(taken),
        "LANG": flags(people.english[who], "zh-CN", "en"),
        "OCCUPATION": blank(people.occupations(who), ~people.adult[who], "NULL"),
        "EMPLOYER": blank(organisation_names(firm, city), ~employed),
        "TITLE": blank(pick(TITLES, draws.weighted("title", keys, (6, 3, 2, 1))), ~employed),
        "MARITAL": blank(flags(people.spouse[who] >= 0, "S", "M"), ~people.adult[who]),
        "ANNUAL_INCOME": blank(number(people.income[who]), people.income[who] == 0),
        "UNIT_CODE": people.structure.sub_branch_ids(people.sub_branch[who]),
        "AGENT_CODE": agent_ids(people.agent[who]),
        "REFERRER": _referrers(people, records, draws),
        "CREATED_DT": days(first_seen),
        "UPDATED_TS": instants(changed * 86_400 + draws.below("changed at", keys, 80_000)),
        "SEGMENT": pick(("A", "B", "C"), draws.weighted("segment", keys, (1, 3, 6))),
    }
    return Rows(keys, columns)


def _referrers(people: People, records: Records, draws: Draws) -> pa.Array:
    """Customer numbers of those who recommended the company: people of earlier ids."""
    asked = np.flatnonzero(draws.chance("referred", records.keys, 0.05) & (records.ids > 0))
    referrer = draws.below("referrer", records.keys[asked], records.ids[asked])
    # Whether an arbitrary person is known follows from the id, as everything else.
    known = People(people.draws, people.structure, people.as_of, referrer).members["core"]
    named = np.zeros(len(records), dtype=np.bool_)
    named[asked[known]] = True
    keys = customer_keys(HABITS, referrer[known], np.zeros(int(known.sum()), dtype=np.int64))
    return patch(pa.nulls(len(records), pa.string()), named, keys)


def _organisation_rows(people: People, draws: Draws) -> Rows:
    organisations = organisations_of(people)
    contact = np.flatnonzero(people.ids % NEIGHBOURS == 0)
    keys, count, city = row_keys(people.ids[contact], 65_535), len(contact), people.branch[contact]
    founded = people.as_of - 3_700 - draws.below("founded", organisations, 7_000)
    first_seen = people.as_of - 400 - draws.below("group known", organisations, 3_000)
    homes = places.draw_homes(draws.of("offices"), organisations, city, np.zeros(count, dtype=np.bool_))
    nothing = pa.nulls(count, pa.string())
    known: dict[str, pa.Array] = {
        "CUST_NO": organisation_keys(organisations),
        "CUST_TYPE": constant("O", count),
        "CUST_NAME": organisation_names(organisations, city),
        "BIRTH_DT": days(founded),
        "ID_TYPE": constant("21", count),
        "ID_NO": credit_codes(organisations),
        "MOBILE": switchboards(organisations, city),
        "EMAIL": join("office@firm", number(organisations - ORGANISATIONS_FROM), ".example.com"),
        "PROVINCE": places.cities(homes, "province"),
        "CITY": places.cities(homes, "name"),
        "DISTRICT": places.districts(homes),
        "ADDR": places.street_addresses(homes),
        "POST_CODE": places.postal_codes(homes),
        "LANG": constant("zh-CN", count),
        "UNIT_CODE": people.structure.sub_branch_ids(people.sub_branch[contact]),
        "AGENT_CODE": agent_ids(people.agent[contact]),
        "CREATED_DT": days(first_seen),
        "UPDATED_TS": instants((first_seen + 200) * 86_400 + 36_000),
        "SEGMENT": constant("G", count),
    }
    return Rows(keys, {name: known.get(name, nothing) for name in COLUMNS})


COLUMNS = words(
    "CUST_NO CUST_TYPE CUST_NAME SEX BIRTH_DT ID_TYPE ID_NO MOBILE TEL2 EMAIL PROVINCE CITY DISTRICT "
    "ADDR POST_CODE LANG OCCUPATION EMPLOYER TITLE MARITAL ANNUAL_INCOME UNIT_CODE AGENT_CODE "
    "REFERRER CREATED_DT UPDATED_TS SEGMENT"
)
