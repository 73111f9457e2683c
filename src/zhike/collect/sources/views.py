"""Pages of sources, and of what was imported from them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from zhike.collect.sources.drafts import own_uploads
from zhike.collect.sources.forms import NewSourceForm, PrioritiesForm, SourceForm
from zhike.collect.sources.mapping import Mapping, MappingError, mapping_from_data
from zhike.collect.sources.models import Import, Source
from zhike.collect.sources.queries import import_of, imports, rejected_rows, source_of, sources
from zhike.collect.sources.rejects import write_rejects
from zhike.collect.sources.services import add_source, change_source
from zhike.collect.sources.words import ENTITIES, LAWFUL_BASES, MARKS, STATES, in_words, said, title_of
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.charts import Bars
from zhike.ui.lists import TableView
from zhike.ui.tables import Column, Kind, Query, Table, TablePage, page_of
from zhike.ui.templatetags.formats import number
from zhike.ui.toasts import toast

SHOWN_REJECTS = 50
SHOWN_REASONS = 12

SOURCES = Table(
    name="sources",
    title=gettext_lazy("Sources"),
    columns=(
        Column("title", gettext_lazy("Source"), leads_to="url", is_filterable=True),
        Column("name", gettext_lazy("Name")),
        Column(
            "lawful_basis",
            gettext_lazy("Lawful basis"),
            Kind.CHOICE,
            LAWFUL_BASES,
            is_filterable=True,
            marks={Source.LawfulBasis.UNSTATED: "bad"},
        ),
        Column("owner_unit", gettext_lazy("Org unit")),
        Column("priority", gettext_lazy("Priority"), Kind.NUMBER),
        Column("import_count", gettext_lazy("Imports"), Kind.NUMBER, leads_to="imports_url"),
        Column("imported_at", gettext_lazy("Last import"), Kind.INSTANT),
    ),
    sort="title",
    empty=gettext_lazy("A source is a system or list that customers' data comes from. Add one, or import a file."),
)
IMPORTS = Table(
    name="imports",
    title=gettext_lazy("Imports"),
    columns=(
        Column("number", gettext_lazy("Number"), leads_to="url"),
        Column("source", gettext_lazy("Source"), is_filterable=True, leads_to="source_url"),
        Column("entity", gettext_lazy("What"), Kind.CHOICE, tuple(ENTITIES.items()), is_filterable=True),
        Column("file", gettext_lazy("File"), is_shown=False, leads_to="url"),
        Column("state", gettext_lazy("State"), Kind.CHOICE, STATES, is_filterable=True, marks=MARKS),
        Column("read", gettext_lazy("Read"), Kind.NUMBER, leads_to="url"),
        Column("accepted", gettext_lazy("Accepted"), Kind.NUMBER, leads_to="url"),
        Column("duplicates", gettext_lazy("Duplicates"), Kind.NUMBER, leads_to="url"),
        Column("rejected", gettext_lazy("Rejected"), Kind.NUMBER, leads_to="rejects_url", is_filterable=True),
        Column("seconds", gettext_lazy("Took"), Kind.DURATION, is_shown=False),
        Column("started_at", gettext_lazy("Began"), Kind.INSTANT),
    ),
    sort="number",
    is_descending=True,
    empty=gettext_lazy("Import a file: nothing of it is lost, and what is wrong with it is shown first."),
)
FIELDS = {
    "number": "pk",
    "source": "source__name",
    "file": "file_name",
    "read": "read_count",
    "accepted": "accepted_count",
    "duplicates": "duplicate_count",
    "rejected": "rejected_count",
}


class Sources(TableView):
    """All sources."""

    table = SOURCES
    template_name = "sources/sources.html"

    def page(self, query: Query) -> TablePage:
        """The sources asked for."""
        return page_of(sources(), query, _source_row)

    def context(self, _query: Query) -> dict[str, Any]:
        """Whether one may be added."""
        return {"may_change": may(Right.MANAGE_SOURCES)}


class Imports(TableView):
    """All imports, newest first, and those that are being prepared."""

    table = IMPORTS
    template_name = "sources/imports.html"

    def page(self, query: Query) -> TablePage:
        """The imports asked for."""
        return page_of(imports(), query, _import_row, fields=FIELDS)

    def context(self, _query: Query) -> dict[str, Any]:
        """What the reader is preparing."""
        return {"uploads": [(upload, title_of(upload.entity)) for upload in own_uploads()]}


@require_http_methods(["GET", "POST"])
def new_source(request: HttpRequest) -> HttpResponse:
    """The form that adds a source."""
    form = NewSourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            source = add_source(**form.cleaned_data)
        except UserError as error:
            form.add_error("name", _problem(error))
        else:
            toast(request, _("The source “%(name)s” is added.") % {"name": source.title or source.name})
            return redirect("source", source.name)
    return render(request, "sources/new_source.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, name: str) -> HttpResponse:
    """One source: what is known of it, its imports and remembered mappings, and the form that changes it."""
    found = source_of(name)
    initial = {field: getattr(found, field) for field in SourceForm.base_fields}
    of_fields = "of_fields" in request.POST
    form = SourceForm(None if of_fields else request.POST or None, initial=initial)
    stated = {f"priority_{unit}": priority for unit, priority in found.field_priorities.items()}
    priorities = PrioritiesForm(request.POST if of_fields else None, initial=stated)
    if request.method == "POST" and (priorities if of_fields else form).is_valid():
        change_source(name=name, **({"field_priorities": priorities.stated} if of_fields else form.cleaned_data))
        toast(request, _("The source is changed. Customers follow with the next refresh."))
        return redirect("source", name)
    context = {
        "source": found,
        "form": form,
        "priorities": priorities,
        "basis": dict(LAWFUL_BASES)[found.lawful_basis],
        "imports": [(one, title_of(one.entity), dict(STATES)[one.state], MARKS[one.state]) for one in _newest(found)],
        "mappings": [_remembered(found, entity) for entity in found.mappings],
        "may_change": may(Right.MANAGE_SOURCES),
    }
    return render(request, "sources/source.html", context, status=422 if form.errors or priorities.errors else 200)


@require_safe
def import_(request: HttpRequest, import_id: int) -> HttpResponse:
    """What came of one import, for ever after."""
    found = import_of(import_id)
    mapping = mapping_from_data(found.mapping, where=str(found))
    context = {
        "import": found,
        "entity": title_of(found.entity),
        "state": dict(STATES)[found.state],
        "tone": MARKS[found.state],
        "reasons": reasons_of(found.reasons, found.rejected_count) if found.reasons else None,
        "rejects": _rejected(found),
        "shown_count": SHOWN_REJECTS,
        "may_download": may(Right.SEE_PERSONAL_DATA),
        "columns": mapping_in_words(mapping),
        "yaml": mapping.as_yaml(),
    }
    return render(request, "sources/import.html", context)


@require_safe
def rejects(request: HttpRequest, import_id: int) -> FileResponse:
    """The rejected rows as CSV, to be mended and imported again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rejects.csv"
        write_rejects(import_id, path)
        # An open file outlives its name, and is gone when it has been sent.
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=f"import-{import_id}-rejects.csv", content_type="text/csv"
        )


def mapping_in_words(mapping: Mapping) -> list[dict[str, str]]:
    """The columns of an entity, and where a mapping takes them from."""
    return [
        {"name": column.name, "doc": column.doc, "said": said(mapping.columns[column.name])}
        for column in mapping.contract
        if column.name in mapping.columns
    ]


def reasons_of(counts: dict[str, int], rejected: int) -> Bars:
    """How many rows each reason kept out, the most frequent first."""
    ranked = sorted(counts.items(), key=lambda item: -item[1])[:SHOWN_REASONS]
    first, most = ranked[0]
    finding = ngettext(
        "%(most)s of %(all)s rejected row: %(reason)s", "%(most)s of %(all)s rejected rows: %(reason)s", rejected
    )
    return Bars(
        finding=finding % {"most": number(most), "all": number(rejected), "reason": in_words(first)},
        category=_("Reason"),
        measure=_("Rows"),
        labels=[in_words(reason) for reason, _count in ranked],
        values=[count for _reason, count in ranked],
        is_horizontal=True,
    )


def _source_row(found: Any) -> dict[str, Any]:
    return {
        "title": found.title or found.name,
        "name": found.name,
        "lawful_basis": found.lawful_basis,
        "owner_unit": found.owner_unit,
        "priority": found.priority,
        "import_count": found.import_count,
        "imported_at": found.imported_at,
        "url": reverse("source", args=[found.name]),
        "imports_url": f"{reverse('imports')}?source={found.name}",
    }


def _import_row(found: Import) -> dict[str, Any]:
    url = reverse("import", args=[found.pk])
    return {name: getattr(found, field) for name, field in FIELDS.items() if "__" not in field} | {
        "source": found.source.name,
        "entity": found.entity,
        "state": found.state,
        "seconds": found.seconds,
        "started_at": found.started_at,
        "url": url,
        "rejects_url": f"{url}#rejects" if found.rejected_count else url,
        "source_url": reverse("source", args=[found.source.name]),
    }


def _rejected(found: Import) -> list[tuple[int, list[tuple[str, str, str]]]]:
    """The number of each rejected row, with column, value and reason of its faults."""
    if not found.rejected_count:
        return []
    return [
        (place, [(column, value, in_words(reason)) for column, value, reason in faults])
        for place, faults in rejected_rows(found, limit=SHOWN_REJECTS)
    ]


def _newest(found: Source) -> list[Import]:
    return list(found.imports.all()[:10]) if may(Right.IMPORT) else []


def _remembered(found: Source, entity: str) -> dict[str, Any]:
    try:
        mapping = mapping_from_data(found.mappings[entity], where=found.name)
    except MappingError as error:  # of an earlier version of Zhike
        return {"entity": entity, "title": title_of(entity), "problem": error.message}
    return {
        "entity": entity,
        "title": title_of(entity),
        "columns": mapping_in_words(mapping),
        "yaml": mapping.as_yaml(),
    }


def _problem(error: UserError) -> str:
    return f"{error.message}. {error.advice}" if error.advice else error.message
