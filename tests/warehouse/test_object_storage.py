"""A warehouse in an S3-compatible store: moto's server, which speaks S3 over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from tests.warehouse.conftest import Start, wait_for
from tests.warehouse.small_company import AS_OF, write_company

KEYS = {"ZHIKE_S3_ACCESS_KEY": "testing", "ZHIKE_S3_SECRET_KEY": "testing-secret", "ZHIKE_S3_REGION": "us-east-1"}


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an object store with one bucket, `lake`."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    program = Path(sys.executable).parent / "moto_server"
    log = (tmp_path_factory.mktemp("moto") / "log").open("w")
    server = subprocess.Popen([str(program), "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
    try:
        wait_for(lambda: _answers(port), seconds=60, pause=0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()
        log.close()


def test_an_installation_on_object_storage(start: Start, tmp_path: Path, endpoint: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing-secret",
    )
    client.create_bucket(Bucket="lake")
    environ = {"ZHIKE_WAREHOUSE": "s3://lake/zhike", "ZHIKE_S3_ENDPOINT": endpoint, **KEYS}

    def zhike(*arguments: object) -> dict[str, object]:
        process = start("-m", "zhike", *map(str, arguments), "--json", **environ)
        output, errors = process.communicate(timeout=250)
        assert process.returncode == 0, errors
        return json.loads(output)  # type: ignore[no-any-return]

    def stored() -> set[str]:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket="lake")
        return {found["Key"] for page in pages for found in page.get("Contents", [])}

    files = write_company(tmp_path / "files")
    for entity, source, path in files[:3]:
        assert zhike("import", path, "--as", entity, "--source", source)["rejected"] == 0
    assert zhike("refresh", "--as-of", AS_OF)["customers"] == 150
    assert not (tmp_path / "home" / "warehouse").exists()
    shown = zhike("customers", "show", 149)
    assert shown["order_summary"]
    assert int(str(zhike("audience", "count", "has tag rfm_segment")["count"])) > 0
    client.put_object(Bucket="lake", Key="zhike/computed/rfm/data/stray.parquet", Body=b"left by a killed process")
    before = stored()
    cleaned = zhike("clean")
    gone = before - stored()
    assert "zhike/computed/rfm/data/stray.parquet" in gone
    assert len(gone) == cleaned["files"]
    assert zhike("customers", "show", 149) == shown
    assert zhike("check")["ok"] is True


def test_a_bucket_that_is_not_there_is_said(start: Start, endpoint: str) -> None:
    environ = {"ZHIKE_WAREHOUSE": "s3://no-such-bucket/zhike", "ZHIKE_S3_ENDPOINT": endpoint, **KEYS}
    process = start("-m", "zhike", "check", **environ)
    output, errors = process.communicate(timeout=250)
    assert process.returncode == 1, errors
    assert any(line.startswith("WRONG") and "warehouse" in line for line in output.splitlines()), output
