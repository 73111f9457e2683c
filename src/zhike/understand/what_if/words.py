"""What the inputs and lines of a lifetime value table are called, and what is wrong with an input, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.stats import ltv, what_if
from zhike.stats.ltv import ImpossibleInput
from zhike.stats.what_if import BreakEven

FEW = 3  # rates that are all told
Unit = Literal["share", "number", "money", "total", "people", "days", "factor"]


@dataclass(frozen=True)
class Words:
    """What something is called, and what its numbers are."""

    label: Promise
    unit: Unit


INPUTS: Mapping[str, Words] = {
    "retention": Words(_("Retention rate"), "share"),
    "referral": Words(_("Referral rate"), "share"),
    "orders": Words(_("Orders or renewals a year"), "number"),
    "spend": Words(_("Average spend per order"), "money"),
    "list_rental": Words(_("List rental per customer"), "money"),
    "advertising": Words(_("Advertising income per customer"), "money"),
    "other_income": Words(_("Other income per customer"), "money"),
    "cost_share": Words(_("Cost of goods, share of sales"), "share"),
    "service_cost": Words(_("Cost of service per customer"), "money"),
    "acquisition_cost": Words(_("Acquisition cost per new customer"), "money"),
    "marketing_cost": Words(_("Marketing cost per customer"), "money"),
    "programme_cost": Words(_("Special programmes, cost per customer"), "money"),
    "programme_fixed_cost": Words(_("Special programmes, fixed cost"), "total"),
    "database_cost": Words(_("Database cost per customer"), "money"),
    "referral_incentive": Words(_("Incentive per referred customer"), "money"),
    "renewal_cost": Words(_("Renewal cost"), "money"),
    "interest": Words(_("Interest rate"), "share"),
    "risk": Words(_("Risk factor"), "factor"),
    "payment_days": Words(_("Days until customers pay"), "days"),
    "discount_factors": Words(_("Discount factor"), "factor"),
}

LINES: Mapping[str, Words] = {
    "retained": Words(_("New or retained customers"), "people"),
    "referred": Words(_("Referred customers"), "people"),
    "customers": Words(_("Customers"), "people"),
    "sales": Words(_("Sales"), "total"),
    "list_rental": Words(_("List rental"), "total"),
    "advertising": Words(_("Advertising income"), "total"),
    "other_income": Words(_("Other income"), "total"),
    "revenue": Words(_("Total revenue"), "total"),
    "goods_cost": Words(_("Cost of goods"), "total"),
    "service_cost": Words(_("Cost of service"), "total"),
    "acquisition_cost": Words(_("Acquisition cost"), "total"),
    "marketing_cost": Words(_("Marketing cost"), "total"),
    "programme_cost": Words(_("Special programmes"), "total"),
    "database_cost": Words(_("Database cost"), "total"),
    "incentive_cost": Words(_("Referral incentives"), "total"),
    "renewal_cost": Words(_("Renewal cost"), "total"),
    "cost": Words(_("Total costs"), "total"),
    "gross": Words(_("Gross profit"), "total"),
    "discount_factor": Words(_("Discount factor"), "factor"),
    "npv": Words(_("Net present value"), "total"),
    "cumulative_npv": Words(_("Cumulative net present value"), "total"),
    "ltv": Words(_("Lifetime value per original customer"), "money"),
}


def in_words(problem: ImpossibleInput, years: int) -> str:
    """What is wrong with an input, and what would be right."""
    advice = {
        ltv.NO_NUMBER: gettext("must be a finite number"),
        ltv.NEGATIVE: gettext("must not be below 0"),
        ltv.NOT_POSITIVE: gettext("must be above 0"),
        ltv.NO_SHARE: gettext("must not be above 1 (100%)"),
        ltv.WRONG_LENGTH: gettext("give one number for all years, or a list of %(years)s, one for each year")
        % {"years": years},
        ltv.WRONG_YEARS: gettext("must be a whole number from 1 to %(most)s") % {"most": ltv.MOST_YEARS},
        ltv.NO_BASIS: gettext("must be one of renewal, expiring"),
        ltv.TOO_LARGE: gettext("these numbers are too large to compute with"),
        what_if.NOT_CHANGEABLE: gettext("is no input that a strategy may change"),
        what_if.NOT_USED: gettext("is not used, because discount_factors are given"),
    }[problem.problem]
    if problem.name in ltv.SINGLE and problem.problem == ltv.WRONG_LENGTH:
        advice = gettext("give one number: it is the same in all years")
    if problem.value is None:
        return advice
    value = f"{problem.value:.10g}"
    if problem.year is None:
        return gettext("is %(value)s: %(advice)s") % {"value": value, "advice": advice}
    words = gettext("is %(value)s in year %(year)s: %(advice)s")
    return words % {"value": value, "year": problem.year, "advice": advice}


def retention_in_words(found: BreakEven, *, of_strategy: bool = False) -> str:
    """The retention at which a table, or a strategy, breaks even; or why there is none."""
    if found.retention is not None:
        rates = [f"{rate:.1%}" for rate in found.retention]
        if len(set(rates)) == 1:
            return rates[0]
        # Of many years the first and the last: the others lie between, as they do now.
        return ", ".join(rates) if len(rates) <= FEW else f"{rates[0]} … {rates[-1]}"
    match found.why_none:
        case "single_year":
            return gettext("none: a single year has no retention")
        case "always_more":
            return gettext("none: it pays even if nobody stays")
        case _ if of_strategy:
            return gettext("none: it does not pay even if everybody stays")
    return gettext("none: there is a loss even if everybody stays")
