"""Rules of the baskets in a plain file, without importing it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.utils.translation import gettext as _

from zhike.collect.sources.plain_files import check_column, open_plain, rows_of
from zhike.collect.sources.plain_lines import FIELD, LINE, read_lists
from zhike.errors import UserError
from zhike.understand.affinity.itemsets import BASKET, frequent_itemsets
from zhike.understand.affinity.measures import ITEM
from zhike.understand.affinity.rules import Rules, rules_of
from zhike.understand.affinity.thresholds import Thresholds
from zhike.warehouse.engines.duckdb import embedded

BETWEEN = " | "  # items of an antecedent in CSV


def rules_of_file(path: Path, wanted: Thresholds, *, basket: str, item: str, sort: str = "lift") -> Rules:
    """Rules of a file with one row per basket and item in it, in these columns.

    CSV, XLSX, JSON Lines or Parquet. Rows with an empty cell are left out; an item counts once in a basket. Raises
    UserError for a file that cannot be read, columns that it lacks, and more sets of items than can be dealt with.
    """
    reader = open_plain(path)
    check_column(reader, basket, "--basket")
    check_column(reader, item, "--item")
    rows = rows_of(reader, path, list(dict.fromkeys([basket, item])))
    lines = pa.table({BASKET: rows[basket], ITEM: rows[item]}).drop_null()
    # Numbers in place of names, which nobody wants to see: compared in half the time.
    numbers = [part.indices for part in lines[BASKET].dictionary_encode().chunks]
    lines = lines.set_column(0, BASKET, pa.chunked_array(numbers, pa.int32()))
    found = rules_of(frequent_itemsets(ibis.memtable(lines), wanted, embedded()), wanted, sort=sort)
    return replace(found, left_out=rows.num_rows - lines.num_rows)


def rules_of_ragged_file(path: Path, wanted: Thresholds, *, sort: str = "lift") -> Rules:
    """Rules of a text file with one basket a line: its items, set apart by commas, semicolons, tabs or bars.

    There is no header. Empty fields are left out; an item counts once in a basket. Raises UserError for a file that
    cannot be read, and more sets of items than can be dealt with.
    """
    lines = read_lists(path).rename_columns({LINE: BASKET, FIELD: ITEM})
    return rules_of(frequent_itemsets(ibis.memtable(lines), wanted, embedded()), wanted, sort=sort)


def write_rules(rules: Rules, path: Path) -> None:
    """Writes all rules as CSV, the items of an antecedent set apart by bars. Raises UserError if it cannot be."""
    place = rules.table.column_names.index("antecedent")
    antecedent = pc.binary_join(rules.table["antecedent"], BETWEEN)
    flat: pa.Table = rules.table.set_column(place, "antecedent", antecedent)
    try:
        pyarrow.csv.write_csv(flat, path)
    except OSError as error:
        raise UserError(_("cannot be written: %(error)s") % {"error": error.strerror}, where=str(path)) from error
