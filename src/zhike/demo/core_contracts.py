"""The policy system: contracts, the people who take part in them, and claims."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from zhike.demo.attitudes import Attitudes
from zhike.demo.catalogue import GROUP_PRODUCTS, PRODUCTS
from zhike.demo.core import organisation_keys, organisations_of
from zhike.demo.dirt import RAGGED, Fault
from zhike.demo.draws import Draws, Flags, Ints, row_keys, scrambled
from zhike.demo.feeds import FAR_FUTURE, Feed
from zhike.demo.files import Rows, Separated, merged
from zhike.demo.people import NEIGHBOURS, People
from zhike.demo.policies import (
    CONTRACTS_PER_PERSON,
    GROUP,
    Contracts,
    contract_columns,
    contract_ids,
    draw_contracts,
)
from zhike.demo.records import Records
from zhike.demo.structure import agent_ids
from zhike.demo.text import constant, days, flags, instants, join, money, number, pick

CHANCES = (0.78, 0.36, 0.15, 0.05)  # of a first, second, … contract
GROUP_PLACE = CONTRACTS_PER_PERSON - 1
PREFIX = "RH"
CONTRACTS = Feed(
    "core_contracts",
    "contracts",
    "core",
    "POL_NO",
    Separated(),
    (
        Fault("unparsable date", "START_DT", "30.02.2024", "started_on"),
        Fault("negative amount", "PREM", "-360.00", "premium_amount"),
        Fault("unparsable number", "SUM_INS", "壹佰万元", "sum_insured_amount"),
        Fault("foreign currency", "CURR", "USD", "currency"),
        Fault("unknown code", "STATUS", "??", "status"),
        Fault("missing value", "CUST_NO", None, "customer_key"),
        *RAGGED,
    ),
)
PARTIES = Feed(
    "core_parties",
    "parties",
    "core",
    "POL_NO",
    Separated(delimiter="|"),
    (
        Fault("unknown code", "ROLE", "99", "role"),
        Fault("missing value", "CUST_NO", None, "customer_key"),
        Fault("negative share", "SHARE_PCT", "-0.5", "share"),
        *RAGGED,
    ),
)
CLAIMS = Feed(
    "core_claims",
    "events",
    "core",
    "CLAIM_NO",
    Separated(quoted=("DETAIL",)),
    (
        Fault("future date", "CLAIM_TS", FAR_FUTURE, "occurred_at"),
        Fault("missing key", "CLAIM_NO", None, "event_id"),
        *RAGGED,
    ),
)
FEEDS = (CONTRACTS, PARTIES, CLAIMS)
HOLDER, INSURED, BENEFICIARY, CONTACT = range(4)
ROLE_CODES = ("01", "02", "03", "05")
CAUSES = ("住院 hospital", "门诊 outpatient", "意外 accident", "重疾 critical illness")
CLAIM_CHANCES = {
    "health": 0.22,
    "accident": 0.06,
    "life": 0.004,
    "annuity": 0.0,
    "savings": 0.0,
    "group": 0.5,
}


def own_contracts(people: People, attitudes: Attitudes, draws: Draws) -> Contracts:
    """Contracts that individuals hold, sold by the company's own channels."""
    return draw_contracts(people, people.members["core"], PRODUCTS, CHANCES, -1, attitudes, draws)


def group_contracts(people: People, attitudes: Attitudes, draws: Draws) -> Contracts:
    """One contract of each group customer; `who` is its contact person."""
    contact = people.ids % NEIGHBOURS == 0
    drawn = draw_contracts(people, contact, GROUP_PRODUCTS, (9.0,), GROUP, attitudes, draws.of("group"))
    size = np.exp(draws.normal("size of firm", drawn.keys))
    return replace(drawn, keys=drawn.keys + GROUP_PLACE, premium=(drawn.premium * size).astype(np.int64))


def contract_rows(people: People, records: Records, own: Contracts, group: Contracts) -> Rows:
    """Contracts as the policy system exports them."""
    keys = records.key_of_fact(own.who, own.keys)
    firms = organisation_keys(organisations_of(people))
    return merged(_contract_rows(people, own, keys), _contract_rows(people, group, firms))


def _contract_rows(people: People, contracts: Contracts, customers: pa.Array) -> Rows:
    text = contract_columns(people, contracts, PREFIX, "iso")
    who, count = contracts.who, len(contracts)
    columns = {
        "POL_NO": text["contract"],
        "CUST_NO": customers,
        "PROD_CODE": text["product"],
        "PROD_NAME": text["product name"],
        "LOB": text["line"],
        "CHANNEL": text["channel"],
        "START_DT": text["started"],
        "END_DT": text["ends"],
        "TERM_DT": text["terminated"],
        "STATUS": pick(("IF", "LA", "SU", "MA", "CA", "SP"), contracts.status),
        "PREM": text["premium"],
        "FREQ": pick(("S", "M", "Q", "Y"), contracts.period),
        "SUM_INS": text["cover"],
        "CURR": constant("CNY", count),
        "AUTOPAY": flags(contracts.autopay, "N", "Y"),
        "RENEWS": flags(contracts.renews, "N", "Y"),
        "UNIT_CODE": people.structure.sub_branch_ids(people.sub_branch[who]),
        "AGENT_CODE": agent_ids(people.agent[who]),
    }
    return Rows(contracts.keys, columns)


def party_rows(people: People, records: Records, own: Contracts, group: Contracts, draws: Draws) -> Rows:
    """Holders, insured and beneficiaries; contact persons and insured staff of group contracts."""
    nobody = own.who < 0
    insures_child = np.array([p.insures == "child" for p in PRODUCTS])[own.product]
    insures_spouse = np.array([p.insures == "spouse" for p in PRODUCTS])[own.product]
    child, spouse = people.child[own.who], people.spouse[own.who]
    insured = np.select([insures_child & (child >= 0), insures_spouse & (spouse >= 0)], [child, spouse], own.who)
    # Without a named beneficiary the law names the heirs: no row.
    heir = np.where((spouse >= 0) & (spouse != insured), spouse, np.where(child != insured, child, own.who))
    heir = np.where(draws.chance("names beneficiary", own.keys, 0.7), heir, -1)
    parts = [
        _parties(people, records, own, HOLDER, own.who, nobody),
        _parties(people, records, own, INSURED, insured, nobody),
        _parties(people, records, own, BENEFICIARY, heir, heir == insured),
    ]
    return merged(*parts, *_group_parties(people, records, group))


def _parties(people: People, records: Records, contracts: Contracts, role: int, who: Ints, excluded: Flags) -> Rows:
    known = people.members["core"] | ~people.adult
    rows = np.flatnonzero((who >= 0) & known[who] & ~excluded)
    holder, taking_part, facts = contracts.who[rows], who[rows], contracts.keys[rows]
    relation = np.select(
        [holder == taking_part, people.spouse[holder] == taking_part], [0, 1], default=np.full(len(rows), 2)
    )
    # Both roles of one person in one contract stand under one key, as a clerk would enter them.
    customers = records.key_of_fact(taking_part, facts)
    return _party_rows(
        facts,
        role,
        0,
        contract_ids(PREFIX, facts),
        customers,
        pick(("本人", "配偶", "子女"), relation),
        contracts.started[rows],
    )


def _party_rows(
    facts: Ints,
    role: int,
    place: Ints | int,
    contract: pa.Array,
    customers: pa.Array,
    relation: pa.Array,
    since: Ints,
) -> Rows:
    order = np.asarray((facts >> 16 << 24) + (facts % 65_536 << 16) + (role << 12) + place, dtype=np.int64)
    count = len(facts)
    columns = {
        "POL_NO": contract,
        "ROLE": constant(ROLE_CODES[role], count),
        "CUST_NO": customers,
        "RELATION": relation,
        "SHARE_PCT": constant("1.00" if role == BENEFICIARY else "", count),
        "SINCE": days(since, "compact"),
    }
    return Rows(order, columns)


def _group_parties(people: People, records: Records, group: Contracts) -> list[Rows]:
    firms = organisation_keys(organisations_of(people))
    contract = group.ids(PREFIX)
    count = len(group)
    holders = _party_rows(group.keys, HOLDER, 0, contract, firms, constant("本单位", count), group.started)
    contacts = records.key_of_fact(group.who, group.keys)
    contact = _party_rows(group.keys, CONTACT, 0, contract, contacts, constant("联系人", count), group.started)
    staff = np.flatnonzero(people.works_for_group & people.members["core"])
    firm = people.ids[staff] // NEIGHBOURS - people.ids[0] // NEIGHBOURS
    insured = _party_rows(
        group.keys[firm],
        INSURED,
        people.ids[staff] % NEIGHBOURS,
        contract.take(pa.array(firm)),
        records.key_of_fact(staff, row_keys(people.ids[staff], GROUP_PLACE)),
        constant("员工", len(staff)),
        group.started[firm],
    )
    return [holders, insured, contact]


def claim_rows(people: People, records: Records, own: Contracts, draws: Draws) -> Rows:
    """Claims on contracts, as events of their holders."""
    chances = np.array([CLAIM_CHANCES[product.line] for product in PRODUCTS])[own.product]
    rows = np.flatnonzero(draws.chance("claim", own.keys, chances))
    keys, started = own.keys[rows], own.started[rows]
    lasted = np.maximum(own.last_day(people.as_of)[rows] - started, 1)
    day = started + (lasted * draws.uniform("claimed on", keys)).astype(np.int64)
    amount = (own.premium[rows] * 100 * np.exp(1 + draws.normal("claimed", keys))).astype(np.int64)
    detail = join(
        '{"contract_id":"', contract_ids(PREFIX, keys), '","amount":', money(amount), ',"cause":"',
        pick(CAUSES, draws.weighted("cause", keys, (4, 3, 2, 0.5))), '"}',
    )  # fmt: skip
    columns = {
        "CLAIM_NO": join("CL", number(scrambled(people.ids[own.who[rows]], 9, "claim")), "-", number(keys % 65_536)),
        "CUST_NO": records.key_of_fact(own.who[rows], keys),
        "DETAIL": detail,
        "CLAIM_TS": instants(day * 86_400 + draws.below("claimed at", keys, 86_400), between="T", end="+08:00"),
        "CHANNEL": pick(("app", "counter", "hotline"), draws.below("claim channel", keys, 3)),
    }
    return Rows(keys, columns)
