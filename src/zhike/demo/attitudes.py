"""What people think of the company: hidden, and shown by who complains, who leaves and what some answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike.demo.app import Usage
from zhike.demo.draws import Draws, Flags, Floats, Ints
from zhike.demo.people import People

# Hazards of leaving are multiplied by factors whose mean over all people is about 1.
SATISFACTION_SLOPE = 0.5  # of the logarithm of the hazard, for one standard deviation less
RESTLESS_SHARE, RESTLESS_FACTOR = 0.2, 3.0  # who compare offers, and leave however satisfied they are
APP_FACTOR, OTHER_FACTOR = 0.4, 1.05  # of those who use the app on the day, and of all others

COMPLAINTS_KEPT_DAYS = 1_000  # the call centre keeps its notes for so long
COMPLAINT_SHARE = 0.11  # of the contracts, one complaint in that time
COMPLAINT_SLOPE = 0.7  # of its logarithm, for one standard deviation less
LEAVES_AFTER_COMPLAINT = 0.35
LEAVES_AFTER_DAYS = (15, 85)


@dataclass(frozen=True)
class Attitudes:
    """One entry per person; `satisfaction` is standard normal."""

    satisfaction: Floats
    is_restless: Flags
    usage: Usage

    def factors(self, who: Ints, days: Ints) -> Floats:
        """By what the hazard of people is multiplied on days, a row of days for each of `who`."""
        calm = (1 - RESTLESS_SHARE * RESTLESS_FACTOR) / (1 - RESTLESS_SHARE)
        of_person = np.where(self.is_restless, RESTLESS_FACTOR, calm) * tilted(self.satisfaction, SATISFACTION_SLOPE)
        known, usage = self.usage.known[who, None], self.usage
        in_use = known & (usage.registered[who, None] <= days) & (days < usage.dormant_from[who, None])
        return np.asarray(of_person[who, None] * np.where(in_use, APP_FACTOR, OTHER_FACTOR))


@dataclass(frozen=True)
class Complaints:
    """One entry per contract: the day of a complaint about it, if it is in force then, and when the holder leaves."""

    day: Ints  # 0 without one
    leaves_on: Ints  # 0 where the holder forgives


def draw_attitudes(people: People, usage: Usage, draws: Draws) -> Attitudes:
    """What each person thinks, and how they use the app."""
    ids = people.ids
    return Attitudes(draws.normal("satisfaction", ids), draws.chance("restless", ids, RESTLESS_SHARE), usage)


def no_complaints(count: int) -> Complaints:
    """Of contracts that the call centre has nothing to do with."""
    return Complaints(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64))


def draw_complaints(
    people: People, attitudes: Attitudes, who: Ints, keys: Ints, started: Ints, draws: Draws
) -> Complaints:
    """Complaints about contracts of `who`, the more the less satisfied they are."""
    likely = COMPLAINT_SHARE * tilted(attitudes.satisfaction, COMPLAINT_SLOPE)[who]
    first = np.maximum(started + 20, people.as_of - COMPLAINTS_KEPT_DAYS)
    complains = draws.chance("complains", keys, likely) & (first <= people.as_of)
    day = first + ((people.as_of + 1 - first) * draws.uniform("complains on", keys)).astype(np.int64)
    low, high = LEAVES_AFTER_DAYS
    leaves = complains & draws.chance("leaves", keys, LEAVES_AFTER_COMPLAINT)
    after = low + draws.below("leaves after", keys, high - low)
    return Complaints(np.where(complains, day, 0), np.where(leaves, day + after, 0))


def tilted(satisfaction: Floats, slope: float) -> Floats:
    """Factors with mean 1 that grow as satisfaction falls: log-normal with this slope."""
    return np.exp(-slope * satisfaction - slope**2 / 2)
