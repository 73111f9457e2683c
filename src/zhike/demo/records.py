"""How a source knows people: under its own keys, some of them twice, with slips, gaps and old values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike.demo import names, places
from zhike.demo.draws import Draws, Flags, Ints, row_keys, scrambled
from zhike.demo.people import People, phone_numbers
from zhike.demo.text import blank, days, full_width, join, number, patch

SECOND_COPY = 400_000_000  # added to the id of a person whom a source knows a second time
SHARE_CHANGED = {"phone": 0.14, "email": 0.10, "home": 0.15}  # people whose value changed over the years


@dataclass(frozen=True)
class Habits:
    """What a source does with the people it knows; shares of its records."""

    source: str
    prefix: str = ""
    digits: int = 10
    copies: float = 0.02  # people it knows twice
    misspelt: float = 0.01
    spaced: float = 0.005  # a blank within a Chinese name
    wide: float = 0.01  # full-width characters
    outdated: float = 0.4  # of the values that changed, those it has not heard of
    wrong_birth: float = 0.005  # day and month exchanged, or a year off
    missing: Mapping[str, float] = field(default_factory=dict)
    separated: float = 0.05  # telephone numbers written with blanks or hyphens
    signs_up: bool = False  # people enter themselves: who leaves no mailbox has to leave a telephone number


class Records:
    """The records of some people in one source, one row per record, ordered by person."""

    def __init__(self, people: People, known: Flags, habits: Habits, draws: Draws) -> None:
        self.people = people
        self.habits = habits
        self.draws = draws.of(f"records of {habits.source}")
        self.twice = known & self.draws.chance("copy", people.ids, habits.copies)
        self.who = np.repeat(np.arange(len(people)), known.astype(np.int64) + self.twice)
        self.copy = np.zeros(len(self.who), dtype=np.int64)
        self.copy[1:] = self.who[1:] == self.who[:-1]
        self.ids = people.ids[self.who]
        self.keys = row_keys(self.ids, self.copy)

    def __len__(self) -> int:
        return len(self.who)

    @cached_property
    def key(self) -> pa.Array:
        """What the source calls the customer."""
        return customer_keys(self.habits, self.ids, self.copy)

    def key_of_fact(self, who: Ints, facts: Ints) -> pa.Array:
        """The key under which the source keeps a fact: that of the second record for some with two."""
        copy = self.twice[who] & self.draws.chance("fact under second key", facts, 0.4)
        return customer_keys(self.habits, self.people.ids[who], copy.astype(np.int64))

    def _hit(self, what: str, share: float) -> Flags:
        # Second copies come from hurried counters: five times as many slips and gaps.
        return self.draws.chance(what, self.keys, share * np.where(self.copy == 1, 5, 1))

    def _outdated(self, what: str) -> Flags:
        changed = self.people.draws.chance(f"changed {what}", self.people.ids, SHARE_CHANGED[what])[self.who]
        return changed & self._hit(f"old {what}", self.habits.outdated)

    def gaps(self, what: str, column: pa.Array, instead: str | None = None) -> pa.Array:
        """The column without the values that the source does not have."""
        share = self.habits.missing.get(what, 0.0)
        return blank(column, self._hit(f"no {what}", share), instead) if share else column

    @cached_property
    def _given(self) -> Ints:
        slip = self._hit("misspelt", self.habits.misspelt)
        return self.people.given_name[self.who] + names.MISSPELT_FROM * slip

    @cached_property
    def name(self) -> pa.Array:
        """Full names as this source spells them."""
        people, who = self.people, self.who
        column = people.name.take(pa.array(who))
        slip = self._given >= names.MISSPELT_FROM
        column = patch(column, slip, self._spelt(slip, "simplified"))
        spaced = self._hit("spaced", self.habits.spaced) & ~people.english[who]
        if spaced.any():
            parts = (
                names.family_names(people.family_name[who][spaced]),
                names.given_names(self._given[spaced]),
            )
            column = patch(column, spaced, join(*parts, between=" "))
        wide = self._hit("wide name", self.habits.wide) & people.english[who]
        return patch(column, wide, full_width(column.filter(pa.array(wide))))

    def _spelt(self, rows: Flags, script: str) -> pa.Array:
        who = self.who[rows]
        return names.full_names(self.people.family_name[who], self._given[rows], self.people.english[who], script)

    def in_script(self, script: str) -> pa.Array:
        """Full names in another script: `traditional` or `latin`."""
        return self._spelt(np.ones(len(self), dtype=np.bool_), script)

    def family_and_given(self, script: str, *, exchanged: float) -> tuple[pa.Array, pa.Array]:
        """Family and given names in a script; in some records each stands where the other belongs."""
        family = names.family_names(self.people.family_name[self.who], script)
        given = names.given_names(self._given, script)
        wrong = pa.array(self._hit("exchanged", exchanged))
        return pc.if_else(wrong, given, family), pc.if_else(wrong, family, given)

    @cached_property
    def phone(self) -> pa.Array:
        """Telephone numbers as this source writes them."""
        owner = self.people.phone_owner[self.who]
        old = self._outdated("phone")
        values = np.where(old, phone_numbers(owner, former=True), self.people.phone[self.who])
        column = number(values)
        for style, (first, between) in enumerate((("", "-"), ("", " "), ("+86 ", " "), ("0086", ""))):
            rows = self._hit(f"phone style {style}", self.habits.separated / 4)
            column = patch(column, rows, written_phone(values[rows], first, between))
        wide = self._hit("wide phone", self.habits.wide)
        column = patch(column, wide, full_width(number(values[wide])))
        known = self.gaps("phone", column)
        # Nobody opens an account, or has a parcel sent, without saying how to be reached.
        return pc.if_else(self.email.is_null(), column, known) if self.habits.signs_up else known

    @cached_property
    def email(self) -> pa.Array:
        """E-mail addresses; former ones differ before the at sign, some are written in capitals."""
        column = self.people.email.take(pa.array(self.who))
        old = self._outdated("email")
        column = patch(column, old, join("old.", column.filter(pa.array(old))))
        # join makes an empty address of a missing one
        column = blank(column, self.people.email.is_null().to_numpy(zero_copy_only=False)[self.who])
        loud = self._hit("loud", 0.02)
        return self.gaps("email", patch(column, loud, pc.utf8_upper(column.filter(pa.array(loud)))))

    @cached_property
    def born(self) -> Ints:
        """Days of birth, some of them wrong by a year or ten days."""
        wrong = self._hit("wrong birth", self.habits.wrong_birth)
        shift = np.where(self.draws.chance("wrong year", self.keys, 0.5), -365, -10)
        return self.people.born[self.who] + np.where(wrong, shift, 0)

    def birthdays(self, style: str) -> pa.Array:
        """Days of birth in the source's style of dates."""
        return self.gaps("born", days(self.born, style))

    @cached_property
    def id_number(self) -> pa.Array:
        """Identity numbers, some in lower case or with a last digit that fails the check."""
        column = self.people.id_number.take(pa.array(self.who))
        slip = self._hit("id slip", self.habits.misspelt / 2)
        kept = pc.utf8_slice_codeunits(column.filter(pa.array(slip)), 0, -2)
        return self.gaps("id_number", patch(column, slip, join(kept, "00")))

    @cached_property
    def _moved(self) -> Flags:
        return self._outdated("home")

    def _former(self, build: str) -> pa.Array:
        old = self.people.former_home
        who = self.who[self._moved]
        homes = places.Homes(*(getattr(old, name)[who] for name in places.Homes.__dataclass_fields__))
        streets = places.street_addresses(homes)
        if build == "street":
            return streets
        return places.districts(homes) if build == "district" else places.whole_addresses(homes, streets)

    @cached_property
    def street(self) -> pa.Array:
        """Street addresses, some of a former home."""
        column = self.people.street.take(pa.array(self.who))
        return self.gaps("address", patch(column, self._moved, self._former("street")))

    @cached_property
    def district(self) -> pa.Array:
        """Districts that belong to `street`."""
        column = places.districts(self.people.home).take(pa.array(self.who))
        return patch(column, self._moved, self._former("district"))

    @cached_property
    def address(self) -> pa.Array:
        """Whole addresses in one line, some of a former home."""
        column = self.people.address.take(pa.array(self.who))
        return self.gaps("address", patch(column, self._moved, self._former("whole")))


def customer_keys(habits: Habits, ids: Ints, copy: Ints) -> pa.Array:
    """Keys of people in a source: its prefix and a number in no visible order."""
    return join(habits.prefix, number(scrambled(ids + SECOND_COPY * copy, habits.digits, habits.source)))


def written_phone(values: Ints, first: str, between: str) -> pa.Array:
    """Mobile numbers in groups of 3, 4 and 4 digits."""
    digits = number(values)
    groups = (pc.utf8_slice_codeunits(digits, start, stop) for start, stop in ((0, 3), (3, 7), (7, 11)))
    return join(first, join(*groups, between=between))
