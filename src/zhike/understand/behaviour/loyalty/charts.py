"""The charts of the page of loyalty, each titled with its answer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhike.collect.profiles.links import customers_url
from zhike.ui.charts import Bars, HeatMap
from zhike.ui.templatetags.formats import share
from zhike.understand.behaviour.loyalty.measures import DETRACTOR, PROMOTER, SATISFIED, UNSATISFIED
from zhike.understand.behaviour.loyalty.queries import Loyalty
from zhike.understand.behaviour.loyalty.tables import LEVELS, LOYAL, SATISFACTIONS
from zhike.understand.behaviour.loyalty.words import LEVEL_WORDS, SATISFACTION_WORDS

RULES = {
    "satisfied": f"satisfaction >= {SATISFIED}",
    "neutral": f"satisfaction > {UNSATISFIED} and satisfaction < {SATISFIED}",
    "unsatisfied": f"satisfaction <= {UNSATISFIED}",
}
BUYERS = "loyalty_level is known"
PROMOTERS = f"recommend_score >= {PROMOTER} and {BUYERS}"
DETRACTORS = f"recommend_score <= {DETRACTOR} and {BUYERS}"


def of_level(level: str) -> str:
    """The rule of those who have a level of loyalty."""
    return f'loyalty_level = "{level}"'


def finding(found: Loyalty) -> str:
    """Whether the satisfied are loyal; where nobody was asked, how loyal customers are."""
    satisfied = found.gone["satisfied"]
    if satisfied.share is not None:
        return _("Of the satisfied who are not new, %(share)s have gone (%(low)s to %(high)s).") % {
            "share": share(satisfied.share),
            "low": share(satisfied.low),
            "high": share(satisfied.high),
        }
    return _loyal(found)


def _loyal(found: Loyalty) -> str:
    loyal = sum(found.by_level[level] for level in LOYAL)
    return _("%(share)s of the customers are loyal: they are there, and came back.") % {
        "share": share(loyal / found.customers)
    }


def levels(found: Loyalty, unit: str) -> Bars:
    """Customers by their level of loyalty."""
    return Bars(
        finding=_loyal(found),
        category=_("Loyalty"),
        measure=_("Customers"),
        labels=[LEVEL_WORDS[level] for level in LEVELS],
        values=[found.by_level[level] for level in LEVELS],
        links=[customers_url(of_level(level), unit) if found.by_level[level] else "" for level in LEVELS],
    )


def matrix(found: Loyalty, unit: str) -> HeatMap:
    """Who answered, by how satisfied they are and how loyal they act."""
    shown = tuple(reversed(SATISFACTIONS))  # the best on top
    return HeatMap(
        finding=finding(found),
        x_title=_("Loyalty"),
        y_title=_("Satisfaction"),
        measure=_("Customers"),
        x_labels=[LEVEL_WORDS[level] for level in LEVELS],
        y_labels=[SATISFACTION_WORDS[said] for said in shown],
        values=[[found.matrix[said][level] for level in LEVELS] for said in shown],
        format="number",
        links=[
            [
                customers_url(f"{RULES[said]} and {of_level(level)}", unit) if found.matrix[said][level] else ""
                for level in LEVELS
            ]
            for said in shown
        ],
        notes=[[_of_row(found, said, level) for level in LEVELS] for said in shown],
    )


def _of_row(found: Loyalty, said: str, level: str) -> str:
    total = sum(found.matrix[said].values())
    if not total:
        return ""
    return _("%(share)s of the row") % {"share": share(found.matrix[said][level] / total)}
