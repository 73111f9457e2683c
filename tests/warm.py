"""A Python that has loaded its libraries once, and forks for every command that tests run in a process of its own.

Most of the time of a short command is spent on importing Ibis, PyIceberg and Django. Only these are
loaded before; all of Zhike is imported by each command anew, with its own environment and folder.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import selectors
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

LIBRARIES = (
    "django",
    "django.core.management",
    "django.db.models",
    "duckdb",
    "ibis.backends.duckdb",
    "pandas",
    "phonenumbers",
    "pyarrow.compute",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pydantic",
    "pyiceberg.catalog.sql",
    "pyiceberg.io.pyarrow",
    "pyroaring",
    "rich.progress",
    "scipy.optimize",
    "scipy.special",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "splink",
    "threadpoolctl",
    "typer",
    "yaml",
)
PID_TO = "WARM_PID_TO"
CLIENT = f"""
import json, os, signal, socket, struct, sys
there = socket.socket(socket.AF_UNIX)
there.connect(sys.argv[1])
pid_to = os.environ.pop("{PID_TO}", None)
said = json.dumps([sys.argv[2:], dict(os.environ), os.getcwd()]).encode()
socket.send_fds(there, [len(said).to_bytes(4, "big")], [0, 1, 2])
there.sendall(said)
pid = there.recv(4)
if pid_to:
    os.write(int(pid_to), pid)
ended = there.recv(4)
code = struct.unpack("i", ended)[0] if ended else 70
if code < 0:
    signal.signal(-code, signal.SIG_DFL) if code != -signal.SIGKILL else None
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


class Popen(subprocess.Popen[str]):
    """A command of `warm_commands`; signals go to the process that carries it out, and `wait` waits for its end."""

    def __init__(self, command: list[str | Path], *, env: dict[str, str], **options: Any) -> None:
        self._pid_from, there = os.pipe()
        self._carries_out = 0
        try:
            super().__init__(command, env={**env, PID_TO: str(there)}, pass_fds=[there], **options)
        finally:
            os.close(there)

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            if not self._carries_out and (told := os.read(self._pid_from, 4)):
                (self._carries_out,) = struct.unpack("i", told)
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                os.kill(self._carries_out or self.pid, sig)

    def __del__(self, *_given: Any) -> None:
        os.close(self._pid_from)
        super().__del__()


def serve(address: str) -> None:
    """Forks a process for every command that is sent to the socket, and says how each ended."""
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.split(".")[0] == "zhike"]
    gc.freeze()  # a command neither looks through the libraries for garbage nor gets a copy of them
    woken, waking = socket.socketpair()
    waking.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waking.fileno())
    asking: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as ready:
        listening.bind(address)
        listening.listen(100)
        ready.register(listening, selectors.EVENT_READ)
        ready.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is listening:
                    there, _ = listening.accept()
                    pid = os.fork()
                    if pid == 0:
                        signal.set_wakeup_fd(-1)
                        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                        for one in (listening, ready, woken, waking, *asking.values()):
                            one.close()
                        _answer(there)
                    asking[pid] = there
                else:
                    woken.recv(1000)
                    _tell_ended(asking)


def _tell_ended(asking: dict[int, socket.socket]) -> None:
    while asking:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with asking.pop(pid) as there, contextlib.suppress(OSError):  # who asked may have been killed
            there.sendall(struct.pack("i", os.waitstatus_to_exitcode(status)))


def _answer(there: socket.socket) -> None:
    from django.apps import apps
    from django.db import connections

    size, streams, _, _ = socket.recv_fds(there, 4, 3)
    said = b""
    while len(said) < int.from_bytes(size, "big"):
        said += there.recv(1 << 20)
    argv, environ, folder = json.loads(said)
    there.sendall(struct.pack("i", os.getpid()))
    there.close()
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    sys.path[:0] = [path for path in environ.get("PYTHONPATH", "").split(":") if path]
    code = _carry_out(*argv)
    if apps.ready:
        connections.close_all()  # as the end of the interpreter would, which threads of a fork may keep from ending
    os._exit(code)


def _carry_out(program: str, *arguments: str) -> int:
    sys.argv = [program, *arguments]
    code: object = 0
    try:
        match program, *arguments:
            case ("zhike", *_) | ("warm-python", "-m", "zhike", *_):
                sys.argv = ["zhike", *arguments[0 if program == "zhike" else 2 :]]
                importlib.import_module("zhike.cli").main()
            case "warm-python", "-c", text, *_:
                sys.argv = ["-c", *arguments[2:]]
                sys.path.insert(0, "")
                exec(compile(text, "<string>", "exec"), {"__name__": "__main__"})
            case _:
                runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as the interpreter itself would end
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code if isinstance(code, int) else int(code is not None)


@contextlib.contextmanager
def warm_commands(folder: Path, programs: Mapping[str, str]) -> Iterator[Path]:
    """A folder with a command for each program, served while the block runs."""
    address = str(folder / "socket")
    commands = folder / "bin"
    commands.mkdir()
    client = folder / "client.py"
    client.write_text(CLIENT)
    for name, program in programs.items():
        command = commands / name
        words = shlex.join([sys.executable, "-IS", str(client), address, program])
        command.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        command.chmod(0o755)
    with subprocess.Popen([sys.executable, __file__, address], cwd=folder) as server:
        try:
            while not Path(address).exists():
                assert server.poll() is None
                time.sleep(0.05)
            yield commands
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.path.pop(0)
    serve(sys.argv[1])
