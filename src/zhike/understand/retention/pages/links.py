"""Where numbers of who stays and who left lead: rules that say who was counted; empty where none can."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from zhike.collect.profiles.links import customers_url
from zhike.collect.profiles.measures import LEFT
from zhike.govern.organisation.queries import units_under
from zhike.rules.text import text_of_text
from zhike.understand.lifecycle import stages
from zhike.understand.retention.measures import REASONED, YEAR

DAY = timedelta(days=1)


def of_stays(basis: str, by: str, name: str, unit: str) -> tuple[str, str]:
    """Those whose stays are counted in a group, and those of them who left."""
    if basis == "presence":
        # Who came back has left before, too; no rule knows of that.
        rule = f'lifecycle_stage != "{stages.PROSPECT}"'
        return customers_url(f"{rule} and unit_id = {text_of_text(name)}" if name else rule, "" if name else unit), ""
    within = [f"{by} = {text_of_text(name)}"] if name else []
    if not name and unit:
        within = [f"unit_id in {_listed(units_under(unit))}"]
    left = [*within, f"current_status in {_listed(LEFT)}"]
    return customers_url(_ever("contracts", within)), customers_url(_ever("contracts", left))


def of_reason(kind: str, reason: str, unit: str, as_of: date) -> str:
    """Those who left, or answered, for a reason within a year; what a contact was about no rule says."""
    if kind == "response":
        where = f"kind in {_listed(REASONED)} and reason = {text_of_text(reason)}"
        return customers_url(f"ever(responses where {where} from {as_of - YEAR})", unit)
    if kind == "ended":
        # One of which nobody says when it ended is over from the end agreed, or from the day of the refresh.
        since = as_of - YEAR
        ended = f"terminated_on >= {since} or terminated_on is unknown"
        agreed = f"(ends_on is unknown or ends_on >= {since - DAY})"
        return customers_url(
            _ever("contracts", [f"current_status = {text_of_text(reason)}", f"({ended} and {agreed})"]), unit
        )
    return ""


def _listed(values: Iterable[str]) -> str:
    return f"({', '.join(map(text_of_text, sorted(values)))})"


def _ever(facts: str, where: list[str]) -> str:
    return f"ever({facts} where {' and '.join(where)})" if where else f"ever({facts})"
