"""Whose customers they are: what the customers of each member of staff bring, and those of who has left."""

from __future__ import annotations

import math
from dataclasses import dataclass

from zhike.collect.profiles.staff import staff
from zhike.understand.behaviour.figures import counted
from zhike.understand.behaviour.tables import AGENT_COUNTS
from zhike.warehouse.queries import Published

SHOWN = 10
BEST = 0.1  # of the agents


@dataclass(frozen=True)
class AgentFigures:
    """One member of staff, by the name that staff have on record, and what their customers bring in a year."""

    agent_id: str
    name: str
    has_left: bool
    customers: int
    contracts: int
    yearly_amount: float


@dataclass(frozen=True)
class Agents:
    """All who look after customers: how many customers each has, what the best tenth brings, and who has left."""

    agents: int
    customers: int
    yearly_amount: float
    most: tuple[AgentFigures, ...]  # whose customers bring most
    best: int  # a tenth of them, rounded up
    best_amount: float
    left: int
    left_customers: int
    left_amount: float

    @property
    def customers_each(self) -> float:
        """Customers of an agent."""
        return self.customers / self.agents

    @property
    def best_share(self) -> float | None:
        """Share of the best tenth in what all bring; None where nobody brings anything."""
        return self.best_amount / self.yearly_amount if self.yearly_amount else None


def agents_in(now: Published, units: frozenset[str] | None) -> Agents | None:
    """The agents of the customers of some org units; None where nobody looks after them."""
    rows = counted(now, AGENT_COUNTS, units)
    if not rows:
        return None
    known = staff()
    ranked = sorted(rows, key=lambda row: (-row["yearly_amount"], -row["customers"], row["agent_id"]))
    gone = {name for name, member in known.items() if member.has_left(now.as_of)}
    left = [row for row in ranked if row["agent_id"] in gone]
    best = math.ceil(BEST * len(ranked))
    return Agents(
        agents=len(ranked),
        customers=sum(row["customers"] for row in ranked),
        yearly_amount=float(sum(row["yearly_amount"] for row in ranked)),
        most=tuple(
            AgentFigures(
                agent_id=row["agent_id"],
                name=known[row["agent_id"]].name if row["agent_id"] in known else "",
                has_left=row["agent_id"] in gone,
                customers=row["customers"],
                contracts=row["contract_count"],
                yearly_amount=float(row["yearly_amount"]),
            )
            for row in ranked[:SHOWN]
        ),
        best=best,
        best_amount=float(sum(row["yearly_amount"] for row in ranked[:best])),
        left=len(left),
        left_customers=sum(row["customers"] for row in left),
        left_amount=float(sum(row["yearly_amount"] for row in left)),
    )
