"""A Python that has loaded its libraries once, and forks for every command of the documents.

Most of the time of a short command is spent on importing Ibis, PyIceberg and Django. Only these are
loaded before; all of Zhike is imported by each command anew, with its own environment and folder.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import shlex
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

LIBRARIES = (
    "django",
    "django.core.management",
    "django.db.models",
    "duckdb",
    "ibis.backends.duckdb",
    "pandas",
    "pyarrow.csv",
    "pyarrow.parquet",
    "pydantic",
    "pyiceberg.catalog.sql",
    "pyroaring",
    "rich.progress",
    "typer",
    "yaml",
)
CLIENT = """
import json, os, socket, sys
there = socket.socket(socket.AF_UNIX)
there.connect(sys.argv[1])
said = json.dumps([sys.argv[2], sys.argv[2:], dict(os.environ), os.getcwd()]).encode()
socket.send_fds(there, [len(said).to_bytes(4, "big")], [0, 1, 2])
there.sendall(said)
code = there.recv(1)
sys.exit(code[0] if code else 70)
"""


def serve(address: str) -> None:
    """Forks a process for every command that is sent to the socket."""
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.split(".")[0] == "zhike"]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        while True:
            there, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _answer(there)
            there.close()


def _answer(there: socket.socket) -> None:
    size, streams, _, _ = socket.recv_fds(there, 4, 3)
    said = b""
    while len(said) < int.from_bytes(size, "big"):
        said += there.recv(1 << 20)
    program, argv, environ, folder = json.loads(said)
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    sys.path[:0] = [path for path in environ.get("PYTHONPATH", "").split(":") if path]
    there.sendall(bytes([_carry_out(program, argv)]))
    os._exit(0)


def _carry_out(program: str, argv: list[str]) -> int:
    sys.argv = argv
    code: object = 0
    try:
        if program == "zhike":
            importlib.import_module("zhike.cli").main()
        else:
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
def warm_commands(folder: Path, namespace: Path) -> Iterator[Path]:
    """A folder with the commands `zhike` and `namespace`, served while the block runs."""
    address = str(folder / "socket")
    commands = folder / "bin"
    commands.mkdir()
    client = folder / "client.py"
    client.write_text(CLIENT)
    for name, program in (("zhike", "zhike"), ("namespace", str(namespace))):
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
