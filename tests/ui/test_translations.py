"""Every word of every page is said in both languages."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from zhike.ui.messages import gather, read_catalogue, untranslated

SOURCES = Path(__file__).parents[2] / "src" / "zhike"
TEMPLATES = sorted(SOURCES.rglob("templates/**/*.html"))
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd%]")
SAID = ("title", "placeholder", "aria-label", "alt", "label", "lead", "note", "help")
# Names, units and keys that are the same in every language.
SAME = re.compile(r"Zhike|知客|Ctrl K|⌘K|esc|[a-z↑↓↵/?…·–—0-9 ]")
# Commands speak English, and so do settings that are read before there is a language.
ENGLISH_ONLY = (
    "cli",
    "demo",
    "installation.py",
    "config",
    "ui/assets.py",
    "operate/backup.py",
    "operate/setup.py",
    "operate/checkup.py",
)


def test_every_message_of_the_sources_is_translated() -> None:
    kept = read_catalogue("zh_Hans")
    lacking = [message.id for message in gather() if message.id and message.id not in kept]
    assert lacking == [], "run `make messages`, then translate"
    assert untranslated(kept) == []


def test_no_translation_is_left_of_a_message_that_is_gone() -> None:
    current = gather()
    assert [message.id for message in read_catalogue("zh_Hans") if message.id and message.id not in current] == []


def test_translations_keep_the_places_of_values() -> None:
    wrong = []
    for message in read_catalogue("zh_Hans"):
        if not message.id:
            continue
        original = message.id if isinstance(message.id, str) else message.id[-1]
        for text in (message.string,) if isinstance(message.string, str) else message.string:
            if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(original)):
                wrong.append(original)
    assert wrong == []


class Words(HTMLParser):
    """Collects the words of a template that are not marked for translation."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.foreign = 0  # depth inside elements that say their own language, and of code

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        if self.foreign or "lang" in said or tag in ("kbd", "code"):
            self.foreign += tag not in ("input", "img", "meta", "link", "br", "hr")
        self.words += [value for name, value in attributes if name in SAID and value and SAME.sub("", value).strip()]

    def handle_endtag(self, tag: str) -> None:
        self.foreign = max(0, self.foreign - 1)

    def handle_data(self, text: str) -> None:
        if not self.foreign and re.search("[A-Za-z]{2}|[\u4e00-\u9fff]", SAME.sub("", text)):
            self.words.append(text.strip())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_template_says_nothing_untranslated(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"(?s)\{% comment %\}.*?\{% endcomment %\}", "", text)
    text = re.sub(r"(?s)\{% blocktranslate.*?\{% endblocktranslate %\}", "", text)
    text = re.sub(r"(?s)\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", text)
    text = re.sub(r"<c-vars[^>]*/>", "", text)
    found = Words()
    found.feed(re.sub(r"(?s)<html[^>]*>", "<html>", text))
    assert found.words == []


def test_an_error_that_pages_show_speaks_the_readers_language() -> None:
    errors = {"UserError"} | _subclasses()
    silent = []
    for path in SOURCES.rglob("*.py"):
        place = path.relative_to(SOURCES).as_posix()
        if place.startswith(ENGLISH_ONLY):
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", getattr(call.func, "attr", "")) not in errors:
                continue
            said = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "advice")]
            silent += [f"{place}:{call.lineno}" for part in said if _is_english(part)]
    assert silent == []


def _is_english(part: ast.expr) -> bool:
    if isinstance(part, ast.JoinedStr):
        words = "".join(str(one.value) for one in part.values if isinstance(one, ast.Constant))
        return bool(re.search("[A-Za-z]{2}", words))
    return isinstance(part, ast.Constant) and isinstance(part.value, str) and bool(re.search("[A-Za-z]{2}", part.value))


def _subclasses() -> set[str]:
    found = {"UserError"}
    while True:
        more = {
            node.name
            for path in SOURCES.rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") in found for base in node.bases)
        }
        if more <= found:
            return found
        found |= more
