"""Members of audiences for machines: taken away, frozen, drawn, dealt out, looked for."""

from __future__ import annotations

import logging
from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, Router, Schema, Status

from zhike.govern.access.actors import current_actor
from zhike.govern.access.problems import answers
from zhike.rules.limits import MOST_CHARACTERS
from zhike.rules.text import parse_rule
from zhike.rules.tree import Condition
from zhike.understand.audiences import freezing, rows
from zhike.understand.audiences.comparing import sets as comparing
from zhike.understand.audiences.models import Audience, FrozenList
from zhike.understand.audiences.naming import digest_of

router = Router(tags=["audiences"])
logger = logging.getLogger("zhike.audiences")
Rule = Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS, examples=['age >= 30 and in audience "Best"'])]
Name = Annotated[str, Field(min_length=1, max_length=100)]
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILES = {"responses": {200: {"content": {kind.partition(";")[0]: BINARY for kind in rows.KINDS.values()}}}}
Columns = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=100)]


class WantedRule(Schema):
    """A rule; of a saved audience `in audience "…"`."""

    rule: Rule


class WantedMembers(WantedRule):
    """A rule, the attributes to be told of its customers, and from where on."""

    columns: Columns = Field(list(rows.SHOWN), description="Attributes; `customer_id` is always told.")
    after: int | None = Field(None, ge=0, lt=2**32, description="`next` of the page before.")
    limit: int = Field(1000, ge=1, le=rows.MOST_AT_ONCE)


class AudienceMembers(Schema):
    """Some customers of a rule by customer_id, and where it goes on. Masked without the right to personal data."""

    rows: list[dict[str, Any]]
    total: int
    next: int | None
    refresh_id: int
    as_of: date


class WantedFile(WantedRule):
    """A rule, the attributes to be told of its customers, and the kind of file."""

    columns: Columns = Field(list(rows.SHOWN), description="Attributes; `customer_id` is always told.")
    kind: Literal["csv", "xlsx", "parquet"] = "csv"


class WantedDraw(WantedRule):
    """A rule, and how many of its customers are drawn."""

    size: int = Field(20, ge=1, le=rows.MOST_SHOWN)
    seed: int = Field(0, ge=0, lt=2**63, description="The same number draws the same customers.")
    columns: Columns = list(rows.SHOWN)


class WantedList(WantedRule):
    """A rule, and the name of the list of its customers now."""

    name: Name
    note: str = Field("", max_length=2000)


class WantedDrawnList(WantedList):
    """A rule, how many of its customers are drawn, and the name of the list of them."""

    size: int = Field(ge=1, lt=2**32)
    seed: int = Field(0, ge=0, lt=2**63)


class WantedSplit(WantedList):
    """A rule, and what makes its parts: shares dealt out by chance, or the values of a tag or attribute."""

    shares: dict[str, float] = Field({}, description="Part → its share.", examples=[{"treated": 0.9, "holdout": 0.1}])
    salt: str = Field("", max_length=freezing.LONGEST_SALT, description="The same salt deals the same way.")
    by: str = Field("", max_length=200, description="`tag:NAME` or `attribute:NAME`, in place of shares.")


class FrozenAudience(Schema):
    """A frozen list; `GET /audiences/{audience_id}` tells more of it."""

    audience_id: int
    name: str
    count: int


class WantedLookAlikes(WantedRule):
    """A rule, how many customers like its own, and the name to keep them under; without one they are only counted."""

    size: int = Field(ge=1, lt=2**32)
    name: str = Field("", max_length=100)
    note: str = Field("", max_length=2000)


class LookAlikeSeparation(Schema):
    """How well the score sets members that were kept out of it apart from others: .5 not at all, 1 wholly."""

    area: float
    low: float
    high: float
    held_out: int


class TagWeight(Schema):
    """What one value of a tag adds to the score; an empty value is having none."""

    tag: str
    value: str
    kind: str
    lower: float | None
    upper: float | None
    weight: float
    share: float
    other_share: float


class LookAlikes(Schema):
    """Customers like those of a rule, and what makes them so."""

    count: int
    lowest_score: float | None
    seed_size: int
    separation: LookAlikeSeparation | None = Field(
        description="Empty where too few members or others could be kept out to say."
    )
    left_out: list[str] = Field(description="Tags that say what the rule says, and so would tell nothing.")
    weights: list[TagWeight]
    refresh_id: int
    as_of: date
    audience_id: int | None = Field(description="The frozen list, if a name was given.")


@router.post("/audiences/members", response=answers(200, AudienceMembers, 413, 503))
def list_members(request: HttpRequest, wanted: WantedMembers) -> rows.MemberPage:
    """The customers of a rule, up to 10,000 at a time; `next`, given as `after`, leads on."""
    page = rows.member_page(wanted.rule, columns=wanted.columns, after=wanted.after, limit=wanted.limit)
    return taken(page, parse_rule(wanted.rule))


@router.post("/audiences/export", response=answers(200, None, 413, 503), openapi_extra=FILES)
def export_members(request: HttpRequest, wanted: WantedFile) -> StreamingHttpResponse:
    """All customers of a rule as CSV, XLSX or Parquet."""
    exported = rows.export_members(wanted.rule, kind=wanted.kind, columns=wanted.columns)
    answer = StreamingHttpResponse(exported.chunks, content_type=exported.media_type)
    answer["Content-Disposition"] = f'attachment; filename="audience.{wanted.kind}"'
    return answer


@router.post("/audiences/sample", response=answers(200, AudienceMembers, 413, 503))
def sample_members(request: HttpRequest, wanted: WantedDraw) -> rows.MemberPage:
    """Some customers of a rule, drawn at random, to look at."""
    return rows.sample_rows(wanted.rule, size=wanted.size, seed=wanted.seed, columns=wanted.columns)


@router.post("/audiences/freeze", response=answers(201, FrozenAudience, 413, 503))
def freeze_audience(request: HttpRequest, wanted: WantedList) -> Status[FrozenAudience]:
    """Keeps the customers of a rule, as they are now, as a list for ever."""
    made = freezing.freeze_audience(name=wanted.name, rule=wanted.rule, note=wanted.note)
    return Status(201, _told([made])[0])


@router.post("/audiences/freeze-sample", response=answers(201, FrozenAudience, 413, 503))
def freeze_sample(request: HttpRequest, wanted: WantedDrawnList) -> Status[FrozenAudience]:
    """Keeps customers of a rule that are drawn at random as a list."""
    made = freezing.sample_audience(
        name=wanted.name, rule=wanted.rule, size=wanted.size, seed=wanted.seed, note=wanted.note
    )
    return Status(201, _told([made])[0])


@router.post("/audiences/split", response=answers(201, list[FrozenAudience], 413, 503))
def split_audience(request: HttpRequest, wanted: WantedSplit) -> Status[list[FrozenAudience]]:
    """Makes frozen lists “name: part” of the customers of a rule, at random or by value."""
    if wanted.by:
        parts = freezing.split_by_value(name=wanted.name, rule=wanted.rule, by=wanted.by, note=wanted.note)
    else:
        parts = freezing.split_audience(
            name=wanted.name, rule=wanted.rule, shares=wanted.shares, salt=wanted.salt, note=wanted.note
        )
    return Status(201, _told(parts))


@router.post("/audiences/lookalikes", response=answers(200, LookAlikes, 413, 503))
def find_lookalikes(request: HttpRequest, wanted: WantedLookAlikes) -> dict[str, Any]:
    """The customers most like those of a rule by their tags; with a name they are kept as a frozen list."""
    alike = comparing.look_alikes(wanted.rule, size=wanted.size)
    kept = freezing.save_lookalikes(name=wanted.name, alike=alike, note=wanted.note) if wanted.name else None
    judged = alike.separation
    return {
        **vars(alike),
        "count": len(alike.members),
        "separation": judged
        and {
            "area": judged.area,
            "low": judged.interval.low,
            "high": judged.interval.high,
            "held_out": alike.held_out,
        },
        "audience_id": kept.pk if kept else None,
    }


def taken(page: rows.MemberPage, rule: Condition) -> rows.MemberPage:
    """The page, of which the log says who took it and by which rule; the rule itself may hold personal data."""
    actor = current_actor()
    extra = {"kind": "page", "rows": len(page.rows), "rule": digest_of(rule), "by": actor.kind, "by_id": actor.id}
    logger.info("audience exported", extra=extra)
    return page


def _told(lists: Any) -> list[FrozenAudience]:
    sizes = dict(FrozenList.objects.filter(audience__in=lists).values_list("audience_id", "size"))
    made: list[Audience] = list(lists)
    return [FrozenAudience(audience_id=one.pk, name=one.name, count=sizes[one.pk]) for one in made]
