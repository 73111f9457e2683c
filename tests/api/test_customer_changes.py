"""Corrections and relations over the API."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from tests.api.conftest import Machine
from tests.collect.profiles.conftest import james as james
from tests.collect.profiles.merged import number_of

from zhike.govern.access.rights import Right
from zhike.govern.access.services import issue_token


def with_rights(*rights: Right) -> Machine:
    cache.clear()  # the rate of requests is counted there
    return Machine(issue_token(name="test", rights=rights)[1])


@pytest.fixture
def steward(james: int) -> Machine:
    return with_rights(Right.SEE_CUSTOMERS, Right.SEE_PERSONAL_DATA, Right.CORRECT_CUSTOMERS)


def test_a_field_is_corrected_shown_and_undone(steward: Machine, james: int) -> None:
    path = f"/customers/{james}/corrections"
    made = steward.post(path, {"field": "phone", "value": "13900000007", "why": "called", "last_seen": 0})
    assert (made.status_code, made.json()["before"], made.json()["who"]) == (201, "13800000001", "test")
    view = steward.get(f"/customers/{james}").json()
    assert view["customer"]["phone"] == "13900000007"
    assert view["fields"]["phone"]["decided_by"] == "correction"
    assert [one["value"] for one in view["fields"]["phone"]["records"]] == ["13800000001", "12"]
    assert steward.post(path, {"field": "phone", "value": "13900000008", "last_seen": 0}).status_code == 409
    assert steward.post(path, {"field": "email", "value": "x"}).json()["where"] == "email"
    masked = with_rights(Right.SEE_CUSTOMERS)
    assert [(one["after"], one["why"]) for one in masked.get(path).json()] == [("•••07", "")]
    assert masked.post(path, {"field": "phone", "value": "13900000008"}).status_code == 403
    steward.post(path, {"field": "city", "value": "Leeds"})
    assert [one["field"] for one in steward.get(path).json()] == ["city", "phone"]
    undone = steward.post(f"/corrections/{made.json()['correction_id']}/undo")
    assert (undone.status_code, undone.json()["is_in_force"]) == (200, False)
    assert steward.get(f"/customers/{james}").json()["customer"]["phone"] == "13800000001"
    assert steward.post("/corrections/999/undo").status_code == 404


def test_a_relation_is_entered_and_removed(steward: Machine, james: int) -> None:
    firm = number_of("core", "c3")
    body = {"related_id": james, "kind": "member", "department": "Sales", "since_on": "2020-01-31"}
    made = steward.post(f"/customers/{firm}/relations", body)
    assert made.status_code == 201
    told = [one for one in steward.get(f"/customers/{james}").json()["relations"] if one["origin"] == "staff"]
    assert [(one["kind"], one["name"], one["department"], one["since_on"]) for one in told] == [
        ("organisation", "Bergwerk Ltd", "Sales", "2020-01-31")
    ]
    assert steward.post(f"/customers/{firm}/relations", body).status_code == 422
    number = made.json()["relation_id"]
    assert steward.post(f"/relations/{number}/remove").status_code == 200
    assert [one["origin"] for one in steward.get(f"/customers/{james}").json()["relations"]] == ["employer", "referral"]
