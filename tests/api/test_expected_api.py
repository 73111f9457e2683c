"""What customers are expected to buy, to renew and to leave, over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.api.conftest import Machine
from tests.understand.conftest import company as company

from zhike.govern.access.rights import Right


@pytest.fixture
def home(company: None) -> None:
    """The machine talks to the small company."""


@pytest.mark.parametrize("path", ["/lifetime", "/renewals", "/churn"])
def test_a_unit_that_is_not_there_is_not_found(path: str, machine: Callable[..., Machine]) -> None:
    actor = machine(Right.SEE_CUSTOMERS)
    assert actor.get(path).status_code == 200
    assert actor.get(path, unit="north").status_code == 200
    answer = actor.get(path, unit="nonsense")
    assert answer.status_code == 404
    assert "nonsense" in answer.content.decode()
