"""Scenarios for machines: listed, read, saved, worked out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Path, Router, Schema, Status

from zhike.govern.access.problems import answers
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.what_if import queries, services
from zhike.understand.what_if.reading import scenario_from_data
from zhike.understand.what_if.results import as_document, work_out
from zhike.understand.what_if.scenario import Scenario
from zhike.understand.what_if.writing import document_of

router = Router(tags=["what if"])
ScenarioId = Annotated[int, Path(ge=1, lt=2**63)]
Document = Annotated[
    dict[str, Any], Field(description="Keys and values as in a file; see how-to/work-out-lifetime-value.md.")
]


class ScenarioDocument(Schema):
    """A scenario."""

    scenario: Document


class ScenarioExample(ScenarioDocument):
    """A scenario that comes with Zhike."""

    example: str


class SavedScenarioAnswer(Schema):
    """A saved scenario; where it cannot be read any more, `problem` says why."""

    scenario_id: int
    revision: int = Field(description="Goes up with every change. Give it as `seen` when you change the scenario.")
    name: str
    note: str
    made_by: str
    created_at: datetime
    changed_at: datetime
    is_archived: bool
    scenario: dict[str, Any] | None
    problem: str


class ScenarioChanges(Schema):
    """What is to be different of a scenario; what is left out stays as it is."""

    scenario: Document | None = None
    is_archived: bool | None = None
    seen: int | None = Field(None, ge=0, lt=2**63, description="The `revision` you had: another by now is 409.")


class WorkedOutTable(Schema):
    """A table: each of `years` has every line of it, amounts in all unless said otherwise."""

    ltv: float
    years: list[dict[str, float]]
    break_even_retention: list[float] | None
    why_no_break_even: str | None


class WorkedOutStrategy(WorkedOutTable):
    """The table after a strategy, and what the strategy is worth."""

    change_per_customer: float
    change_for_whole_base: float


class TornadoBar(Schema):
    """The lifetime value with less and more of one input."""

    name: str
    less: float
    more: float
    is_cut: bool


class WorkedOutScenario(Schema):
    """What a scenario comes to."""

    scenario: str
    customers: float
    whole_base: float
    base: WorkedOutTable
    strategies: dict[str, WorkedOutStrategy]
    tornado: list[TornadoBar]
    assumed: dict[str, str]


@router.get("/scenarios/examples", response=answers(200, list[ScenarioExample]))
def list_scenario_examples(request: HttpRequest) -> list[dict[str, Any]]:
    """The scenarios that come with Zhike."""
    return [{"example": name, "scenario": document_of(one)} for name, one in queries.list_examples().items()]


@router.post("/scenarios/work-out", response=answers(200, WorkedOutScenario, 413))
def work_out_scenario(request: HttpRequest, wanted: ScenarioDocument) -> dict[str, Any]:
    """The tables of a scenario before and after each strategy, break-even retentions and tornado; keeps nothing."""
    require(Right.SEE_CUSTOMERS)
    return as_document(work_out(_scenario(wanted.scenario)))


@router.get("/scenarios", response=answers(200, list[SavedScenarioAnswer]))
def list_scenarios(request: HttpRequest, archived: bool = False) -> list[dict[str, Any]]:
    """The saved scenarios by name; or those that were archived."""
    return [_answer(one) for one in queries.list_scenarios(archived=archived)]


@router.post("/scenarios", response=answers(201, SavedScenarioAnswer, 413))
def save_scenario(request: HttpRequest, wanted: ScenarioDocument) -> Status[dict[str, Any]]:
    """Keeps a scenario under its name."""
    require(Right.SEE_CUSTOMERS)
    saved = services.save_scenario(_scenario(wanted.scenario))
    return Status(201, _answer(queries.saved_scenario(saved.pk)))


@router.get("/scenarios/{int:scenario_id}", response=answers(200, SavedScenarioAnswer, 404))
def find_scenario(request: HttpRequest, scenario_id: ScenarioId) -> dict[str, Any]:
    """One saved scenario."""
    return _answer(queries.saved_scenario(scenario_id))


@router.patch("/scenarios/{int:scenario_id}", response=answers(200, SavedScenarioAnswer, 404, 409, 413))
def change_scenario(request: HttpRequest, scenario_id: ScenarioId, wanted: ScenarioChanges) -> dict[str, Any]:
    """Replaces a saved scenario, its name and note among it; archives it, or brings it back."""
    require(Right.SEE_CUSTOMERS)
    scenario = None if wanted.scenario is None else _scenario(wanted.scenario)
    services.change_scenario(
        scenario_id=scenario_id, scenario=scenario, is_archived=wanted.is_archived, seen=wanted.seen
    )
    return _answer(queries.saved_scenario(scenario_id))


def _scenario(document: dict[str, Any]) -> Scenario:
    return scenario_from_data(document, where=_("scenario"))


def _answer(shown: queries.ScenarioShown) -> dict[str, Any]:
    return {**vars(shown), "scenario": document_of(shown.scenario) if shown.scenario else None}
