"""What the builder asks while somebody builds: rows, text and count anew, and what a condition can be about."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.check import names_in
from zhike.rules.text import parse
from zhike.rules.tree import Definition
from zhike.ui.drafts import keep_draft, kept_draft
from zhike.understand.audiences.queries import explain_rule, saved_audience
from zhike.understand.tags.builder.counts import Counted, RowCount
from zhike.understand.tags.builder.shown import shown
from zhike.understand.tags.builder.state import Accepts, Builder, read_builder
from zhike.understand.tags.builder.subjects import Names, Subject
from zhike.understand.tags.builder.values import coverage, found_of
from zhike.understand.tags.vocabularies import vocabulary
from zhike.understand.tags.wording.rule_names import value_title
from zhike.understand.tags.wording.titles import titles
from zhike.warehouse.attributes import registry

LONGEST_ADDRESS = 1200  # characters of a rule that stands in an address; longer ones are kept as drafts
SUBJECTS_SHOWN = 40
VALUES_SHOWN = 4


@require_POST
def rule_builder(request: HttpRequest) -> HttpResponse:
    """The builder after a change, with the count of its customers and what each row does."""
    require(Right.SEE_CUSTOMERS)
    accepts: Accepts = "definition" if request.POST.get("accepts") == "definition" else "condition"
    builder = read_builder(request.POST, vocabulary=vocabulary(), accepts=accepts)
    # The page whose query says the rule, if it is one of ours.
    given = str(request.POST.get("address", ""))
    address = given if given.startswith(reverse("audiences")) else ""
    found = built(request, builder, address=address)
    response = render(request, "builder/builder.html", {"builder": found})
    if address:
        response["HX-Replace-Url"] = f"{address}{found['query']}"
    return response


def built(request: HttpRequest, builder: Builder, *, address: str = "") -> dict[str, object]:
    """What the builder's template shows, counted. `address` is the page whose query says the rule."""
    counted, problem = counted_of(builder)
    tree = None if builder.error else builder.value or builder.complete.tree
    query = rule_query(request, builder.text, tree) if address or counted else ""
    found = shown(builder, counted, customers_url=f"{reverse('customers')}{query}" if counted else "")
    return found | {"problem": builder.problem or problem, "address": address, "query": query}


def counted_of(builder: Builder) -> tuple[Counted | None, UserError | None]:
    """The customers of the rows that are complete, and what each row does; or why they cannot be counted."""
    complete = builder.complete
    if complete.tree is None or builder.value is not None:
        return None, None
    if any(not fault.is_missing for faults in complete.faults.values() for fault in faults):
        return None, None  # what is wrong is said at its place
    try:
        found = explain_rule(complete.tree)
    except UserError as error:
        return None, error
    rows = {
        complete.rows[step.path]: RowCount(step.alone, step.so_far, step.without, step.change)
        for step in found.steps
        if step.path in complete.rows
    }
    return Counted(found.count, found.customers, found.share, found.milliseconds, rows), None


def rule_query(request: HttpRequest, text: str, tree: Definition | None = None) -> str:
    """The query that says a rule: the rule itself, or the draft under which it is kept; empty for no rule.

    An address must not hold personal data, and not be too long: such rules are drafts of whoever writes them.
    Whoever has the tree already gives it.
    """
    if not text.strip():
        return ""
    if len(text) <= LONGEST_ADDRESS and not _may_identify(text, tree):
        return f"?{urlencode({'rule': text})}"
    return f"?{urlencode({'draft': keep_draft(request.user.pk, text)})}" if request.user.pk else ""


def asked_rule(request: HttpRequest) -> str:
    """The rule that an address says, or whose draft or audience it names."""
    if key := request.GET.get("draft", ""):
        return kept_draft(request.user.pk, key) or ""
    if (audience_id := request.GET.get("of", "")).isdecimal():
        return saved_audience(int(audience_id)).rule
    return request.GET.get("rule", "").strip()


def _may_identify(text: str, tree: Definition | None) -> bool:
    """Whether a rule may tell who somebody is: it names what does, or cannot be read."""
    try:
        names = names_in(tree or parse(text).tree)
    except UserError:
        return any(name in text for name, one in registry().attributes.items() if one.identifies)
    named = names.attributes.union(*names.relations.values())
    return any(registry().attributes[name].identifies for name in named if name in registry().attributes)


@require_safe
def rule_names(request: HttpRequest) -> HttpResponse:
    """What a condition can be about that fits what is typed, with how many it is known of, and frequent values."""
    require(Right.SEE_CUSTOMERS)
    names = Names(vocabulary(), titles(), facts=request.GET.get("facts", ""), relation=request.GET.get("relation", ""))
    found = names.found(request.GET.get("q", ""))[:SUBJECTS_SHOWN]
    groups: dict[str, list[dict[str, object]]] = {}
    for place, subject in enumerate(found):
        frequent = sorted(found_of(subject.figures_of).values.items(), key=lambda item: -item[1])[:VALUES_SHOWN]
        groups.setdefault(subject.group, []).append(
            {
                "id": f"subject-{place}",
                "subject": subject,
                "coverage": coverage(subject.figures_of) if subject.figures_of else None,
                "values": " · ".join(_said(names, subject, value) for value, _count in frequent),
            }
        )
    return render(request, "builder/names.html", {"groups": groups.items(), "asked": request.GET.get("q", "")})


def _said(names: Names, subject: Subject, value: str) -> str:
    if subject.ref.startswith("tag:"):
        return names.tag_title(subject.name).value(value)
    return value_title(subject.name.rpartition(".")[2], value)
