"""A refresh that only sums up orders: how it begins, ends, is put back and goes is that of a whole one."""

from __future__ import annotations

from zhike.collect.identity.tables import CUSTOMER_REDIRECTS
from zhike.config.refresh import STEPS as ALL
from zhike.understand.value.tables import ORDER_SUMMARY, RFM
from zhike.warehouse.contracts import Contract
from zhike.warehouse.steps import Step


def _needed_for(*contracts: Contract) -> tuple[Step, ...]:
    wanted, steps = set(contracts), list[Step]()
    for step in reversed(ALL):
        if wanted & set(step.writes):
            steps.insert(0, step)
            wanted |= set(step.reads)
    return tuple(steps)


STEPS = _needed_for(CUSTOMER_REDIRECTS, ORDER_SUMMARY, RFM)
