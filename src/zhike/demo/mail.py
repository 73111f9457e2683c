"""The mail system: messages of past campaigns (Parquet) and what came back (TSV), under core's keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from zhike.demo.campaigns import CAMPAIGNS, Outcome
from zhike.demo.catalogue import SERVICES
from zhike.demo.dirt import RAGGED, Fault
from zhike.demo.draws import Draws, Flags, Ints, row_keys, scrambled
from zhike.demo.feeds import FAR_FUTURE, Feed, Typed
from zhike.demo.files import Rows, Separated, merged
from zhike.demo.people import People
from zhike.demo.records import Records
from zhike.demo.text import blank, constant, instants, join, number, pick

LOCAL_OFFSET = 8 * 3600  # Asia/Shanghai
FUTURE = int(datetime(2099, 12, 31, tzinfo=UTC).timestamp() * 1_000_000)
MESSAGES = Feed(
    "mail_messages",
    "messages",
    "mail",
    "message_id",
    Typed(),
    (
        Fault("future date", "sent_at", FUTURE, "sent_at"),
        Fault("missing value", "recipient", None, "customer_key"),
        Fault("missing value", "channel", None, "channel"),
        Fault("missing key", "message_id", None, "message_id"),
    ),
)
RESPONSES = Feed(
    "mail_responses",
    "responses",
    "mail",
    "response_id",
    Separated(delimiter="\t"),
    (
        Fault("future date", "at", f"{FAR_FUTURE} 00:00:00", "occurred_at"),
        Fault("unparsable date", "at", "1700000000000 ms", "occurred_at"),
        Fault("unknown code", "kind", "pinged", "kind"),
        Fault("negative amount", "value", "-1.00", "amount"),
        Fault("missing value", "recipient", None, "customer_key"),
        *RAGGED,
    ),
)
FEEDS = (MESSAGES, RESPONSES)
DELIVERED, BOUNCED, OPENED, CLICKED, UNSUBSCRIBED, COMPLAINED, CONVERTED = range(7)
REASONS = {
    BOUNCED: ("mailbox full", "unknown address"),
    UNSUBSCRIBED: ("太频繁 too many messages", "不感兴趣 not of interest", "与我无关 not meant for me"),
    COMPLAINED: ("未经同意 never agreed", "太频繁 too many messages"),
}
SAYS_WHY = {BOUNCED: 1.0, UNSUBSCRIBED: 0.7, COMPLAINED: 0.9}  # the earlier ones of the reasons are the commoner
KINDS = ("delivered", "bounced", "opened", "clicked", "unsubscribed", "complained", "converted")
PLACES_PER_CAMPAIGN = 16


def message_keys(people: People, outcome: Outcome) -> Ints:
    """Row keys of the messages of a campaign to those who were approached."""
    return row_keys(people.ids[outcome.who[outcome.treated]], CAMPAIGNS.index(outcome.campaign) * PLACES_PER_CAMPAIGN)


def _ids(prefix: str, keys: Ints) -> pa.Array:
    return join(prefix, number(scrambled(keys >> 16, 9, prefix)), "-", number(keys % 65_536))


def _sent(outcome: Outcome, keys: Ints, draws: Draws) -> Ints:
    """Seconds of sending: a campaign goes out within four hours of the morning."""
    return outcome.launched * 86_400 + 32_400 + draws.below("sent", keys, 14_400)


def message_rows(people: People, records: Records, outcomes: Sequence[Outcome], draws: Draws) -> Rows:
    """One message per person approached."""
    return merged(*(_message_rows(people, records, outcome, draws) for outcome in outcomes))


def _message_rows(people: People, records: Records, outcome: Outcome, draws: Draws) -> Rows:
    campaign, keys = outcome.campaign, message_keys(people, outcome)
    who, count = outcome.who[outcome.treated], len(outcome.treated)
    sent = (_sent(outcome, keys, draws) - LOCAL_OFFSET) * 1_000_000
    first = pa.array(first_records(records, who))
    columns = {
        "message_id": _ids("M", keys),
        "recipient": records.key.take(first),
        "sent_at": pa.array(sent).cast(pa.timestamp("us", tz="UTC")),
        "channel": constant(campaign.channel, count),
        "purpose": constant("promotion", count),
        "campaign": constant(campaign.code, count),
        "subject": pick((campaign.subject, campaign.english_subject), people.english[who].astype(np.int64)),
        "address": (records.phone if campaign.channel == "sms" else records.email).take(first),
    }
    return Rows(keys, columns)


def first_records(records: Records, who: Ints) -> Ints:
    """Places of the first record of each person; campaigns approach everybody once, under its key."""
    return np.searchsorted(records.who, who)


def reachable(people: People, records: Records, channel: str) -> Flags:
    """True for people whose first record in the policy system has an address for this channel."""
    column = records.phone if channel == "sms" else records.email
    has_address = column.is_valid().to_numpy(zero_copy_only=False) & (records.copy == 0)
    return np.bincount(records.who[has_address], minlength=len(people)) > 0


def response_rows(people: People, records: Records, outcomes: Sequence[Outcome], draws: Draws) -> Rows:
    """What came back of each message: delivery or bounce, opening, click, conversion, …"""
    return merged(*(part for outcome in outcomes for part in _response_rows(people, records, outcome, draws)))


def _response_rows(people: People, records: Records, outcome: Outcome, draws: Draws) -> list[Rows]:
    keys = message_keys(people, outcome)
    converted = outcome.converted[outcome.treated]
    warm = np.clip(0.2 + 2 * (outcome.if_treated - outcome.if_held_out), 0.05, 1)[outcome.treated]
    bounced = ~converted & draws.chance("bounced", keys, 0.03)
    opened = ~bounced & (converted | draws.chance("opened", keys, warm)) & (outcome.campaign.channel == "email")
    clicked = ~bounced & (converted | draws.chance("clicked", keys, warm * 0.25))
    came = {
        DELIVERED: ~bounced,
        BOUNCED: bounced,
        OPENED: opened,
        CLICKED: clicked,
        UNSUBSCRIBED: ~bounced & ~converted & draws.chance("unsubscribed", keys, 0.004),
        COMPLAINED: ~bounced & ~converted & draws.chance("complained", keys, 0.0006),
        CONVERTED: converted,
    }
    return [_kind_rows(people, records, outcome, kind, np.flatnonzero(hit), draws) for kind, hit in came.items()]


def _kind_rows(people: People, records: Records, outcome: Outcome, kind: int, hit: Ints, draws: Draws) -> Rows:
    messages = message_keys(people, outcome)[hit]
    places = outcome.treated[hit]
    keys = messages + 1 + kind
    delay = (60, 30, 14_400, 15_000, 20_000, 21_000, 0)[kind]
    at = _sent(outcome, messages, draws) + delay // 2 + draws.below(f"delay {kind}", messages, delay + 1)
    is_conversion = kind == CONVERTED
    at = outcome.converted_at[places] if is_conversion else at
    price = np.full(len(hit), SERVICES[outcome.campaign.service].price)
    columns = {
        "response_id": _ids("R", keys),
        "message_id": _ids("M", messages),
        "recipient": records.key.take(pa.array(first_records(records, outcome.who[places]))),
        "campaign": constant(outcome.campaign.code, len(hit)),
        "kind": constant(KINDS[kind], len(hit)),
        "value": blank(join(number(price), ".00"), np.full(len(hit), not is_conversion)),
        "reason": _reasons(kind, keys, draws),
        "at": instants(at),
    }
    return Rows(keys, columns)


def _reasons(kind: int, keys: Ints, draws: Draws) -> pa.Array:
    """Why a message came back, or was not wanted."""
    reasons = REASONS.get(kind, ("",))
    if kind == BOUNCED:
        return pick(reasons, draws.below("why", keys, 2))
    why = draws.weighted("why", keys, 1.0 / np.arange(1, len(reasons) + 1))
    return blank(pick(reasons, why), ~draws.chance("says why", keys, SAYS_WHY.get(kind, 0.0)))
