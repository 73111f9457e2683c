"""By what customers are told apart: every value of a tag or an attribute, and bands of numbers and days, as sets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.nearest import did_you_mean
from zhike.rules.text import text_of
from zhike.rules.tree import Attribute, Between, Compare, Condition, Day, Flag, HasTag, Literal_, Number, TagValue, Text
from zhike.rules.vocabulary import VALUE_KINDS, TagKind, ValueKind
from zhike.understand.attributes.bitmaps import Ids
from zhike.understand.attributes.tables import ATTRIBUTE_BITMAPS
from zhike.understand.tags.circles import hidden
from zhike.understand.tags.computing.states import tag_state
from zhike.understand.tags.counting.columns import bands_at, values_at
from zhike.understand.tags.definitions import TagDefinition, published_tags
from zhike.understand.tags.setting.folding import bitmap_of
from zhike.understand.tags.setting.set_tags import current
from zhike.warehouse.arrays import Floats
from zhike.warehouse.attributes import registry
from zhike.warehouse.queries import Published

MOST_VALUES = 30  # of a text, the most frequent
MOST_BANDS = 10  # of numbers or days, of about as many customers each
MOST_LISTS = 100  # that a split by value makes
LONGEST_TITLE = 60
TAG, ATTRIBUTE = "tag", "attribute"
DAY_0 = date(1970, 1, 1)


@dataclass(frozen=True)
class Trait:
    """One value of a tag or attribute, or a band of them, and the customers who have it."""

    of: str  # tag or attribute
    name: str
    value: str
    kind: ValueKind  # text, or what the borders of a band are
    lower: float | None  # of a band, its smallest and largest value; days are counted from 1970
    upper: float | None
    condition: Condition
    sets: tuple[BitMap, ...] = field(repr=False)  # which have nobody in common; shared, and not to be changed

    @property
    def rule(self) -> str:
        """The rule of these customers."""
        return text_of(self.condition)

    @property
    def members(self) -> BitMap:
        """These customers. Not to be changed."""
        return self.sets[0] if len(self.sets) == 1 else BitMap.union(BitMap(), *self.sets)

    def count_in(self, customers: BitMap) -> int:
        """How many of some customers have it."""
        return sum(found.intersection_cardinality(customers) for found in self.sets)


@dataclass(frozen=True)
class Part:
    """The customers of a set who have one value; `title` names it, empty values as “–”."""

    title: str
    value: str
    members: BitMap


def all_traits(now: Published) -> Iterator[Trait]:
    """All traits of a refresh, one tag or attribute after the other, so that one at a time is in memory."""
    for traits in traits_of_tags(now).values():
        yield from traits
    paths = _attribute_paths(now)
    for name in registry().attributes:
        if name in paths and not registry().attributes[name].identifies:
            yield from _traits_of_attribute(name, paths[name])


def traits_of_tags(now: Published, *, without: Collection[str] = ()) -> Mapping[str, Sequence[Trait]]:
    """The traits of every tag in force that somebody has, read when they are asked for; none that is hidden."""
    unseen = hidden().tags
    names = {tag.name: tag for tag in published_tags() if tag.name not in without and tag.name not in unseen}
    return _Tags(now, names)


def values_within(members: BitMap, *, by: str, now: Published) -> tuple[Part, ...]:
    """A set of customers by the values that they have of a tag or attribute, such as `tag:rfm_segment`.

    Those without any come last. Raises UserError for what there is not, or has too many values.
    """
    of, _colon, name = by.partition(":")
    traits = _traits_by(of, name, now)
    parts = [(trait, trait.members & members) for trait in traits]
    filled = [Part(_short(_title(trait)), trait.value or _title(trait), found) for trait, found in parts if found]
    if len(filled) > MOST_LISTS:
        raise UserError(
            _("“%(name)s” has %(count)s values, and a split makes up to %(most)s lists")
            % {"name": name, "count": len(filled), "most": MOST_LISTS},
            where="by",
        )
    rest = members - BitMap.union(BitMap(), *(part.members for part in filled))
    return (*filled, Part("–", "", rest)) if rest else tuple(filled)


class _Tags(Mapping[str, Sequence[Trait]]):
    def __init__(self, now: Published, definitions: Mapping[str, TagDefinition]) -> None:
        self._now = now
        self._definitions = definitions

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)

    def __getitem__(self, name: str) -> Sequence[Trait]:
        return _traits_of_tag(self._definitions[name], self._now, most=MOST_VALUES)


def _traits_by(of: str, name: str, now: Published) -> Sequence[Trait]:
    if of == TAG:
        if name in hidden().tags:
            require(Right.SEE_PERSONAL_DATA)
        tags = {tag.name: tag for tag in published_tags()}
        if name in tags:
            return _traits_of_tag(tags[name], now, most=MOST_LISTS + 1)
        known: Collection[str] = tags
    elif of == ATTRIBUTE:
        paths = _attribute_paths(now)
        if name in paths and not registry().attributes[name].identifies:
            return _traits_of_attribute(name, paths[name], most=MOST_LISTS + 1)
        known = paths
    else:
        raise UserError(_("a split is by tag:NAME or attribute:NAME"), where="by")
    raise UserError(
        _("there is nothing called “%(name)s” to split by") % {"name": name},
        where="by",
        advice=did_you_mean(name, known),
    )


def _traits_of_tag(tag: TagDefinition, now: Published, *, most: int) -> Sequence[Trait]:
    having = TagValue(tag=tag.name)
    kind = ValueKind.DAY if tag.kind == TagKind.DATE else ValueKind.NUMBER
    if tag.is_set:
        held = current(tag.name)
        if not held.is_measured:
            return _of_values(TAG, tag.name, held.values, lambda value: _has(tag, value), most)
        return _of_bands(TAG, tag.name, having, kind, *_banded(held.ids, held.numbers))
    state = tag_state(now.snapshots, tag.name)
    if state is None:
        return ()
    if not state.is_measured:
        values = values_at(state.bitmaps).values
        return _of_values(TAG, tag.name, values, lambda value: _has(tag, value), most)
    bands = bands_at(state.bitmaps)
    return _of_bands(TAG, tag.name, having, kind, bands.lower, bands.upper, bands.bands)


def _traits_of_attribute(name: str, path: str, *, most: int = MOST_VALUES) -> Sequence[Trait]:
    value_of = Attribute(name=name)
    kind = VALUE_KINDS[registry().attributes[name].column.kind]
    if kind == ValueKind.TEXT:
        return _of_values(ATTRIBUTE, name, values_at(path).values, lambda value: _is(value_of, Text(value=value)), most)
    bands = bands_at(path)
    return _of_bands(ATTRIBUTE, name, value_of, kind, bands.lower, bands.upper, bands.bands)


def _of_values(
    of: str, name: str, values: Mapping[str, BitMap], condition: Callable[[str], Condition], most: int
) -> Sequence[Trait]:
    """A trait for each of the most frequent values."""
    frequent = sorted(values, key=lambda value: (-len(values[value]), value))[:most]
    return [
        Trait(of, name, value, ValueKind.TEXT, None, None, condition(value), (values[value],))
        for value in frequent
        if values[value]
    ]


def _of_bands(
    of: str,
    name: str,
    value_of: Attribute | TagValue,
    kind: ValueKind,
    lower: Floats,
    upper: Floats,
    sets: Sequence[BitMap],
) -> Sequence[Trait]:
    """A trait for each of a few bands of about as many customers, put together of the narrower ones of the index."""
    counts = np.array([len(found) for found in sets], float)
    if not counts.sum():
        return []
    if len(sets) <= MOST_BANDS:
        groups = np.arange(len(sets))
    else:  # by where the middle of each narrow band lies among all customers
        groups = ((np.cumsum(counts) - counts / 2) / counts.sum() * MOST_BANDS).astype(int)
    found = []
    for group in np.unique(groups):
        places = np.flatnonzero(groups == group)
        low, high = float(lower[places[0]]), float(upper[places[-1]])
        condition = _between(value_of, kind, low, high)
        found.append(Trait(of, name, "", kind, low, high, condition, tuple(sets[int(place)] for place in places)))
    return found


def _banded(ids: Ids, numbers: Floats) -> tuple[Floats, Floats, Sequence[BitMap]]:
    """Numbers of customers in bands of about as many; equal numbers stay together."""
    borders = np.unique(np.quantile(numbers, np.linspace(0, 1, MOST_BANDS + 1)[1:], method="inverted_cdf"))
    band_of = borders.searchsorted(numbers)
    bands = np.unique(band_of)
    return (
        np.array([numbers[band_of == band].min() for band in bands]),
        np.array([numbers[band_of == band].max() for band in bands]),
        [bitmap_of(ids[band_of == band]) for band in bands],
    )


def _has(tag: TagDefinition, value: str) -> Condition:
    return HasTag(tag=tag.name) if tag.kind == TagKind.YES_NO else HasTag(tag=tag.name, values=(value,))


def _is(value_of: Attribute | TagValue, literal: Literal_) -> Condition:
    return Compare(operator="=", left=value_of, right=literal)


def _between(value_of: Attribute | TagValue, kind: ValueKind, low: float, high: float) -> Condition:
    if low == high:
        return _is(value_of, _literal(kind, low))
    return Between(value=value_of, low=_literal(kind, low), high=_literal(kind, high))


def _literal(kind: ValueKind, number: float) -> Literal_:
    if kind == ValueKind.DAY:
        return Day(value=DAY_0 + timedelta(days=int(number)))
    if kind == ValueKind.FLAG:
        return Flag(value=bool(number))
    return Number(value=Decimal(int(number)) if number == int(number) else Decimal(repr(number)))


def _title(trait: Trait) -> str:
    if trait.lower is None:
        return trait.value or "“”"
    match trait.condition:
        case Between(low=low, high=high):
            return f"{_spelt(low)}–{_spelt(high)}"
        case Compare(right=right):
            return _spelt(right)
    return trait.rule


def _short(title: str) -> str:
    """A title that can stand in the name of a list."""
    line = "".join(letter if letter.isprintable() else " " for letter in title)
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…"


def _spelt(literal: object) -> str:
    return str(getattr(literal, "value", literal))


def _attribute_paths(now: Published) -> Mapping[str, str]:
    return {str(file.partition["attribute"]): file.path for file in now.files(ATTRIBUTE_BITMAPS)}
