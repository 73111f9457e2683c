"""The words of all pages: gathered from the sources into the catalogue that translators fill in.

`make messages` runs this module. xgettext is not needed: Babel reads the Python, Django says
what of a template is words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from zhike.warehouse.entities import ENTITIES

SOURCES = Path(__file__).parents[1]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
IN_ATTRIBUTE = re.compile(r"""_\((?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\)""")
QUOTED = r"""u?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
SIMPLE = re.compile(rf"(?<![\w])(?:gettext|_)\({QUOTED}\s*\)", re.DOTALL)
PLURAL = re.compile(rf"ngettext\({QUOTED},\s*{QUOTED},\s*count\)", re.DOTALL)

Message = str | tuple[str, str]


def gather() -> Catalog:
    """Every message of the sources, with the files that use it."""
    catalog = Catalog(project="Zhike", charset="utf-8")
    for path in sorted(SOURCES.rglob("*.py")):
        for message in _of_python(path):
            catalog.add(message, locations=[(path.relative_to(SOURCES).as_posix(), 0)])
    for path in sorted(SOURCES.rglob("templates/**/*.html")):
        for message in _of_template(path.read_text(encoding="utf-8")):
            catalog.add(message, locations=[(path.relative_to(SOURCES).as_posix(), 0)])
    for entity in ENTITIES.values():  # what columns mean is stated once, and is the help of the import's pages
        for column in entity:
            for words in filter(None, (column.doc, column.unit)):
                catalog.add(words, locations=[("warehouse/entities.py", 0)])
    return catalog


def read_catalogue(language: str) -> Catalog:
    """The catalogue of one language, as it is kept."""
    path = _path(language)
    if not path.exists():
        return Catalog(locale=language, project="Zhike", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> int:
    """Brings a catalogue up to date with the sources; how many messages it leaves untranslated."""
    kept = read_catalogue(language)
    kept.update(gather(), no_fuzzy_matching=True, update_header_comment=False)
    kept.obsolete.clear()
    text = BytesIO()
    write_po(
        text,
        kept,
        width=110,
        no_location=False,
        include_lineno=False,
        omit_header=False,
        sort_output=True,
        ignore_obsolete=True,
    )
    stable = re.sub(
        rb'"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To)[^\n]*\n',
        b"",
        text.getvalue(),
    )
    path = _path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stable)
    return len(untranslated(read_catalogue(language)))


def untranslated(catalogue: Catalog) -> list[Message]:
    """Messages without a translation, or with one that is marked as a guess and so is not shown."""
    return [message.id for message in catalogue if message.id and (message.fuzzy or not _is_whole(message.string))]


def _is_whole(said: str | tuple[str, ...] | list[str]) -> bool:
    return bool(said) if isinstance(said, str) else all(said)


def _of_python(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        for _line, found, _comments, _context in extract("python", file, keywords=KEYWORDS):
            yield found if isinstance(found, str) else (found[0], found[1])


def _of_template(text: str) -> Iterator[Message]:
    words = templatize(text)
    for found in PLURAL.finditer(words):
        one, one_, many, many_ = found.groups()
        yield _plain(one or one_), _plain(many or many_)
    for pattern, source in ((SIMPLE, PLURAL.sub("", words)), (IN_ATTRIBUTE, text)):
        for found in pattern.finditer(source):
            yield _plain(found[1] or found[2] or "")


def _plain(literal: str) -> str:
    return literal.replace("\\n", "\n").replace("\\'", "'").replace('\\"', '"').replace("\\\\", "\\")


def _path(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
    django.setup()
    print(f"{update('zh_Hans')} messages are not translated")  # noqa: T201 - a developer's tool
