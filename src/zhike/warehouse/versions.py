"""Collected tables keep every version of a row; this picks the one in force."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from zhike.warehouse.contracts import Contract


def latest(contract: Contract, rows: Table) -> Table:
    """The version in force of every key: the last row of the last import that has it.

    Only keys that were ever corrected are sorted through; all others have one row.
    """
    key = list(contract.key)
    corrected = rows.filter(rows.is_correction).select(*key).distinct()
    single = rows.anti_join(corrected, key)
    several = rows.semi_join(corrected, key)
    newest_first = ibis.window(group_by=key, order_by=[ibis.desc("import_id"), ibis.desc("row_number")])
    several = several.mutate(version=ibis.row_number().over(newest_first))
    return single.union(several.filter(several.version == 0).drop("version"))
