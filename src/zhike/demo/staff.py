"""The company's own lists: units, staff and products, delivered once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhike.demo.catalogue import goods_rows, product_rows
from zhike.demo.dirt import RAGGED, Fault
from zhike.demo.draws import Draws, Ints, row_keys
from zhike.demo.feeds import Feed, Sheet
from zhike.demo.files import Rows, Separated
from zhike.demo.people import STAFF_FROM, People, phone_numbers
from zhike.demo.structure import HEAD_OFFICE, Structure, agent_ids, branch_ids, call_centre_ids, unit_rows
from zhike.demo.text import blank, constant, days, join, number, pick, texts

UNITS = Feed("hr_units", "org_units", "hr", "机构代码", Separated(encoding="gb18030"))
STAFF = Feed(
    "hr_staff",
    "staff",
    "hr",
    "工号",
    Sheet("员工", cover="瑞和人寿 人力资源部 员工花名册"),
    (
        Fault("future date", "入司日期", "2099-12-31", "joined_on"),
        Fault("missing value", "姓名", None, "name"),
        Fault("missing key", "工号", None, "staff_id"),
    ),
)
PRODUCTS = Feed(
    "core_products",
    "products",
    "core",
    "PROD_CODE",
    Separated(),
    (Fault("negative amount", "PRICE", "-1", "price_amount"), *RAGGED),
)
GOODS = Feed("shop_goods", "products", "shop", "sku", Separated(encoding="utf-8-sig"))
FEEDS = (UNITS, STAFF, PRODUCTS, GOODS)
LARGEST_WORKBOOK = 50_000  # rows of staff; longer lists are CSV
DEPARTED_SHARE = 0.15
HEAD_OFFICE_STAFF = (("P", "分析师", 6), ("M", "营销策划", 4), ("S", "数据管理员", 2), ("V", "客服经理", 3))


def listed(columns: dict[str, list[str]]) -> Rows:
    """Rows of a short list."""
    count = len(next(iter(columns.values())))
    return Rows(np.arange(count), {name: texts(values) for name, values in columns.items()})


def unit_list(structure: Structure) -> Rows:
    """All units, each after the one above it."""
    return listed(unit_rows(structure))


def product_list() -> Rows:
    """Insurance and services."""
    return listed(product_rows())


def goods_list() -> Rows:
    """Goods of the shop."""
    return listed(goods_rows())


def departed(agents: Ints, draws: Draws) -> np.ndarray:
    """True for agents who have left the company."""
    return draws.chance("departed", agents, DEPARTED_SHARE)


def staff_list(structure: Structure, as_of: int, draws: Draws) -> Rows:
    """Agents, managers of branches and sub-branches, call centre and head office."""
    agents = np.arange(structure.agents)
    subs, branches = np.arange(structure.sub_branches), np.arange(structure.branches)
    calls = np.arange(structure.call_centre_staff)
    office = [(f"{letter}{place:03}", role) for letter, role, count in HEAD_OFFICE_STAFF for place in range(count)]
    codes = [agent_ids(agents), join("D", number(10_000 + subs)), join("B", number(1_000 + branches))]
    codes += [call_centre_ids(calls), texts([code for code, _ in office])]
    units = [structure.team_ids(agents), structure.sub_branch_ids(subs), branch_ids(branches)]
    units += [constant(HEAD_OFFICE, len(calls)), constant(HEAD_OFFICE, len(office))]
    roles = [
        constant("代理人", len(agents)),
        constant("支公司经理", len(subs)),
        constant("分公司经理", len(branches)),
    ]
    roles += [constant("坐席", len(calls)), texts([role for _, role in office])]
    code, unit, role = (pa.concat_arrays(part) for part in (codes, units, roles))
    return _staff_rows(structure, as_of, code, unit, role, draws)


def _staff_rows(structure: Structure, as_of: int, code: pa.Array, unit: pa.Array, role: pa.Array, draws: Draws) -> Rows:
    places = np.arange(len(code))
    people = People(draws, structure, as_of, places + STAFF_FROM)
    joined = as_of - 30 - draws.below("staff joined", places, 4_500)
    # Only agents leave: theirs are the first places.
    left = (places < structure.agents) & departed(places, draws)
    left_on = joined + 20 + ((as_of - joined - 20) * draws.uniform("staff left", places)).astype(np.int64)
    columns = {
        "工号": code,
        "姓名": people.name,
        "机构代码": unit,
        "岗位": role,
        "手机": number(phone_numbers(people.ids)),
        "邮箱": join(code, "@staff.ruihe.example.com"),
        "入司日期": days(joined),
        "离司日期": blank(days(left_on), ~left),
        "备注": pick(("", "兼培训讲师"), draws.chance("trainer", places, 0.05).astype(np.int64)),
    }
    return Rows(row_keys(people.ids), columns)
