"""The documents of the project and the fenced blocks in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w+)?(?P<words>.*)$")
LANGUAGES = {"console", "python", "yaml", "toml", "csv", "sql", "diff", "text", "json"}


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the words after it and its text."""

    document: str
    line: int
    language: str
    words: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.document}:{self.line}"

    @property
    def title(self) -> str:
        """The file that the block is the content of; empty if it is none."""
        found = re.search(r"\btitle=(\S+)", self.words)
        return found[1] if found else ""

    @property
    def exit_code(self) -> int:
        """What the commands of the block exit with."""
        found = re.search(r"\bexit=(\d)", self.words)
        return int(found[1]) if found else 0

    @property
    def no_run(self) -> str:
        """Why the block is not executed; empty if it is."""
        found = re.search(r"\bno-run: (.+)$", self.words)
        return found[1].strip() if found else ""


def documents() -> list[Path]:
    """Every Markdown file that people read."""
    top = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")]
    return sorted(top)


def name_of(document: Path) -> str:
    """The path within the project."""
    return document.relative_to(ROOT).as_posix()


def needs(document: Path) -> list[str]:
    """What a document asks of its surroundings: `<!-- needs: shared_data -->`."""
    found = re.search(r"<!-- needs: (.+?) -->", document.read_text(encoding="utf-8"))
    return found[1].split() if found else []


def blocks(document: Path) -> Iterator[Block]:
    """The fenced blocks of a document, in order."""
    lines = document.read_text(encoding="utf-8").splitlines()
    place = 0
    while place < len(lines):
        opening = FENCE.match(lines[place])
        place += 1
        if opening is None:
            continue
        start, indent = place, len(opening["indent"])
        while lines[place].strip() != "```":
            place += 1
        text = "".join(line[indent:] + "\n" for line in lines[start:place])
        yield Block(name_of(document), start, opening["language"] or "", opening["words"].strip(), text)
        place += 1
