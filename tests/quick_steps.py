"""A refresh that asks for nothing that customers are expected to do: the steps of insight write no tables.

For tests of what lies below; what insight says is tested where it is, and in whole refreshes on either engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from zhike.config import refresh
from zhike.warehouse.steps import Inputs, Outputs, Refreshing

INSIGHT = (
    *refresh.LIFETIME,
    *refresh.RENEWALS,
    *refresh.LIFECYCLE,
    *refresh.MIGRATION,
    *refresh.RETENTION,
    *refresh.BEHAVIOUR,
    *refresh.LOYALTY,
    *refresh.PROPENSITY,
    *refresh.AFFINITY,
    *refresh.OFFERS,
)


@contextmanager
def _nothing(_refreshing: Refreshing, _inputs: Inputs) -> Iterator[Outputs]:
    yield {}


STEPS = tuple(
    replace(step, reads=(), compute=None, gathers=None, works=_nothing) if step in INSIGHT else step
    for step in refresh.STEPS
)
