"""Reads of scenarios: those that were saved, those that come with Zhike, and one filled from the firm's own data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.what_if.models import SavedScenario
from zhike.understand.what_if.reading import scenario_from_data
from zhike.understand.what_if.scenario import Scenario
from zhike.understand.what_if.shipped import examples


@dataclass(frozen=True)
class ScenarioShown:
    """A saved scenario; `problem` says why it cannot be read any more."""

    scenario_id: int
    revision: int
    name: str
    note: str
    scenario: Scenario | None
    problem: str
    made_by: str
    created_at: datetime
    changed_at: datetime
    is_archived: bool


def list_scenarios(*, archived: bool = False) -> tuple[ScenarioShown, ...]:
    """The saved scenarios by name; or those that were archived. Raises Denied."""
    require(Right.SEE_CUSTOMERS)
    found = SavedScenario.objects.select_related("made_by").filter(archived_at__isnull=not archived)
    return tuple(map(_shown, found))


def saved_scenario(scenario_id: int) -> ScenarioShown:
    """A saved scenario. Raises Denied, NotFound."""
    require(Right.SEE_CUSTOMERS)
    found = SavedScenario.objects.select_related("made_by").filter(pk=scenario_id).first()
    if found is None:
        raise NotFound(_("there is no scenario %(id)s") % {"id": scenario_id})
    return _shown(found)


def list_examples() -> Mapping[str, Scenario]:
    """The scenarios that come with Zhike, by the name of their file. Raises Denied."""
    require(Right.SEE_CUSTOMERS)
    return examples()


def example(name: str) -> Scenario:
    """One that comes with Zhike. Raises Denied, NotFound."""
    found = list_examples()
    if name not in found:
        raise NotFound(
            _("no example is called %(name)s") % {"name": repr(name)},
            advice=_("There are %(names)s.") % {"names": ", ".join(found)},
        )
    return found[name]


def _shown(saved: SavedScenario) -> ScenarioShown:
    scenario, problem = None, ""
    try:
        scenario = scenario_from_data({"name": saved.name, "note": saved.note, **saved.content}, where=saved.name)
    except UserError as error:  # written by a version that knew other inputs
        problem = error.message
    return ScenarioShown(
        scenario_id=saved.pk,
        revision=saved.revision,
        name=saved.name,
        note=saved.note,
        scenario=scenario,
        problem=problem,
        made_by=str(saved.made_by or ""),
        created_at=saved.created_at,
        changed_at=saved.changed_at,
        is_archived=saved.archived_at is not None,
    )
