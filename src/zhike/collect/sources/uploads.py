"""Files that are handed in from outside: kept in the home until a worker has imported them."""

from __future__ import annotations

import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.collect.sources.models import Source
from zhike.collect.sources.services import check_entity, check_source
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.services import enqueue_job
from zhike.warehouse.files import disk_room

LONGEST_NAME = 100
SECONDS_KEPT = 86400


class TooLarge(UserError):
    """More is handed in than is taken."""

    status = 413


def import_upload(
    *, file: IO[bytes], name: str, size: int, entity: str, source: str, mapping: dict[str, Any] | None = None
) -> Job:
    """The job that imports a file which was uploaded, under the name it had. Raises Denied, TooLarge, UserError."""
    require(Right.IMPORT)
    check_entity(entity)
    check_source(source, Source.LawfulBasis.UNSTATED)
    path = keep(file, name, size)
    try:
        arguments = {"path": str(path), "entity": entity, "source": source, "mapping": mapping, "is_upload": True}
        return enqueue_job(kind="import", arguments=arguments)
    except BaseException:
        discard(path)
        raise


@contextmanager
def uploaded(path: Path) -> Iterator[None]:
    """Removes an uploaded file at the end of the block; a killed process leaves it for the next attempt."""
    try:
        yield
    finally:
        discard(path)


def keep(file: IO[bytes], name: str, size: int) -> Path:
    """Where the file is kept, in a folder of its own, so that it is there when the job is. Raises TooLarge."""
    if size > settings.ZHIKE.upload_limit:
        raise TooLarge(
            _("the file is larger than %(limit)s MB") % {"limit": settings.ZHIKE.upload_limit // 10**6},
            advice=_("Import it on the machine itself: `zhike import`."),
        )
    plain = re.sub(r"[^\w.-]+", "_", Path(name.replace("\\", "/")).name)[-LONGEST_NAME:].lstrip(".") or "file"
    folder = settings.ZHIKE.home / "uploads" / uuid.uuid4().hex
    with disk_room(_("keeping an uploaded file")):
        folder.mkdir(parents=True)
        path: Path = folder / plain
        with path.open("wb") as kept:
            shutil.copyfileobj(file, kept, 1 << 20)
            kept.flush()
            os.fsync(kept.fileno())
    return path


def discard(path: Path) -> None:
    """Removes a kept file with its folder."""
    shutil.rmtree(path.parent, ignore_errors=True)


def discard_abandoned(*, wanted: set[str]) -> None:
    """Removes what is kept for no job any more, such as the file of one that was cancelled before it began.

    `wanted` names the folders that something else takes care of; none is touched on its first day.
    """
    unfinished = Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING], arguments__is_upload=True)
    wanted = wanted | {Path(job.arguments["path"]).parent.name for job in unfinished}
    for folder in (settings.ZHIKE.home / "uploads").glob("*"):
        if folder.name not in wanted and time.time() - folder.stat().st_mtime > SECONDS_KEPT:
            shutil.rmtree(folder, ignore_errors=True)
