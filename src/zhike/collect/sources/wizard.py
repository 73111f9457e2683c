"""The pages that lead from a file to an import: upload, mapping, preview, run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.collect.sources.columns import data_from, file_format, rows_of, samples_of
from zhike.collect.sources.drafts import (
    begin_upload,
    discard_upload,
    mapping_of,
    own_upload,
    settle_mapping,
    start_import,
)
from zhike.collect.sources.forms import ENCODINGS, UploadForm
from zhike.collect.sources.mapping import MappingError
from zhike.collect.sources.models import Upload
from zhike.collect.sources.preview import preview_import
from zhike.collect.sources.readers import BadFile
from zhike.collect.sources.uploads import TooLarge
from zhike.collect.sources.views import reasons_of
from zhike.collect.sources.words import KINDS, title_of
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.ui.templatetags.formats import bytes_size
from zhike.ui.toasts import toast


@require_http_methods(["GET", "POST"])
def upload_file(request: HttpRequest) -> HttpResponse:
    """The first step: the file, what its rows are, and where they come from."""
    require(Right.IMPORT)
    initial = {name: request.GET[name] for name in ("source", "entity") if name in request.GET}
    form = UploadForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = begin_upload(
                file=file.file,
                name=file.name,
                size=file.size,
                entity=form.cleaned_data["entity"],
                source=form.source_name,
                encoding=form.cleaned_data["encoding"],
                lawful_basis=form.stated_basis,
            )
        except (BadFile, TooLarge) as error:
            form.add_error("file", said_of(error))
        except UserError as error:
            form.add_error("new_source" if form.cleaned_data["new_source"] else None, said_of(error))
        else:
            return redirect("upload_mapping", upload.pk)
    return render(request, "sources/upload.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def upload_mapping(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The second step: which column of the file becomes which column of the entity."""
    upload = own_upload(upload_id)
    if request.method == "GET":
        return _mapping_page(request, upload, None)
    try:
        settle_mapping(upload, data_from(upload, request.POST))
    except (MappingError, BadFile) as error:
        return _mapping_page(request, upload, error)
    return redirect("upload_preview", upload.pk)


@require_safe
def upload_samples(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Some values of the column of the file that is being chosen."""
    chosen = next((request.GET.get(name, "") for name in request.GET if name.startswith("from.")), "")
    return render(request, "sources/samples.html", {"samples": samples_of(own_upload(upload_id), chosen)})


@require_safe
def upload_preview(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The third step: what the import would do."""
    upload = own_upload(upload_id)
    try:
        preview = preview_import(upload)
    except (MappingError, BadFile) as error:
        return _mapping_page(request, upload, error)
    result = preview.result
    context = {
        **_about(upload),
        "preview": preview,
        "result": result,
        "reasons": reasons_of(result.reasons, result.rejected) if result.rejected else None,
    }
    return render(request, "sources/preview.html", context)


@require_POST
def run_upload(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The last step: a job that imports the file, and leads to the result."""
    upload = own_upload(upload_id)
    try:
        job = start_import(upload)
    except MappingError as error:
        return _mapping_page(request, upload, error)
    return redirect("job", job.pk)


@require_POST
def remove_upload(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Discards what was being prepared."""
    upload = own_upload(upload_id)
    discard_upload(upload)
    toast(request, _("The upload “%(name)s” is discarded. Nothing of it was imported.") % {"name": upload.name})
    return redirect("imports")


def said_of(error: UserError) -> str:
    """An error as a form says it."""
    return f"{error.message} — {error.advice}" if error.advice else error.message


def _mapping_page(request: HttpRequest, upload: Upload, error: UserError | None) -> HttpResponse:
    rows = rows_of(upload)
    if error is not None:
        rows = [replace(row, problem=_("Choose where it is taken from.")) if row.is_open else row for row in rows]
    context = {
        **_about(upload),
        "chosen": [row for row in rows if row.is_needed or row.is_named],
        "others": [row for row in rows if not (row.is_needed or row.is_named)],
        "is_recognised": any(row.is_named for row in rows),
        "format": file_format(upload),
        "encodings": ENCODINGS,
        # A column that is still to be chosen says so itself.
        "problem_lines": [] if any(row.is_open for row in rows) else _lines(error),
        "yaml": _yaml(upload),
    }
    return render(request, "sources/mapping.html", context, status=422 if error else 200)


def _about(upload: Upload) -> dict[str, Any]:
    form = upload.found["form"]
    encoding = form["encoding"] if form["kind"] in ("csv", "jsonl") else ""
    return {
        "upload": upload,
        "about": " · ".join(
            [
                upload.name,
                bytes_size(upload.size),
                " ".join(part for part in (str(KINDS[form["kind"]]), encoding) if part),
                title_of(upload.entity),
                upload.source,
            ]
        ),
        "encoding": encoding,
    }


def _lines(error: UserError | None) -> list[str]:
    if error is None:
        return []
    return [line.removeprefix("columns.") for line in error.message.splitlines()]


def _yaml(upload: Upload) -> str:
    try:
        return mapping_of(upload).as_yaml()
    except MappingError:
        return ""
