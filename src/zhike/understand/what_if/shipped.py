"""The scenarios that come with Zhike, to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.understand.what_if.reading import read_scenario, scenario_from_data
from zhike.understand.what_if.scenario import Scenario
from zhike.understand.what_if.writing import document_of

FOLDER = Path(__file__).parent / "examples"


def examples() -> Mapping[str, Scenario]:
    """Every scenario that comes with Zhike, by the name of its file, in the words of the reader's language."""
    return {path.stem: _translated(read_scenario(path), path) for path in sorted(FOLDER.glob("*.yaml"))}


def _translated(scenario: Scenario, path: Path) -> Scenario:
    """The scenario in the words of a file of its name in the folder of the language; as it is where there is none."""
    words = FOLDER / (get_language() or "") / path.name
    if not words.is_file():
        return scenario
    said, document = yaml.safe_load(words.read_text(encoding="utf-8")), document_of(scenario)
    for part in ("strategies", "assumptions"):
        named = said.pop(part, {})
        document[part] = {
            named[name]["name"]: {**one, "note": named[name]["note"]} for name, one in document.get(part, {}).items()
        }
    return scenario_from_data(document | said, where=str(words))


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
