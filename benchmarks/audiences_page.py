"""The builder of rules, used as a browser does: all fields of the page go back with the text that was typed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx


class Builder:
    """The builder in one window. Each count sends what the page showed when it was last read."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        page = client.get("/audiences/new/")
        assert page.status_code == 200, page.status_code
        self._page = page.text
        self.read()

    def count(self, rule: str) -> int:
        """The number that stands there once the text has been changed to this rule."""
        sent = self._fields | {"rule": rule, "do": ""}
        answer = self._client.post("/rules/build/", data=sent, headers={"HX-Request": "true"})
        assert answer.status_code == 200, answer.text
        self._page = answer.text
        found = re.search(r'counted-figure"><b>([\d,]+)</b>', self._page)
        assert found is not None, self._page
        return int(found[1].replace(",", ""))

    def read(self) -> None:
        """Takes over the fields of the page that came last, as a browser does before anybody types again."""
        self._fields = _fields_of(self._page)


def _fields_of(page: str) -> dict[str, str]:
    reader = _Fields()
    reader.feed(page)
    return reader.found


class _Fields(HTMLParser):
    """The fields of a page as a form would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        match tag:
            case "select":
                self._select = name
            case "option" if self._select and ("selected" in given or self._select not in self.found):
                self.found[self._select] = given.get("value") or ""
            case "textarea":
                self._area = name
                self.found[name] = ""
            case "input" if name:
                if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                    self.found[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""
