"""What may be asked of customers who move, in the words of a command: amounts by state, from options or from files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from zhike.collect.sources.plain_files import open_plain
from zhike.errors import UserError
from zhike.rules.nearest import did_you_mean
from zhike.stats.markov.chain import PRIOR, Chain, Places
from zhike.stats.markov.structure import absorbing_places
from zhike.stats.markov.values import Terms, terms_of
from zhike.understand.migration.files import LARGEST, amounts_of_file
from zhike.understand.migration.observed import Numbers, Observed

MOST_PERIODS = 120
LARGEST_SEED = 2**63 - 1
LARGE = 100  # amounts without small change
MARGIN, COST, CUSTOMERS = "margin", "cost", "customers"


@dataclass(frozen=True)
class Asked:
    """Amounts are NUMBER or STATE=NUMBER; a stock or an inflow may be a file with the columns state and customers."""

    absorbing: tuple[str, ...] = ()
    prior: float = PRIOR
    margin: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    rewards: Path | None = None  # a file with the columns state, margin and cost, in the place of both
    discount: float = 0.0  # a period
    periods: int = 12
    stock: tuple[str, ...] = ()
    inflow: tuple[str, ...] = ()
    seed: int = 1


def asked_by_month(margins: Mapping[str, str], costs: Mapping[str, str], *, yearly: float, months: int) -> Asked:
    """What is asked of months: amounts by state as typed, and the discount of a year in percent."""
    return Asked(
        margin=tuple(f"{state}={amount}" for state, amount in margins.items()),
        cost=tuple(f"{state}={amount}" for state, amount in costs.items()),
        discount=(1 + yearly / 100) ** (1 / 12) - 1,
        periods=months,
    )


def as_typed(amount: float) -> str:
    """An amount as somebody would type it."""
    return f"{amount:.0f}" if amount >= LARGE or not amount else f"{amount:.2f}"


def check_asked(asked: Asked) -> None:
    """Raises UserError for a number that cannot be."""
    limits = (
        ("--periods", asked.periods, 1, MOST_PERIODS),
        ("--seed", asked.seed, 0, LARGEST_SEED),
        ("--discount", asked.discount, 0, 1000),
        ("--prior", asked.prior, 0, 1_000_000),
    )
    for option, value, least, most in limits:
        if not least <= value <= most:
            said = {"value": f"{value:g}", "least": least, "most": f"{most:,}"}
            raise UserError(_("%(value)s is not from %(least)s to %(most)s") % said, where=option)


def places_of(states: Sequence[str], observed: Observed, option: str) -> list[int]:
    """Where these states stand. Raises UserError for one that there is not."""
    for state in states:
        if state not in observed.states:
            raise UserError(
                _("there is no state “%(state)s”") % {"state": state},
                where=option,
                advice=did_you_mean(state, observed.states),
            )
    return [observed.states.index(state) for state in states]


def terms_asked(asked: Asked, observed: Observed, chain: Chain) -> Terms | None:
    """Margin and cost of each state; None where neither is given.

    A margin without a state is that of the first state, in which a purchase puts a customer; a cost without one is that
    of all states that can be left. Raises UserError for what is no amount.
    """
    if not (asked.margin or asked.cost or asked.rewards):
        return None
    if asked.rewards is not None:
        if asked.margin or asked.cost:
            raise UserError(_("margins and costs are in the file already"), where="--rewards")
        return _terms_of_file(asked.rewards, observed, asked.discount)
    if not observed.are_ordered and any("=" not in one for one in asked.margin):
        raise UserError(
            _("of which state is the margin?"), where="--margin", advice=_("Write it as --margin STATE=NUMBER.")
        )
    first = np.arange(len(observed.states)) == 0
    margin = _by_state(asked.margin, observed, "--margin", first)
    cost = _by_state(asked.cost, observed, "--cost", ~absorbing_places(chain.shares))
    if (cost < 0).any():
        raise UserError(_("a cost is not below 0"), where="--cost")
    return terms_of(margin, cost, discount=asked.discount)


def stock_asked(texts: tuple[str, ...], observed: Observed, option: str) -> Numbers | None:
    """Customers by state; None where nothing is given. Raises UserError for what is no number of them."""
    if not texts:
        return None
    if len(texts) == 1 and "=" not in texts[0]:
        of_state = amounts_of_file(Path(texts[0]), CUSTOMERS, option)
        found = np.zeros(len(observed.states))
        found[places_of([*of_state], observed, option)] = [*of_state.values()]
    else:
        found = _by_state(texts, observed, option, None)
    if (found < 0).any():
        raise UserError(_("a number of customers is not below 0"), where=option)
    return found


def _by_state(texts: Sequence[str], observed: Observed, option: str, general: Places | None) -> Numbers:
    """The number of each state; one without a state is that of the `general` ones."""
    found = np.zeros(len(observed.states))
    of_states = [text.rpartition("=") for text in texts]
    for state, sign, text in sorted(of_states, key=lambda part: bool(part[1])):  # what is said of one state counts more
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not abs(number) <= LARGEST or (general is None and not sign):
            raise UserError(
                _("“%(text)s” is no amount") % {"text": f"{state}{sign}{text}"},
                where=option,
                advice=_("Write STATE=NUMBER.") if general is None else _("Write a number, or STATE=NUMBER."),
            )
        found[places_of([state], observed, option) if sign else general] = number
    return found


def _terms_of_file(path: Path, observed: Observed, discount: float) -> Terms:
    margins = amounts_of_file(path, MARGIN, "--rewards", least=None)
    places_of([*margins], observed, "--rewards")
    if lacking := [state for state in observed.states if state not in margins]:
        raise UserError(_("has no margin of the state “%(state)s”") % {"state": lacking[0]}, where=path.name)
    costs = (
        amounts_of_file(path, COST, "--rewards") if COST in open_plain(path).columns else dict.fromkeys(margins, 0.0)
    )
    margin, cost = ([one[state] for state in observed.states] for one in (margins, costs))
    return terms_of(margin, cost, discount=discount)
