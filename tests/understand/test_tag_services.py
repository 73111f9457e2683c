"""Definitions of tags: from draft to publication, and what is refused on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests.warehouse.small_company import AS_OF, import_company

from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.models import User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.operate.jobs.models import Job
from zhike.rules.errors import RuleError
from zhike.rules.text import parse, text_of
from zhike.rules.tree import tree_from_json, tree_to_json
from zhike.rules.vocabulary import TagKind
from zhike.understand.audiences.models import Audience
from zhike.understand.tags.circles import Circle
from zhike.understand.tags.defining.publishing import (
    InUse,
    NoSuchVersion,
    NotNow,
    approve_version,
    publish_version,
    publish_versions,
    restore_tag,
    retire_tag,
    withdraw_version,
)
from zhike.understand.tags.defining.services import NameTaken, Overtaken, create_tag, describe_tag, draft_version
from zhike.understand.tags.definitions import NoSuchTag, known_tags, published_tags
from zhike.understand.tags.models import Tag, TagFigure, TagVersion
from zhike.warehouse.models import CurrentRefresh, Refresh
from zhike.warehouse.services import run_refresh

WORDS = {"theme": "business/test", "title": "A test"}
EVERYTHING = frozenset(Right)


@pytest.fixture(autouse=True)
def empty(home: object) -> None:
    """An installation without the library, so that every tag here is the test's own."""
    Tag.objects.all().delete()


def published(name: str, rule: str, **more: object) -> TagVersion:
    create_tag(name=name, rule=rule, **WORDS, **more)  # type: ignore[arg-type]
    approve_version(tag=name)
    return publish_version(tag=name)


def saved(name: str, rule: str) -> None:
    Audience.objects.create(name=name, tree=tree_to_json(parse(rule).tree))


def rule_of(version: TagVersion) -> str:
    return text_of(tree_from_json(version.tree))


@pytest.fixture
def ann(home: object) -> Iterator[Actor]:
    """A user who may define tags, and acts."""
    user = User.objects.create(username="ann")
    with acting_as(Actor(ActorKind.USER, user.pk, "ann", frozenset({Right.DEFINE_TAGS}))) as actor:
        yield actor


def test_a_definition_goes_from_draft_to_publication() -> None:
    draft = create_tag(name="adult", rule="age >= 18", note="first", **WORDS)
    assert (draft.number, draft.state, draft.tag.kind, rule_of(draft)) == (1, "draft", "yes_no", "age >= 18")
    assert published_tags() == ()
    assert approve_version(tag="adult").state == "approved"
    assert published_tags() == ()
    assert publish_version(tag="adult", number=1).state == "published"
    (tag,) = published_tags()
    assert (tag.name, tag.kind, tag.version, tag.is_set) == ("adult", TagKind.YES_NO, 1, False)
    draft_version(tag="adult", rule="age >= 20")
    assert published_tags()[0].version == 1
    approve_version(tag="adult")
    publish_version(tag="adult")
    assert [version.state for version in Tag.objects.get().versions.all()] == ["published", "replaced"]
    assert published_tags()[0].tree == parse("age >= 20").tree


def test_a_new_version_keeps_what_is_not_given() -> None:
    rule = 'when age < 18 then "minor" when age >= 18 then "adult"'
    values = [{"value": "adult", "title": "Adult", "title_zh": "成年"}]
    first = create_tag(
        name="grown", rule=rule, values=values, later_fact="ever(orders)", later_days=90, note="a", **WORDS
    )
    words = [{"value": "adult", "title": "Adult", "title_zh": "成年"}, {"value": "minor", "title": "", "title_zh": ""}]
    assert first.values == words
    second = draft_version(tag="grown", note="b")
    assert (second.tree, second.values, second.later_fact, second.later_days) == (
        first.tree,
        first.values,
        first.later_fact,
        90,
    )
    third = draft_version(tag="grown", rule='when age >= 21 then "adult" otherwise "young"', later_fact="")
    assert [value["value"] for value in third.values] == ["adult", "young"]
    assert (third.values[0]["title_zh"], third.later_fact, third.later_days) == ("成年", "", None)


def test_a_tree_is_as_good_as_its_text() -> None:
    tree = parse('gender = "female" and has tag "adult"').tree
    published("adult", "age >= 18")
    assert (
        create_tag(name="woman", rule=tree, **WORDS).tree
        == create_tag(name="woman_2", rule=text_of(tree), **WORDS).tree
    )


def test_who_drafts_after_somebody_else_is_told() -> None:
    create_tag(name="adult", rule="age >= 18", **WORDS)
    draft_version(tag="adult", rule="age >= 19", seen=1)
    with pytest.raises(Overtaken, match="version 2 of “adult” was drafted meanwhile"):
        draft_version(tag="adult", rule="age >= 20", seen=1)
    assert draft_version(tag="adult", rule="age >= 20", seen=2).number == 3


@pytest.mark.parametrize("field", ["title", "title_zh", "unit", "theme"])
@pytest.mark.parametrize("text", ["a\0b", "a\u202eb", "a\u2069b", "a\nb", "a\ud800b"])
def test_words_of_one_line_hide_nothing(field: str, text: str) -> None:
    with pytest.raises(UserError) as refused:
        create_tag(name="adult", rule="age >= 18", **{**WORDS, field: text})
    assert refused.value.where == field
    create_tag(name="adult", rule="age >= 18", **WORDS)
    with pytest.raises(UserError):
        describe_tag(name="adult", **{field: text})


def test_texts_are_kept_without_what_misleads_who_reads_them() -> None:
    text, kept = " a\0b\u202ec\u2066\r\nd ", "abc\nd"
    draft = create_tag(name="adult", rule="age >= 18", note=text, doc=text, doc_zh=text, **WORDS)
    assert (draft.note, draft.tag.doc, draft.tag.doc_zh) == (kept, kept, kept)
    assert draft_version(tag="adult", note=text).note == kept
    rule = 'when age < 18 then "minor"'
    for words in (
        {"value": "mi\u202enor"},
        {"value": "minor", "title": "Mi\0nor"},
        {"value": "minor", "title_zh": "未\n成"},
    ):
        with pytest.raises(UserError, match="hidden character") as refused:
            create_tag(name="grown", rule=rule, values=[words], **WORDS)
        assert refused.value.where == "values"


def test_a_later_fact_is_no_later_than_a_century() -> None:
    for days in (36_501, 10**24):
        with pytest.raises(UserError) as refused:
            create_tag(name="adult", rule="age >= 18", later_fact="ever(orders)", later_days=days, **WORDS)
        assert refused.value.where == "later_days"
    assert create_tag(name="adult", rule="age >= 18", later_fact="ever(orders)", later_days=36_500, **WORDS).pk


def test_version_0_is_none() -> None:
    create_tag(name="adult", rule="age >= 18", **WORDS)
    with pytest.raises(NoSuchVersion, match="has no version 0"):
        approve_version(tag="adult", number=0)


def test_what_is_done_twice_is_done_once() -> None:
    create_tag(name="adult", rule="age >= 18", **WORDS)
    with pytest.raises(NotNow, match="is draft, and cannot be published"):
        publish_version(tag="adult")
    approve_version(tag="adult", number=1)
    with pytest.raises(NotNow, match="is approved, and cannot be approved"):
        approve_version(tag="adult", number=1)
    publish_version(tag="adult", number=1)
    for again in (publish_version, withdraw_version):
        with pytest.raises(NotNow, match="is published"):
            again(tag="adult", number=1)


def test_a_withdrawn_version_is_never_published() -> None:
    create_tag(name="adult", rule="age >= 18", **WORDS)
    withdraw_version(tag="adult")
    with pytest.raises(NoSuchVersion):
        approve_version(tag="adult")
    with pytest.raises(NotNow):
        approve_version(tag="adult", number=1)
    with pytest.raises(NoSuchVersion, match="has no version 7"):
        approve_version(tag="adult", number=7)


def test_a_kind_that_was_published_stays() -> None:
    create_tag(name="grown", rule="age >= 18", **WORDS)
    assert draft_version(tag="grown", rule="age").tag.kind == "number"
    approve_version(tag="grown")
    publish_version(tag="grown")
    with pytest.raises(UserError, match="another kind of tag: yes or no instead of number"):
        draft_version(tag="grown", rule="age >= 18")


def test_a_circle_is_refused_with_the_way_round() -> None:
    published("a", "age > 1")
    published("b", 'has tag "a"')
    published("c", 'has tag "b" or gender = "male"')
    with pytest.raises(Circle, match="“a” is made of itself: a → c → b → a"):
        draft_version(tag="a", rule='has tag "c"')
    with pytest.raises(Circle, match="a → a"):
        draft_version(tag="a", rule='has tag "a"')


def test_a_circle_by_way_of_an_audience_is_refused() -> None:
    published("vip_like", "age > 1")
    saved("Best", 'has tag "vip_like"')
    with pytest.raises(Circle, match="vip_like → audience “Best” → vip_like"):
        draft_version(tag="vip_like", rule='in audience "Best"')


@pytest.fixture
def in_force(home: object) -> None:
    """A refresh in force, of nothing."""
    refresh = Refresh.objects.create(state="finished", as_of=date(2026, 6, 1), finished_at=timezone.now())
    CurrentRefresh.objects.create(refresh=refresh)


def test_drafts_that_make_a_circle_together_are_not_published() -> None:
    published("a", "age > 1")
    create_tag(name="b", rule='has tag "a"', **WORDS)
    approve_version(tag="b")
    draft_version(tag="a", rule='has tag "b"')
    approve_version(tag="a")
    with pytest.raises(Circle):
        publish_versions([("b", None), ("a", None)])
    assert [tag.version for tag in published_tags()] == [1]
    publish_version(tag="b")
    with pytest.raises(Circle, match="a → b → a"):
        publish_version(tag="a")


def test_a_draft_may_name_a_draft_but_what_is_in_force_may_not() -> None:
    create_tag(name="a", rule="age > 1", **WORDS)
    create_tag(name="b", rule='has tag "a"', **WORDS)
    approve_version(tag="b")
    with pytest.raises(RuleError, match="there is no tag “a”"):
        publish_version(tag="b")
    approve_version(tag="a")
    assert [version.tag.name for version in publish_versions([("b", None), ("a", None)])] == ["b", "a"]


def test_a_version_that_leaves_others_without_a_meaning_is_refused() -> None:
    published("size", 'when age < 18 then "small" otherwise "large"')
    published("large", 'has tag "size" = "large"')
    draft_version(tag="size", rule='when age < 18 then "small" otherwise "big"')
    approve_version(tag="size")
    with pytest.raises(InUse, match=r"large is made of “size”, and would mean nothing any more: .*large"):
        publish_version(tag="size")
    assert [tag.version for tag in published_tags()] == [1, 1]


def test_a_tag_that_is_used_is_not_retired() -> None:
    published("adult", "age >= 18")
    published("woman", 'gender = "female" and has tag "adult"')
    saved("Grown-ups", 'has tag "adult"')
    with pytest.raises(InUse, match="“adult” is used by woman, audience “Grown-ups”"):
        retire_tag(name="adult")
    retire_tag(name="woman")
    assert "woman" not in known_tags()
    with pytest.raises(NotNow, match="is retired"):
        publish_version(tag="woman")
    restore_tag(name="woman")
    assert "woman" in known_tags()


def test_a_tag_whose_rule_means_nothing_any_more_is_not_restored() -> None:
    published("adult", "age >= 18")
    published("woman", 'gender = "female" and has tag "adult"')
    retire_tag(name="woman")
    retire_tag(name="adult")
    with pytest.raises(RuleError, match="there is no tag “adult”"):
        restore_tag(name="woman")
    restore_tag(name="adult")
    restore_tag(name="woman")
    assert sorted(known_tags()) == ["adult", "woman"]


def test_publication_asks_for_a_job_once_there_is_something_to_compute_from(in_force: None) -> None:
    published("adult", "age >= 18")
    assert [(job.kind, job.arguments["names"]) for job in Job.objects.filter(kind="tag")] == [("tag", ["adult"])]
    create_tag(name="vip", kind="yes_no", origin="person", **WORDS)
    approve_version(tag="vip")
    publish_version(tag="vip")
    assert Job.objects.filter(kind="tag").count() == 1


def test_a_refresh_keeps_how_many_have_which_tag(home: Path, django_capture_on_commit_callbacks: Any) -> None:
    import_company(home / "files")
    published("size", 'when revenue_amount > 500 then "large" when order_count > 0 then "small"')
    create_tag(name="vip", kind="yes_no", origin="person", **WORDS)
    approve_version(tag="vip")
    publish_version(tag="vip")
    with django_capture_on_commit_callbacks(execute=True):
        refresh = run_refresh(as_of=AS_OF)
    kept = {(f.tag.name, f.value): (f.refresh_id, f.as_of, f.customer_count) for f in TagFigure.objects.all()}
    counts = {name: count for name, (_refresh, _day, count) in kept.items()}
    assert counts["size", ""] == counts["size", "large"] + counts["size", "small"] > 0
    assert kept["vip", ""] == (refresh.pk, AS_OF, 0)


def test_a_set_tag_has_values_and_no_rule() -> None:
    tier = create_tag(name="tier", kind="category", origin="person", values=["gold", "silver"], **WORDS)
    assert (tier.tree, [value["value"] for value in tier.values]) == ("", ["gold", "silver"])
    with pytest.raises(UserError, match="has no rule"):
        create_tag(name="vip", rule="age > 1", origin="person", **WORDS)
    approve_version(tag="tier")
    publish_version(tag="tier")
    assert known_tags()["tier"].values == ("gold", "silver")
    assert published_tags()[0].is_set
    assert [value["value"] for value in draft_version(tag="tier", values=["gold"]).values] == ["gold"]


def test_titles_of_some_values_do_not_shut_out_the_others() -> None:
    titled = [{"value": "zh-CN", "title": "Chinese"}]
    published("speaks", "language", values=titled)
    assert known_tags()["speaks"].values == ()
    published("sex", "gender", values=[{"value": "male", "title_zh": "男"}])
    assert known_tags()["sex"].values == ("female", "male", "other")


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        ({"name": "Adult"}, "name", "small letters"),
        ({"name": ""}, "name", "blank"),
        ({"title": " "}, "title", "needs a title"),
        ({"theme": "a//b"}, "theme", "cannot be a theme"),
        ({"theme": "../etc"}, "theme", "cannot be a theme"),
        ({"rule": None}, "rule", "needs a rule"),
        ({"rule": "age >> 18"}, None, ""),
        ({"rule": "agee > 18"}, None, "agee"),
        ({"kind": "number"}, "kind", "another kind of tag"),
        ({"kind": "colour"}, "kind", "is no kind of tag"),
        ({"schedule": "hourly"}, "schedule", "not a valid choice"),
        ({"origin": "nowhere"}, "origin", "not a valid choice"),
        ({"values": ["a"]}, "values", "only a category"),
        ({"rule": 'when age > 1 then "a"', "values": ["b"]}, "values", "never gives “b”"),
        ({"rule": "gender", "values": ["male", "male"]}, "values", "is there twice"),
        ({"later_fact": "ever(orders)"}, "later_days", "a number of days"),
        ({"later_days": 30}, "later_fact", "a number of days"),
        ({"later_fact": "order_count", "later_days": 30}, None, "value, and no condition"),
    ],
)
def test_what_cannot_be_a_definition_is_refused_at_its_place(
    changes: dict[str, object], where: str | None, says: str
) -> None:
    with pytest.raises(UserError) as refused:
        create_tag(**{"name": "adult", "rule": "age >= 18", **WORDS, **changes})  # type: ignore[arg-type]
    assert says in refused.value.message
    if where is not None:
        assert refused.value.where == where
    assert not Tag.objects.exists()


def test_names_are_taken_once() -> None:
    create_tag(name="adult", rule="age >= 18", **WORDS)
    with pytest.raises(NameTaken, match="a tag “adult” already"):
        create_tag(name="adult", rule="age >= 18", **WORDS)


def test_no_tag_is_called_as_the_number_of_customers() -> None:
    with pytest.raises(UserError, match="number of every customer"):
        create_tag(name="customer_id", rule="age >= 18", **WORDS)


def test_a_tag_is_described_anew_without_a_new_version() -> None:
    create_tag(name="adult", rule="age >= 18", **WORDS)
    User.objects.create(username="ann")
    tag = describe_tag(name="adult", title_zh="成年人", theme="population", schedule="weekly", owner="ann")
    assert (tag.title, tag.title_zh, tag.theme, tag.schedule, str(tag.owner)) == (
        "A test",
        "成年人",
        "population",
        "weekly",
        "ann",
    )
    assert tag.versions.count() == 1
    with pytest.raises(UserError, match="nobody signs in as “bob”"):
        describe_tag(name="adult", owner="bob")
    with pytest.raises(NoSuchTag, match="no tag is called “child”"):
        describe_tag(name="child", title="x")


def test_the_author_approves_only_with_the_right(ann: Actor) -> None:
    draft = create_tag(name="adult", rule="age >= 18", **WORDS)
    assert (draft.author_id, draft.tag.owner_id) == (ann.id, ann.id)
    for refused in (approve_version, publish_version):
        with pytest.raises(Denied):
            refused(tag="adult")
    with acting_as(Actor(ActorKind.USER, ann.id, "ann", frozenset({Right.APPROVE_TAGS}))):
        assert approve_version(tag="adult").approved_by_id == ann.id
        with pytest.raises(Denied):
            create_tag(name="other", rule="age >= 18", **WORDS)
    with pytest.raises(Denied):
        withdraw_version(tag="adult")  # it is approved already
    for refused_one in (retire_tag, restore_tag):
        with pytest.raises(Denied):
            refused_one(name="adult")


def test_who_may_not_see_personal_data_does_not_select_by_it(ann: Actor) -> None:
    with pytest.raises(RuleError, match="takes the right to see personal data"):
        create_tag(name="wang", rule='name contains "王"', **WORDS)
    with acting_as(Actor(ActorKind.USER, ann.id, "ann", EVERYTHING)):
        create_tag(name="wang", rule='name contains "王"', **WORDS)
    with pytest.raises(RuleError, match="takes the right to see personal data"):
        draft_version(tag="wang", note="another")
