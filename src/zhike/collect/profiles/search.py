"""Finding customers by whatever names them, through the index of search terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.collect.profiles.tables import CUSTOMERS, SEARCH_TERMS
from zhike.collect.profiles.terms import digits_of, normalised
from zhike.errors import UserError
from zhike.govern.access.masking import masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.ui.typed import whole_number
from zhike.warehouse.mapped import MappedColumns, mapped_columns
from zhike.warehouse.queries import Published, published
from zhike.warehouse.terms import LAST, rows_between

SHOWN = ("customer_id", "kind", "name", "phone", "email", "city", "source", "customer_key")
EXACT, PREFIX, PART = "exact", "prefix", "part"
# Columns in which a part is looked for, by what the text is.
IN_NUMBERS, IN_LETTERS, IN_NAMES = ("phone", "phone_2", "id_number", "email"), ("name", "email", "id_number"), ("name",)
# Whoever is named by all of one of these is the one who was meant.
UNMISTAKABLE = {"phone", "email", "id_number", "contract", "customer_key"}
KINDS = frozenset(SEARCH_TERMS["kind"].one_of)
NAMES, PHONES, OTHER_KINDS = frozenset({"name"}), frozenset({"phone"}), KINDS - {"phone"}
MOST_GROUPS = 3


@dataclass(frozen=True)
class Found:
    """A customer, and by what they were found: what matched, and whether all of it, its beginning or a part."""

    customer: dict[str, object]
    matched: str
    how: str


@dataclass(frozen=True, order=True)
class _Hit:
    rank: int
    term: str
    customer_id: int
    kind: str


def search_customers(text: str, *, limit: int = 20) -> tuple[Found, ...]:
    """Customers whose name, phone, e-mail, ID or contract number, key or customer_id is, begins with or has the text.

    In this order. Parts are looked for only where too few were found before. Who may not see personal data finds
    people by their name or by a whole number only, since they could guess the rest from what is found.
    Raises UserError for less than two Latin letters; one Chinese character will do.
    """
    require(Right.SEE_CUSTOMERS)
    wanted = text.strip()
    if not wanted or (len(wanted) < 2 and wanted.isascii() and not wanted.isdigit()):
        raise UserError(_("give at least two letters to look for"))
    now = published()
    hits: dict[int, tuple[str, str]] = {}
    for how, found in _attempts(now, wanted, limit):
        for hit in found:
            hits.setdefault(hit.customer_id, (hit.kind, how))
        is_named = any(kind in UNMISTAKABLE and by == EXACT for kind, by in hits.values())
        if len(hits) >= limit or (how == PREFIX and is_named):
            break
    columns = customer_columns(now)
    known = {customer_id: columns.place_of(customer_id) for customer_id in list(hits)[:limit]}
    shown = {customer_id: place for customer_id, place in known.items() if place is not None}
    rows = columns.rows(shown.values(), SHOWN)
    return tuple(
        Found(masked(CUSTOMERS, row), *hits[customer_id]) for customer_id, row in zip(shown, rows, strict=True)
    )


def customer_columns(now: Published) -> MappedColumns:
    """All golden records, mapped into memory."""
    return mapped_columns(CUSTOMERS, now.snapshots.get(CUSTOMERS.table))


def _attempts(now: Published, wanted: str, limit: int) -> Iterator[tuple[str, Iterable[_Hit]]]:
    """What each way of looking finds, the cheapest first; a way is only gone when asked for."""
    plain, digits = normalised(wanted), digits_of(wanted) if _is_number(wanted) else ""
    # One look for both spellings where they are the same, as they mostly are.
    terms = {plain: KINDS, digits: KINDS} if plain == digits else {plain: OTHER_KINDS, digits: PHONES}
    terms.pop("", None)
    exact = [hit for term, kinds in terms.items() for hit in _indexed(now, term, term, kinds, limit)]
    yield EXACT, sorted([*_by_id(now, plain), *exact], key=lambda hit: (hit.rank, hit.customer_id))
    sees_all = may(Right.SEE_PERSONAL_DATA)
    beginning = [
        hit
        for term, kinds in terms.items()
        for hit in _indexed(now, term, term + LAST, kinds if sees_all else kinds & NAMES, limit)
    ]
    yield PREFIX, sorted(beginning)
    yield PART, _scanned(customer_columns(now), wanted, _scanned_columns(wanted) if sees_all else IN_NAMES, limit)


def _is_number(text: str) -> bool:
    return all(letter.isdigit() or letter in "+-–()./ \u3000" for letter in text) and any(map(str.isdigit, text))


def _by_id(now: Published, plain: str) -> list[_Hit]:
    number = whole_number(plain)
    return [_Hit(0, plain, number, "customer_id")] if number is not None and number < now.next_customer_id else []


def _indexed(now: Published, first: str, last: str, kinds: frozenset[str], limit: int) -> list[_Hit]:
    """The first entries of the index from one term to another, of the kinds asked for.

    Of a range that holds many only its beginning is read: who typed so little will type more.
    """
    hits: list[_Hit] = []
    files = now.files(SEARCH_TERMS) if kinds else ()
    for found in rows_between(SEARCH_TERMS, files, first, last, most_groups=MOST_GROUPS):
        within = found if kinds == KINDS else found.filter(pc.is_in(found["kind"], value_set=pa.array(sorted(kinds))))
        hits += [_Hit(1, row["term"], row["customer_id"], row["kind"]) for row in within.slice(0, limit).to_pylist()]
        if len(hits) >= limit:
            break
    return hits


def _scanned_columns(text: str) -> tuple[str, ...]:
    return IN_NUMBERS if _is_number(text) else IN_LETTERS if text.isascii() else IN_NAMES


@lru_cache(maxsize=64)
def _scanned(columns: MappedColumns, part: str, names: tuple[str, ...], limit: int) -> tuple[_Hit, ...]:
    """The first customers who have the text somewhere in one of the columns, which are read until so many are found."""
    has_case = part.lower() != part.upper()
    hits: list[_Hit] = []
    for batch in columns.batches:
        for name in names:
            matched = pc.match_substring(batch.column(name), part, ignore_case=has_case)
            ids = batch.column("customer_id").filter(pc.fill_null(matched, False)).slice(0, limit)
            hits += [
                _Hit(1, "", customer_id, "phone" if name == "phone_2" else name) for customer_id in ids.to_pylist()
            ]
        if len(hits) >= limit:
            break
    return tuple(sorted(hits))
