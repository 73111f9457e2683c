"""What one customer is to others: what the refresh in force knows, and what staff entered or took back since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from zhike.collect.identity.redirects import Redirects, redirects
from zhike.collect.profiles.models import Relation
from zhike.collect.profiles.named import Named, names_of
from zhike.collect.profiles.relations.tables import CUSTOMER_RELATIONS, INVERSE, SAID
from zhike.govern.access.masking import masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse.queries import Published, published

MOST_RELATIONS = 2_000
SAID_NAMES = tuple(column.name for column in SAID)
BETWEEN_FIRMS = ("supplier", "buyer", "branch", "parent_firm")
Row = dict[str, object]


@dataclass(frozen=True)
class RelationShown:
    """One relation of a customer: the other is the `kind` of the customer."""

    related_id: int
    name: str
    is_organisation: bool
    kind: str
    role: str
    department: str
    layer: str
    function: str
    since_on: date | None
    until_on: date | None
    origin: str  # import, staff, contract, employer, referral, home
    source: str
    contract_count: int
    relation_id: int | None  # of one that staff entered, which can be taken back


def relations_of(customer_id: int) -> tuple[RelationShown, ...]:
    """All relations of a customer, by kind and name. Raises Denied."""
    require(Right.SEE_CUSTOMERS)
    return related(published(), customer_id)


def related(now: Published, customer_id: int) -> tuple[RelationShown, ...]:
    """The same in a refresh, of whoever may see customers."""
    return shown(now, [*_in_force(now, customer_id), *_entered(customer_id, redirects(now))])


def firms_beyond(now: Published, customer_ids: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """The firms that some firms stand in a relation to: one, the other, and what the other is to the first."""
    for one in customer_ids:
        for row in _in_force(now, one):
            if row["kind"] in BETWEEN_FIRMS:
                yield one, int(str(row["related_id"])), str(row["kind"])


def shown(now: Published, rows: Iterable[Row]) -> tuple[RelationShown, ...]:
    """Rows of relations as whoever acts may see them; those to nobody are left out."""
    listed = list(rows)
    named = names_of(now, (_related_id(row) for row in listed))
    known = ((row, named.get(_related_id(row))) for row in listed)
    found = (_shown(masked(CUSTOMER_RELATIONS, row), other) for row, other in known if other)
    return tuple(sorted(found, key=lambda one: (one.kind, one.name, one.related_id, one.origin)))


def _related_id(row: Row) -> int:
    return int(str(row["related_id"]))


def _in_force(now: Published, customer_id: int) -> Iterator[Row]:
    """What the lake has, without what staff entered: that is read where they enter it."""
    rows = now.rows_of(CUSTOMER_RELATIONS, customer_id, limit=MOST_RELATIONS)
    return (row for row in rows if row["origin"] != "staff")


def _entered(customer_id: int, moved: Redirects) -> Iterator[Row]:
    ids, told = moved.ids_of(customer_id), []
    for one in Relation.objects.filter(Q(customer_id__in=ids) | Q(related_id__in=ids), removed_at=None):
        is_own = one.customer_id in ids
        other = moved.leads_to(one.related_id if is_own else one.customer_id)
        if other is not None and other != customer_id:
            said: Row = {name: getattr(one, name) for name in SAID_NAMES}
            kind = one.kind if is_own else INVERSE[one.kind]
            if (said, other, kind) in told:  # it was entered of several who have become one
                continue
            told.append((said, other, kind))
            yield said | {"related_id": other, "kind": kind, "origin": "staff", "relation_id": one.pk}


def _shown(row: Row, other: Named) -> RelationShown:
    said = {column: row.get(column) for column in SAID_NAMES}
    return RelationShown(
        related_id=_related_id(row),
        name=other.name,
        is_organisation=other.kind == "organisation",
        kind=str(row["kind"]),
        **{column: value if column.endswith("_on") else str(value or "") for column, value in said.items()},  # type: ignore[arg-type]
        origin=str(row["origin"]),
        source=str(row.get("source") or ""),
        contract_count=int(str(row.get("contract_count") or 0)),
        relation_id=row.get("relation_id"),  # type: ignore[arg-type]
    )
