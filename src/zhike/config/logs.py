"""Logs: one JSON object a line, with the fields that were meant for it and no customer's data."""

from __future__ import annotations

import json
import logging
import logging.handlers
import traceback
from datetime import UTC, datetime

from zhike.installation import Installation

STANDARD = frozenset(vars(logging.makeLogRecord({})))


class JsonLines(logging.Formatter):
    """A record as one line of JSON.

    Messages are constants and fields are chosen where they are logged; of an exception only
    its kind and its place are kept, because its text may quote a row.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {name: value for name, value in vars(record).items() if name not in STANDARD and name != "message"}
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            entry["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(entry, ensure_ascii=False, default=str)


def configure_logs(installation: Installation, *, to_stderr: bool) -> None:
    """Sends logs to stderr (servers and workers) or to `logs/zhike.log` in the home (commands)."""
    handler: logging.Handler
    if to_stderr:
        handler = logging.StreamHandler()
    else:
        folder = installation.home / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(folder / "zhike.log", maxBytes=10_000_000, backupCount=5)
    handler.setFormatter(JsonLines())
    ours = logging.getLogger("zhike")
    ours.handlers[:] = [handler]
    ours.setLevel(installation.log_level)
    ours.propagate = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
