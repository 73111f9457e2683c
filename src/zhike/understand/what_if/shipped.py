"""The scenarios that come with Zhike, to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.understand.what_if.reading import read_scenario
from zhike.understand.what_if.scenario import Scenario

FOLDER = Path(__file__).parent / "examples"


def examples() -> Mapping[str, Scenario]:
    """Every scenario that comes with Zhike, by the name of its file."""
    return {path.stem: read_scenario(path) for path in sorted(FOLDER.glob("*.yaml"))}


def example_text(name: str) -> str:
    """The file of an example as it is written. Raises UserError where none is called so."""
    files = {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}
    if name not in files:
        raise UserError(
            _("no example is called %(name)s") % {"name": repr(name)},
            where="--example",
            advice=_("There are %(names)s.") % {"names": ", ".join(files)},
        )
    return files[name].read_text(encoding="utf-8")
