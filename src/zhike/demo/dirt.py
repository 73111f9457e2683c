"""Bad rows, planted beside good ones and counted, which an import has to reject.

Each bad row is a copy of the row before it, with a key of its own and one thing wrong, so
that what is left after rejection is exactly the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.demo.draws import Draws, Flags, Ints
from zhike.demo.files import JsonLines, Rows, Separated
from zhike.demo.text import join, texts

SHARE = 0.004  # bad rows per good row
TOO_MANY, TOO_FEW = "ragged: too many values", "ragged: too few values"


@dataclass(frozen=True)
class Fault:
    """One way for a row to be bad: the column of the file is given this value (None: nothing)."""

    reason: str
    column: str = ""
    value: str | int | None = None
    target: str = ""  # column of the entity that the import complains of


RAGGED = (Fault(TOO_MANY), Fault(TOO_FEW))


@dataclass(frozen=True)
class Planted:
    """Bad rows: row i has fault `fault[i]` and belongs behind the good row at `behind[i]`."""

    rows: Rows
    behind: Ints
    fault: Ints


def plant(rows: Rows, faults: tuple[Fault, ...], key_column: str, draws: Draws) -> Planted:
    """Bad copies of about `SHARE` of the rows, the faults equally frequent."""
    hit: Flags = draws.chance("bad", rows.keys, SHARE if faults else 0.0)
    behind = np.flatnonzero(hit)
    bad = rows.take(behind)
    fault = draws.below("fault", bad.keys, max(1, len(faults)))
    columns = dict(bad.columns)
    if len(bad):
        columns[key_column] = join(columns[key_column], "-X")
        for place, kind in enumerate(faults):
            if kind.column:
                column = columns[kind.column]
                value = pa.scalar(kind.value, column.type)
                columns[kind.column] = pa.compute.if_else(pa.array(fault == place), value, column)
    return Planted(Rows(bad.keys, columns), behind, fault)


def order_with(planted: Planted, good: int) -> Ints:
    """Places in (good rows, then bad rows) that put each bad row behind its good one."""
    places = np.arange(good + len(planted.behind))
    return places[np.argsort(np.concatenate([np.arange(good), planted.behind]), kind="stable")]


def with_bad_rows(rows: Rows, planted: Planted) -> Rows:
    """Good and bad rows together, for formats that are not lines."""
    if not len(planted.rows):
        return rows
    both = Rows(
        np.concatenate([rows.keys, planted.rows.keys]),
        {name: pa.concat_arrays([column, planted.rows.columns[name]]) for name, column in rows.columns.items()},
    )
    return both.take(order_with(planted, len(rows)))


def lines_with_bad_rows(
    rows: Rows, planted: Planted, faults: tuple[Fault, ...], form: Separated | JsonLines
) -> pa.Array:
    """Lines of good and bad rows together, some with too many or too few values."""
    lines = form.lines(rows)
    if not len(planted.rows):
        return lines
    bad = form.lines(planted.rows).to_pylist()
    if isinstance(form, Separated):
        bad = [_ragged(line, faults[fault].reason, form) for line, fault in zip(bad, planted.fault, strict=True)]
    return pa.concat_arrays([lines, texts(bad)]).take(pa.array(order_with(planted, len(rows))))


def _ragged(line: str, reason: str, form: Separated) -> str:
    if reason == TOO_MANY:
        return line.removesuffix(form.line_end) + f"{form.delimiter}?{form.delimiter}?" + form.line_end
    if reason == TOO_FEW:
        return line.rsplit(form.delimiter, 2)[0] + form.line_end
    return line
