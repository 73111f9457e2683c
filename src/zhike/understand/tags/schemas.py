"""What programs send and are sent about tags."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from ninja import Field, Schema

from zhike.understand.tags.defining.contents import MOST_LATER_DAYS
from zhike.understand.tags.models import Tag as Tags
from zhike.understand.tags.models import TagReview
from zhike.understand.tags.proving.sampling import MOST_SAMPLED

MOST_AT_ONCE = 100_000
Rule = Annotated[str, Field(max_length=20_000, examples=["count(orders in last 90 days) >= 2"])]


class TrendPoint(Schema):
    """How many had a tag on a day, of how many."""

    as_of: date
    customers: int
    of_customers: int


class Tag(Schema):
    """A tag of the catalogue. Counts are null before it was computed."""

    name: str
    title: str
    kind: str
    origin: str
    theme: str
    schedule: str
    state: str = Field(description="published, approved, draft, withdrawn or retired.")
    version: int | None = Field(description="The version in force.")
    waiting: int | None = Field(description="The newest draft or approved version after it.")
    owner: str
    is_shipped: bool
    customers: int | None
    of_customers: int | None
    coverage: float | None
    computed_as_of: date | None
    is_stale: bool
    trend: list[TrendPoint]
    used_by: int


class TagValue(Schema):
    """A value of a category."""

    value: str
    title: str
    customers: int | None
    share: float | None


class Version(Schema):
    """One version of a definition."""

    number: int
    state: str
    rule: str
    later_fact: str
    later_days: int | None
    note: str
    author: str
    created_at: datetime
    approved_by: str
    approved_at: datetime | None
    published_at: datetime | None


class OneTag(Schema):
    """A tag with its definition, counts, versions, and who uses it."""

    tag: Tag
    doc: str
    unit: str
    rule: str
    values: list[TagValue]
    versions: list[Version]
    tags_using: list[str]
    audiences_using: list[str]


class ValueTitle(Schema):
    """A value of a category and what it is called."""

    value: str = Field(min_length=1, max_length=200)
    title: str = Field("", max_length=200)
    title_zh: str = Field("", max_length=200)


class Definition(Schema):
    """What a version of a tag says."""

    rule: Rule = Field("", description="A condition, or a value. Empty for a tag that is set.")
    values: list[ValueTitle] | None = Field(None, max_length=1000, description="Of a category, in order.")
    later_fact: Rule | None = None
    later_days: int | None = Field(None, ge=1, le=MOST_LATER_DAYS)
    note: str = Field("", max_length=10_000)


class WantedTag(Definition):
    """A new tag."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", examples=["buys_tea"])
    theme: str = Field(pattern=r"^[a-z0-9_]{1,30}(/[a-z0-9_]{1,30}){0,2}$", examples=["business/habit"])
    title: str = Field(min_length=1, max_length=100, pattern=r"\S", examples=["Buys tea"])
    title_zh: str = Field("", max_length=100)
    doc: str = Field("", max_length=10_000)
    doc_zh: str = Field("", max_length=10_000)
    unit: str = Field("", max_length=30)
    kind: str = Field("", json_schema_extra={"enum": ["", *map(str, Tags.Kind.values)]})
    origin: str = Field("rule", json_schema_extra={"enum": [*Tags.Origin.values]})
    schedule: str = Field("every_refresh", json_schema_extra={"enum": [*Tags.Schedule.values]})


class WantedVersion(Definition):
    """Another version; what is not given is as in the newest one."""

    seen: int | None = Field(None, ge=1, description="The version you had before you: another answer is 409.")


class VersionState(Schema):
    """A version and what became of it."""

    name: str
    version: int
    state: str


class CustomerKey(Schema):
    """What a source calls a customer."""

    source: str = Field(min_length=1, max_length=60)
    customer_key: str = Field(min_length=1, max_length=500)


class Customers(Schema):
    """Whom something is about: by number, by key, or both."""

    customer_ids: list[Annotated[int, Field(ge=0, lt=2**32)]] = Field(
        default_factory=list, max_length=MOST_AT_ONCE, examples=[[0, 1]]
    )
    keys: list[CustomerKey] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    note: str = Field("", max_length=10_000)


class WantedValue(Customers):
    """Customers and the value that they are given; none for a tag of yes or no."""

    value: str | None = Field(None, max_length=200)


class UnwantedValue(Customers):
    """Customers who lose a tag, or only this value of it."""

    value: str = Field("", max_length=200)


class Change(Schema):
    """One act that set a tag; it can be undone by its number."""

    change_id: int
    name: str
    value: str
    customers: int
    is_removed: bool
    undoes: int | None
    set_at: datetime


class Held(Schema):
    """A tag that a customer has. `value` is text, whatever the kind."""

    name: str
    title: str
    kind: str
    value: str
    value_title: str


class WantedSample(Schema):
    """How many customers are drawn; the same seed draws the same ones."""

    size: int = Field(50, ge=1, le=MOST_SAMPLED)
    seed: int | None = Field(None, ge=0, lt=2**32)


class Review(Schema):
    """A customer who was drawn, with what the tag said, and what was found."""

    review_id: int
    customer_id: int
    value: str
    verdict: str
    truth: str


class FoundReview(Schema):
    """What somebody found: whether the tag is right, and what is right instead."""

    verdict: str = Field(json_schema_extra={"enum": [*TagReview.Verdict.values]})
    truth: str = Field("", max_length=200)


class Bounds(Schema):
    """From one number to another: 95 times in a hundred the truth lies between."""

    low: float
    high: float


class EstimatedShare(Schema):
    """A share from 0 to 1 with its interval."""

    share: float
    interval: Bounds


class EstimatedLift(Schema):
    """How many times as frequent something is as among everybody."""

    lift: float
    interval: Bounds


class ReviewedValue(Schema):
    """What reviews say of one value; empty: of those without it. Shares are null where too few were looked at."""

    value: str
    title: str
    among: int
    judged: int
    right: int
    precision: EstimatedShare | None
    recall: EstimatedShare | None


class Reviewed(Schema):
    """What people found of a random sample."""

    version: int
    drawn: int
    waiting: int
    unclear: int
    precision: EstimatedShare | None
    values: list[ReviewedValue]
    reason: str = Field(description="Why nothing can be said; empty where something can.")


class LaterValue(Schema):
    """Of those whom a tag, or one value of it, named then: for how many the fact holds now."""

    value: str
    title: str
    named: int
    held: int
    precision: EstimatedShare | None
    lift: EstimatedLift | None


class Later(Schema):
    """What became of those whom the tag named so many days ago, beside everybody."""

    fact: str
    days: int
    as_of: date
    known_as_of: date | None
    version: int | None
    customers: int
    held: int
    any_value: LaterValue | None
    values: list[LaterValue]
    reason: str = Field(description="Why nothing can be said; empty where something can.")


class TagAccuracy(Schema):
    """How often a tag is right; `later` is null where its definition says no later fact."""

    reviewed: Reviewed
    later: Later | None
