"""Pages of the frame itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.errors import UserError
from zhike.ui.gallery import examples
from zhike.ui.models import SavedView
from zhike.ui.search import search_everything
from zhike.ui.toasts import toast
from zhike.ui.today import parts_of_today


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """What there is to know and to do."""
    parts = parts_of_today()
    return render(
        request,
        "ui/today.html",
        {
            "parts": parts,
            "alerts": [line for part in parts for line in part.alerts],
            "first_steps": [line for part in parts for line in part.first_steps],
            "figures": [figure for part in parts for figure in part.figures],
            "job_ids": [job_id for part in parts for job_id in part.job_ids],
        },
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found: as a page, or as the list under the field that is being typed in."""
    text = request.GET.get("q", "")
    try:
        groups, problem = search_everything(text), ""
    except UserError as error:
        groups, problem = [], error.message
    template = "ui/found.html" if request.headers.get("HX-Request") else "ui/search.html"
    return render(request, template, {"groups": groups, "text": text, "problem": problem})


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keeps a view of a table under a name; the same name again replaces it."""
    name = request.POST.get("name", "").strip()[:80]
    if not name:
        raise UserError(_("a view needs a name"))
    SavedView.objects.update_or_create(
        owner_id=request.user.pk,
        table=request.POST.get("table", "")[:50],
        name=name,
        defaults={"query": request.POST.get("query", "")[:4000]},
    )
    toast(request, _("The view “%(name)s” is kept.") % {"name": name})
    query = request.POST.get("query", "")
    return redirect(next_url(request) + (f"?{query}" if query else ""))


@require_POST
def remove_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forgets a view of one's own."""
    view = get_object_or_404(SavedView, pk=view_id, owner_id=request.user.pk)
    view.delete()
    toast(request, _("The view “%(name)s” is removed.") % {"name": view.name})
    return redirect(next_url(request, request.headers.get("Referer", "/")))


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component, in every state it has."""
    return render(request, "ui/gallery.html", examples(request))


def next_url(request: HttpRequest, otherwise: str = "") -> str:
    """Where a form wants to go on, if that is a page of ours."""
    wanted = request.POST.get("next", "") or otherwise
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted and is_ours else reverse("today")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Says that the form was too old to be trusted."""
    return render(request, "ui/error.html", {"code": 403}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says that the request cannot be read, or asks for another host; nobody is signed in at that point."""
    return render(request, "ui/error.html", {"code": 400}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says that this is not for them."""
    return render(request, "ui/error.html", {"code": 403}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says that there is no such page."""
    return render(request, "ui/error.html", {"code": 404}, status=404)


def bug(request: HttpRequest) -> HttpResponse:
    """Says that we made a mistake."""
    return render(request, "ui/error.html", {"code": 500}, status=500)
