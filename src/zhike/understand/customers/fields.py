"""One field of a customer: what each record says of it, which rule chose, and the form that corrects it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.collect.profiles.golden.checking import COLUMNS
from zhike.collect.profiles.golden.corrections import as_text
from zhike.collect.profiles.golden.reading import GoldenField
from zhike.collect.profiles.queries import golden_record_of
from zhike.collect.profiles.services import correct, undo_correction
from zhike.collect.profiles.words import VALUES
from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.govern.organisation.queries import units
from zhike.ui.toasts import toast
from zhike.ui.typed import whole_number
from zhike.ui.unpublished import when_published
from zhike.understand.customers.field_words import DECISIONS, field_title, shown_value
from zhike.warehouse.contracts import Kind

MENDABLE = (409, 422)  # of what is entered: the form is shown again, with all that was in it


@require_http_methods(["GET", "POST"])
@when_published
def field(request: HttpRequest, customer_id: int, name: str) -> HttpResponse:
    """Why a field is what it is; posted to, it is corrected. Only the part for htmx, else a page of its own."""
    golden = golden_record_of(customer_id)
    if name not in golden.fields and name not in COLUMNS:
        raise NotFound(_("there is no field %(name)s") % {"name": repr(name)})
    problem = None
    if request.method == "POST":
        try:
            return _corrected(request, customer_id, name)
        except UserError as error:
            if error.status not in MENDABLE:
                raise
            problem = error
    context = _context(customer_id, name, golden.fields.get(name), golden.values)
    context |= {"problem": problem, "entered": request.POST}
    if problem:
        context["initial"] = request.POST.get("value", "")
    template = "customers/field_part.html" if request.headers.get("HX-Request") else "customers/field.html"
    return render(request, template, context, status=problem.status if problem else 200)


@require_POST
def undo(request: HttpRequest, correction_id: int) -> HttpResponse:
    """Takes a correction back."""
    undone = undo_correction(correction_id=correction_id)
    toast(request, _("The correction is undone. Lists and counts follow at the next refresh."))
    return _to_page(undone.customer_id)


def _corrected(request: HttpRequest, customer_id: int, name: str) -> HttpResponse:
    last_seen = request.POST.get("last_seen", "")
    made = correct(
        customer_id=customer_id,
        field=name,
        value=request.POST.get("value", ""),
        why=request.POST.get("why", ""),
        last_seen=whole_number(last_seen),
    )
    toast(
        request,
        _("It is corrected. Lists and counts follow at the next refresh."),
        undo_url=reverse("undo_correction", args=[made.pk]),
    )
    return _to_page(customer_id)


def _context(customer_id: int, name: str, known: GoldenField | None, values: dict[str, object]) -> dict[str, Any]:
    kind = str(values.get("kind") or "person")
    newest = next((one for one in known.corrections if one.is_in_force), None) if known else None
    column = COLUMNS.get(name)
    return {
        "customer_id": customer_id,
        "customer_name": values.get("name") or _("Customer %(id)s") % {"id": customer_id},
        "name": name,
        "title": field_title(name, kind),
        "field": known,
        "value": shown_value(name, known.value if known else None),
        "decision": DECISIONS[known.decision] if known and known.said else "",
        "said": [(one, shown_value(name, one.value)) for one in known.said] if known else [],
        "corrections": [
            (one, shown_value(name, one.before), shown_value(name, one.after))
            for one in (known.corrections if known else ())
        ],
        "last_seen": newest.correction_id if newest else 0,
        "may_correct": column is not None and may(Right.CORRECT_CUSTOMERS),
        "initial": _initial(name, known),
        "is_date": column is not None and column.kind == Kind.DATE,
        "choices": _choices(name),
    }


def _initial(name: str, known: GoldenField | None) -> str:
    """What the form begins with: nothing where the value is masked, which nobody should send back."""
    column = COLUMNS.get(name)
    if known is None or column is None or (column.personal and not may(Right.SEE_PERSONAL_DATA)):
        return ""
    return as_text(known.value)


def _choices(name: str) -> list[tuple[str, str]]:
    if name == "unit_id":
        return [(unit.unit_id, unit.indent + unit.title) for unit in units()]
    return [(value, str(VALUES.get(name, {}).get(value, value))) for value in getattr(COLUMNS.get(name), "one_of", ())]


def _to_page(customer_id: int) -> HttpResponseRedirect:
    return redirect(f"{reverse('customer', args=[customer_id])}#who")
