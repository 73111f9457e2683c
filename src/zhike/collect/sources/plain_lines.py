"""A plain text file of which every line is a list, as long as it likes: what is no table of columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.utils.translation import gettext as _
from ibis.expr.types import ArrayValue, StringValue

from zhike.collect.sources.functions import every_match
from zhike.collect.sources.plain_files import rows_of
from zhike.collect.sources.readers import BadFile, Limits, inspect
from zhike.collect.sources.readers.csv import DELIMITERS, CsvReader
from zhike.warehouse.engines.duckdb import embedded

LINE, FIELD, TEXT = "line", "field", "text"
BETWEEN_FIELDS = DELIMITERS + "，、；"
NO_DELIMITER = "\x1f"  # between records, not between what people write


def read_lists(path: Path) -> pa.Table:
    """One row per field that is not empty: the number of its line, from 0, and `field`.

    Fields are set apart by what most of the file is: commas, semicolons, tabs or bars, also those of Chinese; between
    quotation marks one may hold that, too. Plain or gzip, in any encoding that an import detects. Raises BadFile for a
    file that is no text or has no lines.
    """
    limits = Limits(file=settings.ZHIKE.import_limit, line=settings.ZHIKE.line_limit)
    found = inspect(path, limits)
    if found.kind != "csv":
        raise BadFile(_("is no text file with one list a line"), where=path.name)
    if not found.encoding:
        raise BadFile(
            _("the encoding is neither UTF-8 nor GB18030, Big5 or Windows-1252"),
            where=path.name,
            advice=_("Save it as UTF-8."),
        )
    # Without quotation marks, which mean something to a field and nothing to a line.
    whole = replace(found, has_quotes=False, longest_record=found.longest_line)
    encoding = "utf-8" if found.encoding == "utf-8-sig" else found.encoding
    reader = CsvReader(path, whole, encoding, NO_DELIMITER, (LINE,), limits, has_header=False)
    text = rows_of(reader, path, [LINE])[LINE].drop_null()
    sample = found.sample.decode(encoding, errors="ignore")
    lines = ibis.memtable(pa.table({LINE: np.arange(len(text)), TEXT: text}))
    fields = _fields(lines[TEXT], max(BETWEEN_FIELDS, key=sample.count)).unnest()
    rows = embedded().arrow(lines.select(LINE, **{FIELD: fields}))
    rows = rows.set_column(1, FIELD, _bare(rows[FIELD]))
    return rows.filter(pc.not_equal(rows[FIELD], ""))


def _fields(text: StringValue, delimiter: str) -> ArrayValue:
    field = rf'\s*"(?:[^"]|"")*"[^{delimiter}]*|[^{delimiter}]*'
    # Each with the delimiter before it: of an empty match the pattern would not come on.
    quoted = every_match(delimiter + text, f"[{delimiter}]({field})", 1)
    return text.contains('"').ifelse(quoted, text.split(delimiter))


def _bare(fields: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values without blanks and quotation marks around them."""
    text = pc.utf8_trim_whitespace(fields)
    is_quoted = pc.match_substring_regex(text, r'(?s)^".*"$')
    inner = pc.replace_substring(pc.utf8_slice_codeunits(text, 1, -1), '""', '"')
    return pc.if_else(is_quoted, pc.utf8_trim_whitespace(inner), text)
