"""Files of rows: what a spreadsheet would run as a formula is quoted, and nothing else."""

from __future__ import annotations

import csv
import io

import fastexcel
import pyarrow as pa

from zhike.ui.sheets import csv_chunks, sheet_rows, write_xlsx

TEXTS = ["=1+1", "+86 138-0000", "-x", "@a", "+1;2", "\tx", None, "", 'a"b,c\nd', "上海"]


def batch() -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(range(len(TEXTS))), pa.array(TEXTS)], names=["id", "text"])


def test_in_csv_formulas_are_quoted_and_telephones_are_not() -> None:
    text = b"".join(csv_chunks([batch(), batch()], ["id", "text"], ["id", "text"])).decode("utf-8-sig")
    rows = [row["text"] for row in csv.DictReader(io.StringIO(text))]
    assert rows == ["'=1+1", "+86 138-0000", "'-x", "'@a", "'+1;2", "'\tx", "", "", 'a"b,c\nd', "上海"] * 2


def test_in_xlsx_a_text_is_a_text() -> None:
    file = io.BytesIO()
    assert write_xlsx(file, sheet_rows([batch()]), ["id", "text"]) == len(TEXTS)
    rows = fastexcel.read_excel(file.getvalue()).load_sheet(0).to_arrow()["text"].to_pylist()
    assert rows == ["=1+1", "+86 138-0000", "-x", "@a", "+1;2", "\tx", None, None, 'a"b,c\nd', "上海"]
