"""How often a tag is right: by reviews of a random sample, and by what came true of those whom it named."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from tests.warehouse.small_company import import_company

from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.rules.bitmaps import members
from zhike.rules.text import parse_rule
from zhike.stats.proportions import wilson
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.defining.publishing import approve_version, publish_version
from zhike.understand.tags.defining.services import create_tag, draft_version
from zhike.understand.tags.models import Tag, TagReview, TagVersion
from zhike.understand.tags.proving.accuracy import accuracy
from zhike.understand.tags.proving.later import later_accuracy
from zhike.understand.tags.proving.sampling import NoSuchReview, draw_sample, record_review, record_reviews, shared_out
from zhike.warehouse.queries import published
from zhike.warehouse.services import run_refresh

WORDS = {"theme": "ours", "title": "A test"}


def in_force(name: str, rule: str, **more: object) -> TagVersion:
    create_tag(name=name, rule=rule, **WORDS, **more)  # type: ignore[arg-type]
    approve_version(tag=name)
    return publish_version(tag=name)


def reviewed(version: TagVersion, value: str, among: int, **verdicts: int) -> None:
    """So many reviews of a stratum: right=…, unclear=…, or the truth that there is instead."""
    first = TagReview.objects.count()
    found = [what for what, count in verdicts.items() for _ in range(count)]
    for place, what in enumerate(found):
        verdict = what if what in ("right", "unclear") else "wrong"
        TagReview.objects.create(
            tag=version.tag,
            version=version,
            customer_id=first + place,
            value=value,
            among_count=among,
            verdict=verdict,
            truth=what if verdict == "wrong" else "",
        )


def test_shares_of_a_sample_are_equal_as_far_as_there_are_so_many() -> None:
    assert shared_out(10, {"a": 100, "b": 100, "c": 100}) == {"a": 4, "b": 3, "c": 3}
    assert shared_out(10, {"a": 1, "b": 100, "c": 3}) == {"a": 1, "b": 6, "c": 3}
    assert shared_out(10, {"a": 1, "b": 2}) == {"a": 1, "b": 2}
    assert shared_out(2, {"a": 9, "b": 9, "c": 9}) == {"a": 1, "b": 1, "c": 0}
    assert shared_out(5, {}) == {}


@pytest.mark.usefixtures("home")
class TestReviews:
    """What reviews come to, with the numbers of a textbook."""

    def test_of_one_value_it_is_wilsons_interval(self) -> None:
        # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 15 of 148 has 0.0624 to 0.1605.
        version = in_force("adult", "age >= 18")
        reviewed(version, "yes", 5000, right=15, no=133, unclear=7)
        found = accuracy("adult")
        (value,) = found.values
        assert (value.among, value.judged, value.right) == (5000, 148, 15)
        assert value.precision is not None
        assert value.precision.share == pytest.approx(15 / 148)
        assert (round(value.precision.interval.low, 4), round(value.precision.interval.high, 4)) == (0.0624, 0.1605)
        assert found.precision == value.precision
        assert (found.drawn, found.unclear, found.waiting, found.reason) == (155, 7, 0, "")
        assert value.recall is None  # nobody without the tag was looked at

    def test_recall_counts_those_without_it_by_how_many_they_are(self) -> None:
        version = in_force("adult", "age >= 18")
        reviewed(version, "yes", 1000, right=45, no=5)
        reviewed(version, "", 9000, right=98, yes=2)
        found = accuracy("adult")
        named, others = found.values
        assert named.recall is not None
        # 900 of those who have it are right, 180 of those who have it not should have it.
        assert named.recall.share == pytest.approx(900 / (900 + 180))
        assert 0.5 < named.recall.interval.low < 0.8334 < named.recall.interval.high < 0.97
        assert (others.value, others.title, others.recall) == ("", "has it not", None)
        assert found.precision is not None
        assert found.precision.share == pytest.approx(0.9)  # those without it are no part of it

    def test_values_count_by_how_many_have_them(self) -> None:
        version = in_force("grown", 'when age < 18 then "minor" when age >= 18 then "adult"')
        reviewed(version, "adult", 900, right=18, minor=2)
        reviewed(version, "minor", 100, right=5, adult=5)
        found = accuracy("grown")
        assert found.precision is not None
        assert found.precision.share == pytest.approx(0.9 * 0.9 + 0.1 * 0.5)
        assert [value.title for value in found.values] == ["adult", "minor"]
        reviewed(version, "", 50, right=5)
        with_all = accuracy("grown")
        recalls = {value.value: value.recall for value in with_all.values}
        assert recalls["adult"] is not None
        assert recalls["adult"].share == pytest.approx(810 / (810 + 50))

    def test_nothing_is_said_of_a_handful(self) -> None:
        version = in_force("adult", "age >= 18")
        assert accuracy("adult").reason == "No sample was drawn yet."
        reviewed(version, "yes", 5000, right=4)
        found = accuracy("adult")
        assert (found.precision, found.values[0].precision) == (None, None)
        assert "could be judged" in found.reason
        TagReview.objects.create(tag=version.tag, version=version, customer_id=999, value="yes", among_count=5000)
        assert "looked at" in accuracy("adult").reason

    def test_another_version_is_another_matter(self) -> None:
        version = in_force("adult", "age >= 18")
        reviewed(version, "yes", 5000, right=20)
        draft_version(tag="adult", rule="age >= 21")
        assert accuracy("adult").drawn == 20
        approve_version(tag="adult")
        publish_version(tag="adult")
        assert (accuracy("adult").version, accuracy("adult").drawn) == (2, 0)


@pytest.mark.usefixtures("company")
class TestSamples:
    """Who is drawn."""

    def test_a_sample_is_drawn_of_each_value_and_of_those_without(self) -> None:
        drawn = draw_sample(tag="rfm_recency", size=24)
        assert Counter(review.value for review in drawn) == dict.fromkeys(["", "1", "2", "3", "4", "5"], 4)
        index = index_of(published())
        for review in drawn:
            having = index.tag("rfm_recency", (review.value,) if review.value else ())
            assert (review.customer_id in having) == bool(review.value)
            among = len(having) if review.value else len(index.everybody) - len(having)
            assert review.among_count == among

    def test_nobody_is_drawn_twice_and_a_seed_draws_the_same(self) -> None:
        first = draw_sample(tag="recently_active", size=10, seed=7)
        second = draw_sample(tag="recently_active", size=10)
        both = [review.customer_id for review in (*first, *second)]
        assert len(set(both)) == len(both)
        TagReview.objects.all().delete()
        again = draw_sample(tag="recently_active", size=10, seed=7)
        assert [review.customer_id for review in again] == [review.customer_id for review in first]
        everybody = draw_sample(tag="recently_active", size=10_000)
        assert len(everybody) + len(again) == published().customer_count

    def test_the_draw_favours_nobody(self) -> None:
        counted: Counter[int] = Counter()
        for seed in range(300):
            drawn = draw_sample(tag="reachable_by_phone", size=5, seed=seed, without=False)
            counted.update(review.customer_id for review in drawn)
            TagReview.objects.all().delete()
        having = index_of(published()).tag("reachable_by_phone")
        expected = 1500 / len(having)
        chi_square = sum((counted[customer] - expected) ** 2 / expected for customer in having)
        degrees = len(having) - 1
        assert abs(chi_square - degrees) < 4 * np.sqrt(2 * degrees)

    def test_what_was_found_is_recorded(self) -> None:
        drawn = draw_sample(tag="contract_holder", size=12)
        first = next(review for review in drawn if review.value == "active")
        record_review(review_id=first.pk, verdict="wrong", truth="former")
        others = [(review.customer_id, "right", "") for review in drawn if review.pk != first.pk]
        assert record_reviews(tag="contract_holder", found=others) == 11
        first.refresh_from_db()
        assert (first.verdict, first.truth, first.reviewed_at is not None) == ("wrong", "former", True)
        assert accuracy("contract_holder").waiting == 0
        with pytest.raises(NoSuchReview):
            record_review(review_id=10**9, verdict="right")
        with pytest.raises(UserError, match="is no verdict"):
            record_review(review_id=first.pk, verdict="maybe")
        with pytest.raises(UserError, match="only what is wrong"):
            record_review(review_id=first.pk, verdict="right", truth="former")
        stranger = next(one for one in range(1000) if one not in {review.customer_id for review in drawn})
        with pytest.raises(NoSuchReview, match="was not drawn"):
            record_reviews(tag="contract_holder", found=[(stranger, "right", "")])

    def test_of_yes_or_no_the_truth_follows_from_the_verdict(self) -> None:
        for review in draw_sample(tag="recently_active", size=4):
            found = record_review(review_id=review.pk, verdict="wrong")
            assert found.truth == ("no" if review.value else "yes")

    def test_numbers_and_days_are_one_part_of_the_sample(self) -> None:
        drawn = draw_sample(tag="spent_last_year", size=10)
        named = [review for review in drawn if review.value]
        assert all(float(review.value) >= 0 for review in named)
        assert draw_sample(tag="last_purchase_on", size=3)[0].value[:2] == "20"

    def test_it_takes_the_rights(self) -> None:
        (review, *_rest) = draw_sample(tag="recently_active", size=2)
        with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))):
            for attempt in (
                lambda: draw_sample(tag="recently_active", size=2),
                lambda: record_review(review_id=review.pk, verdict="right"),
            ):
                with pytest.raises(Denied):
                    attempt()
            assert accuracy("recently_active").drawn == 2


def test_what_became_of_those_whom_a_tag_named_stands_beside_everybody(home: Path) -> None:
    import_company(home / "files")
    Tag.objects.all().delete()
    later = {"later_fact": "ever(orders in last 92 days)", "later_days": 92}
    in_force("bought", "ever(orders in last 180 days)", **later)
    in_force("size", 'when revenue_amount > 500 then "large" when order_count > 0 then "small"', **later)
    in_force("plain", "age > 1")
    in_force("patient", "age > 1", later_fact="ever(orders)", later_days=1000)
    run_refresh(as_of=date(2026, 3, 1))
    named = index_of(published()).tag("bought").copy()
    run_refresh(as_of=date(2026, 6, 1))
    fact = members(parse_rule("ever(orders in last 92 days)"), index_of(published()))

    found = later_accuracy("bought")
    assert found is not None
    assert (found.known_as_of, found.as_of, found.days, found.reason) == (date(2026, 3, 1), date(2026, 6, 1), 92, "")
    assert (found.customers, found.held) == (published().customer_count, len(fact))
    came_true = found.any_value
    assert came_true is not None
    assert (came_true.named, came_true.held) == (len(named), len(named & fact))
    assert came_true.precision is not None
    assert came_true.precision.share == came_true.held / came_true.named
    assert came_true.precision.interval == wilson(came_true.held, came_true.named)
    assert came_true.lift is not None
    assert came_true.lift.lift == pytest.approx(came_true.precision.share / (len(fact) / found.customers))

    sizes = later_accuracy("size")  # a category is judged value by value
    assert sizes is not None
    assert [value.value for value in sizes.values] == ["large", "small"]
    assert sizes.any_value is not None
    assert sum(value.named for value in sizes.values) == sizes.any_value.named
    assert sum(value.held for value in sizes.values) == sizes.any_value.held

    assert later_accuracy("plain") is None
    patient = later_accuracy("patient")  # nothing is kept of a thousand days ago
    assert patient is not None
    assert (patient.any_value, patient.base_share) == (None, None)
    assert "is known from 1 Mar 2026 on" in patient.reason
