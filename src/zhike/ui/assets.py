"""What browsers load: gathered from npm's packages and our own files, named by content, compressed.

`make install` runs this module; `zhike serve` runs it again where the sources are newer.
"""

from __future__ import annotations

import contextlib
import fcntl
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command

from zhike.errors import UserError
from zhike.ui.navigation import navigation

UI = Path(__file__).parent
PACKAGES = UI.parents[2] / "node_modules"  # in a checkout; a wheel carries what was built
OUR_FILES = UI / "static"
VENDOR = OUR_FILES / "vendor"
ICONS = UI / "icons"
# Served name → file of an npm package.
SERVED = {
    "pico.css": "@picocss/pico/css/pico.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "echarts.js": "echarts/dist/echarts.min.js",
}
ICON_IN_TEMPLATE = re.compile(r"""\{%\s*icon\s+["']([\w-]+)["']|icon=["']([\w-]+)["']""")


def build() -> None:
    """Gathers and compresses everything that is served, and compiles the translations.

    Raises UserError where npm's packages are missing.
    """
    if not PACKAGES.is_dir():
        raise UserError("the web parts are not installed", where=str(PACKAGES), advice="Run `make install`.")
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in SERVED.items():
        shutil.copyfile(PACKAGES / source, VENDOR / name)
    _take_icons()
    compile_messages()
    # What an older build left stays: a server that is still running serves it under its own hash.
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["*.map", "redoc*"])


def build_if_due() -> None:
    """Builds where nothing is built yet, or a source is newer than what was built."""
    built = settings.STATIC_ROOT / "staticfiles.json"
    if not PACKAGES.is_dir() and built.exists():
        return  # installed from a wheel
    with _one_at_a_time():
        has_icons = all((ICONS / f"{name}.svg").exists() for name in icons_used())
        if not built.exists() or not has_icons or _newest_source() > built.stat().st_mtime:
            build()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two servers that start together do not build into each other's files."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    with (settings.STATIC_ROOT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def compile_messages() -> None:
    """Writes the compiled form of every translation beside it."""
    for folder in settings.LOCALE_PATHS:
        for source in Path(folder).glob("*/LC_MESSAGES/django.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(text))


def icons_used() -> set[str]:
    """Names of the icons that templates and menus ask for."""
    sources = [*UI.parent.rglob("*.html"), *UI.parent.rglob("*.py")]
    found = (ICON_IN_TEMPLATE.findall(path.read_text(encoding="utf-8")) for path in sources)
    return {name or other for names in found for name, other in names} | {entry.icon for entry in navigation()}


def _take_icons() -> None:
    ICONS.mkdir(exist_ok=True)
    for name in icons_used():
        source = PACKAGES / "lucide-static" / "icons" / f"{name}.svg"
        if not source.exists():
            raise UserError(f"there is no icon {name!r}", where="lucide-static")
        text = re.sub(r"<!--.*?-->", "", source.read_text(encoding="utf-8"))
        shapes = re.sub(r"\s+", " ", text[text.index(">") + 1 : text.rindex("</svg>")]).strip()
        (ICONS / f"{name}.svg").write_text(shapes, encoding="utf-8")


def _newest_source() -> float:
    ours = [path for path in OUR_FILES.rglob("*") if path.is_file() and VENDOR not in path.parents]
    templates = UI.parent.rglob("templates/**/*.html")
    words = (path for folder in settings.LOCALE_PATHS for path in Path(folder).rglob("*.po"))
    return max(path.stat().st_mtime for path in (*ours, *templates, *words, PACKAGES / ".package-lock.json"))


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
    django.setup()
    build()
