"""What is handed in: a file or query, opened, with the mapping to read it by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
from django.utils.translation import gettext as _

from zhike.collect.sources.mapping import FromColumn, Mapping, MappingError
from zhike.collect.sources.parsing import EPOCHS
from zhike.collect.sources.readers import BadFile, Reader
from zhike.collect.sources.readers.jsonlines import JsonLinesReader
from zhike.errors import UserError
from zhike.warehouse.engines.duckdb import embedded


@dataclass(frozen=True)
class Delivery:
    """A file or query, opened."""

    name: str
    fingerprint: str
    reader: Reader
    mapping: Mapping
    path: Path | None = None
    stamp: tuple[int, int] | None = None  # size and time of the file before it was first read
    is_routine: bool = False  # nobody asked for this one in particular: neither announced nor remembered

    def check_unchanged(self) -> None:
        """Raises BadFile if the file is no longer the one whose fingerprint was taken."""
        if self.path is not None and stamp_of(self.path) != self.stamp:
            raise BadFile(
                _("changed while it was read; nothing was imported"),
                where=self.name,
                advice=_("Import it again when nobody writes to it any more."),
            )

    def check(self, entity: str, source: str) -> None:
        """Raises UserError if the mapping is meant for something else, or does not fit the file."""
        mapping = self.mapping
        _check_patterns(mapping)
        if mapping.entity != entity:
            raise UserError(
                _("the mapping is for %(entity)s, not for %(entity2)s") % {"entity": mapping.entity, "entity2": entity},
                where="--map",
            )
        if mapping.source not in (None, source):
            raise UserError(
                _("the mapping is for source %(source)s, not for %(source2)s")
                % {"source": repr(mapping.source), "source2": repr(source)},
                where="--map",
            )
        wanted = mapping.file_columns
        if isinstance(self.reader, JsonLinesReader):
            self.reader.wanting(wanted)
        missing = [name for name in wanted if name not in self.reader.columns]
        if missing:
            raise BadFile(
                _("has no column %(missing)s") % {"missing": ", ".join(map(repr, missing))},
                where=self.name,
                advice=_("Its columns: %(columns)s. Change the mapping, or the file's header.")
                % {"columns": ", ".join(self.reader.columns)},
            )


def stamp_of(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written to; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _check_patterns(mapping: Mapping) -> None:
    """Date formats and regular expressions are tried out, since only the engine knows what it understands."""
    for name, expression in mapping.columns.items():
        for form in expression.format if isinstance(expression, FromColumn) else ():
            if form not in EPOCHS:
                _try(
                    "try_strptime('', [?])",
                    form,
                    f"columns.{name}.format",
                    _("%(pattern)s is no date format (strptime): %(problem)s"),
                )
    for rule in mapping.reject:
        if rule.when.matches is not None:
            _try(
                "regexp_matches('', ?)",
                rule.when.matches,
                "reject.when.matches",
                _("%(pattern)s is no regular expression (RE2): %(problem)s"),
            )


def _try(expression: str, pattern: str, where: str, message: str) -> None:
    try:
        embedded().connection.con.execute(f"SELECT {expression}", [pattern])
    except duckdb.Error as error:
        raise MappingError(
            message % {"pattern": repr(pattern), "problem": str(error).split(": ", 1)[-1]},
            where=where,
        ) from error
