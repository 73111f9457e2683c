"""Audiences beside each other for machines: their overlap, put together, what tells one apart."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from zhike.govern.access.problems import answers
from zhike.understand.audiences.comparing import sets as comparing
from zhike.understand.audiences.comparing.sets import MOST_COMPARED
from zhike.understand.audiences.members_api import Name, Rule, WantedRule

router = Router(tags=["audiences"])


class WantedOverlap(Schema):
    """The saved audiences that are laid over each other."""

    audiences: list[Name] = Field(min_length=1, max_length=MOST_COMPARED)


class OverlapSet(Schema):
    """One of the audiences."""

    name: str
    size: int


class OverlapPart(Schema):
    """Customers who are in just these audiences."""

    audiences: list[str]
    count: int
    rule: str


class Overlap(Schema):
    """Every part that audiences have in common, the largest first."""

    customers: int
    in_any: int
    refresh_id: int
    as_of: date
    milliseconds: float
    sets: list[OverlapSet]
    parts: list[OverlapPart]


class WantedProfile(WantedRule):
    """A rule, and the one it is compared with; everybody where there is none."""

    against: Rule | None = None


class ProfileFinding(Schema):
    """How frequent one value of a tag, or one band of an attribute, is in an audience and outside of it."""

    of: str
    name: str
    value: str
    kind: str = Field(description="`text`, or what the borders of a band are: `number`, `day` (from 1970), `flag`.")
    lower: float | None
    upper: float | None
    rule: str
    count: int
    other_count: int
    share: float
    other_share: float
    base_share: float
    ratio: float | None
    ratio_low: float
    ratio_high: float | None
    difference: float
    low: float
    high: float
    z: float
    q: float
    is_distinct: bool


class AudienceProfile(Schema):
    """What an audience has more of than others, and less; what tells them apart first."""

    rule: str
    against: str
    refresh_id: int
    as_of: date
    milliseconds: float
    size: int
    other_size: int
    looks: int
    interval_level: float
    findings: list[ProfileFinding]


@router.post("/audiences/overlap", response=answers(200, Overlap, 413, 503))
def overlap_of_audiences(request: HttpRequest, wanted: WantedOverlap) -> comparing.Overlap:
    """How up to eight saved audiences overlap."""
    return comparing.overlap_of(wanted.audiences)


@router.post("/audiences/combine", response=answers(200, WantedRule, 413))
def combine_audiences(
    request: HttpRequest, wanted: WantedOverlap, how: Literal["all", "any", "difference"] = "all"
) -> dict[str, str]:
    """The rule of saved audiences put together: who is in all, in any, or in the first and in no other."""
    return {"rule": comparing.combined_rule(how, wanted.audiences)}


@router.post("/audiences/profile", response=answers(200, AudienceProfile, 413, 503))
def profile_audience(request: HttpRequest, wanted: WantedProfile) -> dict[str, Any]:
    """What an audience has more of than everybody else, or than another audience, and less."""
    found = comparing.profile_audience(wanted.rule, against=wanted.against)
    return {**vars(found), **vars(found.comparison)}
