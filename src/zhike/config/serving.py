"""The server: pages and API by a few processes, background work by one more, all stopped together."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from zhike.errors import UserError
from zhike.ui.assets import build_if_due

SECONDS_TO_FINISH = 20  # requests under way, then the worker's current step
THREADS = 4  # for each process; they wait for disk and database, the rest is Python


def serve_until_stopped(*, host: str, port: int, processes: int = 0, with_worker: bool = True) -> None:
    """Serves until SIGINT or SIGTERM, then finishes the requests under way.

    Raises UserError where the address is taken or the web parts are missing.
    """
    build_if_due()
    _check_free(host, port)
    with _shared_metrics(), _worker() if with_worker else contextlib.nullcontext():
        server = Granian(
            "zhike.config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=processes or os.cpu_count() or 1,
            blocking_threads=THREADS,
            respawn_failed_workers=True,
            workers_kill_timeout=SECONDS_TO_FINISH,
            log_enabled=False,
            websockets=False,
            backpressure=256,
        )
        server.serve()


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UserError(
                f"cannot be listened on: {error.strerror}",
                where=f"{host}:{port}",
                advice="Stop what uses it, or choose another with --port.",
            ) from error


@contextlib.contextmanager
def _worker() -> Iterator[None]:
    """A worker process beside the server, that ends with it."""
    process = subprocess.Popen([sys.executable, "-m", "zhike", "worker"])
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(SECONDS_TO_FINISH)
        except subprocess.TimeoutExpired:
            process.kill()  # whatever it did is continued by the next


@contextlib.contextmanager
def _shared_metrics() -> Iterator[None]:
    """A folder in which the server's processes add up what they count."""
    folder = Path(tempfile.mkdtemp(prefix="zhike-metrics-"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
