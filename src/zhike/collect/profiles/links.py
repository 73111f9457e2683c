"""Where customers are listed, for the numbers that lead to them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse


def customers_url(rule: str, unit: str = "", *, sort: str = "") -> str:
    """The list of those for whom a rule holds, of an org unit and in an order where they are named.

    Empty where there is no rule.
    """
    if not rule:
        return ""
    asked = {"rule": rule, "unit_id": unit, "sort": sort}
    return f"{reverse('customers')}?{urlencode({name: value for name, value in asked.items() if value})}"
