"""Verbs of saved scenarios: save, change, archive, restore."""

from __future__ import annotations

import json

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.tags.wording.cleaning import cleaned, one_line
from zhike.understand.what_if.models import SavedScenario
from zhike.understand.what_if.reading import LARGEST
from zhike.understand.what_if.scenario import Scenario
from zhike.understand.what_if.writing import document_of


class NameTaken(UserError):
    """Another scenario in use has this name."""


class Overtaken(UserError):
    """Somebody else changed the scenario meanwhile."""

    status = 409


def save_scenario(scenario: Scenario) -> SavedScenario:
    """The scenario, kept under its name. Raises Denied, NameTaken, and UserError for a name that cannot be."""
    actor = require(Right.SAVE_SCENARIOS)
    saved = SavedScenario(made_by_id=actor.id if actor.kind == ActorKind.USER else None)
    return _stored(_filled(saved, scenario))


def change_scenario(
    *, scenario_id: int, scenario: Scenario | None = None, is_archived: bool | None = None, seen: int | None = None
) -> SavedScenario:
    """The scenario with another content, name and note, archived or brought back; what is None stays.

    `seen` is the revision that whoever changes it had before them: Overtaken, where there is another by now.
    Raises as `save_scenario`, and NotFound.
    """
    require(Right.SAVE_SCENARIOS)
    with transaction.atomic():
        saved = _locked(scenario_id, seen)
        if scenario is not None:
            _filled(saved, scenario)
        if is_archived is not None:
            saved.archived_at = (saved.archived_at or timezone.now()) if is_archived else None
        return _stored(saved)


def archive_scenario(*, scenario_id: int) -> SavedScenario:
    """The scenario, which lists leave out; its name is free. Raises Denied, NotFound."""
    return change_scenario(scenario_id=scenario_id, is_archived=True)


def restore_scenario(*, scenario_id: int) -> SavedScenario:
    """The scenario, which is listed again. Raises Denied, NotFound, and NameTaken where another has its name by now."""
    return change_scenario(scenario_id=scenario_id, is_archived=False)


def _filled(saved: SavedScenario, scenario: Scenario) -> SavedScenario:
    saved.content = document_of(scenario)
    if len(json.dumps(saved.content)) > LARGEST:
        raise UserError(_("is larger than any scenario"), where="scenario")
    saved.name = _checked_name(str(saved.content.pop("name")))
    saved.note = cleaned(str(saved.content.pop("note", "")))
    return saved


def _checked_name(name: str) -> str:
    """A name without spaces around it. Raises UserError for one that cannot be."""
    name = one_line(name, where="name")
    longest = SavedScenario._meta.get_field("name").max_length or 0
    if not name:
        raise UserError(_("a name is missing"), where="name")
    if len(name) > longest:
        raise UserError(_("a name has up to %(most)s characters") % {"most": longest}, where="name")
    return name


def _stored(saved: SavedScenario) -> SavedScenario:
    """The scenario, written. Raises NameTaken."""
    saved.revision = saved.revision + 1 if saved.pk else 1
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        raise NameTaken(
            _("there is a scenario “%(name)s” already") % {"name": saved.name},
            where="name",
            advice=_("Give it another name, or archive the other first."),
        ) from error
    return saved


def _locked(scenario_id: int, seen: int | None = None) -> SavedScenario:
    """The scenario, which nobody else changes before the transaction ends. Raises NotFound, Overtaken."""
    saved = SavedScenario.objects.select_for_update().filter(pk=scenario_id).first()
    if saved is None:
        raise NotFound(_("there is no scenario %(id)s") % {"id": scenario_id})
    if seen not in (None, saved.revision):
        raise Overtaken(
            _("the scenario “%(name)s” was changed meanwhile") % {"name": saved.name},
            advice=_("Look at it as it is now, then make your change again."),
        )
    return saved
