"""The examples of docs/reference/rules.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tests.docs.documents import ROOT, blocks

from zhike.rules.vocabulary import KnownTag, TagKind, Vocabulary
from zhike.understand.tags.defining.shipped import library
from zhike.warehouse.attributes import registry

PAGE = ROOT / "docs" / "reference" / "rules.md"


def page() -> str:
    """The page's text."""
    return PAGE.read_text(encoding="utf-8")


def examples() -> list[str]:
    """Every rule and value on the page: a line of a block, with the indented ones below it, or a cell of examples."""
    written = [block.text for block in blocks(PAGE) if block.language == "text"]
    in_blocks = [rule for text in written for rule in re.split(r"\n(?=\S)", text.strip())]
    return in_blocks + [row["example"].strip("`") for row in _rows() if "example" in row]


def mistakes() -> list[tuple[str, str]]:
    """What is written wrong on the page, and what is said of it."""
    return [(row["written"].strip("`"), row["said"]) for row in _rows() if "said" in row]


def _rows() -> Iterator[dict[str, str]]:
    """The rows of all tables, by their heads."""
    head: list[str] = []
    for line in page().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            head = []
        elif not head:
            head = cells
        elif set(line) - set("|- "):
            yield dict(zip(head, cells, strict=True))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """What the examples name: all that is declared, the tags that come with Zhike, and an audience."""
    tags = {
        name: KnownTag(name, TagKind(file.text.kind), tuple(value.value for value in file.text.values))
        for name, file in library().items()
    }
    return Vocabulary.of(registry(), tags=tags, audiences=frozenset({"our friends"}))
