"""What every command promises: JSON alone on stdout, its keys, its exit code, and no traceback."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import Run

ORDERS = "order_id,customer_key,ordered_at,amount\n1,a,2026-01-01,10\n2,b,2026-01-02,-5\n"

# Command → the keys of its document, from the contract of the command line.
PROMISED = {
    ("init",): {"home"},
    ("check",): {"ok", "checks"},
    ("imports",): {"imports"},
    ("rejects", "1", "-o", "{folder}/rejects.csv"): {"import_id", "rejected", "file"},
    ("sources", "add", "web", "--lawful-basis", "consent"): {"name"},
    ("sources", "set", "web", "--title", "Web"): {"name"},
    ("sources", "list"): {"sources"},
    ("refresh", "--as-of", "2026-01-31"): {"refresh_id", "customers", "steps"},
    ("refreshes", "list"): {"refreshes"},
    ("refreshes", "publish", "1"): {"refresh_id"},
    ("customers", "find", "a", "--limit", "5"): None,  # one letter is too little
    ("customers", "find", "0"): {"customers"},
    ("customers", "show", "0"): {"customer_id", "customer", "provenance", "orders"},
    ("audience", "count", 'has tag "rfm_segment"'): {"count", "milliseconds"},
    ("refresh", "--background"): {"job_id"},
    ("jobs", "list"): {"jobs"},
    ("jobs", "cancel", "1"): {"job_id", "state"},
    ("clean",): {"snapshots", "files", "bytes"},
    ("backup", "{folder}/backup.tar"): {"ok"},
}


def test_every_command_prints_one_document_with_its_keys(tmp_path: Path, zhike: Run) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(ORDERS)
    imported = zhike("import", orders, "--as", "orders", "--source", "shop", "--json")
    document = json.loads(imported.stdout)
    assert {"import_id", "read", "accepted", "duplicates", "rejected", "seconds"} <= set(document)
    assert (document["read"], document["accepted"], document["rejected"]) == (2, 1, 1)
    for command, keys in PROMISED.items():
        done = zhike(*(word.format(folder=tmp_path) for word in command), "--json")
        if keys is None:
            assert (done.returncode, done.stdout) == (1, ""), command
            continue
        assert done.returncode == 0, (command, done.stderr)
        assert keys <= set(json.loads(done.stdout)), command
    steps = json.loads(zhike("refresh", "--as-of", "2026-02-01", "--json").stdout)["steps"]
    assert all({"name", "rows", "seconds"} <= set(step) for step in steps)


MISTAKES = [
    (["import", "nowhere.csv", "--as", "orders", "--source", "s"], 1, "there is no such file"),
    (["import", ".", "--as", "orders", "--source", "s"], 1, "is a directory"),
    (["import", "nowhere.csv", "--as", "ordres", "--source", "s"], 1, "no entity is called 'ordres'"),
    (["import", "nowhere.csv"], 2, "--as"),
    (["customers", "show", "7"], 1, "nothing has been computed yet"),
    (["audience", "count", "age > 7"], 1, "nothing has been computed yet"),
    (["refreshes", "publish", "9"], 1, "there is no refresh 9"),
    (["rejects", "9", "-o", "x.csv"], 1, "there is no import 9"),
    (["refresh", "--engine", "abacus"], 1, "no engine is called 'abacus'"),
    (["refresh", "--as-of", "yesterday"], 2, "--as-of"),
    (["restore", "nowhere.tar"], 1, "is not empty"),
    (["sources", "set", "nobody", "--title", "x"], 1, "there is no source 'nobody'"),
    (["dance"], 2, "No such command"),
]


def test_a_mistake_is_told_on_stderr_and_exits_1_wrong_usage_2(zhike: Run) -> None:
    for command, code, says in MISTAKES:
        done = zhike(*command)
        assert (done.returncode, done.stdout) == (code, ""), (command, done.stdout, done.stderr)
        assert says in done.stderr, (command, done.stderr)
        assert "Traceback" not in done.stderr


def test_a_bad_setting_is_a_mistake_not_a_bug(zhike: Run) -> None:
    done = zhike("imports", ZHIKE_TIME_ZONE="Mars/Olympus")
    assert done.returncode == 1
    assert "ZHIKE_TIME_ZONE: no time zone is called 'Mars/Olympus'" in done.stderr


def test_a_bug_exits_4_and_tells_no_data(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    program = importlib.import_module("zhike.cli.main")

    def broken(**_: object) -> None:
        raise RuntimeError("row of Frau Geheim")

    monkeypatch.setattr(program, "app", broken)
    with pytest.raises(SystemExit) as exited:
        program.main()
    assert exited.value.code == 4
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert "Geheim" not in told


def test_an_interrupted_command_exits_3(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "zhike", "worker"],
        env={**os.environ, "ZHIKE_HOME": str(tmp_path / "home")},
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stderr is not None
        assert "worker started" in worker.stderr.readline()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 3


def test_every_command_explains_itself(zhike: Run) -> None:
    listed = zhike("--help").stdout
    for name in ("init", "demo", "import", "imports", "rejects", "refresh", "worker", "check", "backup", "restore"):
        assert f"\n  {name} " in listed, name
