"""Nothing that people can set, call or read is undocumented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from docs.generate import PAGES, every_command, measure_modules, public_functions
from docs.markdown import REFERENCE

from zhike.collect.sources import mapping
from zhike.installation import SETTINGS
from zhike.warehouse.tables import all_contracts, refresh_steps

ROOT = Path(__file__).parents[2]
HOW = "run `make docs`"


def _reference(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_what_would_be_generated(name: str) -> None:
    assert PAGES[name]() == _reference(name), HOW


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: object) -> None:
    assert f"| `{setting.variable}` |" in _reference("settings.md"), HOW  # type: ignore[attr-defined]


def test_every_command_and_option_is_documented() -> None:
    text = _reference("commands.md")
    lacking = []
    for words, command in every_command():
        section = text.split(f"## {' '.join(words)}\n")[1].split("\n## ")[0]
        assert command.help, f"{' '.join(words)} has no docstring"
        lacking += [
            f"{' '.join(words)} {o}" for p in command.params for o in p.opts if o.strip("-") not in section.lower()
        ]
        lacking += [f"{' '.join(words)} {p.name}: help" for p in command.params if not getattr(p, "help", "")]
    assert lacking == []


def test_every_command_is_used_in_a_document() -> None:
    written = "".join(
        path.read_text(encoding="utf-8")
        for path in (
            *ROOT.glob("*.md"),
            *(ROOT / "docs" / "how-to").glob("*.md"),
            *(ROOT / "docs").glob("tutorial/*.md"),
        )
    )
    assert [" ".join(words) for words, _ in every_command() if " ".join(words) not in written] == []


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.table)
def test_every_table_and_column_is_documented(contract: object) -> None:
    section = _reference("entities.md").split(f"## {contract.table}\n")[1].split("\n## ")[0]  # type: ignore[attr-defined]
    for column in contract:  # type: ignore[attr-defined]
        assert f"| `{column.name}` |" in section, HOW
        assert re.search(r"[A-Za-z]", column.doc), f"{column.name} has no meaning"


def test_every_step_is_documented() -> None:
    assert [s.name for s in refresh_steps() if f"| `{s.name}` |" not in _reference("refresh.md")] == []


def test_every_kind_of_job_is_documented() -> None:
    text = (ROOT / "docs" / "how-to" / "run-in-the-background.md").read_text(encoding="utf-8")
    assert [kind for kind in settings.JOB_KINDS if f"`{kind}`" not in text] == []


def test_every_measure_is_documented() -> None:
    text = _reference("measures.md")
    functions = [function for module in measure_modules() for function in public_functions(module)]
    assert functions
    assert [f.__name__ for f in functions if f"### {f.__name__}\n" not in text or not f.__doc__] == []


def test_every_key_of_a_mapping_is_explained_by_hand() -> None:
    by_hand = _reference("mappings.md").split("## All keys")[0]
    parts = (mapping.Mapping, mapping.Format, mapping.FromColumn, mapping.Join, mapping.Test, mapping.RejectRule)
    keys = {field.alias or name for part in parts for name, field in part.model_fields.items()} | set(mapping.FORMS)
    assert [key for key in sorted(keys) if not re.search(rf"`{key}\b", by_hand)] == []


def test_every_document_that_a_message_names_is_there() -> None:
    named = {
        path
        for module in (ROOT / "src").rglob("*.py")
        for path in re.findall(r"docs/[\w/-]+\.md", module.read_text(encoding="utf-8"))
    }
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_chinese_readme_has_the_sections_of_the_english() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))

    def shape(text: str) -> list[str]:
        """Levels of headings, blocks with their text, pictures and list items, in order."""
        found = re.findall(r"(?ms)^(?:(#+) |(```.*?^```)|(!\[)|(- ))", text)
        return ["".join(parts) for parts in found]

    assert shape(english) == shape(chinese)
