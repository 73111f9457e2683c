"""Who acts: carried beside the call, so that every service can ask what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from zhike.govern.access.rights import ALL_RIGHTS, Right


class ActorKind(StrEnum):
    """What somebody is to the installation."""

    OPERATOR = "operator"  # signed in to the machine: the command line
    USER = "user"
    TOKEN = "token"  # noqa: S105 - a kind of actor, no secret
    NOBODY = "nobody"


@dataclass(frozen=True)
class Actor:
    """Somebody who asks for something: with which rights, and for which org unit (empty: the whole firm)."""

    kind: ActorKind
    id: int | None = None
    name: str = ""
    rights: frozenset[Right] = frozenset()
    unit: str = ""


NOBODY = Actor(ActorKind.NOBODY)
OPERATOR = Actor(ActorKind.OPERATOR, name="operator", rights=ALL_RIGHTS)

_actor: ContextVar[Actor] = ContextVar("actor", default=NOBODY)


def current_actor() -> Actor:
    """Who acts now; NOBODY, who may do nothing, unless somebody was named."""
    return _actor.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """What is called inside is done by this actor."""
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


def become(actor: Actor) -> None:
    """Everything this process does from now on is done by this actor: for programs that serve one person."""
    _actor.set(actor)
