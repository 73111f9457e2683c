"""A mapping proposed from the names of a file's columns and its first rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

import yaml
from django.utils.translation import gettext as _

from zhike.collect.sources.mapping import Mapping, MappingError, mappable, mapping_from_data
from zhike.collect.sources.readers import Batch, Reader
from zhike.errors import UserError
from zhike.warehouse.contracts import Contract, Kind
from zhike.warehouse.entities import ENTITIES

SAMPLE_ROWS = 1000

# What sources call things, in English and Chinese, folded as `_folded` does. The first found wins.
CUSTOMER_NAMES = (
    "customer",
    "customerid",
    "customerno",
    "customernumber",
    "custid",
    "custno",
    "clientid",
    "client",
    "memberid",
    "userid",
    "partyid",
    "personid",
    "accountid",
    "cid",
    "客户号",
    "客户编号",
    "客户代码",
    "会员号",
    "用户编号",
)
SYNONYMS: dict[str, tuple[str, ...]] = {
    "customer_key": CUSTOMER_NAMES,
    "order_id": (
        "order",
        "orderno",
        "ordernumber",
        "invoice",
        "invoiceno",
        "invoiceid",
        "receipt",
        "transactionid",
        "订单号",
        "订单编号",
        "单号",
    ),
    "line_id": ("line", "lineno", "linenumber", "orderline", "itemno", "position", "行号"),
    "ordered_at": (
        "orderdate",
        "orderedon",
        "date",
        "datetime",
        "time",
        "timestamp",
        "invoicedate",
        "purchasedate",
        "transactiondate",
        "createdat",
        "下单时间",
        "订单日期",
        "日期",
        "时间",
    ),
    "product_id": (
        "product",
        "productcode",
        "productno",
        "sku",
        "stockcode",
        "article",
        "articleno",
        "item",
        "itemid",
        "产品代码",
        "商品编号",
        "险种代码",
    ),
    "product_name": ("description", "productdescription", "itemname", "产品名称", "商品名称", "险种名称"),
    "category": ("productcategory", "类别", "品类"),
    "quantity": ("qty", "pieces", "units", "count", "数量"),
    "unit_price": ("price", "unitcost", "itemprice", "单价", "价格"),
    "amount": (
        "total",
        "totalamount",
        "sales",
        "revenue",
        "value",
        "dollarvalue",
        "lineamount",
        "paid",
        "金额",
        "总额",
    ),
    "currency": ("ccy", "币种"),
    "contract_id": (
        "contract",
        "contractno",
        "policy",
        "policyid",
        "policyno",
        "policynumber",
        "subscriptionid",
        "保单号",
        "合同号",
    ),
    "started_on": (
        "startdate",
        "start",
        "effectivedate",
        "inceptiondate",
        "issuedate",
        "begin",
        "生效日期",
        "起保日期",
    ),
    "ends_on": ("enddate", "end", "expirydate", "maturitydate", "满期日期", "终止日期"),
    "terminated_on": ("terminationdate", "cancelledon", "surrenderdate", "退保日期"),
    "premium_amount": ("premium", "fee", "monthlycharges", "monthlyfee", "保费"),
    "premium_period": ("paymentfrequency", "frequency", "缴费方式", "缴费频率"),
    "sum_insured_amount": ("suminsured", "coverage", "保额"),
    "status": ("state", "policystatus", "状态", "保单状态"),
    "related_key": ("relatedcustomer", "relatedid", "organisationid", "companyid", "关联客户号", "关联客户"),
    "department": ("dept", "部门"),
    "layer": ("level", "层级", "决策层级"),
    "function": ("职能",),
    "since_on": ("since", "from", "开始日期"),
    "until_on": ("until", "to", "结束日期"),
    "role": ("partyrole", "角色"),
    "event_id": ("event", "eventno", "id", "事件编号"),
    "interaction_id": ("interaction", "callid", "id", "contactid", "工单号"),
    "message_id": ("message", "id", "消息编号"),
    "response_id": ("response", "id"),
    "kind": ("type", "eventtype", "eventname", "action", "relation", "relationship", "类型", "事件", "关系"),
    "occurred_at": ("time", "timestamp", "date", "datetime", "eventtime", "createdat", "时间", "发生时间"),
    "sent_at": ("senton", "time", "timestamp", "date", "发送时间"),
    "name": ("fullname", "customername", "clientname", "unitname", "姓名", "名称", "客户姓名", "机构名称"),
    "family_name": ("lastname", "surname", "姓"),
    "given_name": ("firstname", "forename", "名"),
    "gender": ("sex", "性别"),
    "born_on": ("birthdate", "birthday", "dateofbirth", "dob", "出生日期", "生日"),
    "id_number": ("idno", "idcard", "nationalid", "身份证", "身份证号", "证件号码"),
    "id_type": ("证件类型",),
    "phone": ("mobile", "mobilephone", "telephone", "tel", "cell", "phone1", "手机", "手机号", "电话", "联系电话"),
    "phone_2": ("phone2", "homephone", "workphone"),
    "email": ("mail", "emailaddress", "邮箱", "电子邮件"),
    "address": ("street", "streetaddress", "地址", "联系地址"),
    "province": ("state", "region", "省份", "省"),
    "city": ("town", "suburb", "城市", "市"),
    "postal_code": ("zip", "zipcode", "postcode", "邮编"),
    "country": ("国家",),
    "occupation": ("job", "profession", "职业"),
    "employer": ("company", "organisation", "organization", "公司", "单位"),
    "job_title": ("title", "position", "职位", "职务"),
    "unit_id": ("unit", "branch", "branchid", "orgunit", "机构", "机构代码", "机构编号"),
    "agent_id": ("agent", "agentcode", "salesperson", "业务员", "代理人", "代理人编号"),
    "staff_id": ("staff", "employee", "employeeid", "employeeno", "agentid", "id", "工号"),
    "parent_id": ("parent", "parentunit", "上级机构"),
    "lead_id": ("lead", "id", "线索编号"),
    "source_class": ("leadsource", "sourcetype", "线索来源"),
    "channel": ("saleschannel", "渠道"),
    "line_of_business": ("lob", "business", "业务线", "险类"),
}
# Formats in which day and month, or the century, cannot be told from one value.
DATE_FORMATS = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y")
TIMES = ("", " %H:%M", " %H:%M:%S")


class MappingIncomplete(UserError):
    """A proposed mapping lacks columns that are required; `proposal` says what was found."""

    def __init__(self, message: str, *, where: str, advice: str, proposal: str) -> None:
        super().__init__(message, where=where, advice=advice)
        self.proposal = proposal


def propose_mapping(entity: str, reader: Reader, *, where: str) -> Mapping:
    """The mapping that fits the columns of a file best.

    Raises MappingIncomplete, with what was found as YAML, where a required column has no match.
    """
    contract = ENTITIES[entity]
    sample = _sample(reader)
    chosen = match_columns(contract, reader.columns)
    columns: dict[str, object] = {}
    for target, name in chosen.items():
        columns[target] = _with_format(contract, target, name, sample)
    _complete(contract, columns, chosen, sample)
    data: dict[str, object] = {"entity": entity, "columns": columns}
    missing = [
        c.name
        for c in contract
        if c.required and c.name in mappable(contract) and c.default is None and c.name not in columns
    ]
    if missing:
        raise MappingIncomplete(
            _("no column of the file looks like %(missing)s") % {"missing": ", ".join(map(repr, missing))},
            where=where,
            advice=_("Complete the mapping and give it with --map. Columns of the file: %(columns)s.")
            % {"columns": ", ".join(reader.columns)},
            proposal=_draft(data, missing),
        )
    return mapping_from_data(data, where=f"mapping proposed for {where}")


def match_columns(contract: Contract, names: Sequence[str]) -> dict[str, str]:
    """Target column → column of the file: by its own name first, then by what sources usually call it."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_folded(name), name)
    targets = mappable(contract)
    chosen = {target: folded[_folded(target)] for target in targets if _folded(target) in folded}
    for target in targets:
        if target in chosen:
            continue
        free = (folded[s] for s in _known_names(contract, target) if s in folded and folded[s] not in chosen.values())
        if (found := next(free, None)) is not None:
            chosen[target] = found
    return {target: chosen[target] for target in targets if target in chosen}


def _known_names(contract: Contract, target: str) -> Iterable[str]:
    names = SYNONYMS.get(target, ())
    # The first key of an entity may simply be called `id` in its own file.
    return (*names, "id", "编号") if target == contract.key[1] else names


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _sample(reader: Reader) -> dict[str, list[str]]:
    first: Batch | None = next(reader.batches(), None)
    if first is None:
        return {name: [] for name in reader.columns}
    rows = first.rows.slice(0, SAMPLE_ROWS)
    return {name: [value or "" for value in rows[name].to_pylist()] for name in reader.columns}


def _with_format(contract: Contract, target: str, name: str, sample: dict[str, list[str]]) -> object:
    """A date column whose values are not ISO gets the one format that reads all of the sample."""
    if contract[target].kind not in (Kind.DATE, Kind.INSTANT):
        return name
    values = [value.strip() for value in sample[name] if value.strip()]
    formats = [day + time for day in DATE_FORMATS for time in TIMES]
    fitting = [f for f in formats if values and all(_reads(value, f) for value in values)]
    if not fitting:
        return name
    if len({f.split()[0] for f in fitting}) > 1:
        raise MappingError(
            _("the dates in column %(name)s can be read day first or month first") % {"name": repr(name)},
            where=target,
            advice=_('Give a mapping that says which, such as `%(target)s: {column: %(name)s, format: "%(fitting)s"}`.')
            % {"target": target, "name": name, "fitting": fitting[0]},
        )
    return {"column": name, "format": fitting[0]}


def _reads(value: str, date_format: str) -> bool:
    try:
        datetime.strptime(value, date_format)  # noqa: DTZ007 - only whether it can be read matters
    except ValueError:
        return False
    return True


def _complete(
    contract: Contract, columns: dict[str, object], chosen: dict[str, str], sample: dict[str, list[str]]
) -> None:
    """What can be told from other columns: line numbers, and amounts from quantity and price."""
    if contract.name != "orders" or "order_id" not in chosen:
        return
    if "amount" not in columns and {"quantity", "unit_price"} <= chosen.keys():
        columns["amount"] = {"multiply": [chosen["quantity"], chosen["unit_price"]]}
    orders = sample[chosen["order_id"]]
    if "line_id" not in columns and len(set(orders)) < len(orders):
        parts = [chosen[name] for name in ("order_id", "product_id") if name in chosen]
        columns["line_id"] = {"occurrence_of": parts}


def _draft(data: dict[str, object], missing: Sequence[str]) -> str:
    columns = {**cast("dict[str, object]", data["columns"]), **dict.fromkeys(missing, "???")}
    text: str = yaml.safe_dump({**data, "columns": columns}, allow_unicode=True, sort_keys=False)
    return text.replace("???", "???  # required: the name of a column, or one of the forms of a mapping")
