"""How customers moved between the values of a tag, counted from the months that are kept."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from tests.understand.tags_in_force import only_these, set_by_hand

from zhike.collect.identity.services import merge_customers
from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.services import Denied
from zhike.rules.vocabulary import TagKind
from zhike.understand.migration.asking import Asked
from zhike.understand.migration.observed import Observed
from zhike.understand.migration.shown import document_of
from zhike.understand.migration.study import migration
from zhike.understand.migration.tag_history import WITHOUT, comparable, flows_of_tag, moves_of_tag
from zhike.understand.tags.computing.history import KeptMonth
from zhike.understand.tags.computing.states import TagState
from zhike.understand.tags.counting.index import values_of
from zhike.understand.tags.definitions import NoSuchTag
from zhike.understand.tags.setting.services import set_tag
from zhike.warehouse.queries import published
from zhike.warehouse.services import run_refresh

RECENCY = 'when days_since_last < 450 then "new" when days_since_last < 700 then "old" when order_count > 0 then "gone"'
JULY, LATE_JULY, AUGUST, SEPTEMBER = date(2026, 7, 3), date(2026, 7, 28), date(2026, 8, 2), date(2026, 9, 1)
MERGED = 8  # into customer 3


def said_by(tag: str, day: date) -> dict[int, str]:
    """What a tag says of every customer, one by one."""
    run_refresh(as_of=day)
    now = published()
    found = values_of(now, tag, range(now.next_customer_id))
    return {one: str(found[one]["value"]) if one in found else WITHOUT for one in range(now.next_customer_id)}


def moves(observed: Observed) -> dict[tuple[str, str], int]:
    states, counts = observed.states, observed.counts
    return {
        (come, go): int(counts[i, j]) for i, come in enumerate(states) for j, go in enumerate(states) if counts[i, j]
    }


@pytest.mark.usefixtures("company")
def test_moves_are_those_of_all_customers_one_by_one() -> None:
    only_these(recency=RECENCY, spent="revenue_amount")
    set_by_hand("vip")
    set_tag(tag="vip", customers=[1, 2, 3])
    july = said_by("recency", JULY)
    refuses_what_cannot_be_studied()
    set_tag(tag="vip", customers=[4, 5])
    run_refresh(as_of=LATE_JULY)  # not the first of its month
    august = said_by("recency", AUGUST)

    found = moves_of_tag("recency")
    expected = Counter((july[one], august[one]) for one in july)
    assert moves(found) == expected
    assert len(expected) > len(set(july.values()))  # somebody moved
    assert found.states == tuple(state for state in ("new", "old", "gone", WITHOUT) if state in {*july.values()})
    assert (found.first, found.last, found.left_out) == ("2026-07", "2026-08", ())
    assert found.stock is not None
    assert dict(zip(found.states, found.stock, strict=True)) == Counter(august.values())
    said = document_of(migration(found, Asked(margin=("new=10",), cost=("1",), discount=0.01, periods=2)))
    assert said["forecast"][0] == found.stock.tolist()
    assert (said["margin"][0], said["cost"]) == (10, [1] * len(found.states))
    with pytest.raises(UserError, match="of which state is the margin"):
        migration(found, Asked(margin=("10",)))
    count = published().customer_count
    assert moves(moves_of_tag("vip")) == {("yes", "yes"): 3, (WITHOUT, "yes"): 2, (WITHOUT, WITHOUT): count - 5}

    went = flows_of_tag("recency")
    assert went is not None
    assert went.flows == expected
    assert (went.states, went.months, went.since + 1) == (found.states, (went.since,), went.last)
    assert flows_of_tag("recency", went.since) == flows_of_tag("recency", 7) == went

    merge_customers([[3, MERGED]])
    run_refresh(as_of=SEPTEMBER)
    found = moves_of_tag("recency")
    went = flows_of_tag("recency")
    assert went is not None
    assert len(went.months) == 2
    assert sum(went.flows.values()) == count - 1
    assert found.counts.sum() == 2 * (count - 1)
    alone = {one: said for one, said in july.items() if one != MERGED}
    first = Counter((said, august[one]) for one, said in alone.items())
    assert all(moves(found)[pair] >= number for pair, number in first.items())


def refuses_what_cannot_be_studied() -> None:
    """As long as one month is kept."""
    with pytest.raises(UserError, match=r"no two months can be compared\nMonths of it that are kept: 1\."):
        moves_of_tag("recency")
    assert flows_of_tag("recency") is None
    with pytest.raises(NoSuchTag, match="recency"):
        moves_of_tag("recencies")
    with pytest.raises(UserError, match="numbers or days"):
        moves_of_tag("spent")
    with acting_as(Actor(ActorKind.NOBODY)), pytest.raises(Denied):
        moves_of_tag("recency")


def kept(month: int, as_of: date, version: int = 1, *, is_set: bool = False) -> KeptMonth:
    return KeptMonth(month, 100, TagState("a", TagKind.YES_NO, is_set, version, as_of, "", None))


def test_what_is_no_month_or_another_definition_is_left_out_and_said() -> None:
    year = 2026 * 12
    months = (
        kept(year + 6, date(2026, 7, 1)),
        kept(year + 7, date(2026, 8, 9)),
        kept(year + 8, date(2026, 9, 1), version=2),
        kept(year + 10, date(2026, 11, 1), version=2),
        kept(year + 11, date(2026, 12, 30), version=2),
        kept(year + 12, date(2027, 1, 2), version=2),
        kept(year + 13, date(2027, 2, 1), version=2),
    )
    pairs, left_out = comparable(months)
    assert pairs == [months[:2], months[5:]]
    assert left_out == [
        "From 2026-08 to 2026-09 the definition of the tag changed.",
        "Between 2026-09 and 2026-11 no month is kept.",
        "From 2026-11 to 2026-12 the tag was computed 59 days apart, which is no month.",
        "From 2026-12 to 2027-01 the tag was computed 3 days apart, which is no month.",
    ]
    by_hand = (kept(year, date(2026, 1, 1), is_set=True), kept(year + 1, date(2026, 2, 1), version=2, is_set=True))
    assert comparable(by_hand) == ([by_hand], [])
