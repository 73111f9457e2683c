"""Audiences for machines: asked, saved, followed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema, Status

from zhike.govern.access.problems import answers
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.audiences import history, queries, rows, services
from zhike.understand.audiences.comparing_api import router as of_comparisons
from zhike.understand.audiences.members_api import AudienceMembers, Name, Rule, WantedRule, taken
from zhike.understand.audiences.members_api import router as of_members

router = Router(tags=["audiences"])
router.add_router("", of_members)
router.add_router("", of_comparisons)
AudienceId = Annotated[int, Path(ge=1, lt=2**63)]
RefreshId = Annotated[int, Query(ge=1, lt=2**63)]


class AudienceCount(Schema):
    """How many customers an audience has, of how many, as of which refresh."""

    count: int
    customers: int
    share: float
    refresh_id: int
    milliseconds: float


class RuleStep(Schema):
    """One condition of a rule, or a group of them whose conditions follow one deeper."""

    path: list[str | int] = Field(description="Where it stands in the tree of the rule.")
    text: str
    depth: int
    joined: str = Field(description="`and` or `or`; empty for the first of a group.")
    is_group: bool
    alone: int = Field(description="Customers for whom it holds.")
    so_far: int = Field(description="Customers of the rule, if it ended here.")
    without: int = Field(description="Customers of the rule, if this were left out.")
    change: int


class RuleExplanation(AudienceCount):
    """How many customers a rule has, and what each of its conditions does."""

    rule: str
    as_of: date
    steps: list[RuleStep]


class FrozenMembers(Schema):
    """How and when the members of a frozen list were found."""

    rule: str
    source_id: int | None
    origin: dict[str, Any]
    refresh_id: int
    as_of: date
    unit: str
    size: int
    of_customers: int
    frozen_by: str
    frozen_at: datetime


class SavedAudience(Schema):
    """A saved audience with its size; `problem` says why it cannot be counted."""

    audience_id: int
    revision: int = Field(description="Goes up with every change. Give it as `seen` when you change the audience.")
    name: str
    kind: str
    rule: str
    note: str
    owner: str
    created_at: datetime
    is_archived: bool
    count: int | None
    share: float | None
    problem: str
    frozen: FrozenMembers | None


class WantedAudience(WantedRule):
    """A rule, and the name to keep it under."""

    name: Name
    note: str = Field("", max_length=2000)


class AudienceChanges(Schema):
    """What is to be different of an audience; what is left out stays as it is."""

    name: Name | None = None
    rule: Rule | None = None
    note: str | None = Field(None, max_length=2000)
    is_archived: bool | None = None
    seen: int | None = Field(None, ge=0, lt=2**63, description="The `revision` you had: another by now is 409.")


class AudienceFigure(Schema):
    """How many customers an audience had in one refresh."""

    refresh_id: int
    as_of: date
    size: int
    of_customers: int
    share: float
    is_redefined: bool
    is_kept: bool


class AudienceMovement(Schema):
    """How many stayed, joined and left."""

    before: int
    after: int
    stayed: int
    joined: int
    left: int
    earlier_as_of: date
    later_as_of: date


class WantedMoved(Schema):
    """Which way, between which refreshes, and from where on."""

    who: Literal["joined", "left"] = "joined"
    earlier: int = Field(0, ge=0, lt=2**63, description="Number of a refresh; of a frozen list not asked for.")
    later: int | None = Field(None, ge=1, lt=2**63, description="Number of a refresh; else the one in force.")
    after: int | None = Field(None, ge=0, lt=2**32, description="`next` of the page before.")
    limit: int = Field(1000, ge=1, le=rows.MOST_AT_ONCE)


@router.post("/audiences/count", response=answers(200, AudienceCount, 413, 503))
def count_audience(request: HttpRequest, wanted: WantedRule) -> queries.AudienceCount:
    """Counts the customers for whom a rule holds."""
    return queries.count_audience(wanted.rule)


@router.post("/audiences/explain", response=answers(200, RuleExplanation, 413, 503))
def explain_rule(request: HttpRequest, wanted: WantedRule) -> queries.Explanation:
    """What each condition of a rule does: alone, with those before it, and if it were left out."""
    return queries.explain_rule(wanted.rule)


@router.get("/audiences", response=answers(200, list[SavedAudience]))
def list_audiences(request: HttpRequest, archived: bool = False) -> list[queries.AudienceShown]:
    """The saved audiences, live and frozen, by name; or those that were archived."""
    return list(queries.list_audiences(archived=archived))


@router.post("/audiences", response=answers(201, SavedAudience, 409, 413))
def save_audience(request: HttpRequest, wanted: WantedAudience) -> Status[queries.AudienceShown]:
    """Keeps a rule under a name."""
    require(Right.SEE_CUSTOMERS)  # who is told its size
    saved = services.save_audience(name=wanted.name, rule=wanted.rule, note=wanted.note)
    return Status(201, queries.saved_audience(saved.pk))


@router.get("/audiences/{int:audience_id}", response=answers(200, SavedAudience, 404))
def find_audience(request: HttpRequest, audience_id: AudienceId) -> queries.AudienceShown:
    """One saved audience."""
    return queries.saved_audience(audience_id)


@router.patch("/audiences/{int:audience_id}", response=answers(200, SavedAudience, 404, 409, 413))
def change_audience(request: HttpRequest, audience_id: AudienceId, wanted: AudienceChanges) -> queries.AudienceShown:
    """Gives an audience another name, rule or note; archives it, or brings it back."""
    require(Right.SEE_CUSTOMERS)
    services.change_audience(audience_id=audience_id, **wanted.dict())
    return queries.saved_audience(audience_id)


@router.get("/audiences/{int:audience_id}/history", response=answers(200, list[AudienceFigure], 404))
def audience_history(request: HttpRequest, audience_id: AudienceId) -> list[history.FigureShown]:
    """The size of an audience in each refresh since it was saved."""
    return list(history.audience_history(audience_id))


@router.get("/audiences/{int:audience_id}/changes", response=answers(200, AudienceMovement, 404, 503))
def audience_changes(
    request: HttpRequest,
    audience_id: AudienceId,
    earlier: RefreshId,
    later: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> dict[str, Any]:
    """How many joined an audience and left it between two kept refreshes; of a frozen list, `compare` tells that."""
    rule = queries.rule_of(queries.audience_of(audience_id))
    return _counted(history.changes_between(rule, earlier=earlier, later=later))


@router.get("/audiences/{int:audience_id}/moved", response=answers(200, AudienceMembers, 404, 503))
def moved_members(request: HttpRequest, audience_id: AudienceId, wanted: Query[WantedMoved]) -> rows.MemberPage:
    """The customers who joined an audience, or left it, between two kept refreshes; of a frozen list, since then."""
    audience = queries.audience_of(audience_id)
    rule = queries.rule_of(audience)
    moved: history.Movement
    if audience.is_frozen:
        moved = history.compare_frozen(audience_id)
    else:
        moved = history.changes_between(rule, earlier=wanted.earlier, later=wanted.later)
    found = moved.joined if wanted.who == "joined" else moved.left
    return taken(rows.member_page(found, after=wanted.after, limit=wanted.limit), rule)


@router.get("/audiences/{int:audience_id}/compare", response=answers(200, AudienceMovement, 404, 503))
def compare_frozen(request: HttpRequest, audience_id: AudienceId) -> dict[str, Any]:
    """A frozen list beside the customers for whom its rule holds now."""
    found = history.compare_frozen(audience_id)
    return _counted(found) | {"earlier_as_of": found.frozen_as_of, "later_as_of": found.as_of}


def _counted(movement: history.Movement) -> dict[str, Any]:
    return {**vars(movement), "joined": len(movement.joined), "left": len(movement.left)}
