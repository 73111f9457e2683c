"""What customers are called, on pages that know them by their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from zhike.collect.profiles.search import customer_columns
from zhike.collect.profiles.tables import CUSTOMERS
from zhike.govern.access.masking import masked
from zhike.warehouse.queries import published


def customer_name(customer_id: int) -> str:
    """What a customer is called, as whoever asks may see it; by their number where no name is known."""
    return customer_names([customer_id])[customer_id]


def customer_names(customer_ids: Iterable[int]) -> Mapping[int, str]:
    """What each of these customers is called, in their order."""
    wanted = list(customer_ids)
    columns = customer_columns(published()) if wanted else None
    places = [place for one in wanted if columns and (place := columns.place_of(one)) is not None]
    rows = columns.rows(places, ["customer_id", "name"]) if columns and places else []
    named = {row["customer_id"]: masked(CUSTOMERS, row)["name"] for row in rows}
    return {one: str(named.get(one) or _("Customer %(id)s") % {"id": one}) for one in wanted}
