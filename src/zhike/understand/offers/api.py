"""Offers and offer rules for machines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema, Status

from zhike.govern.access.problems import answers
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.offers import queries, services
from zhike.understand.offers.words import why

router = Router(tags=["offers"])
RuleId = Annotated[int, Path(ge=1, lt=2**63)]
CustomerId = Annotated[int, Path(ge=0, lt=2**32)]


class OfferShown(Schema):
    """A product to offer a customer next, and why.

    `score` is the share of those who bought the other product and also bought this, null of a rule; `activity` the
    chance that this customer orders at all within 52 weeks (`activity_kind` order), or ends no contract within 90 days
    (contract); `chance` is both multiplied.
    """

    place: int
    item: str
    name: str
    source: str
    score: float | None
    score_low: float | None
    score_high: float | None
    activity: float | None
    activity_kind: str | None
    chance: float | None
    lift: float | None
    because: str | None
    rule_id: int | None
    rule: str | None
    reason: str | None
    why: str


class OfferedProduct(Schema):
    """A product that an offer rule offers."""

    item: str
    name: str


class OfferRuleDocument(Schema):
    """To whom (a rule, usually over tags) which products are offered, how urgently, when and why."""

    name: str
    rule: str
    by: Literal["product", "name", "category", "tag", "line_of_business"]
    values: list[str]
    priority: int = 5
    reason: str = ""
    may_repeat: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


class NewOfferRule(OfferRuleDocument):
    """A new offer rule."""

    is_on: bool = True


class OfferRuleChanges(Schema):
    """What is to be different of an offer rule; what is left out stays as it is."""

    said: OfferRuleDocument | None = None
    is_on: bool | None = None
    is_archived: bool | None = None
    seen: int | None = Field(None, ge=0, lt=2**63, description="The `revision` you had: another by now is 409.")


class OfferRuleAnswer(OfferRuleDocument):
    """An offer rule; where it cannot be counted, `problem` says why."""

    rule_id: int
    revision: int = Field(description="Goes up with every change. Give it as `seen` when you change the rule.")
    is_on: bool
    is_archived: bool
    made_by: str
    changed_at: datetime
    products: list[OfferedProduct]
    customers: int | None
    problem: str


@router.get("/customers/{int:customer_id}/offers", response=answers(200, list[OfferShown], 404, 503))
def offers_of_customer(request: HttpRequest, customer_id: CustomerId) -> list[dict[str, Any]]:
    """What a customer is to be offered next, the best first."""
    return [asdict(offer) | {"why": why(offer)} for offer in queries.offers_of(customer_id)]


@router.get("/offers/rules", response=answers(200, list[OfferRuleAnswer]))
def list_offer_rules(request: HttpRequest, archived: bool = False) -> list[queries.OfferRuleShown]:
    """The offer rules by priority; or those that were archived."""
    return list(queries.list_offer_rules(archived=archived))


@router.post("/offers/rules", response=answers(201, OfferRuleAnswer, 413))
def save_offer_rule(request: HttpRequest, wanted: NewOfferRule) -> Status[queries.OfferRuleShown]:
    """Keeps an offer rule, which is heard from the next refresh on."""
    require(Right.SEE_CUSTOMERS)
    said = services.OfferText(**wanted.model_dump(exclude={"is_on"}))
    saved = services.save_offer_rule(said, is_on=wanted.is_on)
    return Status(201, queries.offer_rule(saved.pk))


@router.get("/offers/rules/{int:rule_id}", response=answers(200, OfferRuleAnswer, 404))
def find_offer_rule(request: HttpRequest, rule_id: RuleId) -> queries.OfferRuleShown:
    """One offer rule."""
    return queries.offer_rule(rule_id)


@router.patch("/offers/rules/{int:rule_id}", response=answers(200, OfferRuleAnswer, 404, 409, 413))
def change_offer_rule(request: HttpRequest, rule_id: RuleId, wanted: OfferRuleChanges) -> queries.OfferRuleShown:
    """Replaces what an offer rule says; switches it on or off; archives it, or brings it back."""
    require(Right.SEE_CUSTOMERS)
    said = None if wanted.said is None else services.OfferText(**wanted.said.model_dump())
    services.change_offer_rule(
        rule_id=rule_id, said=said, is_on=wanted.is_on, is_archived=wanted.is_archived, seen=wanted.seen
    )
    return queries.offer_rule(rule_id)
