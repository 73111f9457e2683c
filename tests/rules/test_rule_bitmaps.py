"""Rules counted on sets of customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from pyroaring import BitMap
from tests.rules.asking import Listed

from zhike.rules.bitmaps import count, members
from zhike.rules.text import parse_rule
from zhike.rules.tree import Condition

EVERYBODY = range(1, 11)
TAGS = {"odd": (1, 3, 5, 7, 9), "small": (1, 2, 3), "large": (4, 5, 6, 7, 8, 9, 10), "nobody": ()}


class Index:
    """Ten customers, a few tags, an audience; young ones are indexed, and what is asked of facts is not."""

    def __init__(self) -> None:
        self.everybody = BitMap(EVERYBODY)
        self.tags = {name: BitMap(numbers) for name, numbers in TAGS.items()}
        self.friends = BitMap([2, 4])
        self.young = BitMap([1, 2])
        self.scanned: list[list[Condition]] = []

    def tag(self, name: str, values: tuple[str, ...] = (), as_of: date | None = None) -> BitMap:
        if values or as_of:
            return self.tags[name] & BitMap([1, 4] if as_of else [3, 5])
        return self.tags[name]

    def attribute(self, condition: Condition) -> BitMap | None:
        return self.young if condition == parse_rule("age < 18") else None

    def numbers(self, condition: Condition) -> Listed | None:
        return Listed(BitMap([4, 5, 6])) if condition == parse_rule("age > 60") else None

    def audience(self, name: str) -> BitMap:
        assert name == "friends"
        return self.friends

    def scan_many(self, conditions: Sequence[Condition]) -> list[BitMap]:
        self.scanned.append(list(conditions))
        return [BitMap([5, 6]) for _ in conditions]

    def is_unchanged(self) -> bool:
        return all(set(self.tags[name]) == set(numbers) for name, numbers in TAGS.items()) and (
            list(self.everybody),
            list(self.friends),
            list(self.young),
        ) == (list(EVERYBODY), [2, 4], [1, 2])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('has tag "odd"', "1 3 5 7 9"),
        ('not has tag "odd"', "2 4 6 8 10"),
        ('not (not has tag "odd")', "1 3 5 7 9"),
        ('has tag "nobody"', ""),
        ('not has tag "nobody"', "1 2 3 4 5 6 7 8 9 10"),
        ('has tag "odd" = "three"', "3 5"),
        ('has tag "odd" as of 2026-01-31', "1"),
        ('in audience "friends"', "2 4"),
        ('not in audience "friends" and has tag "small"', "1 3"),
        ('has tag "odd" and has tag "small"', "1 3"),
        ('has tag "odd" and has tag "small" and age < 18', "1"),
        ('has tag "odd" and has tag "large" and not has tag "small" and not age < 18', "5 7 9"),
        ('not has tag "odd" and not has tag "small"', "4 6 8 10"),
        ('not has tag "odd" and not has tag "small" and not in audience "friends"', "6 8 10"),
        ('not has tag "small" and not has tag "large"', ""),
        ('has tag "odd" or has tag "small"', "1 2 3 5 7 9"),
        ('has tag "odd" or not has tag "small"', "1 3 4 5 6 7 8 9 10"),
        ('not has tag "odd" or not has tag "small"', "2 4 5 6 7 8 9 10"),
        ('has tag "small" or has tag "large"', "1 2 3 4 5 6 7 8 9 10"),
        ('has tag "small" or in audience "friends" or age < 18', "1 2 3 4"),
        ('(has tag "odd" or in audience "friends") and not (has tag "small" and age < 18)', "3 4 5 7 9"),
        ('not (has tag "odd" and not (has tag "small" or in audience "friends"))', "1 2 3 4 6 8 10"),
        ('has tag "odd" and has tag "odd"', "1 3 5 7 9"),
        ('has tag "odd" and not has tag "odd"', ""),
        ('has tag "odd" or not has tag "odd"', "1 2 3 4 5 6 7 8 9 10"),
        ("age > 60", "4 5 6"),
        ("not age > 60", "1 2 3 7 8 9 10"),
        ("age > 60 and age > 60", "4 5 6"),
        ('age > 60 and has tag "odd"', "5"),
        ('age > 60 and not has tag "odd"', "4 6"),
        ('age > 60 and not (has tag "odd" and has tag "large")', "4 6"),
        ('has tag "small" or age > 60 or not age > 60', "1 2 3 4 5 6 7 8 9 10"),
        ('has tag "small" or age > 60 and not in audience "friends"', "1 2 3 5 6"),
        ("ever(orders)", "5 6"),
        ('ever(orders) and has tag "odd"', "5"),
        ("not ever(orders)", "1 2 3 4 7 8 9 10"),
    ],
)
def test_members_and_their_number(rule: str, expected: str) -> None:
    index, condition = Index(), parse_rule(rule)
    assert " ".join(map(str, members(condition, index))) == expected
    assert count(condition, index) == len(expected.split())
    assert index.is_unchanged()


def test_what_has_no_index_is_asked_of_the_engine_in_one_pass_and_once() -> None:
    index = Index()
    rule = parse_rule('(ever(orders) or age > 40) and not age > 40 and has tag "odd" and age < 18 or ever(events)')
    members(rule, index)
    assert index.scanned == [[parse_rule("ever(orders)"), parse_rule("age > 40"), parse_rule("ever(events)")]]


def test_nothing_is_asked_of_the_engine_where_there_is_an_index() -> None:
    index = Index()
    count(parse_rule('has tag "odd" and not age < 18'), index)
    assert index.scanned == []
