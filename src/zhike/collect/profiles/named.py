"""What customers are called, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.collect.identity.redirects import redirects
from zhike.collect.profiles.search import customer_columns
from zhike.collect.profiles.tables import CUSTOMERS
from zhike.errors import NotFound
from zhike.govern.access.masking import masked
from zhike.warehouse.queries import Published


class NoSuchCustomer(NotFound):
    """There is no customer with this number."""


@dataclass(frozen=True)
class Named:
    """A customer as whoever acts may name them."""

    name: str
    kind: str  # person or organisation


def current_customer(now: Published, customer_id: int) -> int:
    """The customer whom a number leads to, which may be one that was merged. Raises NoSuchCustomer."""
    current = redirects(now).leads_to(customer_id) if customer_id >= 0 else None
    if current is None or customer_columns(now).place_of(current) is None:
        raise NoSuchCustomer(
            _("there is no customer %(customer_id)s") % {"customer_id": customer_id},
            advice=_("`zhike customers find TEXT` looks one up."),
        )
    return current


def names_of(now: Published, customer_ids: Iterable[int]) -> Mapping[int, Named]:
    """Customer → name and kind; a number in place of a name that nobody knows. Who is no customer is left out."""
    columns = customer_columns(now)
    places = {one: place for one in dict.fromkeys(customer_ids) if (place := columns.place_of(one)) is not None}
    rows = columns.rows(places.values(), ["customer_id", "name", "kind"])
    return {one: _named(one, masked(CUSTOMERS, row)) for one, row in zip(places, rows, strict=True)}


def _named(customer_id: int, row: Mapping[str, object]) -> Named:
    return Named(str(row["name"] or _("Customer %(id)s") % {"id": customer_id}), str(row["kind"]))
