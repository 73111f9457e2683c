"""Verbs that take definitions into force, and out of it: approve, publish, withdraw, retire, restore."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.services import enqueue_job
from zhike.rules.check import checked
from zhike.rules.errors import RuleError
from zhike.rules.tree import Definition, tree_from_json
from zhike.rules.vocabulary import Vocabulary
from zhike.understand.tags.circles import audience_trees, check_circles, users_of
from zhike.understand.tags.defining.services import locked_tag, user_id
from zhike.understand.tags.definitions import published_tags
from zhike.understand.tags.models import Tag, TagVersion
from zhike.understand.tags.vocabularies import whole_vocabulary
from zhike.warehouse.models import CurrentRefresh

KIND = "tag"  # of the job that computes tags alone
State = TagVersion.State


class NoSuchVersion(NotFound):
    """The tag has no version of this number."""


class NotNow(UserError):
    """The version is not in a state in which this can be done: somebody else may have been faster."""

    status = 409


class InUse(UserError):
    """Others are made of the tag."""

    status = 409


def approve_version(*, tag: str, number: int | None = None) -> TagVersion:
    """The draft, the newest if no number is given, as approved by whoever acts; authors may approve their own.

    Raises NoSuchTag, NoSuchVersion, NotNow for anything but a draft, Denied.
    """
    require(Right.APPROVE_TAGS)
    with transaction.atomic():
        version = _locked_version(tag, number)
        _expect(version, (State.DRAFT,), _("approved"))
        version.state, version.approved_at, version.approved_by_id = State.APPROVED, timezone.now(), user_id()
        version.save()
    return version


def publish_version(*, tag: str, number: int | None = None) -> TagVersion:
    """The approved version in force, in place of the one before. It is computed by a job that is asked for.

    Raises NoSuchTag, NoSuchVersion, NotNow for a version that was not approved, Circle, Denied, RuleError for a rule
    that names what is not in force, and InUse where it would leave another rule without a meaning.
    """
    return publish_versions([(tag, number)])[0]


def publish_versions(wanted: Sequence[tuple[str, int | None]]) -> list[TagVersion]:
    """All of these approved versions in force, or none; they may name one another. Raises as publish_version."""
    require(Right.APPROVE_TAGS)
    with transaction.atomic():
        _lock_all()
        versions = [_locked_version(tag, number) for tag, number in wanted]
        for version in versions:
            _expect(version, (State.APPROVED,), _("published"))
        put_in_force(versions)
        ask_for_rebuild([version.tag for version in versions])
    return versions


def put_in_force(versions: Sequence[TagVersion]) -> None:
    """Makes versions those in force, whatever they were. Raises Circle, RuleError."""
    now = timezone.now()
    for version in versions:
        TagVersion.objects.filter(tag=version.tag, state=State.PUBLISHED).update(state=State.REPLACED)
        version.state, version.published_at = State.PUBLISHED, now
        version.save()
    _check_in_force(versions)


def withdraw_version(*, tag: str, number: int | None = None) -> TagVersion:
    """The draft or approved version, which nobody can publish any more. Raises as approve_version."""
    require(Right.DEFINE_TAGS)
    with transaction.atomic():
        version = _locked_version(tag, number)
        _expect(version, TagVersion.OPEN, _("withdrawn"))
        if version.state == State.APPROVED:
            require(Right.APPROVE_TAGS)
        version.state = State.WITHDRAWN
        version.save(update_fields=["state"])
    return version


def retire_tag(*, name: str) -> Tag:
    """The tag, which no refresh computes and no rule may name from now on. Raises NoSuchTag, Denied, InUse."""
    require(Right.APPROVE_TAGS)
    with transaction.atomic():
        _lock_all()
        tag = locked_tag(name)
        tags, audiences = users_of(name, _trees_in_force()), users_of(name, audience_trees())
        others = [one for one in tags if one != name]
        if others or audiences:
            listed = [*others, *(_("audience “%(name)s”") % {"name": one} for one in audiences)]
            raise InUse(
                _("the tag “%(name)s” is used by %(users)s") % {"name": name, "users": ", ".join(listed)},
                advice=_("Change or retire those first."),
            )
        tag.retired_at = tag.retired_at or timezone.now()
        tag.save(update_fields=["retired_at", "changed_at"])
    return tag


def restore_tag(*, name: str) -> Tag:
    """The tag, as it was before it was retired. Raises NoSuchTag, Denied, RuleError if its rule means nothing now."""
    require(Right.APPROVE_TAGS)
    with transaction.atomic():
        _lock_all()
        tag = locked_tag(name)
        if tag.retired_at is None:
            return tag
        tag.retired_at = None
        tag.save(update_fields=["retired_at", "changed_at"])
        in_force = list(tag.versions.filter(state=State.PUBLISHED))
        _check_in_force(in_force)
        if in_force:
            ask_for_rebuild([tag])
    return tag


def ask_for_rebuild(tags: Sequence[Tag]) -> Job | None:
    """The job that computes these tags alone; none before the first refresh, which will compute them all."""
    names = [tag.name for tag in tags if not tag.is_set]
    if not names or not CurrentRefresh.objects.exists():
        return None
    return enqueue_job(kind=KIND, arguments={"names": names})


def _check_in_force(versions: Sequence[TagVersion]) -> None:
    """These versions, and all that are made of them, mean something. Raises Circle, RuleError, InUse."""
    known = whole_vocabulary()
    for version in versions:
        for stored in filter(None, (version.tree, version.later_fact)):
            checked(tree_from_json(stored), known)
    names = [version.tag.name for version in versions]
    trees, audiences = _trees_in_force(), audience_trees()
    check_circles(trees, audiences, names)
    for name in names:
        for user in users_of(name, trees):
            _check_user(user, trees[user], name, known)
        for user in users_of(name, audiences):
            _check_user(_("audience “%(name)s”") % {"name": user}, audiences[user], name, known)


def _check_user(user: str, tree: Definition, name: str, known: Vocabulary) -> None:
    try:
        checked(tree, known)
    except RuleError as error:
        raise InUse(
            _("%(user)s is made of “%(name)s”, and would mean nothing any more: %(problem)s")
            % {"user": user, "name": name, "problem": error.message},
            advice=_("Change that one first."),
        ) from error


def _trees_in_force() -> dict[str, Definition]:
    return {tag.name: tag.tree for tag in published_tags() if tag.tree is not None}


def _lock_all() -> None:
    """Nobody else takes a definition into force or out of it before the transaction ends: two could make a circle."""
    list(Tag.objects.select_for_update().order_by("pk").values_list("pk"))


def _locked_version(tag: str, number: int | None) -> TagVersion:
    found = locked_tag(tag)
    if found.retired_at is not None:
        raise NotNow(_("the tag “%(name)s” is retired") % {"name": tag}, advice=_("Restore it first."))
    versions = (
        found.versions.filter(number=number) if number is not None else found.versions.exclude(state=State.WITHDRAWN)
    )
    version = versions.select_related("tag").first()
    if version is None:
        raise NoSuchVersion(
            _("“%(name)s” has no version %(number)s") % {"name": tag, "number": 1 if number is None else number}
        )
    return version


def _expect(version: TagVersion, states: Sequence[str], wish: str) -> None:
    if version.state not in states:
        raise NotNow(
            _("version %(number)s of “%(name)s” is %(state)s, and cannot be %(wish)s")
            % {"number": version.number, "name": version.tag.name, "state": version.get_state_display(), "wish": wish},
            advice=_("Look at it again: somebody else may have been faster."),
        )
