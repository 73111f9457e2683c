"""What a browser without JavaScript would send of a page's form."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    """Gathers what is filled in, as a browser does: of boxes those that are ticked, of choices what is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.buttons: list[str] = []
        self.is_inside = False
        self.text: list[str] | None = None
        self.choice: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "form":
            self.is_inside = "building" in (found.get("class") or "")
        elif tag == "div" and found.get("id") == "builder":  # of which htmx is sent no more than this
            self.is_inside = True
        if not self.is_inside or "disabled" in found:
            return
        if tag == "button" and name == "do":
            self.buttons.append(value)
        elif tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            self.fields.setdefault(name, []).append(value)
        elif tag == "textarea":
            self.name, self.text = name, []
        elif tag == "select":
            self.choice = (name, [])
        elif tag == "option" and self.choice is not None:
            self.choice[1].append((value, "selected" in found))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "textarea" and self.text is not None:
            self.fields.setdefault(self.name, []).append("".join(self.text).removeprefix("\n"))
            self.text = None
        elif tag == "select" and self.choice is not None:
            name, options = self.choice
            chosen = [value for value, is_chosen in options if is_chosen] or [value for value, _ in options[:1]]
            self.fields.setdefault(name, []).extend(chosen)
            self.choice = None

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)


def filled_in(response: Any, **changes: str | list[str]) -> dict[str, list[str]]:
    """The fields of the form in which something is built, with some of them changed; dots in names as `__`."""
    form = _Form()
    form.feed(response.content.decode())
    return form.fields | {
        name.replace("__", "."): [value] if isinstance(value, str) else value for name, value in changes.items()
    }


def buttons_of(response: Any) -> list[str]:
    """What the buttons of the builder on a page ask for."""
    form = _Form()
    form.feed(response.content.decode())
    return form.buttons
