"""Rows as HTML: nothing that a customer is called becomes markup."""

from __future__ import annotations

from zhike.ui.cells import rows_html
from zhike.ui.tables import Column, Kind


def test_every_value_is_escaped() -> None:
    columns = (
        Column("name", "Name", leads_to="url"),
        Column("state", "State", Kind.CHOICE, (("x", "<i>x</i>"),), marks={"x": '"bad'}),
        Column("count", "Count", Kind.NUMBER),
    )
    row = {"name": "<script>alert('1')</script>", "url": '/a?b="><i>', "state": "x", "count": 3}
    html = rows_html(columns, [row])
    assert html == (
        '<tr tabindex="-1"><td><a href="/a?b=&quot;&gt;&lt;i&gt;">'
        "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;</a></td>"
        '<td><span class="mark &quot;bad">&lt;i&gt;x&lt;/i&gt;</span></td><td class="figure">3</td></tr>'
    )


def test_what_is_missing_is_a_dash() -> None:
    columns = (Column("name", "Name"), Column("count", "Count", Kind.NUMBER))
    html = '<tr tabindex="-1"><td>–</td><td class="figure">–</td></tr>'
    assert rows_html(columns, [{"name": "", "count": None}]) == html
