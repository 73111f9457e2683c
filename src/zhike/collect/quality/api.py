"""Data quality for machines: the board, the rules, reviews and what was found."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from zhike.collect.quality import queries
from zhike.collect.quality.defining import services as rules
from zhike.collect.quality.defining.files import RuleText
from zhike.collect.quality.definitions import definition_of
from zhike.collect.quality.departed import departed_agents
from zhike.collect.quality.models import QualityRule, ReviewCampaign, ReviewItem
from zhike.collect.quality.reviewing import planning, services
from zhike.collect.quality.reviewing.queries import campaigns, items_of
from zhike.collect.quality.reviewing.results import Results, results
from zhike.collect.quality.schemas import (
    Board,
    Departed,
    Group,
    Item,
    Point,
    QualityReview,
    ReviewResults,
    Rule,
    WantedFindings,
    WantedPlace,
    WantedQualityRule,
    WantedReview,
)
from zhike.govern.access.problems import answers
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require

router = Router(tags=["quality"])
By = Literal["unit", "channel", "source", "agent"]
RuleName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,59}$", examples=["phone_stated"])]
Identifier = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/quality", response=answers(200, Board, 503))
def quality_board(request: HttpRequest, wanted: Query[WantedPlace]) -> dict[str, Any]:
    """How good the data of a place are, against targets; the rules that lack most customers first."""
    found = queries.board(wanted.place())
    return {
        "refresh_id": found.refresh_id,
        "as_of": found.as_of,
        "customers": found.customers,
        "kpis": found.kpis,
        "rules": [_figure(one) for one in found.rules],
    }


def _figure(one: queries.RuleFigure) -> dict[str, Any]:
    same = ("name", "title", "dimension", "weight", "target", "version")
    counts = ("applies", "good", "failing", "lacking", "share", "is_counted")
    return {name: getattr(one.rule, name) for name in same} | {name: getattr(one, name) for name in counts}


@router.get("/quality/by/{by}", response=answers(200, list[Group], 503))
def quality_groups(request: HttpRequest, by: By, wanted: Query[WantedPlace]) -> list[queries.Group]:
    """The same of every unit, channel, source or agent of a place."""
    return list(queries.groups(by, wanted.place()))


@router.get("/quality/trend", response=answers(200, list[Point], 503))
def quality_trend(request: HttpRequest, wanted: Query[WantedPlace]) -> list[queries.Point]:
    """The figures of every refresh that is kept, the oldest first."""
    return list(queries.trend(wanted.place()))


@router.get("/quality/departed", response=answers(200, list[Departed], 503))
def departed(request: HttpRequest, wanted: Query[WantedPlace]) -> list[dict[str, Any]]:
    """Members of staff who have left and still have customers."""
    return [
        {
            "staff_id": one.member.staff_id,
            "unit_id": one.member.unit_id,
            "left_on": one.left_on,
            "customers": one.customers,
        }
        for one in departed_agents(wanted.place())
    ]


@router.get("/quality/rules/{name}", response=answers(200, Rule, 404))
def find_quality_rule(request: HttpRequest, name: RuleName) -> dict[str, Any]:
    """One rule."""
    require(Right.SEE_CUSTOMERS)
    return _rule(rules.rule_named(name))


@router.put("/quality/rules/{name}", response=answers(200, Rule, 409))
def write_quality_rule(request: HttpRequest, name: RuleName, wanted: WantedQualityRule) -> dict[str, Any]:
    """Writes a rule, a new one or another version; it counts from the next refresh on."""
    said = wanted.dict(exclude={"note", "seen"})
    return _rule(rules.write_rule(RuleText(name=name, **said), note=wanted.note, seen=wanted.seen))


@router.delete("/quality/rules/{name}", response=answers(200, Rule, 404))
def retire_quality_rule(request: HttpRequest, name: RuleName) -> dict[str, Any]:
    """Retires a rule: it is not counted any more."""
    return _rule(rules.retire_rule(name=name))


def _rule(rule: QualityRule) -> dict[str, Any]:
    text = rules.text_of_rule(rule)
    more = {"version": rule.version, "is_retired": rule.retired_at is not None}
    return text.model_dump() | more | {"failing": definition_of(rule).failing_text}


@router.get("/quality/reviews", response=answers(200, list[QualityReview]))
def list_reviews(request: HttpRequest) -> list[dict[str, Any]]:
    """All reviews, newest first."""
    return [_review(one, one.item_count, one.done_count) for one in campaigns()]


@router.post("/quality/reviews", response=answers(201, QualityReview, 503))
def plan_review(request: HttpRequest, wanted: WantedReview) -> Status[dict[str, Any]]:
    """Plans a review: customers are drawn and given to their agents."""
    campaign = planning.plan_campaign(planning.Wanted(**wanted.dict()))
    return Status(201, _review(campaign, campaign.items.count(), 0))


@router.get("/quality/reviews/{review_id}", response=answers(200, ReviewResults, 404))
def review_results(request: HttpRequest, review_id: Identifier) -> Results:
    """What came of a review, by field, org unit and agent."""
    return results(services.campaign_of(review_id))


@router.get("/quality/reviews/{review_id}/items", response=answers(200, list[Item], 404))
def list_review_items(
    request: HttpRequest,
    review_id: Identifier,
    assignee: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[ReviewItem]:
    """The customers of a review in the order of their numbers, those given to one member of staff, or all."""
    return items_of(services.campaign_of(review_id), assignee=assignee, after=after, limit=limit)


@router.post("/quality/items/{item_id}", response=answers(200, Item, 404, 409, 503))
def record_findings(request: HttpRequest, item_id: Identifier, wanted: WantedFindings) -> ReviewItem:
    """Records what was found of every field of a customer; corrections are in force at once."""
    findings = {name: services.Finding(one.verdict, one.value) for name, one in wanted.findings.items()}
    return services.record_review(item_id=item_id, findings=findings, why=wanted.why)


@router.post("/quality/reviews/{review_id}/close", response=answers(200, QualityReview, 404))
def close_review(request: HttpRequest, review_id: Identifier) -> dict[str, Any]:
    """Closes a review; harmless when repeated."""
    campaign = services.close_campaign(campaign_id=review_id)
    done = campaign.items.filter(state=ReviewItem.State.REVIEWED).count()
    return _review(campaign, campaign.items.count(), done)


def _review(campaign: ReviewCampaign, customers: int, done: int) -> dict[str, Any]:
    same = ("name", "kind", "state", "fields", "stratified_by", "population", "seed", "target", "as_of", "due_on")
    said = {name: getattr(campaign, name) for name in same}
    return said | {"review_id": campaign.pk, "customers": customers, "done": done}
