"""Pure measures of satisfaction and loyalty: what customers answer, how loyal they act, and how many do both."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.understand.behaviour.loyalty.tables import NOT_ASKED
from zhike.understand.value.measures import days_between, rounded
from zhike.warehouse.functions import get_json_object

SURVEY = "survey"  # the kind of event that is an answer
SCALE = 5  # on which `satisfaction` is, unless the answer says `of`
NUMBER = r"^[ \t\r\n]*([0-9]{1,15}([.][0-9]+)?([eE][+-]?[0-9]{1,2})?)[ \t\r\n]*$"
SATISFIED, UNSATISFIED = 4, 2  # from, and up to
PROMOTER, DETRACTOR = 9, 6
YEAR = timedelta(days=365)
HABIT_DAYS, HABIT_YEARS = 5, 3  # days with an order over a year or more, or years that a contract is in force
SEVERAL_LINES = 2


def survey_answers(events: Table, *, as_of: date) -> Table:
    """One row per customer who answered: satisfaction from 1 to 5 and recommendation from 0 to 10, each the last said.

    An answer is an event of the kind survey, whose properties are JSON: `satisfaction`, of a scale from 1 to `of` (5),
    and `recommend`, of which the whole number below counts: 8.5 is no 9. Only what stands at the top of the object
    is read. What lies outside its scale is left out.
    """
    asked = events.filter((events.kind == SURVEY) & (events.occurred_on <= ibis.literal(as_of)))
    said = _number(asked.properties, "satisfaction")
    scale = _number(asked.properties, "of").fill_null(SCALE)
    on_five = rounded(1 + (SCALE - 1) * (said - 1) / (scale - 1).nullif(0), places=2)
    recommend = _number(asked.properties, "recommend")
    answers = asked.select(
        *("customer_id", "occurred_at", "occurred_on", "source", "event_id"),
        satisfaction=((scale >= 2) & (said >= 1) & (said <= scale)).ifelse(on_five, None),
        recommend_score=(recommend <= 10).ifelse(recommend.floor(), None).cast("int64"),
    )
    satisfied, recommended = (_last(answers, name) for name in ("satisfaction", "recommend_score"))
    recommended = recommended.rename(recommender="customer_id", recommended_on="surveyed_on")
    both = satisfied.outer_join(recommended, satisfied.customer_id == recommended.recommender)
    return both.select(
        customer_id=both.customer_id.fill_null(both.recommender),
        satisfaction="satisfaction",
        recommend_score="recommend_score",
        surveyed_on=ibis.greatest(
            both.surveyed_on.fill_null(both.recommended_on), both.recommended_on.fill_null(both.surveyed_on)
        ),
    )


def _number(properties: Value, name: str) -> Value:
    """The number that a JSON object has under a name, also where it is written as a text; empty where it is none."""
    found = get_json_object(properties, f"$.{name}")
    return found.re_extract(NUMBER, 1).nullif("").cast("float64")


def _last(answers: Table, name: str) -> Table:
    """Of each customer the last answer that says something under a name."""
    given = answers.filter(answers[name].notnull())
    newest = [ibis.desc("occurred_at"), ibis.desc("source"), ibis.desc("event_id")]
    ranked = given.mutate(place=ibis.row_number().over(ibis.window(group_by="customer_id", order_by=newest)))
    return ranked.filter(ranked.place == 0).select("customer_id", name, surveyed_on="occurred_on")


def contracts_kept(contracts: Table) -> Table:
    """One row per holder: how many contracts they took out so far, and since when the oldest in force is."""
    begun = contracts.filter(contracts.current_status != "pending")
    is_active = begun.current_status == "active"
    return begun.group_by("customer_id").agg(contracts=_.count(), since_on=begun.started_on.min(where=is_active))


def loyalty(behaviour: Table, orders: Table, kept: Table, answers: Table, *, as_of: date) -> Table:
    """One row per customer who bought something or answered a survey: the level of loyalty, and what they answered.

    Who neither ordered within 365 days nor has a contract in force has `gone`. Of the others is `new` who bought once:
    on one day, or one contract for less than a year. Who came back does so for the `benefit`; the level is `belonging`
    of who besides uses two lines of business or would recommend the firm (9 or 10), and `habit` of who ordered on five
    days over a year or more, or kept a contract for three years.
    """
    buyers, said = behaviour.select("customer_id", "line_count"), answers.rename(answered="customer_id")
    both = buyers.outer_join(said, buyers.customer_id == said.answered)
    known = both.select(
        *("line_count", "satisfaction", "recommend_score", "surveyed_on"),
        customer_id=both.customer_id.fill_null(both.answered),
    ).view()  # or Ibis would take the joins below for a part of this one, which has no such column
    ordered = orders.select("purchase_days", "first_ordered_on", "last_ordered_on", buyer="customer_id")
    held = kept.rename(holder="customer_id")
    known = known.left_join(ordered, known.customer_id == ordered.buyer).drop("buyer")
    known = known.left_join(held, known.customer_id == held.holder).drop("holder")
    return known.select(
        "customer_id",
        loyalty_level=_level(known, as_of),
        satisfaction="satisfaction",
        recommend_score="recommend_score",
        surveyed_on="surveyed_on",
    )


def _level(known: Table, as_of: date) -> Value:
    year_ago, years_ago = ibis.literal(as_of - YEAR), ibis.literal(as_of - HABIT_YEARS * YEAR)
    is_there = (known.last_ordered_on > year_ago).fill_null(False) | known.since_on.notnull()
    purchases = known.purchase_days.fill_null(0) + known.contracts.fill_null(0)
    came_back = (purchases >= 2) | (known.since_on <= year_ago).fill_null(False)
    belongs = (known.line_count >= SEVERAL_LINES) | (known.recommend_score >= PROMOTER).fill_null(False)
    span = days_between(known.first_ordered_on, known.last_ordered_on)
    by_habit = ((known.purchase_days >= HABIT_DAYS) & (span >= YEAR.days)).fill_null(False) | (
        known.since_on <= years_ago
    ).fill_null(False)
    return ibis.cases(
        (known.line_count.isnull(), ibis.null("string")),
        (~is_there, "gone"),
        (~came_back, "new"),
        (by_habit, "habit"),
        (belongs, "belonging"),
        else_="benefit",
    )


def loyalty_counts(customers: Table) -> Table:
    """One row per org unit, satisfaction and level of loyalty: buyers, and how many of them would recommend the firm.

    `customers` has `unit_id` beside the columns of loyalty.
    """
    customers = customers.filter(customers.loyalty_level.notnull())
    level = ibis.cases(
        (customers.satisfaction >= SATISFIED, "satisfied"),
        (customers.satisfaction <= UNSATISFIED, "unsatisfied"),
        (customers.satisfaction.notnull(), "neutral"),
        else_=NOT_ASKED,
    )
    said = customers.recommend_score
    return customers.group_by("unit_id", "loyalty_level", satisfaction=level).agg(
        customers=_.count(),
        promoters=(said >= PROMOTER).fill_null(False).cast("int64").sum(),
        passives=((said > DETRACTOR) & (said < PROMOTER)).fill_null(False).cast("int64").sum(),
        detractors=(said <= DETRACTOR).fill_null(False).cast("int64").sum(),
    )
