"""A served company, and a real Chromium that looks at it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.serving import start_server

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
# Scripts ran, nothing is being fetched, and every chart is drawn.
SETTLED = """document.readyState === "complete" && !document.querySelector(".htmx-request")
    && [...document.querySelectorAll("figure[data-chart]")].every((figure) => figure.querySelector("svg"))"""
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass(frozen=True)
class Site:
    """A running installation."""

    address: str
    username: str
    password: str
    home: Path


@pytest.fixture(scope="module")  # its event loop would be in the way of other tests' databases
def chromium() -> Iterator[Browser]:
    """The browser of this machine. Without one the test is skipped, in CI it fails."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        message = "no Chromium on the PATH: install the package chromium (and fonts-noto-cjk)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo company, small, served as `zhike demo` serves it."""
    home = tmp_path_factory.mktemp("company")
    grown = _zhike(home, "demo", "--customers", "1200", "--no-serve", "--json")
    login = json.loads(grown)["login"]
    with Served(home) as address:
        yield Site(address, login["username"], login["password"], home)


@pytest.fixture(scope="session")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation that nobody has opened yet."""
    home = tmp_path_factory.mktemp("new-site")
    with Served(home) as address:
        yield Site(address, "", "", home)


@dataclass
class Visit:
    """One visitor's window; what its console says is kept and must be nothing."""

    page: Page
    site: Site
    complaints: list[str]
    runs_scripts: bool = True

    def go(self, path: str) -> Page:
        """Opens a page and waits until it has settled."""
        self.page.goto(self.site.address + path)
        for _ in range(300 if self.runs_scripts else 0):
            if self.page.evaluate(SETTLED):
                return self.page
            self.page.wait_for_timeout(50)
        assert not self.runs_scripts, f"{path} does not settle"
        return self.page

    def sign_in(self, *, language: str = "en", theme: str = "light") -> Visit:
        """Signs in, and chooses how pages look."""
        self.go("/sign-in/")
        self.page.fill("[name=username]", self.site.username)
        self.page.fill("[name=password]", self.site.password)
        self.page.click("main form button")
        self.page.wait_for_selector(".rail")
        self.prefer(language=language, theme=theme)
        return self

    def prefer(self, **chosen: str) -> None:
        """Chooses language, look, density or unit, as the forms of the frame do."""
        token = self.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        headers = {"Referer": self.site.address}
        form = {"csrfmiddlewaretoken": token, **chosen}
        answer = self.page.request.post(
            f"{self.site.address}/preferences/", form=form, headers=headers, max_redirects=0
        )
        assert answer.status == 302, answer.text()

    def look(self, name: str, *, width: int = 1280) -> None:
        """Shows the page so wide; with SCREENSHOTS=yes a picture is kept for people to look at."""
        self.page.set_viewport_size({"width": width, "height": 900})
        if os.environ.get("SCREENSHOTS"):
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    def faults(self) -> list[str]:
        """What axe finds against WCAG 2.2 A and AA."""
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
            ".then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(' | ')))"
        )
        return list(found)


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens a window on a site: `visit(site, javascript=False)`."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def open_window(site: Site, *, javascript: bool = True, width: int = 1280) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="en-GB",
            reduced_motion="reduce",  # nothing grows in, so that nothing has to be waited for
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        contexts.append(context)
        visits.append(Visit(page, site, complaints, javascript))
        return visits[-1]

    yield open_window
    complaints = [complaint for one in visits for complaint in one.complaints]
    for context in contexts:
        context.close()
    assert complaints == []


class Served:
    """`zhike serve` for the length of a block, which must not find a bug."""

    def __init__(self, home: Path) -> None:
        self.log = home / "serve.log"
        self.home = home

    def __enter__(self) -> str:
        address, self.process = start_server(self.home, self.log)
        return address

    def __exit__(self, *_problem: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        bugs = [line for line in self.log.read_text().splitlines() if re.search('"level": "ERROR"', line)]
        assert bugs == []


def _zhike(home: Path, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "zhike", *arguments],
        env={**os.environ, "ZHIKE_HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
        timeout=280,
    ).stdout
