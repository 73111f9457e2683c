"""A disk that runs full: said in words, and what was in force stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.warehouse.conftest import ROOT


def _may_mount() -> bool:
    tried = subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False)
    return tried.returncode == 0


def _write_files(folder: Path) -> None:
    folder.mkdir()
    orders = ["order_id,customer_key,ordered_at,amount", *(f"o{n},k{n % 50},2026-05-01,{n}" for n in range(200))]
    (folder / "orders.csv").write_text("\n".join(orders))
    events = ["event_id,customer_key,kind,occurred_at,note"]
    events += [f"e{n},k{n % 90},login,2026-05-01,{os.urandom(60).hex()}" for n in range(30_000)]
    (folder / "events.csv").write_text("\n".join(events))


@pytest.mark.skipif(not _may_mount(), reason="this machine lets nobody mount a small disk (unshare -rm)")
def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    disk, files = tmp_path / "disk", tmp_path / "files"
    disk.mkdir()
    _write_files(files)
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "tests.warehouse.full_disk", str(disk), str(files)],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    scenes = json.loads(done.stdout)
    codes = {scene: code for scene, (code, _) in scenes.items()}
    full = ["refresh on a full disk", "import on a full disk", "refresh while it fills", "import while it fills"]
    assert codes == {scene: 1 if scene in full else 0 for scene in scenes}, scenes
    for scene in full:
        said = scenes[scene][1]
        assert ("MB are free while" if "on a full disk" in scene else "the disk ran full while") in said, scene
        assert "nothing was changed" in said
        assert "Traceback" not in said
    assert "50 of 50 customers" in scenes["count on a full disk"][1]
    assert json.loads(scenes["import again"][1])["accepted"] == 30_000
    assert json.loads(scenes["refresh again"][1])["refresh_id"] == 2  # the interrupted one, resumed
    assert "50 of 50 customers" in scenes["count"][1]  # as of the events that came after it began
