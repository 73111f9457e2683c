"""Verbs of reviews: plan a campaign, take a customer, say what was found, take it back, close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.collect.profiles.queries import golden_record_of
from zhike.collect.profiles.services import correct, undo_correction
from zhike.collect.quality.models import ReviewCampaign, ReviewItem, ReviewOutcome
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind, current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require

TAKEN_FOR = timedelta(minutes=30)
Verdict = ReviewOutcome.Verdict


class NoSuchCampaign(NotFound):
    """There is no review campaign of this number."""


class NoSuchItem(NotFound):
    """There is no customer to be reviewed under this number."""


class AlreadyReviewed(UserError):
    """Somebody else was faster."""

    status = 409


class CampaignClosed(UserError):
    """Nothing is added to a campaign that was closed."""

    status = 409


@dataclass(frozen=True)
class Finding:
    """What somebody found of one field."""

    verdict: str
    value: str = ""  # the right one, where it was corrected


def take_item(*, campaign_id: int, assignee: str | None = None) -> ReviewItem | None:
    """The next customer for whoever acts, who has them alone for half an hour; none where all were looked at.

    Of those given to `assignee`, or of all. Raises NoSuchCampaign, Denied, CampaignClosed.
    """
    require(Right.REVIEW)
    campaign = campaign_of(campaign_id)
    _require_open(campaign)
    now, me = timezone.now(), user_id()
    is_free = Q(opened_at=None) | Q(opened_at__lt=now - TAKEN_FOR) | Q(opened_by_id=me)
    waiting = campaign.items.filter(state=ReviewItem.State.WAITING)
    if assignee is not None:
        waiting = waiting.filter(assignee_id=assignee)
    while True:
        item = waiting.filter(is_free).order_by("position").first()
        if item is None:
            return None
        taken = waiting.filter(is_free, pk=item.pk).update(opened_at=now, opened_by_id=me)
        if taken:  # else somebody took it in this moment
            return item


def record_review(*, item_id: int, findings: Mapping[str, Finding], why: str = "") -> ReviewItem:
    """The customer, who is reviewed now: what was found of each field; corrections are in force at once.

    Either all of it is kept or nothing. Raises NoSuchItem, Denied, AlreadyReviewed, CampaignClosed, and UserError for
    a value that cannot be, with its field.
    """
    require(Right.REVIEW)
    require(Right.SEE_PERSONAL_DATA)
    with transaction.atomic():
        item = _locked(item_id)
        _require_open(item.campaign)
        if item.state != ReviewItem.State.WAITING:
            raise AlreadyReviewed(
                _("somebody has reviewed this customer already"), advice=_("Go on with the next one.")
            )
        _check_findings(item.campaign, findings)
        values = golden_record_of(item.customer_id).values
        reason = why.strip() or _("review “%(name)s”") % {"name": item.campaign.name}
        for name, finding in findings.items():
            _keep_finding(item, name, finding, was_empty=values.get(name) in (None, ""), why=reason)
        item.state, item.reviewed_at, item.reviewed_by_id = ReviewItem.State.REVIEWED, timezone.now(), user_id()
        item.save(update_fields=["state", "reviewed_at", "reviewed_by"])
    return item


def take_back(*, item_id: int) -> ReviewItem:
    """The customer, who waits to be reviewed again; what was corrected is as it was before.

    Raises NoSuchItem, Denied, CampaignClosed.
    """
    actor = require(Right.REVIEW)
    with transaction.atomic():
        item = _locked(item_id)
        _require_open(item.campaign)
        if item.reviewed_by_id not in (None, user_id()) and actor.kind == ActorKind.USER:
            require(Right.MANAGE_QUALITY)
        for outcome in item.outcomes.exclude(correction_id=None):
            assert outcome.correction_id is not None
            undo_correction(correction_id=outcome.correction_id)
        item.outcomes.all().delete()
        item.state, item.reviewed_at, item.reviewed_by_id = ReviewItem.State.WAITING, None, None
        item.opened_at, item.opened_by_id = timezone.now(), user_id()
        item.save(update_fields=["state", "reviewed_at", "reviewed_by", "opened_at", "opened_by"])
    return item


def close_campaign(*, campaign_id: int) -> ReviewCampaign:
    """The campaign, to which nothing is added any more; harmless when repeated. Raises NoSuchCampaign, Denied."""
    require(Right.MANAGE_QUALITY)
    campaign = campaign_of(campaign_id)
    is_open = ReviewCampaign.objects.filter(pk=campaign.pk, state=ReviewCampaign.State.OPEN)
    is_open.update(state=ReviewCampaign.State.CLOSED, closed_at=timezone.now())
    campaign.refresh_from_db()
    return campaign


def reopen_campaign(*, campaign_id: int) -> ReviewCampaign:
    """The campaign, which goes on; harmless when repeated. Raises NoSuchCampaign, Denied."""
    require(Right.MANAGE_QUALITY)
    campaign = campaign_of(campaign_id)
    ReviewCampaign.objects.filter(pk=campaign.pk).update(state=ReviewCampaign.State.OPEN, closed_at=None)
    campaign.refresh_from_db()
    return campaign


def campaign_of(campaign_id: int) -> ReviewCampaign:
    """The campaign of this number. Raises NoSuchCampaign."""
    campaign = ReviewCampaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        raise NoSuchCampaign(
            _("there is no review %(id)s") % {"id": campaign_id}, advice=_("`zhike quality review list` lists them.")
        )
    return campaign


def user_id() -> int | None:
    """The number of the user who acts; none for a token or the operator."""
    actor = current_actor()
    return actor.id if actor.kind == ActorKind.USER else None


def _locked(item_id: int) -> ReviewItem:
    item = ReviewItem.objects.select_for_update(of=("self",)).select_related("campaign").filter(pk=item_id).first()
    if item is None:
        raise NoSuchItem(_("there is no customer to be reviewed under %(id)s") % {"id": item_id})
    return item


def _require_open(campaign: ReviewCampaign) -> None:
    if campaign.state != ReviewCampaign.State.OPEN:
        raise CampaignClosed(_("the review “%(name)s” is closed") % {"name": campaign.name})


def _check_findings(campaign: ReviewCampaign, findings: Mapping[str, Finding]) -> None:
    for name in campaign.fields:
        if name not in findings or not findings[name].verdict:
            raise UserError(_("nothing is said of this field yet"), where=name)
    for name, finding in findings.items():
        if name not in campaign.fields:
            raise UserError(_("this review does not look at “%(name)s”") % {"name": name}, where=name)
        if finding.verdict not in Verdict.values:
            raise UserError(
                _("“%(verdict)s” is no verdict") % {"verdict": finding.verdict},
                where=name,
                advice=_("Choose one of %(values)s.") % {"values": ", ".join(str(words) for words in Verdict.labels)},
            )
        if finding.value and finding.verdict != Verdict.CORRECTED:
            raise UserError(_("only what is corrected has another value"), where=name)


def _keep_finding(item: ReviewItem, name: str, finding: Finding, *, was_empty: bool, why: str) -> None:
    correction_id = None
    if finding.verdict == Verdict.CORRECTED:
        try:
            done = correct(customer_id=item.customer_id, field=name, value=finding.value, why=why)
        except UserError as error:
            error.where = error.where or name
            raise
        correction_id = done.pk
    ReviewOutcome.objects.create(
        item=item, field=name, verdict=finding.verdict, was_empty=was_empty, correction_id=correction_id
    )
