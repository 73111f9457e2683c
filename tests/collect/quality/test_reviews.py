"""Review campaigns: who is drawn, who looks at whom, what is found, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from zhike.collect.profiles import staff
from zhike.collect.profiles.queries import golden_record_of
from zhike.collect.quality.models import ReviewCampaign, ReviewItem, ReviewOutcome
from zhike.collect.quality.places import Place
from zhike.collect.quality.queries import board
from zhike.collect.quality.reviewing.assigning import assignees
from zhike.collect.quality.reviewing.planning import MOST_ITEMS, Wanted, plan_campaign
from zhike.collect.quality.reviewing.queries import items_of, work_of
from zhike.collect.quality.reviewing.results import results
from zhike.collect.quality.reviewing.services import (
    AlreadyReviewed,
    CampaignClosed,
    Finding,
    NoSuchItem,
    close_campaign,
    record_review,
    reopen_campaign,
    take_back,
    take_item,
)
from zhike.collect.quality.selecting import Drawn
from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.models import User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
CONFIRMED, WRONG, UNCLEAR = (Finding(verdict) for verdict in ("confirmed", "wrong", "unclear"))
SAMPLE = Wanted(name="Spring", fields=("name", "phone"), size=30, seed=7)


def _looked_at(item: ReviewItem, phone: Finding = CONFIRMED) -> ReviewItem:
    return record_review(item_id=item.pk, findings={"name": CONFIRMED, "phone": phone}, why="by telephone")


def _drawn(campaign: ReviewCampaign) -> list[int]:
    return list(campaign.items.values_list("customer_id", flat=True))


def test_the_same_seed_draws_the_same_people_and_another_others() -> None:
    first, again = plan_campaign(SAMPLE), plan_campaign(replace(SAMPLE, name="Again"))
    other = plan_campaign(replace(SAMPLE, name="Other", seed=8))
    assert len(set(_drawn(first))) == 30
    assert _drawn(first) == _drawn(again) != _drawn(other)
    assert first.population == {"": board().customers}


def test_a_sample_without_a_size_has_as_many_as_its_interval_takes() -> None:
    wide = plan_campaign(replace(SAMPLE, size=None, half_width=0.15))
    narrow = plan_campaign(replace(SAMPLE, name="Narrow", size=None, half_width=0.08))
    assert 20 < wide.items.count() < narrow.items.count() < board().customers


def test_every_stratum_is_drawn_from() -> None:
    campaign = plan_campaign(replace(SAMPLE, stratified_by="source"))
    drawn = {name: campaign.items.filter(stratum=name).count() for name in campaign.population}
    assert len(drawn) > 1
    assert all(count >= min(10, campaign.population[name], 30 // len(drawn)) for name, count in drawn.items())
    assert all(item.stratum == item.source for item in campaign.items.all())


def test_a_group_is_all_who_fit_its_rule() -> None:
    figure = next(one for one in board().rules if one.rule.name == "city_stated")
    campaign = plan_campaign(Wanted(name="City", fields=("city",), kind="group", rule=figure.rule.failing_text))
    assert campaign.items.count() == figure.failing
    assert campaign.seed is None


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"name": " "}, "name"),
        ({"fields": ()}, "fields"),
        ({"fields": ("referred_by",)}, "fields"),
        ({"kind": "census"}, "kind"),
        ({"size": 0}, "size"),
        ({"size": None, "half_width": 0.9}, "half_width"),
        ({"stratified_by": "colour"}, "stratified_by"),
        ({"seed": -1}, "seed"),
        ({"target": 2}, "target"),
        ({"rule": 'city = "Nowhere"', "kind": "group"}, "rule"),
        ({"rule": 'city = "Nowhere"', "stratified_by": "source"}, "rule"),
    ],
)
def test_what_cannot_be_planned_is_said_with_its_place(change: dict[str, object], where: str) -> None:
    with pytest.raises(UserError) as raised:
        plan_campaign(replace(SAMPLE, **change))  # type: ignore[arg-type]
    assert raised.value.where == where
    assert not ReviewCampaign.objects.exists()
    assert MOST_ITEMS > 1000


def test_a_name_is_taken_once() -> None:
    plan_campaign(SAMPLE)
    with pytest.raises(UserError, match="already"):
        plan_campaign(SAMPLE)
    assert ReviewItem.objects.count() == 30


def test_who_has_left_is_stood_in_for_by_the_managers_of_the_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2026, 6, 30)
    members = {
        "gone": staff.Member("gone", "", "north-1", "agent", day - timedelta(days=1)),
        "here": staff.Member("here", "", "north-1", "agent", None),
        "head": staff.Member("head", "", "north", "manager", None),
        "second": staff.Member("second", "", "north", "manager", None),
    }
    monkeypatch.setattr("zhike.collect.quality.reviewing.assigning.staff", lambda: members)

    def whom(agent: str, unit: str) -> Drawn:
        return Drawn(1, "", unit, "", "", agent, agent == "gone")

    drawn = [whom("here", "north-1"), whom("gone", "north-1"), whom("gone", "north"), whom("", "north"), whom("", "")]
    assert assignees(drawn, as_of=day) == ["here", "here", "head", "second", ""]


def test_a_correction_is_in_force_at_once_and_gone_when_taken_back() -> None:
    campaign = plan_campaign(replace(SAMPLE, rule='phone_quality = "valid"'))
    item = take_item(campaign_id=campaign.pk)
    assert item is not None
    before = golden_record_of(item.customer_id).values["phone"]
    _looked_at(item, Finding("corrected", "13912345678"))
    assert golden_record_of(item.customer_id).values["phone"] == "13912345678"
    outcome = ReviewOutcome.objects.get(item=item, field="phone")
    assert (outcome.verdict, outcome.was_empty) == ("corrected", False)
    take_back(item_id=item.pk)
    assert golden_record_of(item.customer_id).values["phone"] == before
    item.refresh_from_db()
    assert (item.state, item.outcomes.count()) == ("waiting", 0)


def test_a_value_that_cannot_be_leaves_nothing_half_done() -> None:
    campaign = plan_campaign(replace(SAMPLE, fields=("name", "phone", "born_on")))
    item = take_item(campaign_id=campaign.pk)
    assert item is not None
    before = golden_record_of(item.customer_id).values
    findings = {
        "name": Finding("corrected", "Somebody Else"),
        "phone": CONFIRMED,
        "born_on": Finding("corrected", "soon"),
    }
    with pytest.raises(UserError) as raised:
        record_review(item_id=item.pk, findings=findings)
    assert raised.value.where == "born_on"
    assert golden_record_of(item.customer_id).values == before
    item.refresh_from_db()
    assert (item.state, item.outcomes.count()) == ("waiting", 0)


def test_two_agents_have_two_customers_and_one_customer_is_reviewed_once() -> None:
    campaign = plan_campaign(SAMPLE)
    rights = frozenset(Right)
    ann, bob = (User.objects.create(username=name) for name in ("ann", "bob"))
    with acting_as(Actor(ActorKind.USER, ann.pk, "ann", rights)):
        hers = take_item(campaign_id=campaign.pk)
        assert hers is not None
        assert take_item(campaign_id=campaign.pk) == hers, "she has not looked yet"
    with acting_as(Actor(ActorKind.USER, bob.pk, "bob", rights)):
        his = take_item(campaign_id=campaign.pk)
        assert his is not None
        assert his != hers
        ReviewItem.objects.filter(pk=hers.pk).update(opened_at=timezone.now() - timedelta(hours=1))
        _looked_at(hers)  # she went to lunch
    with acting_as(Actor(ActorKind.USER, ann.pk, "ann", rights)), pytest.raises(AlreadyReviewed):
        _looked_at(hers, WRONG)
    assert ReviewOutcome.objects.filter(item=hers, verdict="wrong").count() == 0


def test_nothing_is_added_to_a_closed_review_and_closing_twice_is_closing_once() -> None:
    campaign = plan_campaign(SAMPLE)
    item = take_item(campaign_id=campaign.pk)
    assert item is not None
    _looked_at(item)
    closed = close_campaign(campaign_id=campaign.pk)
    assert close_campaign(campaign_id=campaign.pk).closed_at == closed.closed_at
    for act in (
        lambda: take_item(campaign_id=campaign.pk),
        lambda: take_back(item_id=item.pk),
        lambda: _looked_at(campaign.items.filter(state="waiting")[0]),
    ):
        with pytest.raises(CampaignClosed):
            act()
    reopen_campaign(campaign_id=campaign.pk)
    assert take_item(campaign_id=campaign.pk) is not None


def test_a_finding_says_something_of_every_field_and_nothing_else() -> None:
    item = plan_campaign(SAMPLE).items.first()
    assert item is not None
    for findings, where in (
        ({"name": CONFIRMED}, "phone"),
        ({"name": CONFIRMED, "phone": Finding("maybe")}, "phone"),
        ({"name": CONFIRMED, "phone": CONFIRMED, "email": CONFIRMED}, "email"),
        ({"name": CONFIRMED, "phone": Finding("wrong", "123")}, "phone"),
    ):
        with pytest.raises(UserError) as raised:
            record_review(item_id=item.pk, findings=findings)
        assert raised.value.where == where
    with pytest.raises(NoSuchItem):
        record_review(item_id=10**9, findings={})


def test_results_count_what_was_judged_and_the_board_shows_them() -> None:
    campaign = plan_campaign(replace(SAMPLE, rule="", fields=("name", "phone")))
    stated = 0
    for place, item in enumerate(campaign.items.all()):
        values = golden_record_of(item.customer_id).values
        has_phone = bool(values.get("phone"))
        _looked_at(item, WRONG if has_phone and place % 3 == 0 else CONFIRMED if has_phone else UNCLEAR)
        stated += has_phone
        if place == 19:  # those of whom has left were looked at first
            assert board().kpi("accuracy").basis == "checks"
            close_campaign(campaign_id=campaign.pk)
            kpi = board().kpi("accuracy")
            assert (kpi.basis, kpi.not_looked_at) == ("reviews", 10)
            reopen_campaign(campaign_id=campaign.pk)
    found = results(campaign)
    phone = next(one for one in found.fields if one.field == "phone")
    assert (found.items, found.done, phone.reviewed.fields) == (30, 30, stated)
    assert phone.verdicts["unclear"] == phone.was_empty == 30 - stated
    assert found.reviewed.share is not None
    assert sum(one.items for one in found.units) == sum(one.items for one in found.agents) == 30
    kpi = board().kpi("accuracy")
    assert (kpi.basis, kpi.share, kpi.not_looked_at) == ("reviews", found.reviewed.share.share, 0)
    assert board(Place(unit="nowhere")).kpi("accuracy").basis == ""


def test_work_is_listed_for_whom_it_was_given_to_with_the_departed_first() -> None:
    campaign = plan_campaign(SAMPLE)
    campaign.items.update(assignee_id="")
    last = campaign.items.order_by("-position")[0]
    campaign.items.filter(pk=last.pk).update(assignee_id="A1", is_agent_gone=True)
    ((work),) = work_of("A1")
    assert (work.campaign, work.waiting, work.departed) == (campaign, 1, 1)
    assert items_of(campaign, assignee="A1", after=0, limit=10) == [last]
    assert work_of("A2") == ()


@pytest.mark.parametrize(
    ("act", "lacking"),
    [
        (lambda: plan_campaign(SAMPLE), Right.MANAGE_QUALITY),
        (lambda: take_item(campaign_id=1), Right.REVIEW),
        (lambda: record_review(item_id=1, findings={}), Right.REVIEW),
        (lambda: record_review(item_id=1, findings={}), Right.SEE_PERSONAL_DATA),
        (lambda: take_back(item_id=1), Right.REVIEW),
        (lambda: close_campaign(campaign_id=1), Right.MANAGE_QUALITY),
    ],
)
def test_every_verb_asks_for_its_right(act: Callable[[], object], lacking: Right) -> None:
    actor = Actor(ActorKind.USER, None, "bob", frozenset(Right) - {lacking})
    with acting_as(actor), pytest.raises(Denied):
        act()
