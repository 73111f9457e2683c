"""The page of how customers move between states."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.errors import UserError
from zhike.govern.organisation.queries import unit_of, units
from zhike.ui.templatetags.formats import currency_sign
from zhike.ui.unpublished import when_published
from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.periods import name_of
from zhike.understand.lifecycle.words import NOTES, STAGES
from zhike.understand.migration.asking import as_typed
from zhike.understand.migration.drivers.queries import move_drivers
from zhike.understand.migration.observed import Observed
from zhike.understand.migration.pages.charts import Called, flows, flows_of_values, matrix, stock
from zhike.understand.migration.pages.drivers import drivers_shown
from zhike.understand.migration.pages.holding import holdings, tried
from zhike.understand.migration.pages.tables import rows_of_states, values_in_words
from zhike.understand.migration.pages.wanted import Wanted, asked_of, tags_of_states, wanted
from zhike.understand.migration.stage_history import Moved, StageHistory, moved_within_a_year, stage_history
from zhike.understand.migration.study import Migration
from zhike.understand.migration.study import migration as study
from zhike.understand.migration.tag_history import WITHOUT, flows_of_tag, moves_of_tag
from zhike.understand.tags.wording.titles import titles

AGO = (1, 3, 6, 12, 24)  # months from which flows may be shown


@require_safe
@when_published
def migration(request: HttpRequest) -> HttpResponse:
    """How customers moved, who will be where, and what that is worth."""
    tags = tags_of_states()
    asked = wanted(request.GET, tags)
    context: dict[str, Any] = {
        "asked": asked,
        "tags": sorted(tags.items(), key=lambda one: one[1]),
        "all_units": units(),
        "asked_unit": unit_of(asked.unit),
        "currency": currency_sign(),
    }
    context |= _of_tag(asked, tags[asked.tag]) if asked.tag else _of_stages(asked)
    return render(request, "migration/migration.html", context)


def _of_stages(asked: Wanted) -> dict[str, Any]:
    history = stage_history(unit=asked.unit or None)
    moved = moved_within_a_year(unit=asked.unit or None)
    called = Called({name: str(title) for name, title in STAGES.items()}, partial(_rule_of_stages, moved), asked.unit)
    context: dict[str, Any] = {"states_title": _("Stages of life")}
    if history.observed is None:
        return context
    margins = asked.margins if asked.is_priced else {name: as_typed(amount) for name, amount in history.given.items()}
    margins = {name: text for name, text in margins.items() if name in history.observed.states}
    context |= _shown(asked, history.observed, called, margins)
    since = asked.since if asked.since and asked.since in history.flows else history.last - stages.YEAR
    context |= {
        "flows": flows(history, since, called),
        "since": since,
        "sinces": [(history.last - ago, name_of(history.last - ago, "month")) for ago in AGO],
        "joined": round(history.joined, 1),
        "drivers": drivers_shown(move_drivers(unit=asked.unit or None), asked.move, asked.unit),
        "glossary": [(STAGES[name], NOTES[name]) for name in stages.STAGES],
    }
    if "found" in context:
        context["matrix"] = matrix(context["found"], called, moved)
        context["stock"] = _stock(context["found"], context["place"], history, called)
    return context


def _of_tag(asked: Wanted, title: str) -> dict[str, Any]:
    context: dict[str, Any] = {"states_title": title}
    try:
        observed = moves_of_tag(asked.tag)
    except UserError as error:
        return context | {"refusal": error.message, "advice": error.advice}
    words = titles()[asked.tag]
    went = flows_of_tag(asked.tag, asked.since)
    states = dict.fromkeys((*observed.states, *(went.states if went else ())))
    names = {state: _("without") if state == WITHOUT else words.value(state) for state in states}
    called = Called(names, lambda _come, go: _rule_of_tag(asked.tag, go), asked.unit)
    context |= _shown(asked, observed, called, asked.margins)
    if "found" in context:
        context["stock"] = stock(context["found"], context["place"], [], called)
    if went:
        ago = [month for month in went.months if went.last - month in AGO or month == went.since]
        context |= {
            "flows": flows_of_values(went, called),
            "since": went.since,
            "sinces": [(month, name_of(month, "month")) for month in ago],
        }
    return context


def _shown(asked: Wanted, observed: Observed, called: Called, margins: Mapping[str, str]) -> dict[str, Any]:
    costs = {state: text for state, text in asked.costs.items() if state in observed.states}
    typed = {"margins": margins, "costs": costs, "called": called, "observed": observed}
    wrong = ""
    try:
        try:
            found = study(observed, asked_of(asked, margins, costs))
        except UserError as error:  # what was typed is wrong, or the moves themselves say too little
            found, wrong = study(observed, asked_of(asked, {}, {})), error.message
    except UserError as error:
        return {"refusal": error.message, "advice": error.advice}
    largest = 0 if observed.stock is None else int(np.argmax(observed.stock))
    place = observed.states.index(asked.state) if asked.state in observed.states else largest
    return {
        "found": found,
        "place": place,
        "state": observed.states[place],
        "matrix": matrix(found, called),
        "rows": rows_of_states(found, typed),
        "holdings": holdings(found, called),
        "tried": tried(found, called),
        "values": values_in_words(found, asked.months, called),
        "notes": found.notes,
        "wrong": wrong,
    }


def _stock(found: Migration, place: int, history: StageHistory, called: Called) -> Any:
    state = found.observed.states[place]
    months = sorted(month for month in history.stocks if month >= history.last - stages.YEAR)
    past = [(name_of(month, "month"), history.stocks[month].get(state, 0)) for month in months]
    return stock(found, place, past, called)


def _rule_of_stages(moved: Moved, come: str, go: str) -> str:
    now = f'lifecycle_stage = "{go}"'
    if come in ("", go):
        return now
    return f'{now} and lifecycle_previous_stage = "{come}" and lifecycle_since_on >= {moved.since}'


def _rule_of_tag(tag: str, state: str) -> str:
    if state == WITHOUT:
        return f'not has tag "{tag}"'
    value = state.replace("\\", "\\\\").replace('"', '\\"')
    return f'has tag "{tag}"' if state == "yes" else f'has tag "{tag}" = "{value}"'
