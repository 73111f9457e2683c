"""What a source system delivers regularly: one entity in one format, with its planted faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zhike.demo.dirt import Fault
from zhike.demo.files import JsonLines, LinesFile, ParquetFile, Separated, Workbook

MAPPINGS = Path(__file__).parent / "mappings"


@dataclass(frozen=True)
class Sheet:
    """XLSX: name of its sheet of rows, columns of dates, and text of a cover sheet before it."""

    name: str = "Sheet1"
    dates: tuple[str, ...] = ()
    cover: str = ""


@dataclass(frozen=True)
class Typed:
    """Parquet."""


Form = Separated | JsonLines | Sheet | Typed
FAR_FUTURE = "2099-12-31"


@dataclass(frozen=True)
class Feed:
    """One kind of file of one source; its mapping has the same name."""

    name: str
    entity: str  # key of `zhike.warehouse.entities.ENTITIES`
    source: str
    key: str  # column that names the row, changed in bad rows
    form: Form
    faults: tuple[Fault, ...] = ()

    @property
    def mapping(self) -> Path:
        return MAPPINGS / f"{self.name}.yaml"

    def form_in(self, *, as_workbook: bool) -> Form:
        """The format to write now: what would make too large a workbook is CSV."""
        return Separated() if isinstance(self.form, Sheet) and not as_workbook else self.form

    def start(self, path: Path, form: Form) -> LinesFile | ParquetFile | Workbook:
        """A writer of a new file in this format."""
        if isinstance(form, Sheet):
            return Workbook(path, form.name, form.dates, form.cover)
        return ParquetFile(path) if isinstance(form, Typed) else LinesFile(path, form)


def suffix(form: Form) -> str:
    """Ending of the names of files in this format."""
    if isinstance(form, Separated):
        return "tsv" if form.delimiter == "\t" else "csv"
    return {JsonLines: "jsonl", Sheet: "xlsx", Typed: "parquet"}[type(form)]
