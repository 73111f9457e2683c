"""The golden record of one customer with where each value comes from, and with what staff corrected since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
from ibis.expr.types import StringValue

from zhike.collect.profiles.golden.checking import computed, typed
from zhike.collect.profiles.golden.choosing import Choice, Decision, Said, choices, priorities_in_force, records_of
from zhike.collect.profiles.golden.corrections import CorrectionShown, all_corrections, as_text, masked_corrections
from zhike.collect.profiles.measures import renamed
from zhike.collect.profiles.tables import CUSTOMERS
from zhike.govern.access.masking import mask
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.warehouse.queries import Published

Row = Mapping[str, object]
PARTS_OF_NAME = ("family_name", "given_name")


@dataclass(frozen=True)
class GoldenField:
    """A field of a golden record: its value, and why it is this."""

    field: str
    value: object
    decision: Decision
    said: tuple[Said, ...]  # what the records say, the best first; nothing where only a correction says it
    has_fault: bool  # the value is ill-formed or implausible
    is_in_lists: bool  # the refresh in force has it; a correction that it has not goes into lists with the next
    corrections: tuple[CorrectionShown, ...]  # newest first, those that were undone too

    @property
    def origin(self) -> Said | None:
        """The record that the value is from; None for a correction."""
        return self.said[0] if self.said and self.decision != Decision.CORRECTION else None


@dataclass(frozen=True)
class GoldenRecord:
    """All fields of a customer that have a value or had one, by name; and the keys of the customer."""

    fields: Mapping[str, GoldenField]
    keys: tuple[Mapping[str, object], ...]  # source, customer_key

    @property
    def values(self) -> dict[str, object]:
        """Field → value."""
        return {name: field.value for name, field in self.fields.items()}


def golden_record(now: Published, customer_id: int, golden: Row) -> GoldenRecord:
    """The golden record behind a row of `CUSTOMERS`, as whoever acts may see it."""
    whole = unmasked_record(now, customer_id, golden)
    return whole if may(Right.SEE_PERSONAL_DATA) else _masked(whole)


def unmasked_record(now: Published, customer_id: int, golden: Row) -> GoldenRecord:
    """The same with all that is known."""
    records = records_of(now, customer_id)
    made = choices(records, priorities_in_force(now))
    corrections = all_corrections(now, customer_id)
    corrected = {one.field: one.after for one in corrections if one.is_in_force}
    corrected = _with_whole_name(corrected, made)
    touched = {one.field for one in corrections} | corrected.keys()
    if touched & {"name", *PARTS_OF_NAME}:
        touched |= {"name", *PARTS_OF_NAME}
    names = [name for name in CUSTOMERS.column_names if name in made or name in touched]
    fields = (_field(name, golden, made.get(name), corrections, corrected, name in touched) for name in names)
    keys = tuple({"source": row["source"], "customer_key": row["customer_key"]} for row in records)
    return GoldenRecord({field.field: field for field in fields}, keys)


def _with_whole_name(corrected: Mapping[str, str], made: Mapping[str, Choice]) -> dict[str, str]:
    """What was corrected, with what it makes of the rest of the name, as the refresh will have it."""
    if "name" in corrected:  # the parts of another name would be wrong
        return {**dict.fromkeys(PARTS_OF_NAME, ""), **corrected}
    if not corrected.keys() & PARTS_OF_NAME:
        return dict(corrected)
    said = {name: as_text(made[name].value) if name in made else "" for name in ("name", *PARTS_OF_NAME)}
    name, family, given = (_literal(text) for text in said.values())
    new_family, new_given = (_literal(corrected.get(part, said[part])) for part in PARTS_OF_NAME)
    whole = computed(renamed(name, family, given, (new_family, new_given)))
    return dict(corrected) if whole in (None, said["name"]) else {**corrected, "name": str(whole)}


def _literal(text: str) -> StringValue:
    return ibis.literal(text or None, type="string")


def _field(
    name: str,
    golden: Row,
    choice: Choice | None,
    corrections: Sequence[CorrectionShown],
    corrected: Mapping[str, str],
    is_touched: bool,
) -> GoldenField:
    in_lists = golden.get(name)
    said = choice.said if choice else ()
    if name in corrected:
        value, decision = typed(name, corrected[name]), Decision.CORRECTION
    else:
        # Of an undone correction the refresh in force still has the value.
        value = said[0].value if is_touched and said else None if is_touched else in_lists
        decision = choice.decision if choice else Decision.ONLY
    return GoldenField(
        field=name,
        value=value,
        decision=decision,
        said=said,
        has_fault=bool(said) and decision != Decision.CORRECTION and value == said[0].value and said[0].has_fault,
        is_in_lists=as_text(value) == as_text(in_lists),
        corrections=tuple(one for one in corrections if one.field == name),
    )


def _masked(whole: GoldenRecord) -> GoldenRecord:
    key = CUSTOMERS["customer_key"]
    fields = {
        name: replace(
            field,
            value=_shown(name, field.value),
            said=tuple(
                replace(one, value=_shown(name, one.value), customer_key=str(mask(key, one.customer_key)))
                for one in field.said
            ),
            corrections=masked_corrections(field.corrections),
        )
        for name, field in whole.fields.items()
    }
    return GoldenRecord(fields, tuple({**one, "customer_key": mask(key, one["customer_key"])} for one in whole.keys))


def _shown(name: str, value: object) -> object:
    column = CUSTOMERS[name]
    return mask(column, value) if column.personal else value
