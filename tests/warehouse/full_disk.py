"""What happens to commands on a small disk that is, or runs, full; run in a mount namespace of its own.

Prints one JSON object: scene → [exit code, what was said].
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.warehouse.small_company import AS_OF

DISK, FILES = Path(sys.argv[1]), Path(sys.argv[2])
BALLAST = DISK / "ballast"
LOG = DISK / "home" / "logs" / "zhike.log"


def start(*arguments: object) -> subprocess.Popen[str]:
    """A command under way."""
    command = [sys.executable, "-m", "zhike", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def outcome(process: subprocess.Popen[str]) -> tuple[int, str]:
    """How a command ended and what it said, without its progress."""
    said = process.communicate(timeout=100)[0]
    return process.returncode, "\n".join(line for line in said.splitlines() if not line.startswith("…"))


def fill(*, left: int) -> None:
    """Takes all room but so many bytes."""
    with BALLAST.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while shutil.disk_usage(DISK).free > left:
            file.write(bytes(min(1_000_000, shutil.disk_usage(DISK).free - left) or 1))


def fill_during(process: subprocess.Popen[str], message: str) -> tuple[int, str]:
    """Takes all room as soon as the command logs the message."""
    seen = LOG.read_text().count(message)
    while LOG.read_text().count(message) == seen and process.poll() is None:
        time.sleep(0.002)
    fill(left=0)
    return outcome(process)


def main() -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "none", str(DISK)], check=True)
    os.environ["ZHIKE_HOME"] = str(DISK / "home")
    orders, events = FILES / "orders.csv", FILES / "events.csv"
    refresh = ("refresh", "--as-of", AS_OF, "--json")
    scenes = {}
    scenes["import"] = outcome(start("import", orders, "--as", "orders", "--source", "shop"))
    scenes["refresh"] = outcome(start(*refresh))
    fill(left=20_000_000)
    scenes["refresh on a full disk"] = outcome(start(*refresh))
    scenes["import on a full disk"] = outcome(start("import", events, "--as", "events", "--source", "app"))
    BALLAST.unlink()
    scenes["refresh while it fills"] = fill_during(start(*refresh), "refresh begun")
    scenes["count on a full disk"] = outcome(start("audience", "count", "has tag rfm_segment"))
    BALLAST.unlink()
    command = ("import", events, "--as", "events", "--source", "app", "--json")
    scenes["import while it fills"] = fill_during(start(*command), "import begun")
    BALLAST.unlink()
    scenes["import again"] = outcome(start(*command))
    scenes["refresh again"] = outcome(start(*refresh))
    scenes["clean"] = outcome(start("clean"))
    scenes["count"] = outcome(start("audience", "count", "has tag rfm_segment"))
    print(json.dumps(scenes))


if __name__ == "__main__":
    main()
