"""Files of the warehouse, on local disk or in object storage, through one file system."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _
from pyarrow import fs

from zhike.errors import UserError

NEEDED_BYTES = 64_000_000  # less than this free, and no work that writes is begun


class DiskFull(UserError):
    """There is no room left; what was in force before stays in force."""

    status = 503


def filesystem() -> fs.FileSystem:
    """The file system in which the warehouse lies."""
    installation = settings.ZHIKE
    if installation.is_local:
        return fs.LocalFileSystem()
    endpoint = urlsplit(installation.s3_endpoint)
    return fs.S3FileSystem(
        access_key=installation.s3_access_key or None,
        secret_key=installation.s3_secret_key or None,
        region=installation.s3_region or None,
        endpoint_override=endpoint.netloc or None,
        scheme=endpoint.scheme or "https",
    )


def open_file(uri: str) -> pa.NativeFile:
    """A file opened for reading here and there; mapped into memory where it lies on a local disk."""
    if settings.ZHIKE.is_local:
        return pa.memory_map(inner_path(uri))
    return filesystem().open_input_file(inner_path(uri))


def inner_path(uri: str) -> str:
    """What the file system calls the file of a URI."""
    parts = urlsplit(uri)
    return parts.path if parts.scheme in ("", "file") else f"{parts.netloc}{parts.path}"


def list_files(uri: str) -> dict[str, int]:
    """Every file below a folder, as its URI, with its size in bytes."""
    prefix = uri[: -len(inner_path(uri))]
    selector = fs.FileSelector(inner_path(uri), recursive=True, allow_not_found=True)
    found = filesystem().get_file_info(selector)
    return {prefix + info.path: info.size for info in found if info.type == fs.FileType.File}


def delete_files(uris: list[str]) -> None:
    """Deletes files; one that is gone already is no error."""
    system = filesystem()
    for uri in uris:
        with contextlib.suppress(FileNotFoundError):
            system.delete_file(inner_path(uri))


def delete_empty_folders(uri: str) -> None:
    """Deletes folders below one that hold nothing, as Spark leaves them; object stores have none."""
    if not settings.ZHIKE.is_local:
        return
    for folder in sorted(Path(inner_path(uri)).rglob("*/"), reverse=True):
        with contextlib.suppress(OSError):  # not empty
            folder.rmdir()


def remove_folder(uri: str) -> None:
    """Deletes a folder with everything in it; one that is not there is no error."""
    if settings.ZHIKE.is_local:
        shutil.rmtree(inner_path(uri), ignore_errors=True)
    else:
        delete_files(list(list_files(uri)))


def make_folder(uri: str) -> None:
    """Makes sure a folder exists; object stores need none."""
    if settings.ZHIKE.is_local:
        Path(inner_path(uri)).mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def disk_room(doing: str) -> Iterator[None]:
    """Turns a full disk, before or during the block, into a DiskFull that says what was being done."""
    installation = settings.ZHIKE
    installation.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(installation.home).free
    if free < NEEDED_BYTES:
        raise _disk_full(doing, _("only %(free)s MB are free") % {"free": f"{free / 1e6:,.0f}"})
    try:
        yield
    except Exception as error:
        if not _is_disk_full(error):
            raise
        raise _disk_full(doing, _("the disk ran full")) from error


def _is_disk_full(error: BaseException | None) -> bool:
    """DuckDB, pyarrow and SQLite each wrap the operating system's ENOSPC in their own way."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return True
        text = str(error)
        if "No space left on device" in text or "database or disk is full" in text or "File too large" in text:
            return True
        error = error.__cause__ or error.__context__
    return False


def _disk_full(doing: str, what: str) -> DiskFull:
    return DiskFull(
        _("%(what)s while %(doing)s; nothing was changed") % {"what": what, "doing": doing},
        where=str(settings.ZHIKE.home),
        advice=_("Make room (`zhike clean` removes what old refreshes left), then run the same command again."),
    )
