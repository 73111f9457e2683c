"""The page on which a scenario is worked out: its sliders, what it comes to, and the copies that are kept of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.errors import UserError
from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.govern.organisation.queries import unit_of
from zhike.ui.toasts import toast
from zhike.ui.typed import whole_number
from zhike.ui.unpublished import when_published
from zhike.understand.what_if.filling import BASES, scenario_of_data
from zhike.understand.what_if.models import SavedScenario
from zhike.understand.what_if.pages.controls import controls_of, slot_of, title_of
from zhike.understand.what_if.pages.posted import Faults, act, read_typed, scenario_of
from zhike.understand.what_if.pages.shown import result_context
from zhike.understand.what_if.pages.typed import Typed, blank, typed_of
from zhike.understand.what_if.queries import ScenarioShown, example, saved_scenario
from zhike.understand.what_if.results import work_out
from zhike.understand.what_if.scenario import Scenario
from zhike.understand.what_if.services import (
    Overtaken,
    archive_scenario,
    change_scenario,
    restore_scenario,
    save_scenario,
)
from zhike.understand.what_if.workbook import workbook
from zhike.understand.what_if.writing import yaml_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Context = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@when_published
def new(request: HttpRequest) -> HttpResponse:
    """A scenario that is not saved yet: from an example, from the firm's orders, from another, or from nothing."""
    require(Right.SEE_CUSTOMERS)
    if request.method == "POST":
        return _sent(request, None)
    return _page(request, _begun(request), None)


@require_http_methods(["GET", "HEAD", "POST"])
def scenario(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """A saved scenario, and what is changed of it."""
    saved = saved_scenario(scenario_id)
    if request.method == "POST":
        return _sent(request, saved)
    if saved.scenario is None:
        return render(request, "what_if/unreadable.html", {"saved": saved, "may_save": may(Right.SAVE_SCENARIOS)})
    return _page(request, typed_of(saved.scenario), saved)


@require_POST
def result(request: HttpRequest) -> HttpResponse:
    """What the form comes to as it stands now, and what is wrong at which of its fields."""
    require(Right.SEE_CUSTOMERS)
    typed = read_typed(request.POST)
    found, faults = scenario_of(typed if typed.name.strip() else _named(typed))
    context = _worked(typed, found, faults, request.POST.get("beside", ""))
    wrong = set(faults) | set(request.POST.get("wrong", "").split())
    slots = [{"field": name, "id": slot_of(name), "wrong": faults.get(name, "")} for name in sorted(wrong) if name]
    return render(request, "what_if/result.html", context | {"slots": slots})


def _begun(request: HttpRequest) -> Typed:
    """What a new scenario begins with, as its address says."""
    if name := request.GET.get("example"):
        return typed_of(example(name))
    if (of := whole_number(request.GET.get("of", ""))) is not None:
        saved = saved_scenario(of)
        if saved.scenario is not None:
            return typed_of(saved.scenario)
    for basis in BASES:
        if basis in request.GET:
            unit = current_actor().unit
            return typed_of(scenario_of_data(basis=basis, unit=unit if unit_of(unit) else None))
    return blank()


def _sent(request: HttpRequest, saved: ScenarioShown | None) -> HttpResponse:
    """Carries out what a button of the form asks for."""
    do, typed = request.POST.get("do", ""), read_typed(request.POST)
    if do not in ("save", "save_as", "xlsx", "yaml"):
        act(typed, do)
        return _page(request, typed, saved)
    found, faults = scenario_of(typed)
    if found is None:
        return _page(request, typed, saved, faults=faults, status=422)
    if do in ("xlsx", "yaml"):
        return _file(found, do)
    try:
        kept = _kept(request, found, saved if do == "save" else None)
    except Overtaken:
        assert saved is not None
        return _page(request, typed, saved_scenario(saved.scenario_id), is_overtaken=True, status=409)
    except UserError as error:
        if error.where != "name":
            raise
        words = " ".join(filter(None, (error.message, error.advice)))
        return _page(request, typed, saved, faults={"name": words}, status=422)
    toast(request, _("The scenario “%(name)s” is saved.") % {"name": kept.name})
    return redirect("scenario", kept.pk)


def _kept(request: HttpRequest, found: Scenario, saved: ScenarioShown | None) -> SavedScenario:
    if saved is None:
        return save_scenario(found)
    seen = whole_number(request.POST.get("seen", "")) or 0
    return change_scenario(scenario_id=saved.scenario_id, scenario=found, seen=seen)


def _file(found: Scenario, kind: str) -> HttpResponse:
    """The scenario as a workbook, or as the YAML that commands read."""
    if kind == "xlsx":
        response = HttpResponse(workbook(work_out(found)), content_type=XLSX)
    else:
        response = HttpResponse(yaml_of(found), content_type="application/yaml; charset=utf-8")
    name = "".join("-" if one in '\\/:*?"<>|' else one for one in found.name)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.{kind}")
    return response


def _page(
    request: HttpRequest,
    typed: Typed,
    saved: ScenarioShown | None,
    *,
    faults: Faults | None = None,
    is_overtaken: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The whole page with what is typed; a scenario that says nothing yet has no result."""
    found, wrong = scenario_of(typed if typed.name.strip() else _named(typed))
    faults = wrong if faults is None else faults | wrong
    context = controls_of(typed, faults) | _worked(typed, found, wrong, request.POST.get("beside", ""))
    context |= {
        "saved": saved,
        "seen": saved.revision if saved else "",
        "is_overtaken": is_overtaken,
        "may_save": may(Right.SAVE_SCENARIOS),
        "action": reverse("scenario", args=[saved.scenario_id]) if saved else reverse("new_scenario"),
    }
    return render(request, "what_if/scenario.html", context, status=status)


def _named(typed: Typed) -> Typed:
    """The same under a name of no meaning: whoever looks at it need not have named it yet."""
    return Typed(**{**vars(typed), "name": "–"})


def _worked(typed: Typed, found: Scenario | None, faults: Faults, beside: str) -> Context:
    """What a scenario comes to; or what is in the way, each with its field."""
    if found is None:
        problems = [
            {"id": name.replace(".", "-"), "title": title_of(name, typed), "message": words}
            for name, words in faults.items()
        ]
        return {"problems": problems, "slots": [{"field": name, "wrong": words} for name, words in faults.items()]}
    try:
        return result_context(work_out(found), beside=beside)
    except UserError as error:
        return {"problems": [{"id": "", "message": error.message}]}


@require_POST
def archive(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """Takes a scenario off the list."""
    saved = archive_scenario(scenario_id=scenario_id)
    undo = reverse("restore_scenario", args=[scenario_id])
    toast(request, _("The scenario “%(name)s” is archived.") % {"name": saved.name}, undo_url=undo)
    return redirect("what_if")


@require_POST
def restore(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """Puts a scenario back on the list."""
    saved = restore_scenario(scenario_id=scenario_id)
    toast(request, _("The scenario “%(name)s” is back.") % {"name": saved.name})
    return redirect("scenario", scenario_id)
