"""What the first page says of customers."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.templatetags.formats import compact, day, round_money
from zhike.ui.today import Figure, Part
from zhike.understand.customers.queries import list_customers
from zhike.warehouse.queries import NothingPublished


def today() -> Part | None:
    """How many there are in the chosen org unit, and what they amount to; nothing before the first refresh."""
    if not may(Right.SEE_CUSTOMERS):
        return None
    try:
        found = list_customers(unit=current_actor().unit or None, limit=1)
    except NothingPublished:
        return None
    url = reverse("customers")
    totals = found.totals
    as_of = _("as of %(day)s") % {"day": day(found.as_of)}
    return Part(
        title=_("Customers"),
        figures=(
            Figure(_("Customers"), compact(found.total), url, as_of),
            Figure(_("Revenue"), round_money(totals["revenue_amount"]), f"{url}?sort=-revenue_amount"),
            Figure(_("Orders"), compact(totals["order_count"]), f"{url}?sort=-order_count"),
            Figure(
                _("Contracts in force"), compact(totals["active_contract_count"]), f"{url}?sort=-active_contract_count"
            ),
            Figure(
                _("Premium a year"), round_money(totals["annual_premium_amount"]), f"{url}?sort=-annual_premium_amount"
            ),
        ),
        url=url,
    )
