"""Every table there is: what is collected, and what the steps of a refresh write."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from zhike.warehouse.contracts import Contract
from zhike.warehouse.entities import ENTITIES, REJECTS
from zhike.warehouse.steps import Step


def refresh_steps() -> tuple[Step, ...]:
    """The steps of a refresh, in order."""
    steps: tuple[Step, ...] = import_string(settings.REFRESH_STEPS)
    return steps


def collected_contracts() -> tuple[Contract, ...]:
    """The tables that imports write."""
    return (*ENTITIES.values(), REJECTS)


def computed_contracts() -> tuple[Contract, ...]:
    """The tables that a refresh writes, in its order."""
    return tuple(contract for step in refresh_steps() for contract in step.writes)


def all_contracts() -> tuple[Contract, ...]:
    """Every table of the warehouse."""
    return (*collected_contracts(), *computed_contracts())
