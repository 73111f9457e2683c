"""A running server, for tests that ask over real HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def start_server(home: Path, log: Path) -> tuple[str, subprocess.Popen[bytes]]:
    """The address of `zhike serve` on a free port of the loopback, once it answers, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "zhike", "serve", "--port", str(port), "--processes", "1"],
            env={**os.environ, "ZHIKE_HOME": str(home)},
            stdout=file,
            stderr=file,
        )
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.25)
        else:
            return address, process
    process.kill()
    process.wait()
    raise AssertionError(f"the server did not start: {log.read_text()}")
