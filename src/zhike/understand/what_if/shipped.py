"""The scenarios that come with Zhike, to begin with, in each of its languages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.understand.what_if.reading import read_scenario
from zhike.understand.what_if.scenario import Scenario

FOLDER = Path(__file__).parent / "examples"


def examples() -> Mapping[str, Scenario]:
    """Every scenario that comes with Zhike, by the name of its file, in the reader's language."""
    return {name: read_scenario(path) for name, path in _files().items()}


def example_text(name: str) -> str:
    """The file of an example as it is written. Raises UserError where none is called so."""
    files = _files()
    if name not in files:
        raise UserError(
            _("no example is called %(name)s") % {"name": repr(name)},
            where="--example",
            advice=_("There are %(names)s.") % {"names": ", ".join(files)},
        )
    return files[name].read_text(encoding="utf-8")


def _files() -> dict[str, Path]:
    """The file of each example in the reader's language; in English, where it is not in that one."""
    own = FOLDER / (get_language() or "")
    return {
        path.stem: own / path.name if (own / path.name).exists() else path for path in sorted(FOLDER.glob("*.yaml"))
    }
