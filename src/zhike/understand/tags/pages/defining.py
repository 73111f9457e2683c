"""Pages that define tags: a new one, another version, what it changes, and taking it into force."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.tree import is_condition
from zhike.rules.vocabulary import TagKind
from zhike.ui.templatetags.formats import part_of
from zhike.ui.toasts import toast, warn
from zhike.ui.typed import whole_number
from zhike.understand.tags.builder.shown import shown
from zhike.understand.tags.builder.state import Builder, read_builder
from zhike.understand.tags.defining.files import laid_out
from zhike.understand.tags.defining.preview import previewed
from zhike.understand.tags.defining.publishing import (
    approve_version,
    ask_for_rebuild,
    publish_version,
    restore_tag,
    retire_tag,
    withdraw_version,
)
from zhike.understand.tags.defining.services import create_tag, describe_tag, draft_version
from zhike.understand.tags.definitions import drafted_tags
from zhike.understand.tags.models import Tag
from zhike.understand.tags.pages.comparing import compared_texts, version_movement
from zhike.understand.tags.pages.forms import NewTagForm, OwnerForm, VersionForm, values_as_text
from zhike.understand.tags.pages.page import definition_in_words, head, rights, version_in_words
from zhike.understand.tags.queries import tag_page
from zhike.understand.tags.shown import TagShown, VersionShown
from zhike.understand.tags.vocabularies import vocabulary
from zhike.understand.tags.wording.themes import THEMES
from zhike.understand.tags.wording.titles import TagTitle, titles
from zhike.understand.tags.wording.words import theme_path

MOST_ROWS = 14  # of a field that shows all values


@require_http_methods(["GET", "POST"])
def new_tag(request: HttpRequest) -> HttpResponse:
    """The form of a new tag; what it makes is a draft."""
    require(Right.DEFINE_TAGS)
    is_sent = request.method == "POST"
    builder = _builder(request, request.GET.get("rule", ""))
    is_saved = is_sent and not builder.done
    initial = request.POST if is_sent else {"theme": request.GET.get("in", "")}
    form = NewTagForm(request.POST if is_saved else None, initial=initial)
    if is_saved and form.is_valid():
        try:
            version = create_tag(**_new(form.cleaned_data, builder))
        except UserError as error:
            _say(error, form, builder)
        else:
            toast(request, _("“%(tag)s” is drafted.") % {"tag": version.tag.title})
            return redirect("tag", version.tag.name)
    context = {"form": form, "builder": shown(builder), "known_themes": known_themes()}
    return render(request, "tags/define.html", context, status=422 if is_saved else 200)


@require_http_methods(["GET", "POST"])
def edit_tag(request: HttpRequest, name: str) -> HttpResponse:
    """Two forms: another version of what the tag says, and what it is called."""
    require(Right.DEFINE_TAGS)
    tag = tag_page(name)
    part = request.POST.get("part", "")
    builder = _builder(request, laid_out(tag.versions[0].rule), is_sent=part == "definition")
    form = _definition_form(request, tag, builder if part == "definition" else None)
    words = _words_form(request, tag, part)
    try:
        if form.is_bound and form.is_valid():
            return _drafted(request, tag, form.cleaned_data, builder)
        if words.is_bound and words.is_valid():
            describe_tag(name=name, **words.cleaned_data)
            toast(request, _("It is saved."))
            return redirect("tag", name)
    except UserError as error:
        _say(error, form if form.is_bound else words, builder)
    context = {
        "tag": head(tag),
        "form": form,
        "words_form": words,
        "builder": shown(builder),
        "next_number": tag.versions[0].number + 1,
        "known_themes": known_themes(),
    }
    return render(request, "tags/edit.html", context, status=422 if form.is_bound or words.is_bound else 200)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Only what would come of a rule that is a value, to stand beside the builder, which counts conditions."""
    title = titles().get(request.POST.get("tag", ""))
    return render(request, "tags/preview.html", {"preview": preview_of(request.POST.get("rule", ""), title)})


@require_safe
def tag_version(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One version beside another: what is said otherwise, and whom it changes."""
    tag = tag_page(name)
    version, other = _pair(tag, number, request.GET.get("with", ""))
    context = {
        "tag": head(tag),
        "version": version_in_words(version),
        "definition": definition_in_words(version, titles(), name),
        "other": other and version_in_words(other),
        "others": [one for one in tag.versions if one.number != number],
        "difference": compared_texts(other, version) if other else [],
        **rights(),
    }
    return render(request, "tags/version.html", context)


@require_safe
def tag_version_members(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Only whom a version changes: it is counted while the page is read."""
    tag = tag_page(name)
    version, other = _pair(tag, number, request.GET.get("with", ""))
    context: dict[str, Any]
    try:
        context = {"moved": version_movement(other, version, titles().get(name) or TagTitle(name)) if other else None}
    except UserError as error:
        context = {"problem": error}
    return render(request, "tags/members.html", context)


@require_POST
def approve(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Approves a draft."""
    approve_version(tag=name, number=number)
    toast(request, _("Version %(number)s is approved; published, it is in force.") % {"number": number})
    return redirect("tag", name)


@require_POST
def publish(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Takes an approved version into force; a job computes it."""
    publish_version(tag=name, number=number)
    toast(request, _("Version %(number)s is in force.") % {"number": number})
    return redirect("tag", name)


@require_POST
def withdraw(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Takes a version back that was not published."""
    withdraw_version(tag=name, number=number)
    toast(request, _("Version %(number)s is withdrawn.") % {"number": number})
    return redirect("tag", name)


@require_POST
def retire(request: HttpRequest, name: str) -> HttpResponse:
    """Takes a tag out of force."""
    retire_tag(name=name)
    toast(request, _("The tag is retired."), undo_url=reverse("restore_tag", args=[name]))
    return redirect("tag", name)


@require_POST
def restore(request: HttpRequest, name: str) -> HttpResponse:
    """Brings a retired tag back."""
    restore_tag(name=name)
    toast(request, _("The tag is back."))
    return redirect("tag", name)


@require_POST
def rebuild(request: HttpRequest, name: str) -> HttpResponse:
    """Computes a tag alone, now."""
    require(Right.APPROVE_TAGS)
    job = ask_for_rebuild([Tag.objects.get(name=tag_page(name).row.name)])
    if job is None:
        warn(request, _("There is nothing to compute yet: the first refresh does it."))
        return redirect("tag", name)
    return redirect("job", job.pk)


def preview_of(text: str, own: TagTitle | None = None) -> dict[str, Any]:
    """What would come of a value; nothing for a condition, and for what the builder says is wrong."""
    try:
        found = previewed(text) if text.strip() else None
    except UserError:
        return {}
    if found is None or is_condition(found.tree):
        return {}
    title = own or TagTitle("")
    return {
        "kind": Tag.Kind(found.kind).label,
        "count": found.count,
        "share": part_of(found.count, found.customers),
        "values": [
            {"title": title.value(value), "count": count, "share": part_of(count, found.customers)}
            for value, count in found.values
        ],
    }


def known_themes() -> list[tuple[str, str]]:
    """The themes to choose from: those of Zhike, and those of the firm."""
    own = Tag.objects.values_list("theme", flat=True).distinct()
    return [(path, theme_path(path)) for path in dict.fromkeys([*THEMES, *own])]


def _builder(request: HttpRequest, rule: str, *, is_sent: bool = True) -> Builder:
    known = vocabulary(extra=drafted_tags().values())
    data = request.POST if request.method == "POST" and is_sent else None
    return read_builder(data, rule=rule, vocabulary=known, accepts="definition")


def _say(error: UserError, form: forms.Form, builder: Builder) -> None:
    """Says what is wrong at its place: a field, or the rule."""
    if error.where in form.fields:
        form.add_error(error.where, " ".join(filter(None, (error.message, error.advice))))
    elif error is not builder.error and not builder.complete.faults:  # those say it themselves
        form.add_error(None, " ".join(filter(None, (error.message, error.advice))))


def _new(data: dict[str, Any], builder: Builder) -> dict[str, Any]:
    names = ("name", "origin", "values", "note", "theme", "title", "title_zh", "doc", "doc_zh", "unit", "schedule")
    wanted = {name: data[name] for name in names}
    if data["origin"] != Tag.Origin.RULE:
        return wanted | {"kind": data["kind"] or TagKind.YES_NO}
    return wanted | {"rule": builder.definition()} | {name: data[name] for name in ("later_fact", "later_days")}


def _definition_form(request: HttpRequest, tag: TagShown, builder: Builder | None) -> VersionForm:
    """The form; bound where it was sent to be saved, and not only to let the builder act."""
    newest = tag.versions[0]
    initial: Any = {
        "values": values_as_text(newest.values),
        "later_fact": laid_out(newest.later_fact),
        "later_days": newest.later_days,
        "seen": newest.number,
    }
    if builder is not None and not builder.done:
        form = VersionForm(request.POST)
    else:
        form = VersionForm(initial=initial if builder is None else request.POST)
    form.fields["values"].widget.attrs["rows"] = min(max(4, len(newest.values) + 1), MOST_ROWS)
    return form


def _words_form(request: HttpRequest, tag: TagShown, part: str) -> OwnerForm:
    found = Tag.objects.select_related("owner").get(name=tag.row.name)
    initial = {name: getattr(found, name) for name in OwnerForm.base_fields if name != "owner"}
    return OwnerForm(request.POST if part == "words" else None, initial=initial | {"owner": str(found.owner or "")})


def _drafted(request: HttpRequest, tag: TagShown, data: dict[str, Any], builder: Builder) -> HttpResponse:
    rule = builder.definition() if tag.shown.rule else None
    version = draft_version(tag=tag.row.name, rule=rule, **data)
    toast(request, _("Version %(number)s is drafted.") % {"number": version.number})
    return redirect("tag_version", tag.row.name, version.number)


def _pair(tag: TagShown, number: int, wanted: str) -> tuple[VersionShown, VersionShown | None]:
    """A version, and the one to look at beside it: the one asked for, the one in force, or the one before."""
    by_number = {one.number: one for one in tag.versions}
    if number not in by_number:
        raise UserError(_("“%(name)s” has no version %(number)s") % {"name": tag.row.name, "number": number})
    before = max((one for one in by_number if one < number), default=None)
    in_force = tag.row.version if tag.row.version != number else None
    asked = whole_number(wanted)
    other = asked if asked in by_number and asked != number else in_force or before
    return by_number[number], by_number.get(other) if other else None
