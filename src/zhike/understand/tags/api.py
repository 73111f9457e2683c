"""Tags for machines: the catalogue, definitions, setting tags, what a customer has, reviews."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from zhike.collect.identity.queries import Key
from zhike.govern.access.problems import answers
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.tags import queries
from zhike.understand.tags.circles import hidden, value_seen
from zhike.understand.tags.customer_tags import TagHeld, customer_tags
from zhike.understand.tags.defining import publishing, services
from zhike.understand.tags.models import TagChange, TagReview, TagVersion
from zhike.understand.tags.proving import accuracy as accuracies
from zhike.understand.tags.proving import later, sampling
from zhike.understand.tags.schemas import (
    Change,
    Customers,
    Definition,
    FoundReview,
    Held,
    OneTag,
    Review,
    Tag,
    TagAccuracy,
    UnwantedValue,
    VersionState,
    WantedSample,
    WantedTag,
    WantedValue,
    WantedVersion,
)
from zhike.understand.tags.setting import services as setting

router = Router(tags=["tags"])
TagName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,59}$", examples=["rfm_segment"])]
Number = Annotated[int, Path(ge=1, lt=2**31)]
Identifier = Annotated[int, Path(ge=1, lt=2**63)]
CustomerId = Annotated[int, Path(ge=0, lt=2**32)]


@router.get("/tags", response=answers(200, list[Tag]))
def list_tags(
    request: HttpRequest,
    theme: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
) -> tuple[queries.TagRow, ...]:
    """The tags with how many customers have them, in the order of their themes."""
    return queries.list_tags(theme=theme, state=state)


@router.get("/tags/{name}", response=answers(200, OneTag, 404))
def find_tag(request: HttpRequest, name: TagName) -> dict[str, Any]:
    """One tag with its definition and versions."""
    found = queries.tag_page(name)
    same = ("doc", "unit", "values", "versions", "tags_using", "audiences_using")
    return {"tag": found.row, "rule": found.shown.rule, **{field: getattr(found, field) for field in same}}


@router.post("/tags", response=answers(201, VersionState, 409, 413))
def create_tag(request: HttpRequest, wanted: WantedTag) -> Status[VersionState]:
    """Drafts a new tag. Somebody with the right approves and publishes it."""
    given = wanted.dict(exclude={"values", "rule", "later_fact"})
    version = services.create_tag(
        **given, rule=wanted.rule or None, values=_listed(wanted) or (), later_fact=wanted.later_fact or ""
    )
    return Status(201, _state(version))


@router.post("/tags/{name}/versions", response=answers(201, VersionState, 404, 409, 413))
def draft_version(request: HttpRequest, name: TagName, wanted: WantedVersion) -> Status[VersionState]:
    """Drafts another version of a tag."""
    version = services.draft_version(
        tag=name,
        rule=wanted.rule or None,
        values=_listed(wanted),
        later_fact=wanted.later_fact,
        later_days=wanted.later_days,
        note=wanted.note,
        seen=wanted.seen,
    )
    return Status(201, _state(version))


def _listed(wanted: Definition) -> list[dict[str, str]] | None:
    return None if wanted.values is None else [value.dict() for value in wanted.values]


@router.post("/tags/{name}/versions/{number}/approve", response=answers(200, VersionState, 404, 409))
def approve_version(request: HttpRequest, name: TagName, number: Number) -> VersionState:
    """Approves a draft."""
    return _state(publishing.approve_version(tag=name, number=number))


@router.post("/tags/{name}/versions/{number}/publish", response=answers(200, VersionState, 404, 409))
def publish_version(request: HttpRequest, name: TagName, number: Number) -> VersionState:
    """Takes an approved version into force. A job computes it; the next refresh does in any case."""
    return _state(publishing.publish_version(tag=name, number=number))


@router.post("/tags/{name}/versions/{number}/withdraw", response=answers(200, VersionState, 404, 409))
def withdraw_version(request: HttpRequest, name: TagName, number: Number) -> VersionState:
    """Withdraws a version that is not in force yet."""
    return _state(publishing.withdraw_version(tag=name, number=number))


@router.post("/tags/{name}/retire", response=answers(200, OneTag, 404, 409))
def retire_tag(request: HttpRequest, name: TagName) -> dict[str, Any]:
    """Retires a tag that nobody uses."""
    publishing.retire_tag(name=name)
    return find_tag(request, name)


@router.post("/tags/{name}/restore", response=answers(200, OneTag, 404, 409))
def restore_tag(request: HttpRequest, name: TagName) -> dict[str, Any]:
    """Brings a retired tag back."""
    publishing.restore_tag(name=name)
    return find_tag(request, name)


@router.post("/tags/{name}/set", response=answers(200, Change, 404, 409, 413, 503))
def set_tag(request: HttpRequest, name: TagName, wanted: WantedValue) -> Change:
    """Gives up to 100,000 customers a value of a set tag, in place of the one they have: all, or none."""
    return _change(
        setting.set_tag(
            tag=name, customers=wanted.customer_ids, keys=_keys(wanted), value=wanted.value, note=wanted.note
        )
    )


@router.post("/tags/{name}/unset", response=answers(200, Change, 404, 409, 413, 503))
def unset_tag(request: HttpRequest, name: TagName, wanted: UnwantedValue) -> Change:
    """Takes a set tag away from up to 100,000 customers."""
    return _change(
        setting.unset_tag(
            tag=name, customers=wanted.customer_ids, keys=_keys(wanted), value=wanted.value, note=wanted.note
        )
    )


@router.post("/tags/changes/{change_id}/undo", response=answers(200, Change, 404))
def undo_change(request: HttpRequest, change_id: Identifier) -> Change:
    """Undoes a change: it counts as if it had not been. Undone itself, it counts again."""
    return _change(setting.undo_change(change_id=change_id))


@router.get("/customers/{customer_id}/tags", response=answers(200, list[Held], 404, 503))
def list_customer_tags(request: HttpRequest, customer_id: CustomerId) -> tuple[TagHeld, ...]:
    """Every tag that a customer has, with its value."""
    return customer_tags(customer_id)


@router.post("/tags/{name}/sample", response=answers(201, list[Review], 404, 413, 503))
def draw_sample(request: HttpRequest, name: TagName, wanted: WantedSample) -> Status[list[Review]]:
    """Draws customers at random to be reviewed: of each value, and of those without it."""
    _require_seen(name)
    drawn = sampling.draw_sample(tag=name, size=wanted.size, seed=wanted.seed)
    return Status(201, [_review(one) for one in drawn])


@router.post("/tags/reviews/{review_id}", response=answers(200, Review, 404))
def record_review(request: HttpRequest, review_id: Identifier, found: FoundReview) -> Review:
    """Records what somebody found of a customer who was drawn."""
    return _review(sampling.record_review(review_id=review_id, verdict=found.verdict, truth=found.truth))


@router.get("/tags/{name}/accuracy", response=answers(200, TagAccuracy, 404, 503))
def tag_accuracy(request: HttpRequest, name: TagName) -> dict[str, Any]:
    """How often a tag is right: `reviewed` by people, and `later` by what came true of those whom it named."""
    _require_seen(name)
    return {"reviewed": accuracies.accuracy(name), "later": later.later_accuracy(name)}


def _keys(wanted: Customers) -> list[Key]:
    return [Key(key.source, key.customer_key) for key in wanted.keys]


def _state(version: TagVersion) -> VersionState:
    return VersionState(name=version.tag.name, version=version.number, state=version.state)


def _change(change: TagChange) -> Change:
    same = {name: getattr(change, name) for name in ("value", "is_removed", "set_at")}
    return Change(
        change_id=change.pk,
        name=change.tag.name,
        customers=change.customer_count,
        undoes=change.undoes_id,
        **same,
    )


def _review(review: TagReview) -> Review:
    said = {name: str(value_seen(review.tag.name, getattr(review, name))) for name in ("value", "truth")}
    return Review(
        review_id=review.pk,
        customer_id=review.customer_id,
        value=said["value"],
        verdict=review.verdict,
        truth=said["truth"],
    )


def _require_seen(name: str) -> None:
    """Raises Denied where it takes the right to see personal data to know what the tag says of whom."""
    if name in hidden().tags:
        require(Right.SEE_PERSONAL_DATA)
