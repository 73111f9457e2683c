"""What happened between a customer and us, newest first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.utils.translation import gettext as _

from zhike.collect.profiles.tables import (
    CUSTOMER_CONTRACTS,
    CUSTOMER_EVENTS,
    CUSTOMER_INTERACTIONS,
    CUSTOMER_MESSAGES,
    CUSTOMER_ORDERS,
    CUSTOMER_RESPONSES,
)
from zhike.errors import UserError
from zhike.govern.access.masking import masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse.contracts import Contract
from zhike.warehouse.lookup import arrow_rows_of
from zhike.warehouse.queries import published

Key = tuple[
    datetime, str, str
]  # instant, kind, and a digest of source and id: a page's address holds no contract number
WHERE_FROM = ("source", "import_id", "row_number")


EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `title` says what in few parts, `properties` has the rest."""

    kind: str
    at: datetime
    is_day: bool  # no more than the day is known
    id: str
    source: str
    title: Mapping[str, object]
    amount: Decimal | None
    properties: Mapping[str, object]
    import_id: int | None
    row_number: int | None
    key: Key  # what entries are ordered by


@dataclass(frozen=True)
class TimelinePage:
    """Some entries, and where the earlier ones begin."""

    entries: tuple[Entry, ...]
    next: str | None  # to be given as `before`


@dataclass(frozen=True)
class _Facts:
    """How the rows of a table become entries: which columns hold what."""

    contract: Contract
    at: str
    id: str
    title: tuple[str, ...]
    properties: tuple[str, ...] = ()
    amount: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        named = ("customer_id", self.at, self.id, *self.title, *self.properties, self.amount, *WHERE_FROM)
        return tuple(name for name in named if name)


CONTRACT_TITLE = ("product_name", "line_of_business", "current_status")
FACTS = {
    "contract_started": _Facts(
        CUSTOMER_CONTRACTS,
        "started_on",
        "contract_id",
        CONTRACT_TITLE,
        ("premium_amount", "premium_period", "channel", "agent_id"),
        "annual_premium_amount",
    ),
    "contract_ended": _Facts(CUSTOMER_CONTRACTS, "terminated_on", "contract_id", CONTRACT_TITLE, ("ends_on",)),
    "event": _Facts(CUSTOMER_EVENTS, "occurred_at", "event_id", ("kind", "channel"), ("properties",)),
    "interaction": _Facts(
        CUSTOMER_INTERACTIONS,
        "occurred_at",
        "interaction_id",
        ("channel", "direction", "topic", "outcome"),
        ("duration_seconds", "agent_id", "note"),
    ),
    "message": _Facts(
        CUSTOMER_MESSAGES, "sent_at", "message_id", ("channel", "subject", "purpose", "campaign"), ("address",)
    ),
    "response": _Facts(
        CUSTOMER_RESPONSES, "occurred_at", "response_id", ("kind", "campaign", "reason"), ("message_id",), "amount"
    ),
}
ORDER_COLUMNS = (
    *("customer_id", "ordered_at", "order_id", "product_name", "amount", "channel", "agent_id"),
    *WHERE_FROM,
)
KINDS = ("order", *FACTS)
PRODUCTS_NAMED = 5


def timeline(
    customer_id: int, *, kinds: Collection[str] | None = None, before: str | None = None, limit: int = 50
) -> TimelinePage:
    """What happened to one customer, all kinds together, newest first; nothing for one whom nobody knows.

    Entries of one instant stand by kind and id. Raises UserError for a kind or page that there is not.
    """
    require(Right.SEE_CUSTOMERS)
    wanted = KINDS if kinds is None else tuple(kinds)
    for kind in wanted:
        if kind not in KINDS:
            raise UserError(
                _("the timeline has no “%(kind)s”") % {"kind": kind},
                advice=_("There are %(kinds)s.") % {"kinds": ", ".join(KINDS)},
            )
    cursor = _read_cursor(before) if before else None
    now = published()
    found: list[Entry] = []
    read: dict[str, pa.Table | None] = {}  # contracts begin and end, but are read once
    for kind in wanted:
        contract, columns = _read_from(kind)
        if contract.table not in read:
            read[contract.table] = arrow_rows_of(
                contract, now.files(contract, customer_id), customer_id, columns=columns
            )
        rows = read[contract.table]
        if rows is not None:
            entries = _orders if kind == "order" else _entries
            found += entries(kind, _with_all(rows, contract, columns), now.as_of, cursor, limit + 1)
    found.sort(key=lambda entry: entry.key, reverse=True)
    page = tuple(found[:limit])
    return TimelinePage(page, _write_cursor(page[-1]) if len(found) > limit else None)


def _read_from(kind: str) -> tuple[Contract, tuple[str, ...]]:
    """The table in which a kind is found, and the columns that all kinds of this table need."""
    if kind == "order":
        return CUSTOMER_ORDERS, ORDER_COLUMNS
    contract = FACTS[kind].contract
    same = (facts for facts in FACTS.values() if facts.contract is contract)
    return contract, tuple(dict.fromkeys(name for facts in same for name in facts.columns))


def _entries(kind: str, rows: pa.Table, as_of: date, cursor: Key | None, limit: int) -> list[Entry]:
    facts = FACTS[kind]
    if kind == "contract_ended":
        rows = rows.set_column(
            rows.column_names.index(facts.at), facts.at, pc.coalesce(rows[facts.at], rows["ends_on"])
        )
    is_day = pa.types.is_date32(rows[facts.at].type)
    if is_day:  # what lies ahead has not happened
        rows = rows.filter(pc.less_equal(rows[facts.at], pa.scalar(as_of)))
    return _newest((_entry(facts, kind, row) for row in _candidates(rows, facts.at, cursor, limit)), cursor, limit)


def _candidates(rows: pa.Table, at: str, cursor: Key | None, limit: int) -> list[dict[str, object]]:
    """The newest rows not after the cursor, and all that share the instant of the last of them."""
    rows = rows.filter(pc.is_valid(rows[at]))
    if cursor is not None:
        latest = _day_of(cursor[0]) if pa.types.is_date32(rows[at].type) else cursor[0].replace(tzinfo=None)
        rows = rows.filter(pc.less_equal(rows[at], pa.scalar(latest, rows[at].type)))
    # Of the cursor's own instant there may be many that were shown already.
    if rows.num_rows > 2 * limit:
        newest = rows.take(pc.sort_indices(rows, sort_keys=[(at, "descending")]))
        shown = 0 if cursor is None else pc.sum(pc.equal(newest[at], newest[at][0])).as_py() or 0
        last = newest[at][min(limit + shown, newest.num_rows) - 1]
        rows = newest.filter(pc.greater_equal(newest[at], last))
    listed: list[dict[str, object]] = rows.to_pylist()
    return listed


def _newest(entries: Iterator[Entry], cursor: Key | None, limit: int) -> list[Entry]:
    earlier = [entry for entry in entries if cursor is None or entry.key < cursor]
    return sorted(earlier, key=lambda entry: entry.key, reverse=True)[:limit]


def _entry(facts: _Facts, kind: str, row: dict[str, object]) -> Entry:
    shown = masked(facts.contract, row)
    at, is_day = _instant(row[facts.at])
    return Entry(
        kind=kind,
        at=at,
        is_day=is_day,
        id=str(shown[facts.id]),
        source=str(row["source"]),
        title=_filled(shown, facts.title),
        amount=row[facts.amount] if facts.amount else None,  # type: ignore[arg-type]
        properties=_filled(shown, facts.properties),
        import_id=row["import_id"],  # type: ignore[arg-type]
        row_number=row["row_number"],  # type: ignore[arg-type]
        key=(at, kind, _digest(row["source"], row[facts.id])),
    )


def _orders(kind: str, lines: pa.Table, _as_of: date, cursor: Key | None, limit: int) -> list[Entry]:
    """Orders with all of their lines added up."""
    orders = lines.group_by(["source", "order_id"]).aggregate(
        [
            ("ordered_at", "min"),
            ("amount", "sum"),
            ("order_id", "count"),
            ("product_name", "distinct"),
            ("channel", "max"),
            ("agent_id", "max"),
            ("import_id", "min"),
            ("row_number", "min"),
        ]
    )
    found_orders = _candidates(orders, "ordered_at_min", cursor, limit)
    return _newest((_order(kind, row) for row in found_orders), cursor, limit)


def _order(kind: str, row: dict[str, object]) -> Entry:
    at, is_day = _instant(row["ordered_at_min"])
    products = [name for name in row["product_name_distinct"] if name]  # type: ignore[attr-defined]
    title = {
        "products": tuple(products[:PRODUCTS_NAMED]),
        "line_count": row["order_id_count"],
        "channel": row["channel_max"],
    }
    return Entry(
        kind=kind,
        at=at,
        is_day=is_day,
        id=str(row["order_id"]),
        source=str(row["source"]),
        title=_filled(title, tuple(title)),
        amount=row["amount_sum"],  # type: ignore[arg-type]
        properties={"agent_id": row["agent_id_max"]} if row["agent_id_max"] else {},
        import_id=row["import_id_min"],  # type: ignore[arg-type]
        row_number=row["row_number_min"],  # type: ignore[arg-type]
        key=(at, kind, _digest(row["source"], row["order_id"])),
    )


def _with_all(rows: pa.Table, contract: Contract, columns: Sequence[str]) -> pa.Table:
    """The rows with every column asked for; those that no file has a value in are empty."""
    for name in columns:
        if name not in rows.column_names:
            is_day = contract[name].kind == "date"
            rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.date32() if is_day else pa.string()))
    return rows


def _filled(row: Mapping[str, object], names: Sequence[str]) -> dict[str, object]:
    return {name: row[name] for name in names if row.get(name) not in (None, "", ())}


def _instant(value: object) -> tuple[datetime, bool]:
    """The instant in UTC, and whether only a day is known: that is where the day begins here."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC), False
    assert isinstance(value, date)
    return datetime.combine(value, time(), ZoneInfo(settings.ZHIKE.time_zone)).astimezone(UTC), True


def _day_of(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.ZHIKE.time_zone)).date()


def _digest(*parts: object) -> str:
    return hashlib.blake2b(json.dumps([str(part) for part in parts]).encode(), digest_size=8).hexdigest()


def _write_cursor(entry: Entry) -> str:
    at, kind, digest = entry.key
    return f"{int((at - EPOCH) // MICROSECOND)}~{kind}~{digest}"


def _read_cursor(text: str) -> Key:
    try:
        microseconds, kind, digest = text.split("~")
        instant = EPOCH + int(microseconds) * MICROSECOND
    except (ValueError, OverflowError) as error:
        raise UserError(_("this page of the timeline is not known"), advice=_("Go to its beginning.")) from error
    return (instant, kind, digest)
