"""Imports, refreshes, jobs and webhooks over HTTP."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import Machine

from zhike.collect.sources.drafts import clean_uploads
from zhike.govern.access.models import ApiToken
from zhike.govern.access.rights import Right
from zhike.govern.access.services import revoke_token
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.services import enqueue_job, run_job
from zhike.operate.webhooks.models import Webhook

Machines = Callable[..., Machine]
ORDERS = "order_id,customer_key,ordered_at,amount\n1,ann,2026-01-31,10\n2,ann,never,20\n"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders 五月.csv"
    path.write_text(ORDERS)
    return path


def uploaded(machine: Machine, path: Path, **changes: str) -> Any:
    with path.open("rb") as file:
        return machine.upload("/imports", file=file, **{"entity": "orders", "source": "shop", **changes})


def test_a_file_is_handed_in_and_imported_by_a_worker(machine: Machines, orders: Path, home: Path) -> None:
    sender = machine(Right.IMPORT, Right.SEE_PERSONAL_DATA)
    answer = uploaded(sender, orders)
    assert answer.status_code == 202
    job_id = answer.json()["job_id"]
    waiting = sender.get(f"/jobs/{job_id}").json()
    assert (waiting["state"], waiting["kind"], waiting["asked_by"]) == ("waiting", "import", "test")
    run_job(job_id)
    assert list((home / "uploads").iterdir()) == []
    done = sender.get(f"/jobs/{job_id}").json()
    assert (done["state"], done["error"]) == ("finished", "")
    found = sender.get(f"/imports/{done['result']['import_id']}").json()
    assert (found["file"], found["accepted"], found["rejected"]) == ("orders_五月.csv", 1, 1)
    assert [row["import_id"] for row in sender.get("/imports", last=1).json()] == [found["import_id"]]
    rejects = sender.get(f"/imports/{found['import_id']}/rejects")
    assert rejects["Content-Type"] == "text/csv"
    text = b"".join(rejects.streaming_content).decode("utf-8-sig")
    rejects.close()
    assert text.splitlines()[1].startswith("2,ann,never,20,2,ordered_at,never,is not a date")


def test_a_file_that_cannot_be_imported_is_refused_or_fails_its_job(machine: Machines, orders: Path) -> None:
    sender = machine(Right.IMPORT)
    assert uploaded(sender, orders, entity="dances").status_code == 422
    assert uploaded(sender, orders, source="the shop").status_code == 422
    assert not Job.objects.exists()
    orders.write_text("")
    # Django drops a file without content, so an empty one is missing.
    assert uploaded(sender, orders).status_code in (202, 422)


def test_a_job_is_done_with_the_rights_its_token_has_then(machine: Machines, orders: Path) -> None:
    job_id = uploaded(machine(Right.IMPORT), orders).json()["job_id"]
    revoke_token(ApiToken.objects.get().pk)
    job = run_job(job_id)
    assert (job.state, "you may not" in job.error) == (Job.State.FAILED, True)


def test_the_file_of_a_job_that_never_began_is_removed_after_a_day(machine: Machines, orders: Path, home: Path) -> None:
    sender = machine(Right.IMPORT)
    cancelled, waiting = (uploaded(sender, orders).json()["job_id"] for _ in range(2))
    sender.post(f"/jobs/{cancelled}/cancel")
    clean_uploads()
    assert len(list((home / "uploads").iterdir())) == 2
    for folder in (home / "uploads").iterdir():
        os.utime(folder, (0, 0))
    clean_uploads()
    (left,) = (home / "uploads").iterdir()
    assert Job.objects.get(pk=waiting).arguments["path"].startswith(str(left))


def test_rejects_hold_personal_data(machine: Machines) -> None:
    assert machine(Right.IMPORT).get("/imports/1/rejects").status_code == 403
    assert machine().get("/imports/1/rejects").status_code == 404


def test_a_refresh_is_asked_for_once(machine: Machines, orders: Path) -> None:
    caller = machine(Right.REFRESH)
    first = caller.post("/refreshes", {"as_of": "2026-06-01"}).json()["job_id"]
    assert caller.post("/refreshes", {}).json()["job_id"] == first
    run_job(first)
    assert caller.get(f"/jobs/{first}").json()["result"] == {"refresh_id": 1, "customers": 0}
    second = caller.post("/refreshes", {}).json()["job_id"]
    assert second != first
    run_job(second)
    newest, oldest = caller.get("/refreshes").json()
    assert (newest["in_force"], oldest["in_force"], oldest["as_of"]) == (True, False, "2026-06-01")
    assert oldest["steps"][0]["name"]
    assert caller.post("/refreshes/1/publish").json() == {"refresh_id": 1, "customers": 0}
    assert [row["in_force"] for row in caller.get("/refreshes").json()] == [False, True]
    assert caller.post("/refreshes/9/publish").status_code == 404


def test_a_job_belongs_to_who_asked_for_it(machine: Machines, orders: Path) -> None:
    owner, stranger, steward = machine(Right.IMPORT), machine(Right.IMPORT), machine(Right.REFRESH)
    job_id = uploaded(owner, orders).json()["job_id"]
    assert [caller.get(f"/jobs/{job_id}").status_code for caller in (owner, stranger, steward)] == [200, 404, 200]
    assert stranger.post(f"/jobs/{job_id}/cancel").status_code == 403
    cancelled = owner.post(f"/jobs/{job_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert owner.post(f"/jobs/{job_id}/cancel").status_code == 422
    other = enqueue_job(kind="refresh", arguments={})
    assert steward.post(f"/jobs/{other.pk}/cancel").status_code == 200
    assert steward.post("/jobs/99/cancel").status_code == 404


def test_a_webhook_is_added_listed_and_removed(machine: Machines) -> None:
    caller = machine(Right.MANAGE_WEBHOOKS)
    added = caller.post("/webhooks", {"url": "https://example.com/hook", "events": ["import.finished"]})
    assert added.status_code == 201
    assert added.json()["secret"].startswith("whsec_")
    (listed,) = caller.get("/webhooks").json()
    assert (listed["url"], listed["events"], listed["is_active"]) == (
        "https://example.com/hook",
        ["import.finished"],
        True,
    )
    assert "secret" not in listed
    private = caller.post("/webhooks", {"url": "http://10.0.0.1/", "events": ["import.finished"]})
    assert (private.status_code, private.json()["where"]) == (422, "url")
    unknown = caller.post("/webhooks", {"url": "https://example.com/", "events": ["x"]})
    assert (unknown.status_code, unknown.json()["where"]) == (422, "body.webhook.events.0")
    assert caller.delete(f"/webhooks/{added.json()['webhook_id']}").status_code == 204
    assert caller.delete(f"/webhooks/{added.json()['webhook_id']}").status_code == 404
    assert not Webhook.objects.exists()
