"""The end of an import: duplicates left out, corrections marked, everything committed at once."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import pyarrow.parquet as pq
from ibis.expr.types import Table

from zhike.collect.sources.mapping import Mapping, OccurrenceOf
from zhike.warehouse import catalog
from zhike.warehouse.contracts import Contract
from zhike.warehouse.engines.duckdb import DuckDBEngine, embedded
from zhike.warehouse.entity_parts import PROVENANCE_NAMES
from zhike.warehouse.files import filesystem, inner_path
from zhike.warehouse.versions import latest

CONTENT_APART = tuple(name for name in PROVENANCE_NAMES if name != "extra")


@dataclass(frozen=True)
class Landed:
    """What came of the good rows."""

    files: list[str]
    accepted: int
    corrections: int
    duplicates: int


def prepare_landing(mapping: Mapping, source: str, import_id: int, files: list[str], good: int) -> Landed:
    """The files to commit: the staged ones as they are where every key is new, else rewritten.

    Must run under the entity's lock, so that what is compared with stays the newest.
    """
    engine = embedded()
    contract = mapping.contract
    staged, existing = engine.open(contract, files), _existing(engine, contract, source)
    folder, prefix = f"{catalog.table_of(contract).location()}/data", f"import-{import_id}-landed"
    numbered = next((name for name, form in mapping.columns.items() if isinstance(form, OccurrenceOf)), None)
    if numbered is not None:
        written = engine.write(contract, number_occurrences(contract, numbered, staged, existing), folder, prefix)
        accepted = sum(pq.read_metadata(inner_path(uri), filesystem=filesystem()).num_rows for uri in written)
        return Landed(written, accepted=accepted, corrections=0, duplicates=good - accepted)
    if not _any_key_seen(engine, contract, staged, existing):
        return Landed(files, accepted=good, corrections=0, duplicates=0)
    with engine.sharing(_decided(contract, staged, existing)) as (decided,):
        written = engine.write(contract, _landed(staged, decided), folder, prefix)
        counts = engine.arrow(
            decided.aggregate(
                dropped=(~decided.is_kept).sum().fill_null(0),
                corrections=(decided.is_kept & decided.corrects).sum().fill_null(0),
            )
        ).to_pylist()[0]
    return Landed(
        written,
        accepted=good - counts["dropped"],
        corrections=counts["corrections"],
        duplicates=counts["dropped"],
    )


def number_occurrences(contract: Contract, name: str, staged: Table, existing: Table) -> Table:
    """The rows that are new, with #1, #2, … added to column `name` of their key, in the order of the file.

    A file without line numbers cannot say which line it corrects. So rows are matched by
    all they say, one for one: a row that is in the warehouse already is a duplicate, any other
    is a further occurrence, numbered after those that are there. Nothing is ever replaced.
    """
    key = [column for column in contract.key if column != name]
    said = [c.name for c in contract if c.name not in (*CONTENT_APART, *contract.key)]

    def ranked(rows: Table) -> Table:
        rows = rows.mutate(said=ibis.struct({column: rows[column] for column in said}).hash())
        same = ibis.window(group_by=[*key, name, "said"], order_by=["import_id", "row_number"])
        return rows.mutate(rank=ibis.row_number().over(same))

    known = latest(contract, existing.semi_join(staged.select(*key), key))
    number = known[name].re_extract(r"#(\d+)$", 1).try_cast("int64").fill_null(0)
    known = ranked(known.mutate(**{"number": number, name: known[name].re_replace(r"#\d+$", "")}))
    fresh = ranked(staged).anti_join(known, [*key, name, "said", "rank"])
    highest = known.group_by([*key, name]).agg(highest=known.number.max())
    fresh = fresh.left_join(highest, [*key, name])
    fresh = fresh.mutate(
        place=ibis.row_number().over(ibis.window(group_by=[*key, name], order_by="row_number")),
        highest=fresh.highest.fill_null(0),
    )
    return fresh.mutate(**{name: fresh[name] + "#" + (fresh.highest + fresh.place + 1).cast("string")})


def _existing(engine: DuckDBEngine, contract: Contract, source: str) -> Table:
    files = catalog.files_of(contract, catalog.snapshot_id(contract))
    return engine.open(contract, [file.path for file in files if file.partition.get("source") == source])


def _any_key_seen(engine: DuckDBEngine, contract: Contract, staged: Table, existing: Table) -> bool:
    """Whether a key may come twice in the file, or is in the warehouse already.

    Within the file hashes are counted: two keys that share one only cost a closer look.
    """
    hashes = staged.select(key=ibis.struct({name: staged[name] for name in contract.key}).hash())
    repeated = hashes.aggregate(found=hashes.count() > hashes.key.nunique())
    seen = existing.semi_join(staged.select(*contract.key), list(contract.key)).limit(1)
    return engine.arrow(repeated)["found"][0].as_py() or engine.arrow(seen.count().as_table())[0][0].as_py() > 0


def _decided(contract: Contract, staged: Table, existing: Table) -> Table:
    """For every staged row whose key has another version: is it kept, and does it correct one?

    A row that says the same as the version before it is a duplicate; any other is a correction.
    """
    key = list(contract.key)
    content = [column.name for column in contract if column.name not in CONTENT_APART]

    def version(rows: Table, *, is_new: bool) -> Table:
        said = ibis.struct({name: rows[name] for name in content})
        return rows.select(*key, "row_number", said=said.hash(), is_new=ibis.literal(is_new))

    known = latest(contract, existing.semi_join(staged.select(*key), key))
    versions = version(staged, is_new=True).union(version(known, is_new=False))
    in_order = ibis.window(group_by=key, order_by=["is_new", "row_number"])
    versions = versions.mutate(
        before=versions.said.lag().over(in_order), count=versions.count().over(ibis.window(group_by=key))
    )
    several = versions.filter(versions.is_new & (versions["count"] > 1))
    return several.select(
        "row_number",
        is_kept=several.before.isnull() | (several.before != several.said),
        corrects=several.before.notnull(),
    )


def _landed(staged: Table, decided: Table) -> Table:
    joined = staged.left_join(decided, "row_number")
    kept = joined.filter(joined.is_kept.fill_null(True))
    return kept.mutate(is_correction=kept.corrects.fill_null(False))
