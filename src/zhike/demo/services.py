"""Services sold once by the policy system: conversions of campaigns, of both arms, and sales besides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from zhike.demo.campaigns import CAMPAIGNS, Outcome
from zhike.demo.catalogue import SERVICES, names_of
from zhike.demo.dirt import RAGGED, Fault
from zhike.demo.draws import Draws, Ints, row_keys, scrambled
from zhike.demo.feeds import FAR_FUTURE, Feed
from zhike.demo.files import Rows, Separated, merged
from zhike.demo.people import People
from zhike.demo.records import Records
from zhike.demo.structure import agent_ids
from zhike.demo.text import blank, constant, instants, join, number, pick

ORDERS = Feed(
    "core_orders",
    "orders",
    "core",
    "ORD_NO",
    Separated(),
    (
        Fault("future date", "ORD_TS", f"{FAR_FUTURE} 12:00:00", "ordered_at"),
        Fault("negative amount", "AMT", "-168.00", "amount"),
        Fault("unparsable number", "AMT", "n/a", "amount"),
        Fault("foreign currency", "CURR", "HKD", "currency"),
        Fault("missing value", "AMT", None, "amount"),
        *RAGGED,
    ),
)
FEEDS = (ORDERS,)
# Sold without campaigns, so that they leave the campaigns' uplift as it is.
OTHER_SERVICES = (3, 4)
OTHER_SHARE = 0.09


def order_rows(people: People, records: Records, outcomes: Sequence[Outcome], draws: Draws) -> Rows:
    """Orders of services up to `as_of`."""
    parts = []
    for outcome in outcomes:
        places = np.flatnonzero(outcome.converted)
        keys = row_keys(people.ids[outcome.who[places]], CAMPAIGNS.index(outcome.campaign))
        service = np.full(len(places), outcome.campaign.service)
        parts.append(_rows(people, records, outcome.who[places], keys, service, outcome.converted_at[places], draws))
    bought = people.members["core"] & people.adult & draws.chance("other", people.ids, OTHER_SHARE)
    who = np.flatnonzero(bought)
    keys = row_keys(people.ids[who], len(CAMPAIGNS))
    service = np.array(OTHER_SERVICES)[draws.below("which", keys, len(OTHER_SERVICES))]
    at = (people.as_of - draws.below("when", keys, 1_095)) * 86_400 + 30_000 + draws.below("second", keys, 40_000)
    return merged(*parts, _rows(people, records, who, keys, service, at, draws))


def _rows(people: People, records: Records, who: Ints, keys: Ints, service: Ints, at: Ints, draws: Draws) -> Rows:
    price = np.array([item.price for item in SERVICES])[service]
    first = np.searchsorted(records.who, who)
    columns = {
        "ORD_NO": join("SO", number(scrambled(people.ids[who], 9, "service")), "-", number(keys % 65_536)),
        "CUST_NO": records.key.take(pa.array(first)),
        "ORD_TS": instants(at),
        "PROD_CODE": pick([item.code for item in SERVICES], service),
        "PROD_NAME": names_of(SERVICES, service, people.english[who]),
        "QTY": constant("1", len(who)),
        "AMT": join(number(price), ".00"),
        "CURR": constant("CNY", len(who)),
        "AGENT_CODE": blank(agent_ids(people.agent[who]), draws.chance("without agent", keys, 0.4)),
    }
    return Rows(keys, columns)
