"""What the API of data quality takes and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Schema

from zhike.collect.quality.models import HEAVIEST
from zhike.collect.quality.places import Place
from zhike.collect.quality.reviewing import planning

Dimension = Literal["completeness", "accuracy", "uniqueness", "freshness", "contactability"]
Text = Annotated[str, Field(max_length=10_000)]
Short = Annotated[str, Field(max_length=100)]


class WantedPlace(Schema):
    """Whose customers: of a unit and those below it, a channel, a source, an agent; `-` for those of none."""

    unit: Short = ""
    channel: Short = ""
    source: Short = ""
    agent: Short = ""

    def place(self) -> Place:
        return Place(self.unit, self.channel, self.source, self.agent)


class Interval(Schema):
    """95 %."""

    low: float
    high: float


class Share(Schema):
    share: float
    interval: Interval


class QualityReviewed(Schema):
    """What was found of some customers; no share where too few were judged."""

    customers: int
    fields: int
    right: int
    share: Share | None


class Kpi(Schema):
    dimension: Dimension
    share: float | None
    target: float | None
    is_on_target: bool | None
    basis: str
    reviewed: QualityReviewed | None
    not_looked_at: int = Field(description="Customers of the reviewed sample, which was closed without them.")


class RuleFigure(Schema):
    name: str
    title: str
    dimension: str
    weight: int
    target: float
    version: int
    applies: int
    good: int
    failing: int
    lacking: int
    share: float | None
    is_counted: bool = Field(description="The refresh in force counted the rule as it is now.")


class Board(Schema):
    """The figures of a place."""

    refresh_id: int
    as_of: date
    customers: int
    kpis: list[Kpi]
    rules: list[RuleFigure]


class Group(Schema):
    key: str
    customers: int
    shares: dict[str, float | None]
    reviewed: QualityReviewed | None


class Point(Schema):
    as_of: date
    shares: dict[str, float | None]


class Rule(Schema):
    """What a rule says; `failing` is the rule of those to whom it applies and who do not fulfil it."""

    name: str
    title: str
    title_zh: str
    doc: str
    doc_zh: str
    dimension: str
    fields: list[str]
    applies: str
    good: str
    weight: int
    target: float
    version: int
    is_retired: bool
    failing: str


class WantedQualityRule(Schema):
    title: Annotated[str, Field(min_length=1, max_length=100)]
    title_zh: Short = ""
    doc: Text = ""
    doc_zh: Text = ""
    dimension: Dimension
    fields: Annotated[list[Short], Field(max_length=40)] = []
    applies: Text = ""
    good: Annotated[str, Field(min_length=1, max_length=10_000)]
    weight: Annotated[int, Field(ge=0, le=HEAVIEST)] = 1
    target: Annotated[float, Field(ge=0, le=1)] = 0.9
    note: Annotated[str, Field(max_length=500)] = ""
    seen: Annotated[int | None, Field(ge=1, lt=2**31)] = None


class Departed(Schema):
    staff_id: str
    unit_id: str
    left_on: date
    customers: int


class QualityReview(Schema):
    review_id: int
    name: str
    kind: str
    state: str
    fields: list[str]
    stratified_by: str
    population: dict[str, int]
    seed: int | None
    target: float
    as_of: date
    due_on: date | None
    customers: int
    done: int


class WantedReview(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    fields: Annotated[list[Short], Field(min_length=1, max_length=40)]
    kind: Literal["sample", "group"] = "sample"
    rule: Text = ""
    unit: Short = ""
    size: Annotated[int | None, Field(ge=1, le=planning.MOST_ITEMS)] = None
    half_width: Annotated[float, Field(ge=0.005, le=0.5)] = 0.05
    stratified_by: Literal["", "unit_id", "channel", "source"] = ""
    seed: Annotated[int | None, Field(ge=0, le=planning.LARGEST_SEED)] = None
    target: Annotated[float, Field(ge=0, le=1)] = 0.8
    due_on: date | None = None
    note: Annotated[str, Field(max_length=2000)] = ""


class FieldResult(Schema):
    field: str
    verdicts: dict[str, int]
    was_empty: int
    reviewed: QualityReviewed


class Standing(Schema):
    key: str
    items: int
    done: int
    reviewed: QualityReviewed
    standing: str


class ReviewResults(Schema):
    items: int
    done: int
    reviewed: QualityReviewed
    fields: list[FieldResult]
    units: list[Standing]
    agents: list[Standing]


class Item(Schema):
    item_id: int = Field(alias="pk")
    customer_id: int
    state: str
    stratum: str
    unit_id: str
    agent_id: str
    is_agent_gone: bool
    assignee_id: str
    reviewed_at: datetime | None


class FoundField(Schema):
    verdict: Literal["confirmed", "corrected", "wrong", "unclear"]
    value: Annotated[str, Field(max_length=500)] = ""


class WantedFindings(Schema):
    findings: dict[str, FoundField]
    why: Annotated[str, Field(max_length=500)] = ""
