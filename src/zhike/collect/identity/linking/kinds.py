"""What linking has to know of persons, and of organisations: what is compared, and what forbids that two are one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ibis.expr.types import BooleanValue, Table, Value

from zhike.collect.identity.linking.ladders import Evidence

Conflicts = Callable[[Table], Mapping[str, BooleanValue]]
Doubts = Callable[[Table], BooleanValue]


@dataclass(frozen=True)
class Kind:
    """One kind of customers."""

    name: str
    texts: tuple[str, ...]  # the columns that are compared, each a text
    evidence: Sequence[Evidence]
    names: Callable[[Table], Value]  # what a record is called, in one text
    told_by: tuple[str, ...]  # besides names, what tells one customer from another
    reached_by: tuple[str, ...]  # how they are reached
    mailbox_of: tuple[str, ...]  # what of them stands in the name of a mailbox of their own, in small letters
    shared: tuple[str, ...]  # what many may share without being one: telephones, mailboxes
    # Records that agree in all of one of these are one, without weighing anything. The first is that of a register.
    exact: tuple[tuple[str, ...], ...]
    may_lack: tuple[str, ...]  # of those, what both may be without
    keys: Mapping[str, tuple[str, ...]]  # pairs that share one of these are weighed; `x[:n]` is the beginning of x
    training: Sequence[tuple[str, ...]]  # between them, each comparison is left free by at least one
    conflicts: Conflicts  # of scored pairs: what forbids that they are one → where it holds
    doubts: Doubts  # of scored pairs: where somebody is asked, however much says that they are one

    def compared(self, columns: Collection[str]) -> list[Evidence]:
        """The comparisons that records with values in these columns allow."""
        return [one for one in self.evidence if any(column in columns for column in one.columns)]
