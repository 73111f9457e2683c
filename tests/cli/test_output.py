"""Tables for people: what stands in a cell is shown as it is."""

from __future__ import annotations

import pytest

from zhike.cli.output import table


def test_brackets_in_a_name_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table("", ["name [x]", "count"], [["[/]Ada[bold]", 1200]])
    assert capsys.readouterr().out.split() == ["name", "[x]", "count", "[/]Ada[bold]", "1,200"]
