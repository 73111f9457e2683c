"""What the catalogue shows of tags: counts, coverage, trend, freshness, lineage and use."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.rules.text import parse
from zhike.rules.tree import tree_to_json
from zhike.understand.audiences.models import Audience
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.customer_tags import customer_tags
from zhike.understand.tags.defining.publishing import approve_version, publish_version, retire_tag
from zhike.understand.tags.defining.services import create_tag, draft_version
from zhike.understand.tags.defining.shipped import library
from zhike.understand.tags.definitions import NoSuchTag
from zhike.understand.tags.models import TagFigure
from zhike.understand.tags.proving.figures import record_figures, trends
from zhike.understand.tags.queries import list_tags, tag_page, themes, vocabulary
from zhike.understand.tags.setting.services import set_tag, undo_change
from zhike.warehouse.queries import published

pytestmark = pytest.mark.usefixtures("company")
WORDS = {"theme": "ours/own", "title": "A test"}


def in_force(name: str, **more: Any) -> None:
    create_tag(name=name, **{**WORDS, **more})
    approve_version(tag=name)
    publish_version(tag=name)


def test_the_catalogue_counts_what_the_refresh_has() -> None:
    rows = {row.name: row for row in list_tags()}
    assert set(rows) == set(library())
    index, now = index_of(published()), published()
    for name in ("recently_active", "rfm_segment", "spent_last_year", "last_purchase_on"):
        row = rows[name]
        assert row.customers == len(index.tag(name))
        assert row.coverage == row.customers / now.customer_count
        assert (row.computed_as_of, row.is_stale, row.state, row.version) == (now.as_of, False, "published", 1)


def test_tags_stand_in_the_order_of_their_themes_and_are_found() -> None:
    assert [row.theme for row in list_tags()][:3] == ["three"] * 3
    assert {row.name for row in list_tags(theme="social")} == {
        name for name, file in library().items() if file.text.theme.startswith("social/")
    }
    assert [row.name for row in list_tags(text="rfm seg")] == ["rfm_segment"]
    assert [row.name for row in list_tags(text="客群")] == ["rfm_segment"]
    assert {row.kind for row in list_tags(kind="date")} == {"date"}
    assert list_tags(state="draft") == ()
    create_tag(name="draft", rule="age > 1", **WORDS)
    assert [(row.name, row.state, row.waiting, row.customers) for row in list_tags(state="draft")] == [
        ("draft", "draft", 1, None)
    ]
    retire_tag(name="birthday_soon")
    assert "birthday_soon" not in {row.name for row in list_tags()}
    assert [row.name for row in list_tags(state="retired")] == ["birthday_soon"]


def test_titles_are_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        row = tag_page("gender").row
        assert (row.title, row.theme_title) == ("性别", list_tags(theme="three")[0].theme_title)
        assert [value.title for value in tag_page("gender").values] == ["女", "男", "其他"]
    assert tag_page("gender").row.title == "Gender"


def test_a_tag_says_what_it_is_made_of_and_who_uses_it() -> None:
    Audience.objects.create(name="Best", tree=tree_to_json(parse('has tag "rfm_monetary" = "5"').tree))
    found = tag_page("high_value")
    assert found.lineage.tags == {"rfm_monetary", "premium_band"}
    used = tag_page("rfm_monetary")
    assert (used.tags_using, used.audiences_using, used.row.used_by) == (("high_value",), ("Best",), 2)
    assert tag_page("regular_buyer").lineage.facts.keys() == {"orders"}
    assert tag_page("has_children").lineage.relations.keys() == {"insured", "beneficiary"}
    with pytest.raises(NoSuchTag, match="no tag is called “nothing”"):
        tag_page("nothing")


def test_values_are_counted_in_their_order() -> None:
    found = tag_page("rfm_segment")
    assert [value.value for value in found.values][:2] == ["champions", "loyal"]
    index = index_of(published())
    for value in found.values:
        assert value.customers == len(index.tag("rfm_segment", (value.value,)))
    assert sum(value.customers or 0 for value in found.values) == found.row.customers


def test_a_tag_that_changed_is_stale_until_it_is_computed() -> None:
    draft_version(tag="birthday_soon", rule="days_to_birthday <= 7")
    row = tag_page("birthday_soon").row
    assert (row.is_stale, row.version, row.waiting) == (False, 1, 2)
    approve_version(tag="birthday_soon")
    publish_version(tag="birthday_soon")
    assert tag_page("birthday_soon").row.is_stale
    in_force("brand_new", rule="age > 1")
    row = tag_page("brand_new").row
    assert (row.customers, row.is_stale) == (None, True)


def test_a_set_tag_is_counted_as_it_is_now() -> None:
    in_force("tier", kind="category", origin="person", values=["gold", "silver"])
    assert tag_page("tier").row.customers == 0
    change = set_tag(tag="tier", customers=[1, 2, 3], value="gold", note="best")
    set_tag(tag="tier", customers=[3], value="silver")
    found = tag_page("tier")
    assert (found.row.customers, [value.customers for value in found.values]) == (3, [2, 1])
    assert [(one.value, one.customers, one.note) for one in found.changes] == [("silver", 1, ""), ("gold", 3, "best")]
    undo_change(change_id=change.pk)
    assert [one.is_undone for one in tag_page("tier").changes] == [False, False, True]
    assert not found.row.is_stale


def test_figures_are_kept_once_for_each_refresh_and_make_the_trend() -> None:
    TagFigure.objects.all().delete()
    assert record_figures() > len(library())
    assert record_figures() == 0
    now = published()
    (point,) = trends(["recently_active"])["recently_active"]
    assert (point.as_of, point.customers) == (now.as_of, tag_page("recently_active").row.customers)
    figures = TagFigure.objects.filter(tag__name="rfm_segment").exclude(value="")
    assert sum(figures.values_list("customer_count", flat=True)) == tag_page("rfm_segment").row.customers
    # An earlier refresh, and another one as of the same day, which takes its place.
    figure = TagFigure.objects.get(tag__name="recently_active", value="")
    for refresh_id, as_of, count in ((-2, date(2026, 1, 1), 5), (-1, date(2026, 1, 1), 7)):
        figure.pk, figure.refresh_id, figure.as_of, figure.customer_count = None, refresh_id, as_of, count
        figure.save(force_insert=True)
    assert [point.customers for point in trends(["recently_active"])["recently_active"]] == [7, point.customers]
    assert [point.customers for point in tag_page("recently_active").row.trend] == [7, point.customers]


def test_the_tree_of_themes_counts_what_lies_below() -> None:
    tree = {node.path: node for node in themes()}
    assert list(tree) == ["three", "population", "social", "character", "business"]
    assert tree["three"].tag_count == 3
    assert tree["social"].tag_count == sum(node.tag_count for node in tree["social"].below)
    create_tag(name="own", rule="age > 1", **WORDS)
    assert [(node.path, node.title) for node in themes()][-1] == ("ours", "ours")


def test_a_customer_has_the_tags_that_say_so_of_them() -> None:
    in_force("points", kind="number", origin="person")
    set_tag(tag="points", customers=[5], value="12.50")
    held = {one.name: one for one in customer_tags(5)}
    assert (held["points"].value, held["points"].kind) == ("12.5", "number")
    index = index_of(published())
    assert {name for name in library() if 5 in index.tag(name)} == set(held) - {"points"}
    with pytest.raises(Exception, match="there is no customer 99999"):
        customer_tags(99999)


def test_the_vocabulary_leaves_out_what_one_may_not_select_by() -> None:
    assert "phone" in vocabulary().attributes
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))):
        found = vocabulary()
        assert "phone" not in found.attributes
        assert "phone" in found.refused
        assert len(list_tags()) == len(library())
    with acting_as(Actor(ActorKind.NOBODY)):
        for attempt in (list_tags, themes, lambda: tag_page("gender"), lambda: customer_tags(1)):
            with pytest.raises(Denied):
                attempt()
