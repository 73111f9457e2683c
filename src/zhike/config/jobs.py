"""What background jobs do: each kind is one service call."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from zhike.collect.sources.mapping import mapping_from_data
from zhike.collect.sources.services import import_file
from zhike.collect.sources.uploads import uploaded
from zhike.progress import Progress
from zhike.understand.tags.computing.rebuilding import rebuild_tags
from zhike.warehouse.services import run_refresh


def refresh(*, progress: Progress, as_of: str | None = None, engine: str | None = None) -> dict[str, Any]:
    """Rebuilds and publishes everything computed."""
    day = date.fromisoformat(as_of) if as_of else None
    done = run_refresh(as_of=day, engine_name=engine, progress=progress)
    return {"refresh_id": done.pk, "customers": done.customer_count}


def tag(*, progress: Progress, name: str = "", names: Sequence[str] = ()) -> dict[str, Any]:
    """Computes tags alone, one or several in one pass."""
    done = rebuild_tags([*names, *([name] if name else [])], progress=progress)
    return {"refresh_id": done.pk, "only": done.only}


def import_(
    *,
    progress: Progress,
    path: str,
    entity: str,
    source: str,
    mapping: dict[str, Any] | None = None,
    is_upload: bool = False,
) -> dict[str, Any]:
    """Imports one file; one that was uploaded is removed at the end, whatever that is."""
    with uploaded(Path(path)) if is_upload else nullcontext():
        chosen = mapping_from_data(mapping, where="mapping") if mapping else None
        result = import_file(Path(path), entity=entity, source=source, mapping=chosen, progress=progress)
    return {
        "import_id": result.import_id,
        "read": result.read,
        "accepted": result.accepted,
        "duplicates": result.duplicates,
        "rejected": result.rejected,
    }
