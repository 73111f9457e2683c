"""The step of the refresh that computes all tags in one pass, and writes two files for each: members and bitmaps."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date

import pyarrow as pa
from django.conf import settings
from django.utils.module_loading import import_string
from ibis.expr.types import Table
from pyroaring import BitMap

from zhike.collect.identity.redirects import redirects_at
from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.rules.measures import Tables, evaluated, holding
from zhike.rules.needs import needed
from zhike.rules.vocabulary import TagKind
from zhike.understand.attributes.bitmaps import Pieces, ids_of
from zhike.understand.attributes.tables import ATTRIBUTES
from zhike.understand.tags.computing.history import state_as_of
from zhike.understand.tags.computing.plan import AudienceRules, Planning, plan_of
from zhike.understand.tags.computing.spooling import columns_of, pieces_of_rows
from zhike.understand.tags.computing.states import tag_states
from zhike.understand.tags.computing.writing import TagFiles, column_of, write_tag
from zhike.understand.tags.definitions import TagDefinition, published_tags
from zhike.understand.tags.setting.set_tags import rows_of_set
from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
from zhike.understand.tags.vocabularies import whole_vocabulary
from zhike.warehouse.attributes import registry
from zhike.warehouse.contracts import Contract
from zhike.warehouse.steps import Inputs, Refreshing, Step

logger = logging.getLogger("zhike.refresh")
MEMBERS = Contract("scratch", "members", "one customer", ("customer_id",), (CUSTOMER_ID,))
COMPUTED_AS = {TagKind.YES_NO: "boolean", TagKind.CATEGORY: "string", TagKind.NUMBER: "float64", TagKind.DATE: "date"}


class TagGathering:
    """One computation of tags: of all that are due, or of `only` some, which are computed whether they are or not.

    If one of those that are asked for `strictly` cannot be computed, none is.
    """

    def __init__(
        self, refreshing: Refreshing, *, only: Collection[str] | None = None, strictly: Collection[str] = ()
    ) -> None:
        self._refreshing = refreshing
        self._redirects = redirects_at(refreshing.snapshots)
        self._audiences: AudienceRules = import_string(settings.AUDIENCE_RULES)()
        tags = published_tags()
        set_by_hand = {tag.name for tag in tags if tag.is_set}
        planning = Planning(
            tags=tags,
            audiences=self._audiences,
            before=tag_states(refreshing.before),
            vocabulary=whole_vocabulary(),
            as_of=refreshing.as_of,
            check_past=lambda name, day: name in set_by_hand or state_as_of(name, day),
            only=only,
        )
        self._plan = plan_of(planning)
        self._vocabulary = planning.vocabulary
        self._needed = needed(self._plan.definitions, vocabulary=planning.vocabulary, audiences=self._plan.audiences)
        self._written: dict[str, TagFiles] = {}
        self._related = {f"related {n}": one for n, one in enumerate(sorted(self._needed.related, key=repr))}
        self._set_by_hand = set_by_hand
        self._opened: dict[object, Table] = {}
        for name, problem in self._plan.broken.items():
            if name in strictly:
                raise problem
            logger.warning("tag not computed", extra={"tag": name, "problem": type(problem).__name__})

    def beforehand(self, whole: Inputs) -> Mapping[str, Table]:
        """Who fits each relation; and what was set by hand is written down, for rules may name it."""
        for tag in self._plan.set_by_hand:
            rows = rows_of_set(tag.name, redirects=self._redirects)
            numbers = self._refreshing.next_customer_id
            self._write(tag, pieces_of_rows(rows, column_of(tag.kind), self._refreshing.shards, numbers))
        return {
            name: holding(
                related,
                everybody=whole[ATTRIBUTES],
                edges=self._edges(whole, related.relation),
                vocabulary=self._vocabulary,
                as_of=self._refreshing.as_of,
            )
            for name, related in self._related.items()
        }

    def compute(self, inputs: Inputs) -> Table | None:
        """One column for each tag that is computed."""
        plan = self._plan
        if not plan.computed:
            return None
        facts = {name: inputs[registry().facts[name].contract] for name in self._needed.facts}
        tables = Tables(
            attributes=inputs[ATTRIBUTES],
            facts=facts,
            tags={
                (name, day): inputs.cut(self._opened_once(name, day, self._tag_rows)) for name, day in self._needed.tags
            },
            audiences={
                name: inputs.cut(self._opened_once(name, None, self._audience_rows)) for name in self._needed.audiences
            },
            related={related: inputs.beforehand[name] for name, related in self._related.items()},
        )
        result = evaluated(
            plan.definitions,
            tables,
            vocabulary=self._vocabulary,
            as_of=self._refreshing.as_of,
            audiences=plan.audiences,
        )
        typed = {name: result[name].cast(COMPUTED_AS[tag.kind]) for name, tag in plan.computed.items()}
        return result.select("customer_id", **typed)

    def write(self, ranges: Iterator[tuple[int, pa.Table]]) -> Mapping[Contract, Sequence[str]]:
        """The files of all tags: those computed now, and those that were kept."""
        with columns_of(ranges) as pieces_by_name:
            self._refreshing.progress.begin(TAG_BITMAPS.name, total=len(self._plan.computed))
            for name, tag in self._plan.computed.items():
                self._write(tag, pieces_by_name(name))
                self._refreshing.progress.advance()
        kept = [
            TagFiles(state.members.path if state.members else None, state.bitmaps) for state in self._plan.kept.values()
        ]
        files = [*kept, *self._written.values()]
        return {
            TAGS: [file.members for file in files if file.members],
            TAG_BITMAPS: [file.bitmaps for file in files if file.bitmaps],
        }

    def _write(self, tag: TagDefinition, pieces: Pieces) -> None:
        def new_file(contract: Contract) -> str:
            return self._refreshing.new_file(contract, tag.name)

        self._written[tag.name] = write_tag(tag, pieces, new_file, as_of=self._refreshing.as_of)

    def _edges(self, whole: Inputs, name: str) -> Table:
        relation = registry().relations[name]
        return relation.edges(whole[relation.contract])

    def _opened_once(self, name: str, day: date | None, rows: Callable[[str, date | None], Table]) -> Table:
        key = (rows.__name__, name, day)
        if key not in self._opened:
            self._opened[key] = rows(name, day)
        return self._opened[key]

    def _tag_rows(self, name: str, day: date | None) -> Table:
        """A tag that is not computed now: set by hand, kept, or as it was on a day."""
        if name in self._set_by_hand and day is not None:
            return self._refreshing.loaded(TAGS, rows_of_set(name, as_of=day, redirects=self._redirects))
        if name in self._set_by_hand:
            members = self._written[name].members
        else:
            state = self._plan.kept[name] if day is None else state_as_of(name, day)
            members = state.members.path if state.members else None
        return self._refreshing.open(TAGS, [members] if members else [])

    def _audience_rows(self, name: str, _day: date | None) -> Table:
        members = self._audiences[name]
        assert isinstance(members, BitMap)
        ids = ids_of(self._redirects.current_of(members))
        return self._refreshing.loaded(MEMBERS, pa.table({"customer_id": pa.array(ids, pa.int64())}))


FACTS = (facts.contract for facts in registry().facts.values())
RELATIONS = (relation.contract for relation in registry().relations.values())

TAGS_STEP = Step(
    name="tags",
    reads=tuple(dict.fromkeys((ATTRIBUTES, *FACTS, *RELATIONS))),
    writes=(TAGS, TAG_BITMAPS),
    gathers=TagGathering,
)
STEPS = (TAGS_STEP,)
