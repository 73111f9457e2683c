"""Every operation answers as its documentation says, whatever it is asked."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from ninja import Schema
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests.api.conftest import Machine

from zhike.collect.sources.services import import_file
from zhike.govern.access.actors import NOBODY, acting_as
from zhike.understand.audiences.models import Audience
from zhike.understand.audiences.services import save_audience
from zhike.warehouse.services import run_refresh

ORDERS = "order_id,customer_key,ordered_at,amount\n1,ann,2026-01-31,10\n2,bob,2026-02-28,20\n3,ann,never,1\n"
# What no documentation can know, and nobody finds by chance: put in place of what was made up.
THERE_IS = {
    "source": "shop",
    "rule": "revenue_amount > 15",
    "against": "order_count >= 0",
    "audiences": ["Everybody"],
    "columns": ["city"],
    "by": "attribute:source",
    "theme": "business",
}
# No address is found by chance, no key of a customer, and no definition whose parts fit each other; of two customers
# nothing is learnt.
REFUSED = {
    *("POST /api/v1/webhooks", "POST /api/v1/tags", "POST /api/v1/audiences/lookalikes"),
    *("PUT /api/v1/quality/rules/{name}", "POST /api/v1/quality/reviews"),
    "POST /api/v1/customers/{customer_id}/split",
    *("POST /api/v1/scenarios", "POST /api/v1/scenarios/work-out"),
    "POST /api/v1/offers/rules",
}
NUMBERS = itertools.count()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]


SETTINGS = settings(
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@pytest.fixture
def documented(machine: Callable[..., Machine], shop: str, home: Path, tmp_path: Path) -> Any:
    """The documentation, as the application itself gives it to a machine, beside some data to ask for."""
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    import_file(path, entity="orders", source=shop)
    run_refresh(as_of=date(2026, 6, 1))
    everybody = save_audience(name="Everybody", rule=str(THERE_IS["rule"]))
    Audience.objects.filter(pk=everybody.pk).update(id=987_654_321)  # which nobody finds and renames
    headers = {"Authorization": f"Bearer {machine().secret}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), headers=headers)
    return schema, headers


@pytest.mark.timeout(900)  # thousands of requests
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves answers unclosed
def test_every_operation_answers_as_documented(documented: Any) -> None:
    schema, headers = documented
    statuses: dict[str, set[int]] = {}
    with acting_as(NOBODY):
        for result in schema.get_all_operations():
            operation = result.ok()
            said = statuses.setdefault(operation.label, set())
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                ask(operation, mode, headers, said)
    assert len(statuses) >= 20
    refused = {label for label, said in statuses.items() if not said & {200, 201, 202, 204, 404}}
    assert refused <= REFUSED
    assert {label for label, said in statuses.items() if "/facts/" in label and 202 not in said} == set()


def ask(operation: Any, mode: GenerationMode, headers: dict[str, str], said: set[int]) -> None:
    """Asks many things of one operation."""

    @SETTINGS
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: schemathesis.Case) -> None:
        if isinstance(case.body, dict):
            meant = {name: value for name, value in THERE_IS.items() if isinstance(case.body.get(name), type(value))}
            case.body |= {name: value for name, value in meant.items() if case.body[name]}
            if case.body.get("name") and isinstance(case.body["name"], str):
                case.body["name"] = f"name_{next(NUMBERS)}"  # names are hardly ever free, or printable, by chance
        said.add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    try:
        asked()
    except Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE  # there is no wrong way to ask for a list


def test_no_two_shapes_of_requests_and_answers_have_one_name() -> None:
    """The documentation knows them by name alone: of two, one would be documented as the other."""

    def below(shape: type) -> Iterator[type]:
        for one in shape.__subclasses__():
            yield one
            yield from below(one)

    named = Counter(shape.__name__ for shape in set(below(Schema)) if shape.__module__.startswith("zhike."))
    assert [name for name, count in named.items() if count > 1] == []
