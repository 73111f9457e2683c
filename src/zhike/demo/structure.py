"""The company's own structure: units and agents, growing with the number of customers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.demo.draws import Draws, Ints
from zhike.demo.places import CITIES
from zhike.demo.text import join, number, take, two_digits

USUAL_SIZE = 20_000  # customers, for which the numbers below are meant
HEAD_OFFICE = "HO"
AGENTS_PER_TEAM = 5


@dataclass(frozen=True)
class Structure:
    """How many units of each level there are; all branches are alike in size."""

    branches: int
    sub_branches_per_branch: int
    agents_per_sub_branch: int
    call_centre_staff: int

    @classmethod
    def for_customers(cls, customers: int) -> Structure:
        """8 branches, 40 sub-branches and 400 agents at 20,000 customers, fewer or more at other sizes."""
        growth = max(customers, 1) / USUAL_SIZE
        return cls(
            branches=int(np.clip(round(8 * growth**0.25), 2, len(CITIES))),
            sub_branches_per_branch=max(2, round(5 * growth**0.25)),
            agents_per_sub_branch=max(4, round(10 * growth**0.35)),
            call_centre_staff=max(4, round(8 * growth**0.5)),
        )

    @property
    def sub_branches(self) -> int:
        return self.branches * self.sub_branches_per_branch

    @property
    def agents(self) -> int:
        return self.sub_branches * self.agents_per_sub_branch

    @property
    def teams_per_sub_branch(self) -> int:
        return math.ceil(self.agents_per_sub_branch / AGENTS_PER_TEAM)

    def draw_branches(self, draws: Draws, keys: Ints) -> Ints:
        """Branches; the first ones have more customers."""
        return draws.weighted("branch", keys, 1 / (np.arange(self.branches) + 3))

    def draw_sub_branches(self, draws: Draws, keys: Ints, branch: Ints) -> Ints:
        """Sub-branches of these branches, counted through the company."""
        return branch * self.sub_branches_per_branch + draws.below("sub-branch", keys, self.sub_branches_per_branch)

    def draw_agents(self, draws: Draws, keys: Ints, sub_branch: Ints) -> Ints:
        """Agents of these sub-branches, counted through the company."""
        return sub_branch * self.agents_per_sub_branch + draws.below("agent", keys, self.agents_per_sub_branch)

    def sub_branch_ids(self, sub_branch: Ints) -> pa.Array:
        """Unit ids of sub-branches."""
        return take(self._sub_branch_table(), sub_branch)

    def _sub_branch_table(self) -> pa.Array:
        every = np.arange(self.sub_branches)
        branch, place = every // self.sub_branches_per_branch, every % self.sub_branches_per_branch
        return join(branch_ids(branch), "-", two_digits(place + 1))

    def team_ids(self, agent: Ints) -> pa.Array:
        """Unit ids of the teams of agents."""
        team = agent % self.agents_per_sub_branch // AGENTS_PER_TEAM
        return join(self.sub_branch_ids(agent // self.agents_per_sub_branch), "-T", two_digits(team + 1))


def branch_ids(branch: Ints) -> pa.Array:
    """Unit ids of branches."""
    return join("B", two_digits(branch + 1))


def agent_ids(agent: Ints) -> pa.Array:
    """Staff ids of agents."""
    return join("A", number(agent + 100_000))


def call_centre_ids(place: Ints) -> pa.Array:
    """Staff ids of the people in the call centre."""
    return join("K", number(place + 1000))


def unit_rows(structure: Structure) -> dict[str, list[str]]:
    """The units as their file lists them, each after the unit above it."""
    rows: list[tuple[str, str, str, str, str, str]] = [
        (HEAD_OFFICE, "瑞和人寿总公司 Ruihe Life Head Office", "", "总公司", "上海市", "上海市")
    ]
    for branch in range(structure.branches):
        city, unit = CITIES[branch], f"B{branch + 1:02}"
        name = f"{city.name.removesuffix('市')}分公司 {city.english} Branch"
        rows.append((unit, name, HEAD_OFFICE, "分公司", city.province, city.name))
        for place in range(1, structure.sub_branches_per_branch + 1):
            sub, short = f"{unit}-{place:02}", city.name.removesuffix("市")
            rows.append((sub, f"{short}第{place}支公司", unit, "支公司", city.province, city.name))
            rows.extend(
                (
                    f"{sub}-T{team:02}",
                    f"{short}第{place}支公司{team}组",
                    sub,
                    "营业组",
                    city.province,
                    city.name,
                )
                for team in range(1, structure.teams_per_sub_branch + 1)
            )
    headers = ("机构代码", "机构名称", "上级机构", "级别", "省份", "城市")
    return {header: [row[place] for row in rows] for place, header in enumerate(headers)}
