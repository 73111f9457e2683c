"""Relations on the single view: as a small graph, as a list, and of an organisation as who is who in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.collect.profiles.named import names_of
from zhike.collect.profiles.relations.reading import BETWEEN_FIRMS, RelationShown, firms_beyond, related
from zhike.collect.profiles.words import FUNCTIONS, LAYERS, RELATION_KINDS, RELATION_ORIGINS
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.graphs import Graph
from zhike.understand.value.words import words_of
from zhike.warehouse.entity_parts import RELATIONS
from zhike.warehouse.queries import Published

MOST_DRAWN = 24  # around the customer; more are in the list
MOST_BEYOND = 12  # firms two steps away
LISTED = 40  # at first; the rest is folded away
MEMBER = "member"
PLACE = ("role", "department", "layer", "function")


@dataclass(frozen=True)
class Other:
    """Another customer, with all that the two are to each other."""

    customer_id: int
    name: str
    is_organisation: bool
    relations: tuple[RelationShown, ...]

    @property
    def said(self) -> str:
        """The kinds of relation, in words."""
        return " · ".join(dict.fromkeys(str(words_of(RELATION_KINDS, one.kind)) for one in self.relations))


def relations_context(now: Published, customer_id: int, title: str, *, is_organisation: bool) -> dict[str, Any]:
    """What the page shows of a customer's relations."""
    found = related(now, customer_id)
    others = _others(found)
    members = _members(one for one in found if one.kind == MEMBER) if is_organisation else []
    placed = [person for person in members if person["department"] or person["layer"] or person["function"]]
    beyond = _beyond(now, customer_id, others) if is_organisation else []
    unplaced = [person for person in members if person not in placed]
    # A member has their place in the table above; what staff entered stands here too, where it can be removed.
    listed = [_row(one) for one in found if one.kind != MEMBER or not is_organisation or one.relation_id]
    return {
        "relations": listed[:LISTED],
        "more_relations": listed[LISTED:],
        "relation_count": len(others),
        "relation_graph": _graph(now, customer_id, title, is_organisation, others, beyond) if others else None,
        "departments": _departments(placed),
        "unplaced": unplaced[:LISTED],
        "more_unplaced": unplaced[LISTED:],
        "layers": [*LAYERS.values(), "–"],
        "may_relate": may(Right.CORRECT_CUSTOMERS),
        "relation_kinds": [(kind, RELATION_KINDS[kind]) for kind in RELATIONS],
        "relation_layers": list(LAYERS.items()),
        "relation_functions": list(FUNCTIONS.items()),
    }


def _others(found: Iterable[RelationShown]) -> list[Other]:
    """The others, those first who are the nearest: families before firms, and firms before contracts."""
    by_id: dict[int, list[RelationShown]] = {}
    for one in found:
        by_id.setdefault(one.related_id, []).append(one)
    others = [Other(key, told[0].name, told[0].is_organisation, tuple(told)) for key, told in by_id.items()]
    nearness = list(RELATION_KINDS)
    return sorted(others, key=lambda other: (min(nearness.index(one.kind) for one in other.relations), other.name))


def _beyond(now: Published, customer_id: int, others: Sequence[Other]) -> list[tuple[int, int, str]]:
    """Firms two steps away."""
    firms = [one.customer_id for one in others if any(told.kind in BETWEEN_FIRMS for told in one.relations)]
    found = [edge for edge in firms_beyond(now, firms[:MOST_BEYOND]) if edge[1] != customer_id]
    return found[:MOST_BEYOND]


def _graph(
    now: Published,
    customer_id: int,
    title: str,
    is_organisation: bool,
    others: Sequence[Other],
    beyond: Sequence[tuple[int, int, str]],
) -> Graph:
    drawn = others[:MOST_DRAWN]
    names = {customer_id: title} | {one.customer_id: one.name for one in drawn}
    groups = {customer_id: 2 if is_organisation else 1} | {
        one.customer_id: 2 if one.is_organisation else 1 for one in drawn
    }
    edges = [(customer_id, one.customer_id, one.said) for one in drawn]
    further = names_of(now, {other for _one, other, _kind in beyond} - names.keys())
    names |= {other: named.name for other, named in further.items()}
    groups |= dict.fromkeys(further, 2)
    edges += [
        (one, two, str(words_of(RELATION_KINDS, kind))) for one, two, kind in beyond if {one, two} <= names.keys()
    ]
    place = {one: number for number, one in enumerate(names)}
    said = {one.customer_id: one.said for one in drawn}
    return Graph(
        finding=_finding(len(others)),
        node=_("Customer"),
        edge=_("What the second is to the first"),
        labels=list(names.values()),
        groups=[groups[one] for one in names],
        edges=[(place[one], place[two], words) for one, two, words in edges],
        links=[reverse("customer", args=[one]) for one in names],
        notes=[f"{name}\n{said[one]}" if one in said else name for one, name in names.items()],
    )


def _finding(count: int) -> str:
    shown = min(count, MOST_DRAWN)
    if shown < count:
        return _("%(shown)s of %(count)s who stand in a relation") % {"shown": shown, "count": count}
    return ngettext("Related to %(count)s other customer", "Related to %(count)s other customers", count) % {
        "count": count
    }


def _row(one: RelationShown) -> dict[str, Any]:
    return {
        "relation": one,
        "kind": words_of(RELATION_KINDS, one.kind),
        "origin": words_of(RELATION_ORIGINS, one.origin),
        "parts": [part for part in (one.role, one.department, *_places(one)) if part],
    }


def _places(one: RelationShown) -> list[Any]:
    return [
        words_of(words, value) if value else "" for words, value in ((LAYERS, one.layer), (FUNCTIONS, one.function))
    ]


def _members(found: Iterable[RelationShown]) -> list[dict[str, Any]]:
    """The people of an organisation, each once, with what any of their relations says of their place in it."""
    people: dict[int, dict[str, Any]] = {}
    for one in found:
        person = people.setdefault(one.related_id, {"customer_id": one.related_id, "name": one.name})
        for name in PLACE:
            person[name] = person.get(name) or getattr(one, name)
    return sorted(people.values(), key=lambda person: str(person["name"]))


def _departments(members: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Department → layer → the people there; those without a department last."""
    titles = sorted({person["department"] for person in members}, key=lambda title: (not title, title))
    return [
        {
            "title": title or "–",
            "cells": [
                [_placed(one) for one in members if (one["department"], one["layer"]) == (title, layer)]
                for layer in (*LAYERS, "")
            ],
        }
        for title in titles
    ]


def _placed(person: dict[str, Any]) -> dict[str, Any]:
    return person | {"function": words_of(FUNCTIONS, person["function"]) if person["function"] else ""}
