"""The rules of all audiences that are kept: read once, and again when one of them has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import connection
from pyroaring import BitMap

from zhike.rules.tree import Definition, tree_from_json
from zhike.understand.audiences.models import Audience, FrozenList
from zhike.understand.tags.setting.folding import unpacked

STATE = "SELECT COUNT(*), SUM(revision), MAX(created_at) FROM audiences_audience"
FROZEN_REMEMBERED = 32  # lists whose members stay in memory


@dataclass(frozen=True)
class State:
    """What tells that no audience was saved, renamed, redefined or archived since: equal states, equal audiences."""

    count: int
    revisions: int
    newest: object  # when; tells an audience from one that was rolled back and had its number


class AudienceRules(Mapping[str, Definition | BitMap]):
    """The name of every audience with its rule; of a frozen one with its members, which are read when asked for.

    Archived ones are among them, because others may be made of them.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.trees: dict[str, Definition] = {}
        self.frozen: dict[str, tuple[int, datetime]] = {}  # name → its FrozenList, and when it was made
        archived = set()
        columns = ("name", "kind", "tree", "archived_at", "frozen__pk", "frozen__frozen_at")
        for name, kind, tree, archived_at, *frozen in Audience.objects.values_list(*columns):
            if kind == Audience.Kind.FROZEN:
                self.frozen[name] = (frozen[0], frozen[1])
            else:
                self.trees[name] = tree_from_json(tree)
            if archived_at is not None:
                archived.add(name)
        self.archived = frozenset(archived)  # no rule may name them anew

    def __getitem__(self, name: str) -> Definition | BitMap:
        return self.trees[name] if name in self.trees else frozen_members(*self.frozen[name])

    def __iter__(self) -> Iterator[str]:
        yield from self.trees
        yield from self.frozen

    def __len__(self) -> int:
        return len(self.trees) + len(self.frozen)


def audience_rules() -> AudienceRules:
    """The rules of all audiences as they are now. Named in the settings for rooms below."""
    return _rules(audiences_state())


def audiences_state() -> State:
    """The state that all audiences are in: one query, whatever there is of them."""
    # By hand: every count asks for it, and to put the question together takes Django fifteen times as long.
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        count, revisions, newest = cursor.fetchone()
    return State(count, revisions or 0, newest)


@lru_cache(maxsize=2)
def _rules(state: State) -> AudienceRules:
    return AudienceRules(state)


@lru_cache(maxsize=FROZEN_REMEMBERED)
def frozen_members(frozen_id: int, _frozen_at: datetime) -> BitMap:
    """Who belongs to a frozen list. Shared by whoever asks, and not to be changed."""
    return unpacked(FrozenList.objects.values_list("members", flat=True).get(pk=frozen_id))
