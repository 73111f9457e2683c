"""Insurance contracts: who bought what, how long it lasted, and for whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.demo.attitudes import Attitudes, Complaints, draw_complaints, no_complaints
from zhike.demo.catalogue import OPEN_ENDED, Insurance
from zhike.demo.draws import Draws, Flags, Floats, Ints, row_keys, scrambled
from zhike.demo.people import DAYS_A_YEAR, People
from zhike.demo.text import blank, days, join, money, number, pick

ACTIVE, LAPSED, SURRENDERED, MATURED, CANCELLED, SUSPENDED = range(6)
STATUSES = ("active", "lapsed", "surrendered", "matured", "cancelled", "suspended")
CHANNELS = ("agent", "direct", "broker", "bank", "group")
AGENT, DIRECT, BROKER, BANK, GROUP = range(5)
PERIODS = ("single", "monthly", "quarterly", "yearly")
PAYMENTS = np.array([1, 12, 4, 1])  # a year
GRACE_DAYS = 60
MOST_YEARS = 10  # that a contract can have run

# Probability that a contract ends at its first, and at each later anniversary, before the factors below and those of
# the holder (`attitudes`). Besides, some end after a complaint.
FIRST_YEAR_HAZARD, LATER_HAZARD = 0.14, 0.055
AUTOPAY_FACTOR = 0.45
CHANNEL_FACTORS = (1.0, 1.5, 1.2, 0.7, 0.8)
CONTRACTS_PER_PERSON = 8  # numbers set aside for the contracts of one person


@dataclass(frozen=True)
class Contracts:
    """Contracts of some people, one entry each, ordered by person; days are numbers since 1970."""

    products: tuple[Insurance, ...]
    who: Ints  # place of the holder among the people
    keys: Ints
    product: Ints
    channel: Ints
    started: Ints
    ends: Ints  # 0 where open-ended
    terminated: Ints  # 0 where it ran its course or still runs
    status: Ints
    premium: Ints  # yuan per payment
    period: Ints
    autopay: Flags
    complained: Ints  # day of a complaint; 0 without one

    def __len__(self) -> int:
        return len(self.who)

    def traits(self, name: str) -> Floats:
        """A numeric attribute of each contract's product."""
        return np.array([getattr(product, name) for product in self.products], dtype=np.float64)[self.product]

    @property
    def renews(self) -> Flags:
        """True for terms of one year that go on to the next unless somebody ends them, whichever way is paid."""
        return np.array([product.renews for product in self.products])[self.product]

    def in_force(self, day: int | Ints) -> Flags:
        """True for contracts that cover this day, or each its own."""
        over = ((self.terminated > 0) & (self.terminated <= day)) | ((self.ends > 0) & (self.ends < day))
        return (self.started <= day) & ~over

    def of_line(self, line: str) -> Flags:
        """True for contracts in this line of business."""
        return np.array([product.line == line for product in self.products])[self.product]

    def ids(self, prefix: str) -> pa.Array:
        """Contract numbers."""
        return contract_ids(prefix, self.keys)

    def last_day(self, as_of: int) -> Ints:
        """The last day each contract was in force, up to `as_of`."""
        over = np.where(self.terminated > 0, self.terminated, np.where(self.ends > 0, self.ends, as_of))
        return np.minimum(over, as_of)


def contract_ids(prefix: str, keys: Ints) -> pa.Array:
    """Contract numbers of rows with these keys."""
    places = (keys >> 16) * CONTRACTS_PER_PERSON + keys % 65_536
    return join(prefix, number(scrambled(places, 11, f"contract {prefix}")))


def draw_contracts(
    people: People,
    known: Flags,
    products: tuple[Insurance, ...],
    chances: tuple[float, ...],
    channel: int,
    attitudes: Attitudes,
    draws: Draws,
) -> Contracts:
    """The contracts of these people; `chances` of a first, second, … one; channel -1: the own ones.

    About the own ones, holders complain to the call centre.
    """
    wealth = np.clip(people.income / 90_000, 0.5, 1.6)
    keys = row_keys(people.ids[:, None], np.arange(len(chances))[None, :])
    likely = (wealth[:, None] * np.array(chances)).ravel()
    exists = draws.chance("contract", keys.ravel(), likely).reshape(keys.shape)
    who, place = np.nonzero(exists & (known & people.adult)[:, None])
    keys = keys[who, place]
    product = _products(people, who, keys, products, draws)
    any_channel = draws.weighted("channel", keys, (0.78, 0.13, 0.09))
    channels = any_channel if channel < 0 else np.full(len(who), channel)
    started = _starts(people, who, keys, product, products, draws)
    single = np.array([p.is_single for p in products])[product]
    period = np.where(single, 0, 1 + draws.weighted("period", keys, (0.12, 0.05, 0.83)))
    usual = np.array([p.premium for p in products])[product]
    yearly = usual * np.exp(0.45 * draws.normal("premium", keys)) * wealth[who] ** 0.7
    autopay = draws.chance("autopay", keys, 0.6) & ~single
    factor = np.where(autopay, AUTOPAY_FACTOR, 1.0) * np.array(CHANNEL_FACTORS)[channels]
    until = _ended(started, factor, attitudes, who, keys, draws)
    complaints = no_complaints(len(who))
    if channel < 0:
        complaints = draw_complaints(people, attitudes, who, keys, started, draws.of("complaints"))
    ends, terminated, status, complained = _fates(
        people.as_of, keys, started, until, complaints, product, products, draws
    )
    premium = np.maximum(yearly / PAYMENTS[period], 10).astype(np.int64)
    return Contracts(
        products, who, keys, product, channels, started, ends, terminated, status, premium, period, autopay, complained
    )


def _starts(
    people: People, who: Ints, keys: Ints, product: Ints, products: tuple[Insurance, ...], draws: Draws
) -> Ints:
    """First days, the later years fuller; not before the holder is of age and the insured child is born."""
    of_age = people.born[who] + int(18.1 * DAYS_A_YEAR)
    drawn = people.as_of - 3 - (3_640 * draws.uniform("started", keys) ** 1.3).astype(np.int64)
    for_child = np.array([p.insures == "child" for p in products])[product]
    born = np.where(for_child, people.born[people.child[who]] + 28, of_age)
    return np.minimum(np.maximum(drawn, np.maximum(of_age, born)), people.as_of - 3)


def _products(people: People, who: Ints, keys: Ints, products: tuple[Insurance, ...], draws: Draws) -> Ints:
    """Products by age; those for children and spouses only where there is one."""
    band = np.digitize(people.age[who], (30, 50))
    weights = np.array([product.weights for product in products])[:, band].T
    fits = {"child": people.child[who] >= 0, "spouse": people.spouse[who] >= 0}
    for place, product in enumerate(products):
        if product.insures in fits:
            weights[~fits[product.insures], place] = 0
    borders = np.cumsum(weights, axis=1)
    point = draws.uniform("product", keys) * borders[:, -1]
    return np.asarray((point[:, None] >= borders).sum(axis=1))


def _ended(started: Ints, factor: Floats, attitudes: Attitudes, who: Ints, keys: Ints, draws: Draws) -> Ints:
    """Day on which each contract ends for want of a payment: an anniversary and the days of grace."""
    days = started[:, None] + (np.arange(1, MOST_YEARS + 1) * DAYS_A_YEAR).astype(np.int64)
    factors = factor[:, None] * attitudes.factors(who, days)
    in_first = draws.chance("first year", keys, FIRST_YEAR_HAZARD * factors[:, 0])
    added_up = np.cumsum(-np.log1p(-np.minimum(LATER_HAZARD * factors[:, 1:], 0.9)), axis=1)
    later = (added_up < draws.exponential("later years", keys)[:, None]).sum(axis=1)
    years = np.where(in_first, 1, 2 + later)
    return np.asarray(started + (years * DAYS_A_YEAR).astype(np.int64) + GRACE_DAYS)


def _fates(
    as_of: int,
    keys: Ints,
    started: Ints,
    ended: Ints,
    complaints: Complaints,
    product: Ints,
    products: tuple[Insurance, ...],
    draws: Draws,
) -> tuple[Ints, Ints, Ints, Ints]:
    """Last day agreed, day of an early end, and status of each contract on `as_of`; day of a complaint about it."""
    term = np.array([p.years for p in products])[product]
    renews = np.array([p.renews for p in products])[product]
    last = np.where(renews | (term == OPEN_ENDED), ended, started + (term * DAYS_A_YEAR).astype(np.int64))
    cooled_off = draws.chance("cooled off", keys, 0.01)
    # Nobody complains of, or gives notice to, what is not paid for any more.
    until = np.where(cooled_off, 0, np.minimum(ended - GRACE_DAYS, last))
    complained = np.where(complaints.day < until, complaints.day, 0)
    given_up = (complained > 0) & (complaints.leaves_on > 0) & (complaints.leaves_on < np.minimum(until, as_of + 1))
    ended = np.where(given_up, complaints.leaves_on, ended)
    ended = np.where(cooled_off, started + 3 + draws.below("cooling", keys, 12), ended)
    # A renewed contract ends at its next anniversary; one not renewed ended at the last it reached.
    paid_until = np.where(given_up, ended, ended - GRACE_DAYS)
    reached = np.where(renews, (np.minimum(paid_until, as_of) - started) // DAYS_A_YEAR + 1, term)
    reached = np.maximum(reached, 1)
    ends = np.where(term == OPEN_ENDED, 0, started + (reached * DAYS_A_YEAR).astype(np.int64) - 1)
    matured = ~renews & (term != OPEN_ENDED) & (ends <= as_of) & (ends <= ended)
    early = ~matured & (ended <= as_of)
    with_value = np.array([p.line in ("life", "annuity", "savings") for p in products])[product]
    left = np.where(with_value & draws.chance("surrenders", keys, 0.7), SURRENDERED, LAPSED)
    left = np.where(given_up & ~with_value, CANCELLED, left)
    suspended = draws.chance("suspended", keys, 0.006)
    status = np.select(
        [matured, early & cooled_off, early, suspended], [MATURED, CANCELLED, left, SUSPENDED], default=ACTIVE
    )
    return ends, np.where(early, ended, 0), status, complained


def first_started(people: People, contracts: Contracts) -> Ints:
    """Day of each person's first contract; `as_of` for those without one."""
    first = np.full(len(people), people.as_of)
    np.minimum.at(first, contracts.who, contracts.started)
    for_child = np.flatnonzero(np.array([p.insures == "child" for p in contracts.products])[contracts.product])
    np.minimum.at(first, people.child[contracts.who[for_child]], contracts.started[for_child])
    return first


def contract_columns(people: People, contracts: Contracts, prefix: str, style: str) -> dict[str, pa.Array]:
    """Text of the columns that every system of contracts has; dates in the system's style."""
    products = contracts.products
    cover = contracts.premium * PAYMENTS[contracts.period] * contracts.traits("cover").astype(np.int64)
    both = [product.chinese for product in products] + [product.english for product in products]
    english = people.english[contracts.who]
    return {
        "contract": contracts.ids(prefix),
        "product": pick([product.code for product in products], contracts.product),
        "product name": pick(both, contracts.product + len(products) * english),
        "line": pick([product.line for product in products], contracts.product),
        "channel": pick(CHANNELS, contracts.channel),
        "started": days(contracts.started, style),
        "ends": blank(days(contracts.ends, style), contracts.ends == 0),
        "terminated": blank(days(contracts.terminated, style), contracts.terminated == 0),
        "status": pick(STATUSES, contracts.status),
        "premium": money(contracts.premium * 100),
        "period": pick(PERIODS, contracts.period),
        "cover": money(cover * 100),
    }
