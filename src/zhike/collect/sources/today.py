"""What imports have for the first page: what was rejected, what waits for a refresh, and how to begin."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.collect.sources.models import Import, Source
from zhike.collect.sources.words import title_of
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.templatetags.formats import number, share
from zhike.ui.today import Line, Part
from zhike.warehouse.models import CurrentRefresh

ALERT_DAYS = 7
ALERT_SHARE = 0.01
SHOWN_ALERTS = 5
SHOWN_IMPORTS = 5


def today() -> Part | None:
    """Imports as whoever may import sees them; nothing for others."""
    if not may(Right.IMPORT):
        return None
    if not Import.objects.exists():
        return Part(first_steps=_first_steps())
    newest = Import.objects.select_related("source")[:SHOWN_IMPORTS]
    return Part(
        title=_("Last imports"),
        alerts=(*_unrefreshed(), *_failed(), *_rejected(), *_quarantined()),
        lines=tuple(_line(found) for found in newest),
        url=reverse("imports"),
    )


def _first_steps() -> tuple[Line, ...]:
    return (
        Line(
            _("Import a file"),
            reverse("import_file"),
            _("Customers, contracts or orders, as a table in any usual form. You see what would come of it first."),
        ),
        Line(
            _("Or look around with a made-up company"),
            reverse("imports"),
            _("On the machine itself, `zhike demo` fills this installation with customers who do not exist."),
        ),
    )


def _unrefreshed() -> list[Line]:
    """What was imported after the refresh in force began is not seen anywhere yet."""
    done = Import.objects.filter(state=Import.State.FINISHED, accepted_count__gt=0)
    current = CurrentRefresh.objects.select_related("refresh").first()
    if current is not None:
        done = done.filter(finished_at__gt=current.refresh.started_at)
    count = done.count()
    if not count:
        return []
    text = ngettext(
        "%(count)s import is not seen yet: refresh", "%(count)s imports are not seen yet: refresh", count
    ) % {"count": number(count)}
    return [Line(text, reverse("refreshes"), is_urgent=True)]


def _failed() -> list[Line]:
    since = timezone.now() - timedelta(days=ALERT_DAYS)
    mended = Import.objects.filter(
        source=OuterRef("source"),
        entity=OuterRef("entity"),
        file_name=OuterRef("file_name"),
        state=Import.State.FINISHED,
        pk__gt=OuterRef("pk"),
    )
    failed = Import.objects.filter(~Exists(mended), state=Import.State.FAILED, started_at__gt=since)[:SHOWN_ALERTS]
    return [
        Line(
            _("Import %(id)s failed: %(file)s") % {"id": found.pk, "file": found.file_name},
            reverse("import", args=[found.pk]),
            at=found.finished_at,
            is_urgent=True,
        )
        for found in failed
    ]


def _rejected() -> list[Line]:
    since = timezone.now() - timedelta(days=ALERT_DAYS)
    many = Import.objects.filter(
        state=Import.State.FINISHED,
        same_as=None,
        started_at__gt=since,
        rejected_count__gt=F("read_count") * ALERT_SHARE,
    ).select_related("source")[:SHOWN_ALERTS]
    return [
        Line(
            _("%(share)s of %(file)s was rejected")
            % {"share": share(found.rejected_count / found.read_count), "file": found.file_name},
            f"{reverse('import', args=[found.pk])}#rejects",
            at=found.finished_at,
        )
        for found in many
    ]


def _quarantined() -> list[Line]:
    silent = Source.objects.filter(lawful_basis=Source.LawfulBasis.UNSTATED)[:SHOWN_ALERTS]
    return [
        Line(
            _("“%(source)s” is quarantined: no lawful basis is stated") % {"source": source.title or source.name},
            reverse("source", args=[source.name]),
        )
        for source in silent
    ]


def _line(found: Import) -> Line:
    note = _("%(accepted)s accepted, %(rejected)s rejected") % {
        "accepted": number(found.accepted_count),
        "rejected": number(found.rejected_count),
    }
    if found.state == Import.State.FAILED:
        note = _("failed")
    text = f"{title_of(found.entity)} · {found.source.title or found.source.name}"
    return Line(text, reverse("import", args=[found.pk]), note, found.started_at)
