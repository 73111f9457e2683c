"""The true people: households of up to four, who they are, and which sources know them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike.demo import names, places
from zhike.demo.draws import Draws, Flags, Floats, Ints, permuted, scrambled
from zhike.demo.structure import Structure
from zhike.demo.text import blank, join, number, pick, take

HEAD, SPOUSE, CHILD, PARENT = 0, 1, 2, 3
ROLES = ("head", "spouse", "child", "parent")
# Four neighbouring ids share a pattern: their roles; a head begins a household.
PATTERNS = np.array([[0, 0, 0, 0], [0, 1, 2, 0], [0, 1, 2, 2], [0, 1, 0, 1], [0, 1, 2, 3], [0, 1, 0, 0]])
PATTERN_WEIGHTS = (0.30, 0.17, 0.12, 0.16, 0.08, 0.17)
NEIGHBOURS = 200  # people who may work for the same group customer; blocks are cut at multiples of it

# People beyond the customers live in ranges of their own.
PROSPECTS_FROM = 500_000_000  # on lead lists only
STAFF_FROM = 800_000_000
ORGANISATIONS_FROM = 1_000_000_000
# Mobile prefixes that no Chinese operator has: one for each range of ids, and one for former numbers.
PHONE_PREFIXES = np.array([154, 0, 0, 0, 0, 164, 0, 0, 168])
FORMER_PHONE_PREFIX = 163

MEMBERSHIP = {"core": 0.72, "bank": 0.22, "app": 0.46, "shop": 0.30}
MAIL_DOMAINS = (
    "mail.example.com",
    "post.example.org",
    "inbox.example.net",
    "qmail.example.com",
    "work.example.org",
)
OCCUPATIONS = (
    "职员",
    "教师",
    "医生",
    "工程师",
    "个体经营",
    "公务员",
    "司机",
    "销售",
    "财务",
    "护士",
    "退休",
    "自由职业",
)
ENGLISH_OCCUPATIONS = (
    "clerk",
    "teacher",
    "doctor",
    "engineer",
    "self-employed",
    "civil servant",
    "driver",
    "sales",
    "accountant",
    "nurse",
    "retired",
    "freelance",
)
RETIRED = OCCUPATIONS.index("退休")
DAYS_A_YEAR = 365.2425


@dataclass(frozen=True)
class People:
    """Some people, one entry each; all follows from their ids, the seed and the size of the company."""

    draws: Draws
    structure: Structure
    as_of: int
    ids: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def _roles(self) -> Ints:
        pattern = self.draws.weighted("household", self.ids // 4, PATTERN_WEIGHTS)
        return PATTERNS[pattern]

    @cached_property
    def role(self) -> Ints:
        return self._roles[np.arange(len(self.ids)), self.ids % 4]

    @cached_property
    def head(self) -> Ints:
        """Id of the head of the household, which is also the household's id."""
        slot = self.ids % 4
        places = np.arange(4)
        starts = np.where((self._roles == HEAD) & (places <= slot[:, None]), places, 0).max(axis=1)
        return np.asarray(self.ids - slot + starts)

    @cached_property
    def english(self) -> Flags:
        return self.draws.chance("english", self.head, 0.15)

    @cached_property
    def age(self) -> Floats:
        """Years on the day the company is looked at."""
        draws, role = self.draws, self.role
        has_children = (self._roles == CHILD).any(axis=1) & (self.head % 4 == 0)
        head = np.where(has_children, 39.0, 45.0) + np.where(has_children, 6.5, 14.0) * draws.normal("age", self.head)
        # Beyond the bounds a second draw, spread evenly, avoids heaps of people of the same age.
        low, high = np.where(has_children, 25, 19), np.where(has_children, 57, 84)
        head = np.where((head < low) | (head > high), low + (high - low) * draws.uniform("age again", self.head), head)
        spouse = np.clip(head + draws.between("age of spouse", self.ids, -5, 4), 19, 88)
        child = np.maximum(head - draws.between("age of child", self.ids, 23, 37), draws.uniform("baby", self.ids))
        parent = np.minimum(head + draws.between("age of parent", self.ids, 22, 33), 96)
        return np.choose(role, [head, spouse, child, parent])

    @cached_property
    def born(self) -> Ints:
        return self.as_of - np.ceil(self.age * DAYS_A_YEAR).astype(np.int64)

    @cached_property
    def adult(self) -> Flags:
        return np.asarray(self.age >= 18.1)

    @cached_property
    def female(self) -> Flags:
        head = self.draws.chance("female", self.head, 0.49)
        other = np.where(self.role == SPOUSE, ~head, self.draws.chance("other female", self.ids, 0.5))
        return np.where(self.role == HEAD, head, other)

    @cached_property
    def family_name(self) -> Ints:
        own = names.draw_family_names(self.draws, self.ids, self.english)
        shared = names.draw_family_names(self.draws, self.head, self.english)
        return np.where((self.role == SPOUSE) & ~self.english, own, shared)

    @cached_property
    def given_name(self) -> Ints:
        return names.draw_given_names(self.draws, self.ids, self.english, self.female)

    @cached_property
    def name(self) -> pa.Array:
        return names.full_names(self.family_name, self.given_name, self.english)

    @cached_property
    def branch(self) -> Ints:
        return self.structure.draw_branches(self.draws, self.head)

    @cached_property
    def sub_branch(self) -> Ints:
        return self.structure.draw_sub_branches(self.draws, self.head, self.branch)

    @cached_property
    def agent(self) -> Ints:
        return self.structure.draw_agents(self.draws, self.head, self.sub_branch)

    @cached_property
    def home(self) -> places.Homes:
        return places.draw_homes(self.draws, self.head, self.branch, self.english)

    @cached_property
    def former_home(self) -> places.Homes:
        return places.draw_homes(self.draws.of("former"), self.head, self.branch, self.english)

    @cached_property
    def street(self) -> pa.Array:
        return places.street_addresses(self.home)

    @cached_property
    def address(self) -> pa.Array:
        return places.whole_addresses(self.home, self.street)

    @cached_property
    def phone_owner(self) -> Ints:
        """Whose number is called: minors, and some spouses and parents, have that of the head."""
        shared = self.draws.uniform("shares phone", self.ids) < np.array([0, 0.06, 0, 0.25])[self.role]
        return np.where(shared | ~self.adult, self.head, self.ids)

    @cached_property
    def phone(self) -> Ints:
        return phone_numbers(self.phone_owner)

    @cached_property
    def email(self) -> pa.Array:
        """An address of their own; none for minors and some of the old."""
        first, last = (
            names.given_names(self.given_name, "latin"),
            names.family_names(self.family_name, "latin"),
        )
        name = join(first, ".", last, number(scrambled(self.ids, 9, "email")))
        domain = pick(MAIL_DOMAINS, self.draws.below("mail domain", self.ids, len(MAIL_DOMAINS)))
        without = ~self.adult | self.draws.chance("no email", self.ids, np.where(self.age > 60, 0.4, 0.08))
        return blank(join(pc.ascii_lower(name), "@", domain), without)

    @cached_property
    def id_number(self) -> pa.Array:
        """Resident identity numbers; passport numbers for the English."""
        resident = resident_numbers(self.ids, places.CODES[self.home.city], self.born, self.female)
        return pc.if_else(pa.array(self.english), join("X", number(scrambled(self.ids, 10, "passport"))), resident)

    @cached_property
    def income(self) -> Ints:
        """Yuan a year, rounded to hundreds."""
        yearly = 90_000 * np.exp(0.55 * self.draws.normal("income", self.ids)) * np.where(self.age > 60, 0.6, 1)
        return np.where(self.adult, yearly // 100 * 100, 0).astype(np.int64)

    @cached_property
    def occupation(self) -> Ints:
        working = self.draws.below("occupation", self.ids, len(OCCUPATIONS))
        return np.where(self.age > 62, RETIRED, working)

    def occupations(self, who: Ints) -> pa.Array:
        """Occupations in the person's language."""
        place = self.occupation[who] + len(OCCUPATIONS) * self.english[who]
        return pick(OCCUPATIONS + ENGLISH_OCCUPATIONS, place)

    @cached_property
    def works_for_group(self) -> Flags:
        """Works for the group customer among the neighbours; its contact person is the first of them."""
        working = self.adult & (self.age < 60) & self.draws.chance("group staff", self.ids, 0.1)
        return np.asarray(working | (self.ids % NEIGHBOURS == 0))

    @cached_property
    def members(self) -> dict[str, Flags]:
        """Which of the four systems of customers know the person; every person is known to one at least."""
        known = {name: self.adult & self.draws.chance(name, self.ids, share) for name, share in MEMBERSHIP.items()}
        known["app"] &= ~self.draws.chance("no app", self.ids, np.where(self.age > 60, 0.6, 0.0))
        nowhere = ~(known["core"] | known["bank"] | known["app"] | known["shop"])
        known["core"] |= nowhere | (self.ids % NEIGHBOURS == 0)
        return known

    def _household_member(self, role: int) -> Ints:
        """Place of the first one with this role in each person's household; -1 without one."""
        heads = np.searchsorted(self.ids, self.head)
        first = np.full(len(self), -1)
        those = np.flatnonzero(self.role == role)[::-1]  # the first one is written last
        first[heads[those]] = those
        return first[heads]

    @cached_property
    def spouse(self) -> Ints:
        """Place of the spouse of each head and spouse; -1 for others."""
        heads = np.searchsorted(self.ids, self.head)
        found = np.where(self.role == SPOUSE, heads, self._household_member(SPOUSE))
        return np.where(self.role <= SPOUSE, found, -1)

    @cached_property
    def child(self) -> Ints:
        """Place of the first child of each head and spouse; -1 for others."""
        return np.where(self.role <= SPOUSE, self._household_member(CHILD), -1)


def phone_numbers(owners: Ints, *, former: bool = False) -> Ints:
    """Eleven digits of a mobile number; different owners have different numbers."""
    prefix = np.full(len(owners), FORMER_PHONE_PREFIX) if former else PHONE_PREFIXES[owners // 100_000_000]
    return np.asarray(prefix * 10**8 + permuted(owners % 10**8, 10**8, "former phone" if former else "phone"))


def resident_numbers(ids: Ints, province: Ints, born: Ints, female: Flags) -> pa.Array:
    """Eighteen characters: area, date of birth, serial (odd for men) and the check character of GB 11643.

    The area is a true province followed by city and county codes from 9500, which are not in use.
    """
    dates = pc.cast(pa.array(born.astype(np.int32)).cast(pa.date32()), pa.date32())
    year, month, day = (part(dates).to_numpy() for part in (pc.year, pc.month, pc.day))
    area = province * 10_000 + 9_500 + ids % 500
    serial = (ids // 500 % 499 + 1) * 2 - np.where(female, 0, 1)
    digits = ((area * 10_000 + year) * 10_000 + month * 100 + day) * 1_000 + serial
    total, rest = np.zeros(len(ids), dtype=np.int64), digits.copy()
    for place in range(17):  # from the last digit: weights are powers of 2 modulo 11
        total += rest % 10 * (2 ** (place + 1) % 11)
        rest //= 10
    return join(number(digits), take(pa.array(list("10X98765432")), total % 11))
