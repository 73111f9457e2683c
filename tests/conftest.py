"""Every test gets a home of its own; nothing is mocked that can run."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.warm import warm_commands
from xdist.scheduler import LoadScopeScheduling

# Django reads the installation when it is loaded, so the session's home must be named before.
os.environ["ZHIKE_HOME"] = tempfile.mkdtemp(prefix="zhike-tests-")
for name in [name for name in os.environ if name.startswith("ZHIKE_") and name != "ZHIKE_HOME"]:
    del os.environ[name]

ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))

Run = Callable[..., "subprocess.CompletedProcess[str]"]
# Rooms whose tests share something that takes long to make: the process that makes it does all of them.
SHARING = {
    "tests/browser/": "demo company",
    "tests/collect/profiles/": "small company",
    "tests/collect/quality/": "small company",
    "tests/pages/": "small company",
    "tests/understand/": "small company",
}
# Rooms below insight, whose refreshes in this process leave out what it says; but for those that compare whole ones.
BELOW_INSIGHT = (
    *("tests/collect/", "tests/faults/", "tests/govern/", "tests/operate/", "tests/warehouse/"),
    *("tests/understand/test_tag_refresh", "tests/understand/test_audience_history"),
    *("tests/understand/test_tag_accuracy", "tests/understand/test_migration_of_tags"),
)
WHOLE = ("test_engines_agree", "test_spark_cluster")


class ByRoom(LoadScopeScheduling):
    """One process does the tests of a file, of a room that shares something, and all on Spark."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if re.search(r"\bspark\b", test.partition("[")[2]):
            return "spark"
        if "test_a_document_does_what_it_says" in test:
            return nodeid  # long, each on its own: last, and wherever a process is free
        return next((shared for room, shared in SHARING.items() if file.startswith(room)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByRoom:
    """Deals the tests out to processes."""
    return ByRoom(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: one of them always waits for Java, the browser or the disk."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def home(tmp_path: Path, settings: object, db: None) -> Iterator[Path]:
    """An empty installation in a folder of its own, for tests that call services in this process."""
    from django.conf import settings as django_settings

    folder = tmp_path / "home"
    folder.mkdir()
    settings.ZHIKE = replace(  # type: ignore[attr-defined]
        django_settings.ZHIKE,
        home=folder,
        warehouse=f"file://{folder}/warehouse",
        catalog_uri=f"sqlite:///{folder}/catalog.db",
        linking=False,  # tests of it say so: it takes a second or two of every refresh
    )
    yield folder
    from zhike.warehouse.catalog import close_catalogs

    close_catalogs()


@pytest.fixture(scope="session", autouse=True)
def web_parts() -> None:
    """What pages load is built, as `zhike serve` does it at its start."""
    from zhike.ui.assets import build_if_due

    build_if_due()


@pytest.fixture(autouse=True)
def quick_steps(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps of insight write nothing where tests ask for nothing of it: half of a refresh of few customers."""
    if request.node.nodeid.startswith(BELOW_INSIGHT) and not any(name in request.node.nodeid for name in WHOLE):
        settings.REFRESH_STEPS = "tests.quick_steps.STEPS"
        # The same for commands in processes of their own.
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.quick_settings")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))


@pytest.fixture(autouse=True)
def operator() -> Iterator[None]:
    """Tests call services as the operator of the machine does, in English, unless they name somebody or another."""
    from django.utils import translation

    from zhike.govern.access.actors import OPERATOR, acting_as

    with acting_as(OPERATOR), translation.override("en"):  # a page in Chinese leaves its language behind
        yield


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with commands in processes whose libraries were loaded once for all tests."""
    namespace = str(Path(__file__).parent / "docs/namespace.py")
    programs = {"zhike": "zhike", "warm-python": "warm-python", "namespace": namespace}
    with warm_commands(tmp_path_factory.mktemp("commands"), programs) as folder:
        yield folder


@pytest.fixture
def zhike(tmp_path: Path, commands: Path) -> Run:
    """Runs the command line in a process and a home of its own: `zhike("import", path, …)`."""

    def run(*arguments: object, home: Path = tmp_path / "home", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [commands / "zhike", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=280,
            # Linking takes seconds of every refresh; tests of it say so.
            env={**os.environ, "ZHIKE_HOME": str(home), "COLUMNS": "200", "ZHIKE_LINKING": "no", **environ},
        )

    return run


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data that is not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real data is not at {SHARED_DATA}; SHARED_DATA names another folder")
    return SHARED_DATA
