"""The bank that sells the company's savings products: its customers and their contracts, in GB18030."""

from __future__ import annotations

import numpy as np

from zhike.demo.attitudes import Attitudes
from zhike.demo.catalogue import BANK_PRODUCTS
from zhike.demo.dirt import RAGGED, Fault
from zhike.demo.draws import Draws, Ints
from zhike.demo.feeds import Feed
from zhike.demo.files import Rows, Separated
from zhike.demo.people import People
from zhike.demo.policies import BANK, Contracts, contract_columns, draw_contracts
from zhike.demo.records import Habits, Records
from zhike.demo.text import blank, constant, days, flags, join, number, pick

HABITS = Habits(
    "bank",
    prefix="6",
    digits=11,
    misspelt=0.012,
    wide=0.02,
    outdated=0.6,
    missing={"email": 0.7, "phone": 0.05, "id_number": 0.01, "address": 0.1},
)
CHANCES = (0.9, 0.3, 0.08)
CUSTOMERS = Feed(
    "bank_customers",
    "source_records",
    "bank",
    "客户号",
    Separated(encoding="gb18030", quoted=("户名", "联系地址"), line_end="\r\n"),
    (
        Fault("future date", "出生日期", "20991231", "born_on"),
        Fault("unparsable date", "开户日期", "2019年", "first_seen_on"),
        Fault("unknown code", "性别", "待核实", "gender"),
        Fault("missing key", "客户号", None, "customer_key"),
        *RAGGED,
    ),
)
CONTRACTS = Feed(
    "bank_contracts",
    "contracts",
    "bank",
    "保单号",
    Separated(encoding="gb18030", line_end="\r\n"),
    (
        Fault("negative amount", "保费", "-5000.00", "premium_amount"),
        Fault("unparsable number", "保费", "伍万元整", "premium_amount"),
        Fault("missing value", "起保日期", "无", "started_on"),
        Fault("unknown code", "状态", "其他", "status"),
        *RAGGED,
    ),
)
FEEDS = (CUSTOMERS, CONTRACTS)


def customer_rows(people: People, records: Records, first_contract: Ints, draws: Draws) -> Rows:
    """Customers as the bank exports them; what it does not know is 无."""
    who, keys = records.who, records.keys
    opened = people.as_of - (np.minimum(4_000, people.age[who] * 300) * draws.uniform("opened", keys)).astype(np.int64)
    opened = np.minimum(opened, first_contract[who])
    columns = {
        "客户号": records.key,
        "户名": records.name,
        "性别": blank(flags(people.female[who], "男", "女"), draws.chance("no gender", keys, 0.02), "无"),
        "出生日期": records.birthdays("compact"),
        "证件类型": flags(people.english[who], "身份证", "护照"),
        "证件号码": records.id_number,
        "手机号": records.phone,
        "电子邮箱": blank(records.email, records.email.is_null().to_numpy(zero_copy_only=False), "无"),
        "联系地址": records.address,
        "年收入": blank(number(people.income[who]), draws.chance("no income", keys, 0.5), "无"),
        "开户网点": join("网点", number(100 + people.sub_branch[who])),
        "理财等级": pick(("稳健", "平衡", "进取"), draws.below("risk class", keys, 3)),
        "开户日期": days(opened, "compact"),
    }
    return Rows(keys, columns)


def bank_contracts(people: People, attitudes: Attitudes, draws: Draws) -> Contracts:
    """Contracts sold at the bank's counters."""
    return draw_contracts(people, people.members["bank"], BANK_PRODUCTS, CHANCES, BANK, attitudes, draws)


def contract_rows(people: People, records: Records, contracts: Contracts) -> Rows:
    """Contracts as the bank exports them."""
    text = contract_columns(people, contracts, "BA", "slashes")
    open_ended = contracts.ends == 0
    columns = {
        "保单号": text["contract"],
        "客户号": records.key_of_fact(contracts.who, contracts.keys),
        "产品代码": text["product"],
        "产品名称": text["product name"],
        "险种": pick([product.line for product in BANK_PRODUCTS], contracts.product),
        "起保日期": text["started"],
        "满期日期": blank(text["ends"], open_ended, "无"),
        "终止日期": text["terminated"],
        "状态": pick(("有效", "失效", "退保", "满期", "犹豫期撤单", "中止"), contracts.status),
        "保费": text["premium"],
        "缴费方式": pick(("趸缴", "月缴", "季缴", "年缴"), contracts.period),
        "保额": text["cover"],
        "自动转账": flags(contracts.autopay, "否", "是"),
        "币种": constant("人民币", len(contracts)),
    }
    return Rows(contracts.keys, columns)
