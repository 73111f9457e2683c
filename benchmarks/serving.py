"""A server of a home for the length of a block, and a session of its administrator."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

PASSWORD = "ten grey herons"


@contextlib.contextmanager
def served(home: Path, **environ: str) -> Iterator[str]:
    """The address of `zhike serve`, without the worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "zhike", "serve", "--no-worker", "--port", str(port)]
    surroundings = {**os.environ, "ZHIKE_HOME": str(home), **environ}
    process = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def session(address: str) -> dict[str, str]:
    """The cookies of a session of the administrator, who is made at the first visit."""
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
        page = client.get("/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token is not None
        form = {"csrfmiddlewaretoken": token[1], "username": "admin", "password": PASSWORD, "again": PASSWORD}
        answer = client.post(str(page.url), data=form, headers={"Referer": address})
        assert "/sign-in/" not in str(answer.url), answer.text
        return dict(client.cookies)
