"""Taking the customers of an audience away, as a file; for who may."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.navigation import Words
from zhike.understand.audiences.pages.heads import head
from zhike.understand.audiences.pages.tabs import rule_of
from zhike.understand.audiences.queries import saved_audience
from zhike.understand.audiences.rows import SHOWN, export_members
from zhike.understand.tags.builder.subjects import GROUPS
from zhike.warehouse.attributes import registry

KINDS: tuple[tuple[str, Words], ...] = (
    ("csv", gettext_lazy("Text (CSV), for any program")),
    ("xlsx", gettext_lazy("Excel (XLSX), up to a million rows")),
    ("parquet", gettext_lazy("Parquet, for data tools")),
)


@require_safe
def export(request: HttpRequest, audience_id: int) -> HttpResponseBase:
    """The form of an export; with a kind, the file."""
    audience = saved_audience(audience_id)
    kind = request.GET.get("kind", "")
    columns = request.GET.getlist("columns") or list(SHOWN)
    if kind:
        found = export_members(rule_of(audience), kind=kind, columns=columns)
        name = f"{slugify(audience.name, allow_unicode=True) or 'audience'}.{kind}"
        response = StreamingHttpResponse(found.chunks, content_type=found.media_type)
        response.headers["Content-Disposition"] = _named(name)
        return response
    context = head(audience, "audience_export") | {
        "kinds": KINDS,
        "may_export": may(Right.EXPORT),
        "groups": _columns(columns),
    }
    return render(request, "audiences/export.html", context)


def _named(name: str) -> str:
    from django.utils.http import content_disposition_header

    return content_disposition_header(as_attachment=True, filename=name) or ""


def _columns(chosen: list[str]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for name, one in registry().attributes.items():
        column = {"name": name, "title": one.title, "is_chosen": name in chosen, "is_personal": one.column.personal}
        groups.setdefault(str(GROUPS.get(one.group, one.group)), []).append(column)
    return list(groups.items())
