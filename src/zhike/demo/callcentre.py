"""The call centre: calls and chats about contracts, with notes, under core's customer numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhike.demo.dirt import Fault
from zhike.demo.draws import Draws, Ints, scrambled
from zhike.demo.feeds import Feed, Sheet
from zhike.demo.files import Rows
from zhike.demo.people import People
from zhike.demo.policies import Contracts
from zhike.demo.records import Records
from zhike.demo.structure import call_centre_ids
from zhike.demo.text import blank, days, flags, join, number, pick, two_digits

INTERACTIONS = Feed(
    "callcentre_interactions",
    "interactions",
    "callcentre",
    "工单号",
    Sheet("通话记录", dates=("时间",)),
    (
        Fault("future date", "时间", "2099-12-31 09:00", "occurred_at"),
        Fault("unparsable date", "时间", "昨天下午", "occurred_at"),
        Fault("unknown code", "呼叫方向", "转接", "direction"),
        Fault("negative duration", "时长", "-5", "duration_seconds"),
        Fault("missing value", "客户号", None, "customer_key"),
        Fault("missing key", "工单号", None, "interaction_id"),
    ),
)
FEEDS = (INTERACTIONS,)
TOPICS = (
    "理赔 claim",
    "续期缴费 renewal",
    "资料变更 change of data",
    "产品咨询 products",
    "投诉 complaint",
    "满意度回访 survey call",
)
TOPIC_WEIGHTS = (3, 4, 3, 2, 0.7, 2)
OUTCOMES = ("已解决", "转办", "待回电", "未接通")
NOTES = (
    ("客户询问理赔进度，已告知预计时间。", "Asked how far the claim is; told when to expect the payment."),
    ("续期扣款失败，请客户补足余额。", "Renewal payment failed; asked to top up the account."),
    ("更新手机号码和通讯地址。", "New mobile number and address."),
    ("对教育金产品感兴趣，请代理人联系。", "Interested in education savings; agent to call."),
    ("投诉等候时间过长，情绪激动，已致歉。", "Complained of a long wait, upset; apologised."),
    ("客户表示满意，希望增加线上服务。", "Satisfied; wishes for more online services."),
)
EXCEL_EPOCH_DAYS = 25_569  # 1970-01-01 as a day number of Excel
PER_CONTRACT = 0.16


def interaction_rows(
    people: People, records: Records, contracts: Contracts, draws: Draws, *, as_workbook: bool
) -> Rows:
    """Interactions; instants are day numbers of Excel in workbooks and text in CSV."""
    rows = np.flatnonzero(draws.chance("calls", contracts.keys, PER_CONTRACT))
    who = contracts.who[rows]
    keys = contracts.keys[rows]
    first = np.maximum(contracts.started[rows], people.as_of - 1_000)
    day = first + ((people.as_of + 1 - first) * draws.uniform("day", keys)).astype(np.int64)
    minute = 480 + draws.below("minute", keys, 720)
    topic = draws.weighted("topic", keys, TOPIC_WEIGHTS)
    duration = (30 + 240 * draws.exponential("duration", keys)).astype(np.int64)
    notes = [chinese for chinese, _ in NOTES] + [english for _, english in NOTES]
    columns = {
        "工单号": join("W", number(scrambled(people.ids[who], 9, "call")), "-", number(keys % 65_536)),
        "客户号": records.key_of_fact(who, keys),
        "时间": _times(day, minute, as_workbook),
        "渠道": flags(draws.chance("chat", keys, 0.25), "电话", "在线"),
        "呼叫方向": flags((topic == 5) | (topic == 1), "呼入", "呼出"),
        "主题": pick(TOPICS, topic),
        "结果": pick(OUTCOMES, draws.weighted("outcome", keys, (7, 2, 1, 1))),
        "时长": number(duration),
        "坐席": call_centre_ids(draws.below("staff", keys, people.structure.call_centre_staff)),
        "备注": blank(pick(notes, topic + len(NOTES) * people.english[who]), draws.chance("no note", keys, 0.3)),
    }
    return Rows(keys, columns)


def _times(day: Ints, minute: Ints, as_workbook: bool) -> pa.Array:
    if as_workbook:
        serial = day + EXCEL_EPOCH_DAYS + (minute * 60 + 1) / 86_400
        return pa.compute.cast(pa.array(serial), pa.string())
    return join(days(day), " ", two_digits(minute // 60), ":", two_digits(minute % 60))
