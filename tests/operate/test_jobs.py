"""Background jobs: asked for, carried out by a worker, cancelled, taken up again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Run
from tests.warm import Popen

from zhike.errors import UserError
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.services import Recorder, cancel_job, enqueue_job, resume_jobs, run_job

ORDERS = "order_id,customer_key,ordered_at,amount\n1,MARKER,2026-01-31,10\n2,MARKER,never,20\n"
State = Job.State


def import_job(path: Path, **arguments: object) -> Job:
    return enqueue_job(kind="import", arguments={"path": str(path), "entity": "orders", "source": "shop", **arguments})


@pytest.fixture
def orders(home: Path, tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    return path


def test_a_job_runs_and_keeps_its_result(orders: Path) -> None:
    job = import_job(orders)
    assert job.state == State.WAITING
    job = run_job(job.pk)
    assert (job.state, job.attempt_count, job.error) == (State.FINISHED, 1, "")
    assert job.result == {"import_id": 1, "read": 2, "accepted": 1, "duplicates": 0, "rejected": 1}
    assert job.finished_at is not None
    assert run_job(job.pk).attempt_count == 1, "a job that is over is not run again"


def test_progress_is_recorded_with_the_job(orders: Path) -> None:
    job = import_job(orders)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.activity, job.total) == ("landing", 1)


def test_an_unknown_kind_is_refused(home: Path) -> None:
    with pytest.raises(UserError, match="no job is called 'dance'") as refused:
        enqueue_job(kind="dance", arguments={})
    assert "import" in refused.value.advice
    assert not Job.objects.exists()


def test_a_job_that_a_user_can_mend_says_what_is_wrong(orders: Path) -> None:
    job = run_job(import_job(orders.with_name("gone.csv")).pk)
    assert job.state == State.FAILED
    assert "there is no such file" in job.error


def test_a_job_that_fails_by_a_bug_keeps_no_value_of_a_row(orders: Path) -> None:
    job = run_job(import_job(orders, mistake="MARKER").pk)
    assert (job.state, job.error) == (State.FAILED, "a bug: TypeError")


def test_a_waiting_job_is_cancelled_at_once(orders: Path) -> None:
    job = cancel_job(import_job(orders).pk)
    assert (job.state, run_job(job.pk).state) == (State.CANCELLED, State.CANCELLED)
    with pytest.raises(UserError, match="is over already"):
        cancel_job(job.pk)


def test_a_running_job_is_cancelled_at_its_next_sign_of_progress(orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = import_job(orders)
    begin = Recorder.begin

    def cancel_then_begin(self: Recorder, activity: str, **options: object) -> None:
        if activity == "landing":
            cancel_job(self.job.pk)
        begin(self, activity, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Recorder, "begin", cancel_then_begin)
    job = run_job(job.pk)
    assert (job.state, job.result) == (State.CANCELLED, None)


def test_a_job_whose_worker_died_is_enqueued_again(orders: Path) -> None:
    job = import_job(orders)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING)
    assert resume_jobs() == 1
    assert resume_jobs() == 0
    assert run_job(job.pk).state == State.FINISHED


ENQUEUE = """
import django, sys
django.setup()
from zhike.govern.access.actors import OPERATOR, become; become(OPERATOR)
from zhike.operate.setup import set_up
from zhike.operate.jobs.services import enqueue_job
set_up()
for path in sys.argv[1:]:
    enqueue_job(kind="import", arguments={"path": path, "entity": "orders", "source": "shop"})
"""


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_job_of_a_worker_that_is_stopped_is_ended_by_the_next(
    zhike: Run, commands: Path, tmp_path: Path, number: signal.Signals
) -> None:
    home, small, large = tmp_path / "home", tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text(ORDERS)
    large.write_text(ORDERS + "".join(f"n{n},ann,2026-01-31,{n}\n" for n in range(200_000)))
    environ = {**os.environ, "ZHIKE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
    subprocess.run([commands / "warm-python", "-c", ENQUEUE, large, small], env=environ, check=True)
    worker = Popen([commands / "zhike", "worker"], env=environ, stderr=subprocess.PIPE)
    wait_until(lambda: any(home.glob("staging/import-*")))
    worker.send_signal(number)
    worker.communicate(timeout=30)
    assert worker.returncode == (3 if number == signal.SIGTERM else -signal.SIGKILL)
    assert {job["state"] for job in listed(zhike)} == {"running", "waiting"}
    done = zhike("worker", "--once")
    assert done.returncode == 0, done.stderr
    assert "MARKER" not in done.stderr
    assert [(job["state"], job["error"]) for job in listed(zhike)] == [("finished", "")] * 2
    imports = json.loads(zhike("imports", "--json").stdout)["imports"]
    assert sorted((found["state"], found["read"]) for found in imports) == [("finished", 2), ("finished", 200_002)]


def listed(zhike: Run) -> list[dict[str, str]]:
    jobs: list[dict[str, str]] = json.loads(zhike("jobs", "list", "--json").stdout)["jobs"]
    return jobs


def test_what_a_job_does_is_said_in_words() -> None:
    from zhike.operate.jobs.words import ACTIVITIES, TABLES
    from zhike.warehouse.tables import refresh_steps

    steps = refresh_steps()
    written = {contract.table for step in steps for contract in step.writes}
    read = {contract.name for step in steps for contract in step.reads if contract.table not in written}
    assert [step.name for step in steps if step.name not in ACTIVITIES] == []
    assert sorted(read - set(TABLES)) == []
