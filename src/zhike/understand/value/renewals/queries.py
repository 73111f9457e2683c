"""Reads for commands: the contracts of the refresh in force, as a renewal model wants them."""

from __future__ import annotations

import numpy as np
from django.utils.translation import gettext as _

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.stats.lifetime.shifted_beta_geometric import Contracts
from zhike.understand.value.renewals.fitting import RenewalCounts
from zhike.understand.value.renewals.measures import renewal_counts, renewal_histories
from zhike.warehouse.engines.duckdb import embedded
from zhike.warehouse.queries import published


def contracts_of_line(line: str | None = None, months: int | None = None) -> Contracts:
    """The contracts of one line of business with periods of so many months: as they are, where there are no others.

    Raises UserError where several kinds are left, or none.
    """
    require(Right.SEE_CUSTOMERS)
    now = published()
    counted = renewal_counts(renewal_histories(now.table(CUSTOMER_CONTRACTS), until=now.as_of))
    keys = ["line_of_business", "period_months", "renewed_count", "has_ended", "is_in_force"]
    rows = embedded().arrow(counted.order_by(keys)).to_pylist()
    wanted = [row for row in rows if line in (None, row["line_of_business"]) and months in (None, row["period_months"])]
    kinds = dict.fromkeys((row["line_of_business"], row["period_months"]) for row in wanted)
    if len(kinds) != 1:
        there = dict.fromkeys((row["line_of_business"], row["period_months"]) for row in rows)
        shown = "; ".join(_("%(line)s, %(months)s months") % {"line": one, "months": length} for one, length in there)
        raise UserError(
            _("several kinds of contracts") if kinds else _("there are no such contracts"),
            where="--line",
            advice=_("Name one with --line and --period. There are: %(kinds)s.") % {"kinds": shown or "–"},
        )
    renewed, contracts, has_ended, is_in_force = (
        np.array([row[name] for row in wanted], dtype=np.float64)
        for name in ("renewed_count", "contracts", "has_ended", "is_in_force")
    )
    return RenewalCounts(renewed, contracts, has_ended, is_in_force).contracts_seen
