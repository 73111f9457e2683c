"""Rules as they are asked for: read once, checked for whoever acts, and for the customers that they may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from pyroaring import BitMap

from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.govern.organisation.queries import units_under
from zhike.rules.check import checked, read_rule
from zhike.rules.tree import All, Attribute, Condition, OneOf, Text
from zhike.rules.vocabulary import Vocabulary
from zhike.understand.audiences.kept import State, audience_rules, audiences_state
from zhike.understand.tags.circles import is_hidden
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.definitions import DefinitionsState, definitions_state
from zhike.understand.tags.vocabularies import vocabulary, whole_vocabulary
from zhike.warehouse.queries import Published

READ_REMEMBERED = 512


@dataclass(frozen=True)
class Definitions:
    """What tells that no tag or audience was defined anew since: equal ones, equal meaning of every rule."""

    audiences: State
    tags: DefinitionsState
    sees_personal: bool  # what one may ask, another may not


def definitions() -> Definitions:
    """The state of all definitions for whoever acts: two queries, whatever there is of them."""
    return Definitions(audiences_state(), definitions_state(), may(Right.SEE_PERSONAL_DATA))


def tree_of(rule: str | Condition, state: Definitions | None = None) -> Condition:
    """The rule as a tree: of a text, if whoever acts may ask that; of a tree, if it still means something.

    A tree is one that was stored: its author was asked for their rights. `state` is that of all definitions, where
    it is known already. Raises RuleError.
    """
    if isinstance(rule, str):
        return _read(rule, state or definitions())
    return _sound(rule, state or definitions())


def asked_tree(rule: str | Condition, state: Definitions | None = None) -> Condition:
    """The rule as a tree, if whoever acts may know whom it has: none that tells who somebody is without the right.

    Raises RuleError.
    """
    state = state or definitions()
    if not isinstance(rule, str) and not state.sees_personal:
        _allowed(rule, state)
    return tree_of(rule, state)


def checked_rule(rule: str | Condition) -> Condition:
    """The rule as a tree, if whoever acts may ask that, be it a text or a tree that they made. Raises RuleError."""
    if not isinstance(rule, str):
        checked(rule, _vocabulary(definitions()))
    return tree_of(rule)


def of_unit(tree: Condition) -> Condition:
    """The rule for the customers of the org unit that whoever acts looks at; as it is for the whole firm."""
    units = own_units()
    return tree if units is None else All(of=(tree, _in(units)))


def everybody_seen(now: Published) -> BitMap:
    """All customers of the org unit that whoever acts looks at. Not to be changed."""
    units = own_units()
    return index_of(now).everybody if units is None else _customers_of(now, units)


def own_units() -> tuple[str, ...] | None:
    """The org unit that whoever acts looks at, with all below it; None for the whole firm."""
    unit = current_actor().unit
    return tuple(sorted(units_under(unit))) if unit else None


def _in(units: tuple[str, ...]) -> Condition:
    return OneOf(value=Attribute(name="unit_id"), options=tuple(Text(value=unit) for unit in units))


@lru_cache(maxsize=16)
def _customers_of(now: Published, units: tuple[str, ...]) -> BitMap:
    index = index_of(now)
    indexed = index.attribute(_in(units))
    return index.scan(_in(units)) if indexed is None else indexed


@lru_cache(maxsize=READ_REMEMBERED)
def _read(text: str, state: Definitions) -> Condition:
    return read_rule(text, _vocabulary(state))


@lru_cache(maxsize=READ_REMEMBERED)
def _allowed(tree: Condition, state: Definitions) -> None:
    if is_hidden(tree):
        checked(tree, _vocabulary(state))  # says what of it is refused


@lru_cache(maxsize=READ_REMEMBERED)
def _sound(tree: Condition, state: Definitions) -> Condition:
    checked(tree, _whole_vocabulary(state))
    return tree


@lru_cache(maxsize=2)
def _whole_vocabulary(_state: Definitions) -> Vocabulary:
    return _with_archived(whole_vocabulary())


@lru_cache(maxsize=4)
def _vocabulary(_state: Definitions) -> Vocabulary:
    return _with_archived(vocabulary())


def _with_archived(known: Vocabulary) -> Vocabulary:
    """Archived audiences can be asked for; only what is saved may not name them anew, which services see to."""
    return replace(known, audiences=frozenset(audience_rules()) - known.refused_audiences)
