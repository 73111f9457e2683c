"""The definitions that come with Zhike: what they say, and how they get into an installation and stay up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from zhike.rules.check import names_in
from zhike.rules.text import parse, text_of
from zhike.understand.tags.defining.files import TagFile, written
from zhike.understand.tags.defining.publishing import approve_version, publish_version, retire_tag
from zhike.understand.tags.defining.services import create_tag, describe_tag, draft_version
from zhike.understand.tags.defining.shipped import install_library, library
from zhike.understand.tags.definitions import known_tags, published_tags
from zhike.understand.tags.models import Tag, TagVersion
from zhike.understand.tags.wording.themes import THEMES

OLD = {
    "rfm_segment": (
        *("champions", "loyal", "cannot_lose", "at_risk", "new", "promising", "needs_attention"),
        *("about_to_sleep", "hibernating"),
    ),
    "rfm_recency": tuple("54321"),
    "rfm_frequency": tuple("54321"),
    "rfm_monetary": tuple("54321"),
    "contract_holder": ("active", "former"),
    "recently_active": (),
}


@pytest.fixture(autouse=True)
def installed(home: object) -> None:
    """An empty installation; its database has the library, as every one that was set up."""


def changed(name: str, **changes: object) -> Mapping[str, TagFile]:
    """The library with one tag that says something else."""
    file = library()[name]
    return {**library(), name: replace(file, text=file.text.model_copy(update=changes))}


def test_every_definition_is_in_force_after_the_setup() -> None:
    assert set(known_tags()) == set(library())
    assert len(library()) >= 60
    assert set(Tag.objects.filter(is_shipped=True).values_list("name", flat=True)) == set(library())


def test_the_tags_that_there_were_before_have_their_names_and_values() -> None:
    in_force = {tag.name: tag for tag in published_tags()}
    assert {name: in_force[name].values for name in OLD} == OLD


@pytest.mark.parametrize("name", sorted(library()))
def test_a_definition_is_complete_and_stands_in_a_file_of_its_own(name: str) -> None:
    file = library()[name]
    text = file.text
    assert file.path.parts[-2 - text.theme.count("/") :] == (*text.theme.split("/"), f"{name}.yaml")
    assert text.theme in THEMES
    assert text.title
    assert text.title_zh
    assert text.doc.endswith(".")
    assert text.doc_zh.endswith("。")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text.title_zh)
    assert all(value.title and value.title_zh for value in text.values)
    for rule in filter(None, (text.rule, text.later_fact)):
        tree = parse(rule).tree
        assert " ".join(rule.split()) == text_of(tree), "spelt as rules are"
        assert parse(text_of(tree)).tree == tree
    assert file.path.read_text(encoding="utf-8") == written(text)


def test_every_theme_of_the_tree_has_a_tag() -> None:
    themes = {file.text.theme for file in library().values()}
    leaves = {theme for theme in THEMES if not any(other.startswith(f"{theme}/") for other in THEMES)}
    assert leaves <= themes


def test_the_library_uses_every_part_of_the_standard_vocabulary_that_it_can() -> None:
    names = [names_in(parse(file.text.rule).tree) for file in library().values()]
    facts = {facts for one in names for facts in one.facts}
    assert facts == {"orders", "contracts", "events", "interactions", "messages", "responses"}
    assert {relation for one in names for relation in one.relations} >= {"insured", "beneficiary", "holder"}
    assert any(one.tags for one in names)


def test_it_is_brought_in_once() -> None:
    before = TagVersion.objects.count()
    assert install_library() == ()
    assert TagVersion.objects.count() == before


def test_a_definition_that_changed_becomes_a_version() -> None:
    files = changed("birthday_soon", rule="days_to_birthday <= 7")
    assert install_library(files) == ("birthday_soon",)
    tag = Tag.objects.get(name="birthday_soon")
    assert [(version.number, version.state) for version in tag.versions.all()] == [(2, "published"), (1, "replaced")]
    assert install_library(files) == ()


def test_words_that_changed_need_no_version() -> None:
    files = changed("birthday_soon", title="Birthday ahead")
    assert install_library(files) == ("birthday_soon",)
    tag = Tag.objects.get(name="birthday_soon")
    assert (tag.title, tag.versions.count()) == ("Birthday ahead", 1)
    assert install_library(files) == ()


def test_what_the_firm_made_of_a_tag_stays() -> None:
    draft_version(tag="birthday_soon", rule="days_to_birthday <= 14")
    files = changed("birthday_soon", rule="days_to_birthday <= 7", title="Birthday ahead")
    assert install_library(files) == ("birthday_soon",)  # its words alone: nobody changed those
    tag = Tag.objects.get(name="birthday_soon")
    assert [version.state for version in tag.versions.all()] == ["draft", "published"]
    approve_version(tag="birthday_soon")
    publish_version(tag="birthday_soon")
    describe_tag(name="birthday_soon", title="Our own words")
    assert install_library(changed("birthday_soon", rule="days_to_birthday <= 3", title="Another")) == ()
    tag.refresh_from_db()
    assert tag.title == "Our own words"
    assert text_of(published_tag("birthday_soon")) == "days_to_birthday <= 14"


def published_tag(name: str):  # type: ignore[no-untyped-def]
    return next(tag.tree for tag in published_tags() if tag.name == name)


def test_a_retired_tag_is_not_brought_back() -> None:
    retire_tag(name="birthday_soon")
    assert install_library(changed("birthday_soon", rule="days_to_birthday <= 7")) == ()
    assert "birthday_soon" not in known_tags()


def test_a_tag_of_the_firm_that_has_the_name_stands_and_what_needs_the_other_is_left_out() -> None:
    Tag.objects.filter(name__in=["lines_held", "cross_sell_candidate"]).delete()
    create_tag(name="lines_held", rule="age > 1", theme="ours", title="Something else")
    approve_version(tag="lines_held")
    publish_version(tag="lines_held")
    # It is of another kind, so that the candidates cannot be told from it.
    assert install_library() == ()
    assert known_tags()["lines_held"].kind == "yes_no"
    assert "cross_sell_candidate" not in known_tags()
    Tag.objects.filter(name="lines_held").delete()
    assert install_library() == ("cross_sell_candidate", "lines_held")
