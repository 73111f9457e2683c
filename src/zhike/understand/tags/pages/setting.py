"""Pages that set tags: for one customer on the single view, for many at once, from a file; and undo."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from pyroaring import BitMap

from zhike.collect.sources.uploads import discard, keep
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.bitmaps import members
from zhike.rules.check import read_rule
from zhike.rules.vocabulary import TagKind
from zhike.ui.templatetags.formats import number
from zhike.ui.toasts import toast, warn
from zhike.ui.typed import whole_number
from zhike.ui.unpublished import when_published
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.models import Tag, TagChange
from zhike.understand.tags.pages.forms import FileForm, SetForm
from zhike.understand.tags.pages.page import head
from zhike.understand.tags.queries import tag_page
from zhike.understand.tags.setting.imports import SetImport, import_tag
from zhike.understand.tags.setting.services import set_tag, settable, undo_change, unset_tag
from zhike.understand.tags.setting.whom import LARGEST
from zhike.understand.tags.vocabularies import vocabulary
from zhike.understand.tags.wording.titles import TagTitle, title_of, titles
from zhike.warehouse.queries import published

UPLOAD = "tag_upload"  # key of the session under which the path of a file waits that was looked at
REJECTS_SHOWN = 50
Choice = tuple[str, str]


@require_http_methods(["GET", "POST"])
@when_published
def set_many(request: HttpRequest, name: str) -> HttpResponse:
    """Sets a tag for the customers of a rule, or for those that are named; shows how many before it does."""
    require(Right.SET_TAGS)
    kind, values = settable(name)
    form = SetForm(request.POST if request.POST.get("how") == "many" else None, choices=choices_of(name, kind, values))
    counted = None
    if form.is_bound and form.is_valid():
        try:
            meant = _meant(form.cleaned_data)
            counted = len(meant)
            if "set" in request.POST:
                return _done(request, name, _act(name, kind, meant, form.cleaned_data))
        except UserError as error:
            form.add_error(error.where if error.where in form.fields else "rule", _problem(error))
    context = _context(name) | {"form": form, "file_form": FileForm(), "counted": counted, "kind": kind}
    return render(request, "tags/set.html", context, status=422 if form.errors else 200)


@require_POST
@when_published
def set_file(request: HttpRequest, name: str) -> HttpResponse:
    """Tries a file out and shows what would come of it; carries it out once that is confirmed."""
    require(Right.SET_TAGS)
    if "confirm" in request.POST:
        return _carry_out(request, name)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "tags/set.html", _context(name) | {"form": _empty(name), "file_form": form}, status=422)
    file = form.cleaned_data["file"]
    path = keep(file.file, file.name, file.size)
    try:
        tried = import_tag(tag=name, path=path, dry_run=True)
    except UserError as error:
        discard(path)
        form.add_error("file", _problem(error))
        return render(request, "tags/set.html", _context(name) | {"form": _empty(name), "file_form": form}, status=422)
    except BaseException:
        discard(path)
        raise
    request.session[UPLOAD] = {"path": str(path), "tag": name}
    return render(
        request, "tags/set_file.html", _context(name) | _tried(name, tried, form.cleaned_data["note"], file.name)
    )


def _carry_out(request: HttpRequest, name: str) -> HttpResponse:
    waiting = request.session.pop(UPLOAD, None)
    path = Path(waiting["path"]) if waiting and waiting["tag"] == name else None
    if path is None or not path.exists():
        raise UserError(_("the file is gone"), advice=_("Upload it again."))
    try:
        done = import_tag(tag=name, path=path, note=request.POST.get("note", ""))
    finally:
        discard(path)
    if done.change_id is None:
        warn(request, _("No row of the file could be set."))
        return redirect("tag", name)
    return _done(request, name, TagChange.objects.get(pk=done.change_id))


@require_POST
def undo(request: HttpRequest, name: str, change_id: int) -> HttpResponse:
    """Makes a change count as if it had not been; undone in its turn, it counts again."""
    undoing = undo_change(change_id=change_id)
    again = reverse("undo_tag_change", args=[name, undoing.pk])
    toast(request, _("The change is undone."), undo_url=again)
    return _back(request, name)


@require_POST
def set_one(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Gives one customer a tag, as the form of the single view says it: `tag`, or `tag=value`."""
    name, _sign, value = request.POST.get("tag", "").partition("=")
    change = set_tag(
        tag=name,
        customers=[customer_id],
        value=value or request.POST.get("value", "").strip() or None,
        note=request.POST.get("note", ""),
    )
    toast(request, _("“%(tag)s” is set.") % {"tag": title_of(change.tag)}, undo_url=_undo_url(change))
    return _to_customer(customer_id)


@require_POST
def unset_one(request: HttpRequest, customer_id: int, name: str) -> HttpResponse:
    """Takes a tag away from one customer."""
    change = unset_tag(tag=name, customers=[customer_id])
    toast(request, _("“%(tag)s” is taken away.") % {"tag": title_of(change.tag)}, undo_url=_undo_url(change))
    return _to_customer(customer_id)


def choices_of(name: str, kind: TagKind, values: tuple[str, ...]) -> list[Choice]:
    """The values that a set tag is confined to, in words; none where anything may be said."""
    title = titles().get(name) or TagTitle(name)
    return [(value, title.value(value)) for value in values] if kind == TagKind.CATEGORY else []


def settable_choices() -> list[tuple[str, list[Choice]]]:
    """What one may set of a customer, for one field to choose from: each tag with its values."""
    words = titles()
    tags = Tag.objects.filter(
        origin__in=[Tag.Origin.PERSON, Tag.Origin.IMPORT], retired_at=None, versions__state="published"
    ).prefetch_related("versions")
    found = []
    for tag in tags.distinct():
        title = words[tag.name]
        _kind, values = settable(tag.name)
        options = [(f"{tag.name}={value}", f"{title.title}: {title.value(value)}") for value in values]
        found.append((title.title, options or [(tag.name, title.title)]))
    return found


def _meant(data: dict[str, Any]) -> BitMap:
    """The customers that a form means: those of a rule, and those named by their numbers."""
    found = BitMap()
    if data["rule"].strip():
        found |= members(read_rule(data["rule"], vocabulary()), index_of(published()))
    named = re.split(r"[\s,;，；]+", data["customers"].strip())
    for one in filter(None, named):
        customer_id = whole_number(one)
        if customer_id is None or customer_id >= LARGEST:
            raise UserError(_("“%(text)s” is no customer number") % {"text": one}, where="customers")
        found.add(customer_id)
    if not found:
        raise UserError(_("nobody is named"), where="rule")
    return found


def _act(name: str, kind: TagKind, customers: BitMap, data: dict[str, Any]) -> TagChange:
    if data["act"] == "take":
        return unset_tag(tag=name, customers=customers, note=data["note"])
    value = None if kind == TagKind.YES_NO else data["value"]
    return set_tag(tag=name, customers=customers, value=value, note=data["note"])


def _done(request: HttpRequest, name: str, change: TagChange) -> HttpResponse:
    words = ngettext("Done for %(count)s customer.", "Done for %(count)s customers.", change.customer_count)
    toast(request, words % {"count": number(change.customer_count)}, undo_url=_undo_url(change))
    return redirect("tag", name)


def _tried(name: str, tried: SetImport, note: str, file_name: str) -> dict[str, Any]:
    title = titles().get(name) or TagTitle(name)
    return {
        "tried": tried,
        "values": [(title.value(value), count) for value, count in tried.values.items()],
        "reasons": sorted(tried.reasons.items(), key=lambda one: -one[1]),
        "rejects": [tuple(row.values()) for row in tried.rejects.slice(0, REJECTS_SHOWN).to_pylist()],
        "note": note or file_name,
        "file_name": file_name,
    }


def _empty(name: str) -> SetForm:
    kind, values = settable(name)
    return SetForm(choices=choices_of(name, kind, values))


def _context(name: str) -> dict[str, Any]:
    return {"tag": head(tag_page(name))}


def _undo_url(change: TagChange) -> str:
    return reverse("undo_tag_change", args=[change.tag.name, change.pk])


def _back(request: HttpRequest, name: str) -> HttpResponse:
    """To the single view where the change was made there, else to the tag."""
    found = re.search(r"/customers/(\d+)/$", request.headers.get("Referer", "").partition("?")[0])
    return _to_customer(int(found[1])) if found else redirect("tag", name)


def _to_customer(customer_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('customer', args=[customer_id])}#tags")


def _problem(error: UserError) -> str:
    return f"{error.message}. {error.advice}" if error.advice else error.message
