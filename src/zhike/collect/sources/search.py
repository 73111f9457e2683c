"""Finding sources and imports from everywhere."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.collect.sources.models import Import, Source
from zhike.collect.sources.words import title_of
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.search import Found, FoundGroup
from zhike.ui.templatetags.formats import day
from zhike.ui.typed import whole_number

MOST = 5


def search(text: str) -> FoundGroup:
    """Sources by name or title, imports by number or file name; nothing for who may not import."""
    wanted = text.strip()
    found = (*_sources(wanted), *_imports(wanted)) if may(Right.IMPORT) else ()
    return FoundGroup(_("Sources and imports"), found)


def _sources(wanted: str) -> list[Found]:
    matching = Source.objects.filter(Q(name__icontains=wanted) | Q(title__icontains=wanted))[:MOST]
    return [Found(one.title or one.name, reverse("source", args=[one.name]), _("Source")) for one in matching]


def _imports(wanted: str) -> list[Found]:
    named = Q(file_name__icontains=wanted)
    if (number := whole_number(wanted)) is not None:
        named |= Q(pk=number)
    return [
        Found(
            _("Import %(id)s: %(file)s") % {"id": one.pk, "file": one.file_name},
            reverse("import", args=[one.pk]),
            f"{title_of(one.entity)} · {day(one.started_at)}",
        )
        for one in Import.objects.filter(named)[:MOST]
    ]
