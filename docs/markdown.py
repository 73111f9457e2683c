"""How the generated part of the reference is spelt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parent / "reference"
SELF = "<!-- Written by `make docs`; change what it is written from. -->"


def page(title: str, *parts: str) -> str:
    """A page of Markdown."""
    return "\n\n".join([f"# {title}", SELF, *(part for part in parts if part)]) + "\n"


def table(header: list[str], rows: Iterable[Iterable[object]]) -> str:
    """A table of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def escaped(text: str) -> str:
    """Text that does not end its cell."""
    return text.replace("|", "\\|")


def with_parts(name: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """A hand-written page with its generated parts anew."""
    text = (REFERENCE / name).read_text(encoding="utf-8")
    for part, write in parts.items():
        mark = f"<!-- generated {part}; `make docs` writes it -->"
        before, rest = text.split(mark)
        text = f"{before}{mark}\n\n{write()}\n\n<!-- end -->{rest.split('<!-- end -->', 1)[1]}"
    return text


def unit_of(column: Any) -> str:
    """The unit of a column, to stand after what it means."""
    return f" [{column.unit}]" if column.unit else ""
