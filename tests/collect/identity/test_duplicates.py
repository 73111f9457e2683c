"""Possible duplicates: the queue, two beside each other, what is decided of them, by page, API and command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.collect.identity.company import CORE, OTHERS, SHOP, bring_in, who_is_who
from tests.grown import Growth, grown

from zhike.collect.duplicates.queries import beside, next_after, waiting, why_of
from zhike.collect.identity.models import Decision
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.warehouse.services import run_refresh


@pytest.fixture
def company(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two sources, of which linking is not sure about the two whose name is 李华."""
    with grown(Growth("unsure", _grow, linking=True), settings, tmp_path_factory):
        yield


def _grow(folder: Path) -> None:
    bring_in(folder, "core", CORE)
    bring_in(folder, "other", OTHERS)
    bring_in(folder, "shop", SHOP)
    run_refresh(as_of=date(2026, 5, 1))


def test_who_is_unsure_waits_until_somebody_decides(company: None, admin_client: Client) -> None:
    ids = who_is_who()
    two = sorted((ids["core 2"], ids["shop b"]))
    found = waiting()
    assert [[one.customer_id, one.other_id, one.name] for one in found.duplicates] == [[*two, "李华"]]
    assert 0.2 <= found.duplicates[0].probability < 0.95
    assert next_after(*two) is None
    listed = admin_client.get("/duplicates/").content.decode()
    assert f"/duplicates/{two[0]}/{two[1]}/" in listed
    assert admin_client.get("/duplicates/?after=--5").status_code == 200
    page = admin_client.get("/duplicates/first/", follow=True).content.decode()
    assert page.index("<button disabled hidden>") < page.index('value="merge"')  # Enter decides nothing
    unsaid = admin_client.post(f"/duplicates/{two[0]}/{two[1]}/decide/", {"why": "father"})
    assert unsaid.status_code == 422
    assert 'value="father"' in unsaid.content.decode()
    unsplit = admin_client.post(f"/customers/{ids['core 1']}/records/split/", {"why": "sister"})
    assert (unsplit.status_code, 'value="sister"' in unsplit.content.decode()) == (422, True)
    for said in ("李华", "13800000002", "13900000002", "1985", "1971"):
        assert said in page
    answer = admin_client.post(f"/duplicates/{two[0]}/{two[1]}/decide/", {"verdict": "never_same", "why": "father"})
    assert answer.status_code == 302
    assert waiting().total == 0
    decision = Decision.objects.get()
    assert (decision.kind, decision.why, decision.made_by.username) == ("never_same", "father", "admin")
    with acting_as(Actor(ActorKind.USER, 1, "steward", frozenset(Right) - {Right.SEE_PERSONAL_DATA})):
        assert why_of(decision) == ""
    assert "father" in admin_client.get("/decisions/").content.decode()
    admin_client.post(f"/decisions/{decision.pk}/undo/")
    assert waiting().total == 1
    admin_client.post(f"/duplicates/{two[0]}/{two[1]}/decide/", {"verdict": "merge"})
    run_refresh(as_of=date(2026, 5, 1))
    assert who_is_who()["shop b"] == ids["core 2"]
    # The older id is kept; the other leads there.
    assert admin_client.get(f"/customers/{two[1]}/").headers["Location"] == f"/customers/{two[0]}/"
    records = admin_client.get(f"/customers/{two[0]}/records/").content.decode()
    assert "13800000002" in records
    assert "13900000002" in records


def test_only_who_may_resolve_identity_sees_the_queue(company: None) -> None:
    with acting_as(Actor(ActorKind.USER, 1, "agent", frozenset({Right.SEE_CUSTOMERS}))), pytest.raises(Denied):
        waiting()
    rights = frozenset({Right.SEE_CUSTOMERS, Right.RESOLVE_IDENTITY})
    with acting_as(Actor(ActorKind.USER, 1, "steward", rights)):
        [one] = waiting().duplicates
        assert one.name == "李•••"
        records = beside(one.customer_id, one.other_id).records
        assert "13800000002" not in str(records)


def test_decisions_by_command(company: None, tmp_path: Path) -> None:
    ids = who_is_who()
    groups = tmp_path / "groups.csv"
    groups.write_text("group,source,customer_key\nx,core,2\nx,shop,b\n", encoding="utf-8")
    from zhike.collect.identity.group_files import groups_of_file
    from zhike.warehouse.queries import published

    assert groups_of_file(groups, published()) == [[ids["core 2"], ids["shop b"]]]
