"""Past campaigns with a random hold-out, and the planted rules for who responds to them.

A person converts within four weeks with one probability if approached and another if left
alone. Both arms share one draw, so that nobody is persuaded and put off at once. A campaign's
uplift in a group is the difference of the two probabilities, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike.demo.app import Sessions
from zhike.demo.draws import Draws, Flags, Floats, Ints
from zhike.demo.people import DAYS_A_YEAR, People
from zhike.demo.policies import Contracts

ACTIVE_DAYS = 90  # who logged in within so many days before the launch is active
RESPONSE_DAYS = 28


@dataclass(frozen=True)
class Campaign:
    """A campaign as it was planned, and what is true of it."""

    code: str
    subject: str
    english_subject: str
    channel: str
    days_before: int  # launched so many days before as_of
    audience_share: float  # of the adults whom the policy system knows and the channel reaches
    holdout_share: float
    service: int  # place of what it offers in the catalogue
    baseline: float  # probability to buy anyway
    rule: str  # who responds, in words
    uplift: float  # in the rule's group
    other_uplift: float = 0.0  # in the group that the rule names as put off

    def launched_on(self, as_of: int) -> int:
        return as_of - self.days_before


CAMPAIGNS = (
    Campaign(
        "health-check",
        "为您预留的深度体检名额",
        "A thorough health check, kept for you",
        "email",
        230,
        1.0,
        0.3,
        0,
        0.04,
        "responds: active in the app, 30 to 45 years old, holds a health contract in force",
        0.26,
    ),
    Campaign(
        "child-plan",
        "孩子的成长规划，我们帮您想好了",
        "A plan for your child",
        "sms",
        140,
        0.5,
        0.2,
        1,
        0.03,
        "responds: has a child below 18 in the household; put off: above 60",
        0.10,
        -0.02,
    ),
    Campaign(
        "travel-card",
        "说走就走，保障随行",
        "Travel light, travel covered",
        "email",
        75,
        0.4,
        0.15,
        2,
        0.05,
        "nobody responds",
        0.0,
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What became of one campaign, one entry per member of its audience."""

    campaign: Campaign
    launched: int
    who: Ints
    is_treated: Flags
    in_group: Flags
    if_treated: Floats  # probability to convert
    if_held_out: Floats
    converted: Flags
    converted_at: Ints  # seconds since 1970, local time; meaningful where converted

    @property
    def treated(self) -> Ints:
        """Places, in this outcome, of those who were approached."""
        return np.flatnonzero(self.is_treated)


def run_campaign(
    campaign: Campaign,
    people: People,
    reachable: Flags,
    contracts: Contracts,
    sessions: Sessions,
    draws: Draws,
) -> Outcome:
    """The audience, drawn from the reachable people, its arms, and who bought."""
    draws = draws.of(campaign.code)
    launched = campaign.launched_on(people.as_of)
    age = (launched - people.born) / DAYS_A_YEAR
    eligible = reachable & people.members["core"] & people.adult & (age >= 18)
    who = np.flatnonzero(eligible & draws.chance("audience", people.ids, campaign.audience_share))
    ids = people.ids[who]
    treated = ~draws.chance("arm", ids, campaign.holdout_share)
    in_group, put_off = _groups(campaign, people, contracts, sessions, launched)
    held_out = np.full(len(who), campaign.baseline)
    approached = held_out + campaign.uplift * in_group[who] + campaign.other_uplift * put_off[who]
    day = launched + 1 + draws.below("day", ids, RESPONSE_DAYS - 1)
    return Outcome(
        campaign=campaign,
        launched=launched,
        who=who,
        is_treated=treated,
        in_group=in_group[who],
        if_treated=approached,
        if_held_out=held_out,
        converted=draws.chance("converts", ids, np.where(treated, approached, held_out)),
        converted_at=day * 86_400 + 28_800 + draws.below("second", ids, 50_000),
    )


def _groups(
    campaign: Campaign, people: People, contracts: Contracts, sessions: Sessions, launched: int
) -> tuple[Flags, Flags]:
    """Who responds and who is put off, on the day of the launch."""
    age = (launched - people.born) / DAYS_A_YEAR
    nobody = np.zeros(len(people), dtype=np.bool_)
    if campaign.code == "health-check":
        active = sessions.last_before(launched, len(people)) >= launched - ACTIVE_DAYS
        insured = nobody.copy()
        insured[contracts.who[contracts.in_force(launched) & contracts.of_line("health")]] = True
        return active & (age >= 30) & (age < 46) & insured, nobody
    if campaign.code == "child-plan":
        child = people.child
        minor = (child >= 0) & (launched - people.born[child] < 18 * DAYS_A_YEAR) & (people.born[child] <= launched)
        return minor, age >= 60
    return nobody, nobody
