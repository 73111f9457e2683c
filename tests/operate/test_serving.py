"""The server: it starts, answers, is watched, and stops without breaking off an answer."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.conftest import Run
from tests.serving import start_server

from zhike.govern.access.rights import Right
from zhike.govern.access.services import issue_token


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    address, process = start_server(tmp_path / "home", tmp_path / "log")
    yield address, process
    process.kill()
    process.wait()


def children(process: subprocess.Popen[bytes]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in listed.split()]


def test_a_server_answers_and_stops_in_order(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    address, process = server
    assert httpx.get(f"{address}/healthz").json() == {"ok": True}
    assert httpx.get(f"{address}/metrics").status_code == 401
    page = httpx.get(f"{address}/welcome/", timeout=30)
    assert page.status_code == 200
    style = next(part for part in page.text.split('"') if part.endswith(".css"))
    answer = httpx.get(address + style, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    started = children(process)
    assert len(started) >= 2, "a server process and a worker"
    outcomes: list[int] = []
    stopping = threading.Event()

    def read() -> None:
        """Reads on until nobody answers any more: an answer that was begun arrives whole, or this raises.

        A request that comes while the door closes may be turned away unread.
        """
        while True:
            with httpx.Client(timeout=30) as client:
                try:
                    answer = client.send(client.build_request("GET", f"{address}/welcome/"), stream=True)
                except httpx.TransportError:
                    assert stopping.is_set()
                    return
                outcomes.append(answer.status_code)
                assert answer.read().endswith(b"</html>\n")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    time.sleep(0.3)
    stopping.set()
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    for reader in readers:
        reader.join(20)
    assert set(outcomes) == {200}
    for pid in started:
        assert not Path(f"/proc/{pid}").exists(), "nobody is left behind"


def test_a_port_in_use_is_said_in_words(zhike: Run) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        refused = zhike("serve", "--port", port, "--no-worker")
    assert refused.returncode == 1
    assert f"127.0.0.1:{port}: cannot be listened on" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_metrics_are_for_those_who_may_read_them(home: Path, client: object) -> None:
    _, secret = issue_token(name="prometheus", rights=[Right.SEE_METRICS])
    get = client.get  # type: ignore[attr-defined]
    assert get("/metrics", SERVER_NAME="localhost").status_code == 401
    _, other = issue_token(name="till", rights=[Right.SEND_FACTS])
    assert get("/metrics", SERVER_NAME="localhost", headers={"Authorization": f"Bearer {other}"}).status_code == 401
    answer = get("/metrics", SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})
    text = answer.content.decode()
    assert 'zhike_jobs{state="waiting"} 0.0' in text
    assert 'zhike_request_seconds_count{method="GET",page="metrics",status="4xx"}' in text
