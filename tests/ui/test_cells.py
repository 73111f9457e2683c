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


def test_a_share_is_a_bar_and_a_trend_a_line_that_is_said_too() -> None:
    columns = (Column("share", "Coverage", Kind.SHARE), Column("trend", "Trend", Kind.TREND))
    html = rows_html(columns, [{"share": 0.25, "trend": [10, 20, 15]}])
    assert '<meter min="0" max="1" value="0.2500" aria-label="Coverage"></meter><span>25%</span>' in html
    assert 'aria-label="10 → 15"' in html
    assert '<polyline points="0.0,16.0 32.0,2.0 64.0,9.0"/>' in html


def test_of_one_moment_there_is_no_trend() -> None:
    assert rows_html((Column("trend", "Trend", Kind.TREND),), [{"trend": [10]}]) == '<tr tabindex="-1"><td>–</td></tr>'
