"""The call centre: calls and chats about contracts, with notes, under core's customer numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhike.demo.attitudes import COMPLAINTS_KEPT_DAYS
from zhike.demo.dirt import Fault
from zhike.demo.draws import Draws, Ints, scrambled
from zhike.demo.feeds import Feed, Sheet
from zhike.demo.files import Rows, merged
from zhike.demo.people import People
from zhike.demo.policies import GRACE_DAYS, LAPSED, SURRENDERED, Contracts
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
    "退保咨询 surrender",
)
RENEWAL, COMPLAINT, SURVEY, SURRENDER = 1, 4, 5, 6
TOPIC_WEIGHTS = (3, 4, 3, 2, 0.7, 2)  # of the calls that nothing below is the cause of
OUTCOMES = ("已解决", "转办", "待回电", "未接通")
NOTES = (
    ("客户询问理赔进度，已告知预计时间。", "Asked how far the claim is; told when to expect the payment."),
    ("续期扣款失败，请客户补足余额。", "Renewal payment failed; asked to top up the account."),
    ("更新手机号码和通讯地址。", "New mobile number and address."),
    ("对教育金产品感兴趣，请代理人联系。", "Interested in education savings; agent to call."),
    ("投诉等候时间过长，情绪激动，已致歉。", "Complained of a long wait, upset; apologised."),
    ("客户表示满意，希望增加线上服务。", "Satisfied; wishes for more online services."),
    ("咨询退保手续及现金价值，已说明损失。", "Asked how to surrender and what is paid out; told what would be lost."),
)
EXCEL_EPOCH_DAYS = 25_569  # 1970-01-01 as a day number of Excel
PER_CONTRACT = 0.16
BEFORE_THE_END = {LAPSED: (RENEWAL, 0.3), SURRENDERED: (SURRENDER, 0.45)}  # what is called about, and by how many
# A contract has one call of each kind at most; the places of its rows tell them apart.
USUAL, COMPLAINING, LEAVING = 0, 64, 128


def interaction_rows(
    people: People, records: Records, contracts: Contracts, draws: Draws, *, as_workbook: bool
) -> Rows:
    """Interactions; instants are day numbers of Excel in workbooks and text in CSV."""
    keys, kept_from = contracts.keys, people.as_of - COMPLAINTS_KEPT_DAYS
    first = np.maximum(contracts.started, kept_from)
    day = first + ((people.as_of + 1 - first) * draws.uniform("day", keys)).astype(np.int64)
    calls = [
        (USUAL, draws.chance("calls", keys, PER_CONTRACT), day, draws.weighted("topic", keys, TOPIC_WEIGHTS)),
        (COMPLAINING, contracts.complained > 0, contracts.complained, np.full(len(keys), COMPLAINT)),
    ]
    for status, (topic, share) in BEFORE_THE_END.items():
        # Who left after a complaint has said it all.
        silent = (contracts.status != status) | (contracts.complained > 0)
        day = contracts.terminated - 3 - draws.below("before the end", keys, GRACE_DAYS - 5)
        called = draws.chance("calls before the end", keys, share) & ~silent & (day >= kept_from)
        calls.append((LEAVING, called, day, np.full(len(keys), topic)))
    parts = []
    for place, called, days_called, topics in calls:
        rows = np.flatnonzero(called)
        on, about = days_called[rows], topics[rows]
        parts.append(_rows(people, records, contracts, rows, place, on, about, draws, as_workbook))
    return merged(*parts)


def _rows(
    people: People,
    records: Records,
    contracts: Contracts,
    rows: Ints,
    place: int,
    day: Ints,
    topic: Ints,
    draws: Draws,
    as_workbook: bool,
) -> Rows:
    """One kind of calls: about these contracts, on these days, each about one topic."""
    who, keys = contracts.who[rows], contracts.keys[rows] + place
    minute = 480 + draws.below("minute", keys, 720)
    duration = (30 + 240 * draws.exponential("duration", keys)).astype(np.int64)
    notes = [chinese for chinese, _ in NOTES] + [english for _, english in NOTES]
    columns = {
        "工单号": join("W", number(scrambled(people.ids[who], 9, "call")), "-", number(keys % 65_536)),
        "客户号": records.key_of_fact(who, keys),
        "时间": _times(day, minute, as_workbook),
        "渠道": flags(draws.chance("chat", keys, 0.25), "电话", "在线"),
        "呼叫方向": flags((topic == SURVEY) | (topic == RENEWAL), "呼入", "呼出"),
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
