"""Texts are the same to every engine."""

from __future__ import annotations

import ibis
from tests.spec.tables import MakeTable, ReadRows

from zhike.warehouse.entities import SOURCE_RECORDS


def test_white_space_is_stripped_and_no_letter(table: MakeTable, rows: ReadRows) -> None:
    records = table(SOURCE_RECORDS, "customer_key | family_name\nk1 | vanov\nk2 | Olaf")
    wide = ibis.literal("\x0b\x0c \t") + records.family_name + ibis.literal("\r\n \x0c\x0b")
    assert [row["bare"] for row in rows(records.select(bare=wide.strip()))] == ["Olaf", "vanov"]
    assert [len(str(row["wide"])) for row in rows(records.select(wide=wide))] == [13, 14]
