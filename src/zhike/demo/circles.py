"""Who is who in the group customers, and from whom they buy, as the policy system's account managers note it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhike.demo.core import organisation_keys, organisations_of
from zhike.demo.dirt import Fault
from zhike.demo.draws import Draws, row_keys
from zhike.demo.feeds import FAR_FUTURE, Feed
from zhike.demo.files import Rows, Separated, merged
from zhike.demo.people import NEIGHBOURS, ORGANISATIONS_FROM, People
from zhike.demo.records import Records
from zhike.demo.text import constant, days, pick

RELATIONS = Feed(
    "core_relations",
    "relations",
    "core",
    "CUST_NO",
    Separated(),
    (
        Fault("future date", "SINCE", FAR_FUTURE, "since_on"),
        Fault("unknown code", "RELATION", "?", "kind"),
        Fault("missing key", "REL_CUST_NO", None, "related_key"),
    ),
)
FEEDS = (RELATIONS,)
NOTED_SHARE = 0.6  # of the staff of a firm whom an account manager knows
SUPPLIED_SHARE = 0.5  # of the firms that buy from the firm next to them
DEPARTMENTS = ("采购部", "财务部", "人事部", "信息部", "总经理办公室")
LAYERS = ("执行层", "管理层", "决策层")
FUNCTIONS = ("使用", "技术", "财务")
POSITIONS = ("职员", "主管", "经理", "总监")


def relation_rows(people: People, records: Records, draws: Draws) -> Rows:
    """Staff of the firms near these people, and the firms these firms buy from."""
    return merged(_staff(people, records, draws), _suppliers(people, draws))


def _staff(people: People, records: Records, draws: Draws) -> Rows:
    is_noted = people.works_for_group[records.who] & (records.copy == 0)
    noted = np.flatnonzero(is_noted & draws.chance("noted", records.keys, NOTED_SHARE))
    keys, count = records.keys[noted], len(noted)
    rank = draws.weighted("layer", keys, (6, 3, 1))
    columns = {
        "CUST_NO": records.key.take(pa.array(noted)),
        "REL_CUST_NO": organisation_keys(ORGANISATIONS_FROM + records.ids[noted] // NEIGHBOURS),
        "RELATION": constant("所属单位", count),
        "POSITION": pick(POSITIONS, np.minimum(rank + draws.below("position", keys, 2), len(POSITIONS) - 1)),
        "DEPT": pick(DEPARTMENTS, draws.below("department", keys, len(DEPARTMENTS))),
        "LAYER": pick(LAYERS, rank),
        "FUNCTION": pick(FUNCTIONS, draws.below("function", keys, len(FUNCTIONS))),
        "SINCE": days(people.as_of - 30 - draws.below("since", keys, 3_000)),
    }
    return Rows(keys, columns)


def _suppliers(people: People, draws: Draws) -> Rows:
    firms = organisations_of(people)
    first = people.ids[people.ids % NEIGHBOURS == 0]
    buys = (firms > ORGANISATIONS_FROM) & draws.chance("buys", firms, SUPPLIED_SHARE)
    firms, keys = firms[buys], row_keys(first[buys], 65_535)
    nothing = pa.nulls(len(firms), pa.string())
    columns = {
        "CUST_NO": organisation_keys(firms),
        "REL_CUST_NO": organisation_keys(firms - 1),
        "RELATION": constant("供应商", len(firms)),
        **dict.fromkeys(("POSITION", "DEPT", "LAYER", "FUNCTION"), nothing),
        "SINCE": days(people.as_of - 100 - draws.below("buys since", firms, 2_000)),
    }
    return Rows(keys, columns)
