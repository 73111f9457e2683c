"""How customers behave, for machines."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema

from zhike.govern.access.problems import answers
from zhike.understand.behaviour import queries
from zhike.understand.behaviour.loyalty.queries import Loyalty as Overview
from zhike.understand.behaviour.loyalty.queries import loyalty_overview

router = Router(tags=["behaviour"])


class Came(Schema):
    """Who bought for the first time from `since` to `until`, and who came back.

    Only those are `watched` whose first purchase is a year ago: the share who bought again within a year, and its 95 %
    interval, are of these.
    """

    since: date
    until: date
    customers: int
    repeaters: int
    watched: int
    within_a_year: int
    share: float | None
    low: float
    high: float


class Repeat(Schema):
    """Repeat purchase of one kind, orders or contracts: of everybody, and by quarter or year of the first."""

    kind: str
    every: Came
    cohorts: list[Came]
    by_year: bool


class ContractsHeld(Schema):
    """Contracts in force; of each number of them, how many holders have so many, the last standing for more, too."""

    holders: int
    contracts: int
    annual_premium_amount: float
    contracts_each: float
    premium_each: float
    premium_of_a_contract: float
    by_number: list[tuple[int, int]]


class Insured(Schema):
    """Holders by whom they insure, of those of whom it is known; `family_only` insure family and not themselves."""

    holders: int
    by_relation: dict[str, int]
    family_only: int


class Agent(Schema):
    """One member of staff, and what their customers bring in a year."""

    agent_id: str
    name: str
    has_left: bool
    customers: int
    contracts: int
    yearly_amount: float


class Agents(Schema):
    """Who look after customers: those whose customers bring most, the best tenth, and those who have left."""

    agents: int
    customers: int
    yearly_amount: float
    most: list[Agent]
    best: int
    best_amount: float
    left: int
    left_customers: int
    left_amount: float


class LineUse(Schema):
    """Customers by how they use one line of business, and what it brings in a year."""

    line: str
    main: int
    sometimes: int
    dormant: int
    yearly_amount: float


class Wallet(Schema):
    """Lines of business in use.

    `by_number` has lines in use, customers and what they bring in a year; `gaps`, row by row in the order of `lines`,
    who use the line of the row and not that of the column.
    """

    customers: int
    users: int
    by_number: list[tuple[int, int, float]]
    lines: list[LineUse]
    gaps: list[list[int | None]]


class Behaviour(Schema):
    """How the customers asked for behave; what nobody does is null or empty."""

    as_of: date
    repeats: list[Repeat]
    held: ContractsHeld | None
    insured: Insured | None
    agents: Agents | None
    wallet: Wallet | None


@router.get("/behaviour", response=answers(200, Behaviour, 503))
def behaviour(request: HttpRequest, unit: str | None = None) -> queries.Behaviour:
    """Who comes back, what is held and insured, whose customers they are, and which lines of business are used."""
    return queries.behaviour(unit=unit)


class AnswerShare(Schema):
    """So many of so many, with the 95 % interval of the share; null of nobody."""

    count: int
    total: int
    share: float | None
    low: float
    high: float


class Recommending(Schema):
    """Who would recommend the firm (9 or 10 of 10), who would not (6 or less), and the share of those less these."""

    answered: int
    promoters: AnswerShare
    detractors: AnswerShare
    net: float


class Loyalty(Schema):
    """How loyal customers act (gone, new, benefit, belonging, habit), and how satisfied they say they are.

    `matrix` has, for the satisfied, neutral and unsatisfied, how many have each level; `gone` how many of them, without
    the new, have gone.
    """

    as_of: date
    customers: int
    by_level: dict[str, int]
    answered: int
    matrix: dict[str, dict[str, int]]
    gone: dict[str, AnswerShare]
    recommending: Recommending | None


@router.get("/loyalty", response=answers(200, Loyalty, 503))
def loyalty(request: HttpRequest, unit: str | None = None) -> Overview:
    """How loyal customers act, how satisfied they say they are, and both together."""
    return loyalty_overview(unit=unit)
