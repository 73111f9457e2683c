"""Pure measures of golden records: the records of each customer, and of each field the best value."""

from __future__ import annotations

import functools
from datetime import date

import ibis
from ibis.expr.types import IntegerValue, StringValue, Table, Value

from zhike.collect.profiles.fields import CORRECTABLE, DEFAULT_PRIORITY, OF_ALL_RECORDS, TOLD_BY
from zhike.collect.profiles.golden.faults import has_fault, with_faults
from zhike.collect.profiles.measures import full_name, renamed
from zhike.warehouse.contracts import Kind
from zhike.warehouse.entity_parts import PERSON, PROVENANCE, UNITS

KEY = ("source", "customer_key")
PERSON_NAMES = tuple(column.name for column in PERSON)
IMPORTED = tuple(column.name for column in PROVENANCE[:3])
MAIN = (*KEY, *IMPORTED)
COLUMNS = ("customer_id", *PERSON_NAMES, *MAIN, "provenance")
# A rank is one number: whether the value has a fault, the priority of its source, the place of its record.
PLACES, PRIORITIES = 2**30, 2**16
CASTS = {Kind.DATE: "date", Kind.DECIMAL: "decimal(18, 4)"}
CORRECTED = "corrected_"


def customer_records(records: Table, identity_map: Table, normalised: Table, *, as_of: date) -> Table:
    """One row per key of a customer: its record with `known_at` and `faults`, or only the key where there is none.

    `normalised` are the records in one spelling, which tells what is ill-formed.
    """
    judged = with_faults(
        records.mutate(
            name=ibis.coalesce(records.name, full_name(records.family_name, records.given_name)),
            known_at=ibis.coalesce(records.updated_at, records.first_seen_on.cast("timestamp(6)")),
        ),
        normalised,
        as_of=as_of,
    )
    return identity_map.left_join(judged, list(KEY)).drop("source_right", "customer_key_right")


def customers(records: Table, priorities: Table, corrections: Table) -> Table:
    """One row per customer, each field from the best of their records, or as staff corrected it.

    The best is a value without a fault before one with, then that of the source with the lowest priority, then that
    of the record that was changed last, then that of the first key. Of the dates of records, the first a source knew
    the customer and the last it changed something are taken.
    """
    counted = records.group_by("customer_id").agg(record_count=records.count())
    several = counted.filter(counted.record_count > 1)
    alone = records.anti_join(several, "customer_id")
    merged = _merged(records.semi_join(several, "customer_id"), priorities)
    whole = alone.select(*COLUMNS[:-1], provenance=ibis.null("string")).union(merged)
    return _corrected(whole, corrections)


def corrections_in_force(entered: Table) -> Table:
    """One row per customer, with the newest correction of each field as a text; one that empties a field is ''."""
    newest = {name: entered["value"].argmax(entered.correction_id, where=entered.field == name) for name in CORRECTABLE}
    return entered.group_by("customer_id").agg(**newest)


def _merged(records: Table, priorities: Table) -> Table:
    """Customers of several records."""
    in_order = ibis.window(
        group_by="customer_id", order_by=[ibis.desc("known_at", nulls_first=False), "source", "customer_key"]
    )
    placed = records.mutate(place=ibis.row_number().over(in_order))
    of_source = priorities.rename({f"priority_{unit}": unit for unit in UNITS} | {"of_source": "source"})
    joined = placed.left_join(of_source, placed.source == of_source.of_source)
    ranks = {f"rank_{unit}": _rank(joined, unit) for unit in UNITS}
    ranked = joined.select("customer_id", "place", *PERSON_NAMES, *MAIN, **ranks)
    main = ibis.coalesce(ranked.rank_name, 2 * PRIORITIES * PLACES + ranked.place)
    grouped = ranked.group_by("customer_id").agg(
        **{f"best_{unit}": _best(ranked, names, ranked[f"rank_{unit}"]) for unit, names in UNITS.items()},
        **{f"rank_{unit}": ranked[f"rank_{unit}"].min() for unit in UNITS},
        best_main=_best(ranked, MAIN, main),
        first_seen_on=ranked.first_seen_on.min(),
        updated_at=ranked.updated_at.max(),
    )
    chosen = {name: _taken(grouped, unit, name) for unit, names in UNITS.items() for name in names}
    chosen |= {name: grouped[name] for name in OF_ALL_RECORDS} | {name: grouped.best_main[name] for name in MAIN}
    is_twice = (_digits(grouped.best_phone) == _digits(grouped.best_phone_2)).fill_null(False)
    chosen["phone_2"] = is_twice.ifelse(None, grouped.best_phone_2)
    chosen["provenance"] = _provenance(grouped, is_twice)
    return grouped.select("customer_id", **{name: chosen[name] for name in COLUMNS[1:]})


def _rank(rows: Table, unit: str) -> IntegerValue:
    """How good the value of a unit is, lowest best; NULL where there is none."""
    has_value = functools.reduce(lambda a, b: a | b, (rows[name].notnull() for name in TOLD_BY[unit]))
    fault = has_fault(rows, unit).ifelse(1, 0).cast("int64")
    priority = rows[f"priority_{unit}"].fill_null(DEFAULT_PRIORITY)
    return has_value.ifelse((fault * PRIORITIES + priority) * PLACES + rows.place, ibis.null("int64"))


def _best(rows: Table, names: tuple[str, ...], rank: IntegerValue) -> Value:
    """What the row of the lowest rank says; several fields as one struct, in which some may be empty."""
    value = rows[names[0]] if len(names) == 1 else ibis.struct({name: rows[name] for name in names})
    return value.argmin(rank, where=rank.notnull())


def _taken(grouped: Table, unit: str, name: str) -> Value:
    best = grouped[f"best_{unit}"]
    return best if len(UNITS[unit]) == 1 else best[name]


def _digits(phone: StringValue) -> StringValue:
    return phone.re_replace("[^0-9]", "").right(11)


def _provenance(grouped: Table, is_twice: Value) -> StringValue:
    parts = []
    for unit in UNITS:
        rank = grouped[f"rank_{unit}"]
        part = f"{unit}:" + (rank % PLACES).cast("string") + " "
        parts.append((rank.isnull() | is_twice if unit == "phone_2" else rank.isnull()).ifelse("", part))
    return functools.reduce(lambda text, more: text + more, parts).strip()


def _corrected(known: Table, corrections: Table) -> Table:
    """The customers with what staff corrected in place of what their records say."""
    entered = corrections.rename({f"{CORRECTED}{name}": name for name in ("customer_id", *CORRECTABLE)})
    joined = known.left_join(entered, known.customer_id == entered[f"{CORRECTED}customer_id"])
    said = {name: joined[f"{CORRECTED}{name}"] for name in CORRECTABLE}
    kinds = {column.name: column.kind for column in PERSON}
    values: dict[str, Value] = {name: joined[name] for name in COLUMNS}
    for name, text in said.items():
        typed = text.nullif("").try_cast(CASTS[kinds[name]]) if kinds[name] in CASTS else text.nullif("")
        values[name] = text.notnull().ifelse(typed, joined[name])
    has_name = said["name"].notnull()
    for part in ("family_name", "given_name"):  # of another name than the corrected one they would be wrong
        values[part] = (has_name & said[part].isnull()).ifelse(None, values[part])
    has_parts = said["family_name"].notnull() | said["given_name"].notnull()
    parts = (values["family_name"], values["given_name"])
    whole = renamed(joined["name"], joined["family_name"], joined["given_name"], parts)
    values["name"] = (has_parts & ~has_name).ifelse(whole, values["name"])
    values["kind"] = values["kind"].fill_null("person")
    marks = (text.notnull().ifelse(f"{name}:corrected ", "") for name, text in said.items())
    marked = functools.reduce(lambda text, more: text + more, marks)
    values["provenance"] = (joined.provenance.fill_null("") + " " + marked).strip().nullif("")
    return joined.select(**values)
