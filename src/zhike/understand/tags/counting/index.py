"""The bitmap index of one refresh: who has a tag, and for whom a condition on one attribute or tag holds.

Nothing is loaded before it is asked for. What was loaded is remembered by the file it came from, for all threads of
the process and across refreshes, up to so many bytes (ZHIKE_INDEX_MEMORY). Set tags are not read from files, but are
what their changes come to at this moment.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import cast

import ibis
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from ibis.expr.types import Table
from pyroaring import BitMap

from zhike.collect.identity.redirects import redirects
from zhike.errors import UserError
from zhike.rules.bitmaps import Numbers, members
from zhike.rules.nearest import did_you_mean
from zhike.rules.needs import needed
from zhike.rules.tree import Attribute, Condition, TagValue
from zhike.rules.vocabulary import TagKind, Vocabulary
from zhike.understand.attributes.memory import MEMORY
from zhike.understand.attributes.tables import ATTRIBUTE_BITMAPS
from zhike.understand.tags.computing.history import state_as_of
from zhike.understand.tags.computing.plan import AudienceRules
from zhike.understand.tags.computing.states import TagState, tag_state
from zhike.understand.tags.computing.writing import YES
from zhike.understand.tags.counting.asked import Asked, asked_by
from zhike.understand.tags.counting.columns import AttributeColumn, Column, SetColumn, TagColumn, everybody
from zhike.understand.tags.counting.held import Held, tags_of, value_counts, values_of
from zhike.understand.tags.counting.scanning import scanned
from zhike.understand.tags.definitions import TagDefinition, published_tags
from zhike.understand.tags.setting.set_tags import current, rows_of_set
from zhike.understand.tags.tables import TAGS
from zhike.warehouse.attributes import registry
from zhike.warehouse.catalog import files_of
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import Published

__all__ = ["BitmapIndex", "Held", "index_of", "tags_of", "value_counts", "values_of"]


def index_of(now: Published) -> BitmapIndex:
    """The index of a refresh, for one request: what it loads is remembered longer than itself."""
    return BitmapIndex(now)


class BitmapIndex:
    """What rules are counted on, as of one refresh. Its sets are shared by all who ask, and not to be changed."""

    def __init__(self, now: Published) -> None:
        self.now = now
        self._moment: Hashable = tuple(sorted(now.snapshots.items(), key=str))
        self._rules: AudienceRules | None = None
        self._asking: list[str] = []
        self._tags: dict[tuple[str, date | None], TagColumn | SetColumn] = {}

    @property
    def everybody(self) -> BitMap:
        """All customers."""
        return everybody(self.now)

    def tag(self, name: str, values: tuple[str, ...] = (), as_of: date | None = None) -> BitMap:
        """Who has a tag, or one of these values of it; on a day, as it stood then.

        Raises UserError for a tag that there is not, for one of which nothing is known as of that day, and for a value
        that nobody has and that it does not list.
        """
        found = self._tag(name, as_of)
        return self._here(_having(name, found, values) if values else found.known())

    def attribute(self, condition: Condition) -> BitMap | None:
        """For whom a condition on one attribute, or on the value of one tag, holds; None where no index says so."""
        asked = asked_by(condition, self.now.as_of)
        column = self._column(asked.of) if asked else None
        if asked is None or column is None:
            return None
        key = ("answer", column.key, self.now.as_of, condition)
        if column.key is not None and (kept := MEMORY.kept(key)) is not None:
            return self._here(kept)
        found = _answer(column, asked)
        if found is None:
            return None
        # Ranges of numbers are hardly asked for twice, and found as quickly again; of texts the sets are there already.
        is_lasting = column.key is not None and asked.borders is None and (asked.texts is None or asked.is_negated)
        return self._here(MEMORY.bitmap(key, lambda: found) if is_lasting else found)

    def numbers(self, condition: Condition) -> Numbers | None:
        """A condition on one number that lies between two borders; None where it is another, or has no index."""
        asked = asked_by(condition, self.now.as_of)
        if asked is None or asked.borders is None or len(asked.borders) > 1 or asked.is_negated:
            return None
        column = self._column(asked.of)
        # A tag that is set by hand may have customers who came after this refresh.
        return column.between(*asked.borders) if column and column.key is not None else None

    def audience(self, name: str) -> BitMap:
        """Who belongs to a saved audience. Raises UserError where there is none, or where it is made of itself."""
        if self._rules is None:
            rules: AudienceRules = import_string(settings.AUDIENCE_RULES)()
            self._rules = rules
        rule = self._rules.get(name)
        if rule is None:
            raise UserError(_("there is no audience “%(name)s”") % {"name": name})
        if isinstance(rule, BitMap):
            return self._here(redirects(self.now).current_of(rule))
        if name in self._asking:
            raise UserError(_("the audience “%(name)s” is made of itself") % {"name": name})
        self._asking.append(name)
        try:
            return members(cast(Condition, rule), self)
        finally:
            self._asking.remove(name)

    def scan(self, condition: Condition) -> BitMap:
        """For whom a condition holds, found by the engine in the tables."""
        return self.scan_many([condition])[0]

    def scan_many(self, conditions: Sequence[Condition]) -> tuple[BitMap, ...]:
        """For whom each of them holds: what is not remembered is found in one pass."""
        keys = [self._key_of_scan(condition) for condition in conditions]
        found = {n: kept for n, key in enumerate(keys) if key and (kept := MEMORY.kept(key)) is not None}
        left = [n for n in range(len(conditions)) if n not in found]
        if left:
            asked = [conditions[n] for n in left]
            answers = scanned(self.now, asked, tags=self._rows_of, audiences=self.audience)
            for n, answer in zip(left, answers, strict=True):
                key = keys[n]
                found[n] = MEMORY.bitmap(key, lambda answer=answer: answer) if key else answer  # type: ignore[misc]
        return tuple(found[n] for n in range(len(conditions)))

    def _here(self, found: BitMap) -> BitMap:
        """Without those who came after this refresh, where what was found is not of this refresh."""
        return found & self.everybody if found and found.max() >= self.now.customer_count else found

    def _tag(self, name: str, as_of: date | None = None) -> TagColumn | SetColumn:
        if (name, as_of) not in self._tags:
            self._tags[name, as_of] = self._found(name, as_of)
        return self._tags[name, as_of]

    def _found(self, name: str, as_of: date | None) -> TagColumn | SetColumn:
        state = tag_state(self.now.snapshots, name)
        if state is None or state.is_set:
            definition = _definition(name)
            if definition.is_set:
                return SetColumn(current(name, as_of=as_of))
        if as_of is not None:
            return TagColumn(_past(self.now, name, as_of))
        if state is None:
            raise UserError(
                _("the tag “%(name)s” was not computed yet") % {"name": name},
                advice=_("The next refresh does it; `zhike tags rebuild NAME` does it at once."),
            )
        return TagColumn(state)

    def _column(self, of: Attribute | TagValue) -> Column | None:
        if isinstance(of, TagValue):
            return self._tag(of.tag)
        path = _attribute_paths(self.now.snapshots.get(ATTRIBUTE_BITMAPS.table)).get(of.name)
        return AttributeColumn(self.now, of.name, path) if path else None

    def _key_of_scan(self, condition: Condition) -> Hashable | None:
        """What the answer is remembered under; None where it may change before the next refresh."""
        read = needed({"": condition}, vocabulary=Vocabulary.of(registry()))
        is_lasting = not read.audiences and all(self._tag(*asked).key for asked in read.tags)
        return ("scan", self._moment, condition) if is_lasting else None

    def _rows_of(self, name: str, as_of: date | None) -> tuple[TagKind, Table]:
        found = self._tag(name, as_of)
        if isinstance(found, SetColumn):
            return found.kind, ibis.memtable(rows_of_set(name, as_of=as_of))
        members = found.state.members
        return found.kind, engine().open(TAGS, [members.path] if members else [])


def _having(name: str, column: TagColumn | SetColumn, values: tuple[str, ...]) -> BitMap:
    if column.is_measured:
        return BitMap()  # as in the engine: numbers and days are compared, and have no values to list
    known = column.values()
    for value in sorted(set(values) - known) if known else ():
        if value not in (YES, *_definition(name).values):  # what is listed, somebody may have some day
            raise UserError(
                _("nobody has %(tag)s = “%(value)s”") % {"tag": name, "value": value},
                advice=_("Its values: %(values)s.") % {"values": ", ".join(sorted(known))},
            )
    found = column.with_texts(lambda texts: [text for text in texts if text in values])
    return BitMap() if found is None else found


def _answer(column: Column, asked: Asked) -> BitMap | None:
    found: BitMap | None
    if asked.texts is not None:
        found = column.with_texts(asked.texts)
    elif asked.borders is not None:
        parts = [part.members() for borders in asked.borders if (part := column.between(borders)) is not None]
        if len(parts) < len(asked.borders):
            return None
        found = parts[0] if len(parts) == 1 else BitMap.union(BitMap(), *parts)
    else:
        return column.known()
    return column.known() - found if asked.is_negated and found is not None else found


def _definition(name: str) -> TagDefinition:
    tags = {tag.name: tag for tag in published_tags()}
    if name not in tags:
        raise UserError(_("no tag is called “%(name)s”") % {"name": name}, advice=did_you_mean(name, tags))
    return tags[name]


@lru_cache(maxsize=256)
def _past(_now: Published, name: str, day: date) -> TagState:
    """How a tag stood on a day; asked anew with every refresh, which may have cleaned up."""
    return state_as_of(name, day)


@lru_cache(maxsize=16)
def _attribute_paths(snapshot: int | None) -> Mapping[str, str]:
    return {str(file.partition["attribute"]): file.path for file in files_of(ATTRIBUTE_BITMAPS, snapshot)}
