"""What was seen of customers who move: states, counts, and who is where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from zhike.errors import UserError

MOST_STATES = 100  # more than anybody reads, and as many as are resampled in seconds

Numbers = npt.NDArray[np.float64]
Moves = Mapping[tuple[str, str], float]


@dataclass(frozen=True, eq=False)
class History:
    """The same period by period, the oldest first, as far back as is known."""

    moves: Numbers  # periods × from × to
    joined: Numbers | None = None  # who came in each: periods × states
    stocks: Numbers | None = None  # who was there before the first, and at the end of each: 1 + periods × states


@dataclass(frozen=True, eq=False)
class Observed:
    """Counts of moves between states: from those of the rows to those of the columns."""

    states: tuple[str, ...]
    counts: Numbers
    possible: npt.NDArray[np.bool_] | None = None  # moves that can be at all; None: all
    stock: Numbers | None = None  # customers in each state at the end
    are_shares: bool = False  # shares were given, and nothing counted
    are_ordered: bool = True  # whether the first state is the one that others follow from
    first: str = ""  # the periods that moves were counted in
    last: str = ""
    left_out: tuple[str, ...] = ()  # what was not counted, and why
    history: History | None = None


def matrix_of(states: Sequence[str], moves: Moves) -> Numbers:
    """The counts as a matrix in the order of the states."""
    place = {state: number for number, state in enumerate(states)}
    found = np.zeros((len(states), len(states)))
    for (come, go), count in moves.items():
        found[place[come], place[go]] += count
    return found


def check_states(states: Iterable[str], where: str) -> tuple[str, ...]:
    """The states. Raises UserError for fewer than two, and for more than can be looked at together."""
    found = tuple(states)
    if len(found) < 2:
        raise UserError(
            _("there is one state only: nobody can move"), where=where, advice=_("Name two states or more.")
        )
    if len(found) > MOST_STATES:
        raise UserError(
            _("there are %(count)s states; %(most)s can be studied together")
            % {"count": f"{len(found):,}", "most": MOST_STATES},
            where=where,
            advice=_("Put states together that mean about the same."),
        )
    return found
