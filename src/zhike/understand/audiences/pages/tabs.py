"""The pages that look at one audience: what it has more of, how it comes about, how it changed, whom it shares."""

from __future__ import annotations

import typing
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.collect.profiles.links import customers_url
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.rules.check import names_in
from zhike.rules.places import Path
from zhike.rules.tree import All, Any, Condition, InAudience, Node, Not
from zhike.ui.charts import times
from zhike.ui.templatetags.formats import share
from zhike.ui.toasts import toast
from zhike.ui.typed import whole_number
from zhike.understand.audiences.comparing.profiling import Comparison, Finding
from zhike.understand.audiences.comparing.sets import MOST_COMPARED, look_alikes, overlap_of, profile_audience
from zhike.understand.audiences.freezing import save_lookalikes
from zhike.understand.audiences.history import FigureShown, audience_history, changes_between, compare_frozen
from zhike.understand.audiences.kept import audience_rules
from zhike.understand.audiences.pages.building import rule_query
from zhike.understand.audiences.pages.charts import (
    Traits,
    funnel_chart,
    history_chart,
    likeness_chart,
    profile_chart,
    upset_chart,
    within,
)
from zhike.understand.audiences.pages.forms import FreezeForm, LookAlikesForm
from zhike.understand.audiences.pages.heads import head
from zhike.understand.audiences.queries import AudienceShown, explain_rule, saved_audience
from zhike.understand.tags.wording.phrases import Phrases
from zhike.understand.tags.wording.titles import TagTitle

FINDINGS_SHOWN = 40
FEWEST_LOOK_ALIKES = 100
Shown = dict[str, typing.Any]


def rule_of(audience: AudienceShown) -> Condition:
    """The rule of its members: of a frozen list, that somebody is on it."""
    return InAudience(audience=audience.name) if audience.is_frozen else audience.tree


@require_safe
def profile(request: HttpRequest, audience_id: int) -> HttpResponse:
    """What its customers have more often than all, or than those of another audience."""
    audience = saved_audience(audience_id)
    traits = Traits.known()
    context = head(audience, "audience_profile", traits.phrases)
    others = [name for name in sorted(_named()) if name != audience.name]
    against = request.GET.get("against", "")
    context |= {"others": others, "against": against if against in others else ""}
    try:
        other = InAudience(audience=against) if context["against"] else None
        found = profile_audience(rule_of(audience), against=other)
    except UserError as error:
        return render(request, "audiences/profile.html", context | {"nothing": error})
    named = names_in(audience.tree)
    own = named.tags | named.attributes
    context |= {
        "found": found,
        "chart": profile_chart(
            found.comparison,
            traits,
            lambda rule: customers_url(within(audience.name, rule)),
            without=own,
            against=context["against"],
        ),
        "findings": _findings(found.comparison, audience, traits, own),
        "level": share(found.comparison.interval_level),
    }
    return render(request, "audiences/profile.html", context)


def _findings(found: Comparison, audience: AudienceShown, traits: Traits, own: frozenset[str]) -> list[Shown]:
    """The most certain, the first of those that say the same of the same customers: a tag may repeat an attribute."""
    findings: dict[tuple[str, int], Shown] = {}
    for one in found.findings:
        if one.is_distinct and len(findings) < FINDINGS_SHOWN:
            finding = _finding(one, audience, traits, is_own=one.name in own)
            findings.setdefault((finding["title"].casefold(), one.count), finding)
    return list(findings.values())


def _finding(one: Finding, audience: AudienceShown, traits: Traits, *, is_own: bool) -> Shown:
    return {
        "one": one,
        "title": traits.title(one),
        "is_own": is_own,
        "times": times(one.ratio),
        "url": customers_url(within(audience.name, one.rule)) if one.count else "",
    }


@require_safe
def funnel(request: HttpRequest, audience_id: int) -> HttpResponse:
    """What each of its conditions does."""
    audience = saved_audience(audience_id)
    phrases = Phrases.of_customers()
    context = head(audience, "audience_funnel", phrases)
    try:
        found = explain_rule(audience.tree)
    except UserError as error:
        return render(request, "audiences/funnel.html", context | {"nothing": error})

    def link(rule: str) -> str:
        return f"{reverse('customers')}{rule_query(request, rule)}"

    steps = [
        {"step": step, "url": link(step.text), "words": _said(_part(audience.tree, step.path), phrases)}
        for step in found.steps
    ]
    context |= {"found": found, "chart": funnel_chart(found, audience.tree, phrases, link), "steps": steps}
    return render(request, "audiences/funnel.html", context)


def _part(tree: Node, path: Path) -> Node:
    part: typing.Any = tree
    for step in path:
        part = getattr(part, step) if isinstance(step, str) else part[step]
    return cast("Node", part)


def _said(node: Node, phrases: Phrases) -> str:
    """A condition in words; of a group only how it is joined, because what is in it follows."""
    match node:
        case All():
            return _("all of these hold")
        case Any():
            return _("any of these holds")
        case Not(of=All()):
            return _("not all of these hold")
        case Not(of=Any()):
            return _("none of these holds")
    return phrases.condition(node)


@require_safe
def history(request: HttpRequest, audience_id: int) -> HttpResponse:
    """How large it was in each refresh, and who joined and left between two of them."""
    audience = saved_audience(audience_id)
    figures = audience_history(audience_id)
    kept = list({figure.refresh_id: figure for figure in figures if figure.is_kept}.values())
    address = reverse("audience_history", args=[audience_id])

    def link(figure: FigureShown) -> str:
        return f"{address}?{urlencode({'from': figure.refresh_id})}" if figure.is_kept else ""

    context = head(audience, "audience_history") | {
        "figures": list(reversed(figures)),
        "chart": history_chart(figures, link) if len(figures) > 1 else None,
        "kept": kept,
    }
    if len(kept) > 1:
        context |= _movement(request, audience, kept)
    return render(request, "audiences/history.html", context)


def _movement(request: HttpRequest, audience: AudienceShown, kept: list[FigureShown]) -> Shown:
    ids = [figure.refresh_id for figure in kept]
    later = _chosen(request.GET.get("to"), ids, ids[-1])
    earlier = _chosen(request.GET.get("from"), ids, max((one for one in ids if one < later), default=ids[0]))
    address = reverse("audience_moved", args=[audience.audience_id])
    query: dict[str, str | int] = {"from": earlier, "to": later}
    try:
        moved = changes_between(audience.tree, earlier=earlier, later=later)
    except UserError as error:
        return {"earlier": earlier, "later": later, "unmoved": error}
    return {
        "earlier": earlier,
        "later": later,
        "moved": moved,
        "joined": len(moved.joined),
        "left": len(moved.left),
        "joined_url": f"{address}?{urlencode(query | {'who': 'joined'})}",
        "left_url": f"{address}?{urlencode(query | {'who': 'left'})}",
    }


def _chosen(asked: str | None, ids: list[int], otherwise: int) -> int:
    number = whole_number(asked or "")
    return number if number in ids else otherwise


@require_safe
def now(request: HttpRequest, audience_id: int) -> HttpResponse:
    """A frozen list beside those for whom its rule holds now."""
    audience = saved_audience(audience_id)
    context = head(audience, "audience_now")
    if not audience.is_frozen:
        return redirect("audience_history", audience_id)
    try:
        moved = compare_frozen(audience_id)
    except UserError as error:
        return render(request, "audiences/now.html", context | {"nothing": error})
    address = reverse("audience_moved", args=[audience_id])
    context |= {
        "moved": moved,
        "joined": len(moved.joined),
        "left": len(moved.left),
        "joined_url": f"{address}?who=joined",
        "left_url": f"{address}?who=left",
    }
    return render(request, "audiences/now.html", context)


@require_safe
def overlap(request: HttpRequest, audience_id: int) -> HttpResponse:
    """Whom it shares with others, of which seven can be chosen."""
    audience = saved_audience(audience_id)
    names = sorted(_named() - {audience.name})
    chosen = [name for name in dict.fromkeys(request.GET.getlist("with")) if name in names]
    context = head(audience, "audience_overlap") | {
        "names": [{"name": name, "is_chosen": name in chosen} for name in names],
        "most": MOST_COMPARED - 1,
        "too_many": len(chosen) > MOST_COMPARED - 1,
    }
    if chosen:
        try:
            found = overlap_of([audience.name, *chosen[: MOST_COMPARED - 1]])
        except UserError as error:
            return render(request, "audiences/overlap.html", context | {"nothing": error})
        context |= {"found": found, "chart": upset_chart(found)}
    return render(request, "audiences/overlap.html", context)


def _named() -> set[str]:
    rules = audience_rules()
    return set(rules) - rules.archived


@require_http_methods(["GET", "HEAD", "POST"])
def lookalikes(request: HttpRequest, audience_id: int) -> HttpResponse:
    """Who else is like its customers; kept as a frozen list where that is wanted."""
    audience = saved_audience(audience_id)
    traits = Traits.known()
    size = max(FEWEST_LOOK_ALIKES, audience.count or 0)
    asked = request.POST if request.method == "POST" else request.GET
    form = LookAlikesForm(asked if "size" in asked else {"size": size})
    naming = FreezeForm(request.POST if request.method == "POST" else None, initial={"name": _like(audience)})
    context = head(audience, "audience_lookalikes", traits.phrases) | {"form": form, "naming": naming}
    if not form.is_valid():
        return render(request, "audiences/lookalikes.html", context, status=422)
    try:
        found = look_alikes(rule_of(audience), size=form.cleaned_data["size"])
        if naming.is_bound and naming.is_valid():
            kept = save_lookalikes(name=naming.cleaned_data["name"], alike=found)
            toast(request, _("The list “%(name)s” is frozen.") % {"name": kept.name})
            return redirect("audience", kept.pk)
    except UserError as error:
        if error.where != "name":
            return render(request, "audiences/lookalikes.html", context | {"nothing": error})
        naming.add_error("name", " ".join(filter(None, (error.message, error.advice))))
    context |= {
        "found": found,
        "count": len(found.members),
        "chart": likeness_chart(found, traits),
        "in_ten": round(found.separation.area * 10, 1) if found.separation else None,
        "left_out": _(", ").join((traits.phrases.tags.get(name) or TagTitle(name)).title for name in found.left_out),
        "may_define": may(Right.DEFINE_AUDIENCES),
    }
    return render(request, "audiences/lookalikes.html", context, status=422 if naming.errors else 200)


def _like(audience: AudienceShown) -> str:
    return (_("Like %(name)s") % {"name": audience.name})[:100]
