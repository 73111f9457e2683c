"""Definitions as files: read, written, compared with what is in force, applied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.attributes.tables import ATTRIBUTES
from zhike.understand.tags.defining.applying import apply_files
from zhike.understand.tags.defining.differences import compare_files
from zhike.understand.tags.defining.exporting import export_tags
from zhike.understand.tags.defining.files import (
    BadDefinition,
    TagText,
    ValueText,
    laid_out,
    read_folder,
    read_text,
    written,
)
from zhike.understand.tags.defining.movement import Movement
from zhike.understand.tags.defining.publishing import retire_tag
from zhike.understand.tags.defining.shipped import library
from zhike.understand.tags.models import Tag, TagVersion
from zhike.warehouse.queries import published, rows

ADULT = """\
name: adult
kind: yes_no
theme: population
title: Adult
title_zh: 成年人
rule: age >= 18
"""


def folder_of(path: Path, **texts: str) -> Path:
    folder = path / "definitions"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=200).map(str.strip)


@given(
    st.builds(
        TagText,
        name=st.just("x"),
        kind=st.sampled_from(["category", "yes_no"]),
        theme=st.just("a/b"),
        title=WORDS.filter(bool),
        doc=WORDS,
        title_zh=WORDS,
        rule=st.sampled_from(["age > 1", 'gender = "yes"', *(file.text.rule for file in library().values())]),
        values=st.lists(st.builds(ValueText, value=WORDS.filter(bool), title=WORDS), max_size=3).map(tuple),
        later_days=st.none() | st.integers(1, 900),
    )
)
def test_what_is_written_is_read_back(text: TagText) -> None:
    read = read_text(written(text), Path("x.yaml")).text
    flat = {"rule": " ".join(read.rule.split())}
    assert read.model_copy(update=flat) == text.model_copy(update={"rule": " ".join(text.rule.split())})


def test_a_long_rule_is_set_in_lines_that_mean_the_same() -> None:
    rule = (
        'age between 30 and 45 and count(orders where category = "a and b" and channel = "x" in last 90 days) >= 2 '
        'and (gender = "female" or gender = "male") and has tag "somebody or other"'
    )
    assert laid_out(rule).splitlines() == [
        "age between 30 and 45",
        'and count(orders where category = "a and b" and channel = "x" in last 90 days) >= 2',
        'and (gender = "female" or gender = "male")',
        'and has tag "somebody or other"',
    ]
    assert laid_out("age > 1 and age < 9") == "age > 1 and age < 9"


@pytest.mark.usefixtures("home")
class TestMistakes:
    """Every mistake is told with the file and the line."""

    @pytest.mark.parametrize(
        ("text", "where", "says"),
        [
            (ADULT.replace("title:", "titel:", 1), "adult.yaml:4 titel", "is no key"),
            (ADULT.replace("title: Adult\n", ""), "adult.yaml:1 title", "is missing"),
            (ADULT + "kind: number\n", "adult.yaml:7", "is there twice"),
            (ADULT + "later_days: soon\n", "adult.yaml:7 later_days", "is not as it should be"),
            (ADULT.replace("yes_no", "colour"), "adult.yaml:2", "is no kind of tag"),
            (ADULT.replace("age >= 18", "agee >= 18"), "adult.yaml:6 rule (character 1)", "agee"),
            (
                ADULT.replace("age >= 18", "|\n  age >= 18\n  and agee < 9"),
                "adult.yaml:8 rule (character 5 of the line)",
                "agee",
            ),
            (ADULT.replace("age >= 18", "age >="), "adult.yaml:6 rule", ""),
            (ADULT.replace("yes_no", "number"), "adult.yaml:2 kind", "another kind of tag"),
            (ADULT + "later_fact: order_count\nlater_days: 9\n", "adult.yaml:7 later_fact", "no condition"),
            (ADULT + "later_fact: ever(ordrs)\nlater_days: 9\n", "adult.yaml:7 later_fact (character", "ordrs"),
            (ADULT + "values: [a]\n", "adult.yaml:7 values", ""),
            (ADULT.replace("Adult\n", "''\n", 1), "adult.yaml:4 title", "needs a title"),
            (ADULT.replace("population", "a//b"), "adult.yaml:3 theme", "cannot be a theme"),
            (ADULT.replace("name: adult", "name: Adult"), "adult.yaml:1 name", "small letters"),
            (ADULT.replace("name: adult", "name: customer_id"), "adult.yaml:1 name", "the number of every customer"),
            (ADULT.replace("name: adult", "name: 0x1F"), "adult.yaml:1 name", "small letters"),
            (ADULT.replace("name: adult", "name: ' adult'"), "adult.yaml:1 name", "small letters"),
            (ADULT + "schedule: hourly\n", "adult.yaml:7 schedule", "hourly"),
            (ADULT + "origin: heaven\n", "adult.yaml:7 origin", "heaven"),
            (ADULT.replace("population", '"popu\\0lation"'), "adult.yaml:3 theme", "cannot be a theme"),
            (
                ADULT.replace("title: Adult", 'title: "Ad\\u202Eult"'),
                "adult.yaml:4 title",
                "a hidden character: U+202E",
            ),
            (ADULT.replace("title: Adult", 'title: "Ad\\0ult"'), "adult.yaml:4 title", "a hidden character: U+0000"),
            (ADULT.replace("title: Adult", f"title: {'a' * 101}"), "adult.yaml:4 title", "100"),
            (ADULT + f"unit: {'a' * 31}\n", "adult.yaml:7 unit", "30"),
            (ADULT + f"later_fact: ever(orders)\nlater_days: {10**24}\n", "adult.yaml:8 later_days", "36500 days"),
            ("- a\n- b\n", "adult.yaml:1", "defines no tag"),
            ("a: [b\n", "adult.yaml:2", "is no YAML"),
            ("a: 2026-99-99\n", "adult.yaml", "is no YAML"),
            ("", "adult.yaml:1", "defines no tag"),
        ],
    )
    def test_a_mistake_is_told_with_its_line(self, tmp_path: Path, text: str, where: str, says: str) -> None:
        folder = folder_of(tmp_path, adult=text)
        with pytest.raises(BadDefinition) as refused:
            apply_files(read_folder(folder))
        assert where in refused.value.where
        assert says in refused.value.message
        with pytest.raises(BadDefinition) as told:
            compare_files(read_folder(folder))
        assert str(told.value) == str(refused.value), "the difference tells what applying would refuse"
        assert not Tag.objects.filter(is_shipped=False).exists()

    def test_nothing_is_applied_if_one_of_the_files_is_wrong(self, tmp_path: Path) -> None:
        wrong = ADULT.replace("name: adult", "name: old").replace("age >= 18", "agee >= 60")
        with pytest.raises(BadDefinition, match=r"old\.yaml:6 rule"):
            apply_files(read_folder(folder_of(tmp_path, adult=ADULT, old=wrong)), publish=True)
        assert not Tag.objects.filter(name__in=["adult", "old"]).exists()

    def test_a_folder_without_definitions_or_with_two_of_a_name_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(BadDefinition, match="there is no such folder"):
            read_folder(tmp_path / "nowhere")
        with pytest.raises(BadDefinition, match="holds no definition"):
            read_folder(tmp_path)
        with pytest.raises(BadDefinition, match=r"defines “adult”, which .*one\.yaml does too"):
            read_folder(folder_of(tmp_path, one=ADULT, two=ADULT))
        path = folder_of(tmp_path) / "one.yaml"
        path.write_bytes("title: 成年".encode("gb18030"))
        with pytest.raises(BadDefinition, match="is not UTF-8"):
            read_folder(path)

    def test_what_a_tag_is_cannot_be_changed_by_a_file(self, tmp_path: Path) -> None:
        apply_files(read_folder(folder_of(tmp_path, adult=ADULT)), publish=True)
        number = ADULT.replace("yes_no", "number").replace("age >= 18", "age")
        with pytest.raises(BadDefinition, match=r"adult\.yaml:2.* is of another kind"):
            apply_files(read_folder(folder_of(tmp_path, adult=number)))
        by_hand = ADULT.replace("rule: age >= 18", "origin: person")
        with pytest.raises(BadDefinition, match=r"adult\.yaml:6.* another origin"):
            apply_files(read_folder(folder_of(tmp_path, adult=by_hand)))
        retire_tag(name="adult")
        with pytest.raises(BadDefinition, match="is retired"):
            apply_files(read_folder(folder_of(tmp_path, adult=ADULT)))

    def test_a_circle_among_files_is_told(self, tmp_path: Path) -> None:
        one = ADULT.replace("age >= 18", 'has tag "old"')
        other = ADULT.replace("name: adult", "name: old").replace("age >= 18", 'has tag "adult"')
        with pytest.raises(BadDefinition, match="adult → old → adult"):
            apply_files(read_folder(folder_of(tmp_path, adult=one, old=other)))


@pytest.mark.usefixtures("home")
def test_what_is_exported_is_what_is_applied(tmp_path: Path) -> None:
    paths = export_tags(tmp_path / "all")
    assert len(paths) == len(library())
    files = read_folder(tmp_path / "all")
    versions = TagVersion.objects.count()
    done = apply_files(files, publish=True)
    assert (len(done.unchanged), done.created, done.drafted, done.described, done.published) == (
        len(files),
        (),
        (),
        (),
        (),
    )
    assert TagVersion.objects.count() == versions
    for path in paths:
        shipped = library()[path.stem].path
        assert path.relative_to(tmp_path / "all") == shipped.relative_to(
            shipped.parents[shipped.parts[::-1].index("library") - 1]
        )
        assert path.read_text(encoding="utf-8") == shipped.read_text(encoding="utf-8")
    assert [path.stem for path in export_tags(tmp_path / "some", theme="three")] == [
        "age_band",
        "gender",
        "income_band",
    ]
    assert [path.stem for path in export_tags(tmp_path / "one", names=("gender",))] == ["gender"]
    with pytest.raises(UserError, match="no tag is called “gendre”"):
        export_tags(tmp_path / "one", names=("gendre",))


@pytest.mark.usefixtures("home")
def test_files_become_drafts_and_then_versions_in_force(tmp_path: Path) -> None:
    old = ADULT.replace("name: adult", "name: old").replace("age >= 18", 'has tag "adult" and age >= 60')
    folder = folder_of(tmp_path, adult=ADULT, old=old)  # the one is made of the other, whichever comes first
    done = apply_files(read_folder(folder), note="from a file")
    assert (done.created, done.published) == (("adult", "old"), ())
    assert apply_files(read_folder(folder)).unchanged == ("adult", "old")
    assert apply_files(read_folder(folder), publish=True).published == ("adult", "old")
    assert [version.state for version in TagVersion.objects.filter(tag__name="old")] == ["published"]
    folder_of(tmp_path, adult=ADULT.replace("18", "21").replace("title: Adult", "title: Grown up"))
    done = apply_files(read_folder(folder), publish=True)
    assert (done.described, done.drafted, done.published, done.unchanged) == (
        ("adult",),
        ("adult",),
        ("adult",),
        ("old",),
    )
    tag = Tag.objects.get(name="adult")
    assert (tag.title, [version.state for version in tag.versions.all()]) == ("Grown up", ["published", "replaced"])


@pytest.mark.usefixtures("home")
def test_what_is_kept_of_a_text_is_what_it_is_compared_with(tmp_path: Path) -> None:
    files = read_folder(folder_of(tmp_path, adult=ADULT + 'doc: "Grown\\u202E\\0 up\\r\\nfor good "\n'))
    assert apply_files(files).created == ("adult",)
    assert Tag.objects.get(name="adult").doc == "Grown up\nfor good"
    assert [one.state for one in compare_files(files)] == ["same"]
    assert apply_files(files).unchanged == ("adult",)


@pytest.mark.usefixtures("home")
def test_a_theme_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no theme “busines”") as refused:
        export_tags(tmp_path, theme="busines")
    assert "business" in refused.value.advice


@pytest.mark.usefixtures("home")
def test_a_set_tag_is_a_file_too(tmp_path: Path) -> None:
    head = "name: tier\nkind: category\norigin: person\ntheme: business\ntitle: Tier\n"
    tier = head + "values: [gold, {value: silver, title: Silver}]\n"
    apply_files(read_folder(folder_of(tmp_path, tier=tier)), publish=True)
    version = TagVersion.objects.get(tag__name="tier")
    assert [value["value"] for value in version.values] == ["gold", "silver"]
    export_tags(tmp_path / "out", names=("tier",))
    assert apply_files(read_folder(tmp_path / "out")).unchanged == ("tier",)


@pytest.mark.usefixtures("home")
def test_applying_takes_the_rights_that_the_single_steps_take(tmp_path: Path) -> None:
    files = read_folder(folder_of(tmp_path, adult=ADULT))
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))):
        for attempt in (lambda: apply_files(files), lambda: compare_files(files)):
            with pytest.raises(Denied):
                attempt()
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.DEFINE_TAGS, Right.SEE_CUSTOMERS}))):
        with pytest.raises(Denied):
            apply_files(files, publish=True)
        assert apply_files(files).created == ("adult",)


@pytest.mark.usefixtures("company")
class TestMovement:
    """Who would join and leave, before anything is applied."""

    def test_a_new_tag_says_who_would_have_it(self, tmp_path: Path) -> None:
        buyer = ADULT.replace("name: adult", "name: buyer").replace("age >= 18", "order_count >= 1")
        large = ADULT.replace("name: adult", "name: large").replace(
            "age >= 18", 'has tag "buyer" and revenue_amount > 500'
        )
        found = compare_files(read_folder(folder_of(tmp_path, buyer=buyer, large=large)))
        every = customers()
        expected = {
            "buyer": sum(row["order_count"] >= 1 for row in every),
            "large": sum(row["order_count"] >= 1 and row["revenue_amount"] > 500 for row in every),
        }
        assert all(expected.values())
        assert [(one.name, one.state) for one in found] == [("buyer", "new"), ("large", "new")]
        for one in found:
            count = expected[one.name]
            assert one.movement == Movement(before=0, after=count, joined=count, left=0, stay=0, moved=0)
        assert not Tag.objects.filter(name="buyer").exists()

    def test_a_changed_rule_says_who_joins_leaves_and_gets_another_value(self, tmp_path: Path) -> None:
        text = written(
            library()["usual_order_value"].text.model_copy(
                update={
                    "rule": 'when order_count = 1 then "small" when revenue_amount / order_count < 150 then "middle"',
                    "values": (ValueText(value="middle"), ValueText(value="small")),
                }
            )
        )
        (one,) = compare_files(read_folder(folder_of(tmp_path, usual=text)))
        before = {row["customer_id"]: band(row) for row in customers() if row["order_count"]}
        after = {row["customer_id"]: new for row in customers() if (new := new_band(row))}
        both = before.keys() & after.keys()
        assert one.state == "changed"
        assert [change.field for change in one.fields] == ["rule", "values"]
        assert one.movement == Movement(
            before=len(before),
            after=len(after),
            joined=len(after.keys() - before.keys()),
            left=len(before.keys() - after.keys()),
            stay=len(both),
            moved=sum(before[customer] != after[customer] for customer in both),
        )
        assert one.movement.moved

    def test_what_is_the_same_or_only_called_otherwise_moves_nobody(self, tmp_path: Path) -> None:
        same = library()["gender"].text
        called = library()["age_band"].text.model_copy(update={"title": "Years"})
        folder = folder_of(tmp_path, gender=written(same), age=written(called))
        age, gender = compare_files(read_folder(folder))
        assert (gender.state, gender.fields, gender.movement) == ("same", (), None)
        assert (age.state, [(one.field, one.after) for one in age.fields], age.movement) == (
            "described",
            [("title", "Years")],
            None,
        )

    def test_what_is_in_force_and_not_computed_yet_is_counted_by_its_definition(self, tmp_path: Path) -> None:
        buyer = ADULT.replace("name: adult", "name: buyer").replace("age >= 18", "order_count >= 1")
        apply_files(read_folder(folder_of(tmp_path, buyer=buyer)), publish=True)
        changed = buyer.replace("order_count >= 1", "order_count >= 1 and revenue_amount > 500")
        large = ADULT.replace("name: adult", "name: large").replace("age >= 18", 'has tag "buyer"')
        count = sum(row["order_count"] >= 1 for row in customers())
        (one,) = compare_files(read_folder(folder_of(tmp_path / "a", large=large)))
        assert one.movement == Movement(before=0, after=count, joined=count, left=0, stay=0, moved=0)
        (one,) = compare_files(read_folder(folder_of(tmp_path / "b", buyer=changed)))
        assert one.movement is not None
        assert (one.movement.before, 0 < one.movement.after < count) == (0, True)

    def test_a_tag_that_names_a_changed_one_is_counted_as_both_would_be(self, tmp_path: Path) -> None:
        band_text = library()["premium_band"].text.model_copy(
            update={"rule": 'when annual_premium_amount > 0 then "very_large"', "values": ()}
        )
        value_text = library()["high_value"].text.model_copy(update={"rule": 'has tag "premium_band" = "very_large"'})
        folder = folder_of(tmp_path, band=written(band_text), high=written(value_text))
        found = {one.name: one.movement for one in compare_files(read_folder(folder))}
        paying = sum(row["annual_premium_amount"] > 0 for row in customers())
        assert paying
        assert [movement and movement.after for movement in found.values()] == [paying, paying]


def customers() -> list[dict[str, Any]]:
    return rows(published().table(ATTRIBUTES))  # type: ignore[return-value]


def band(row: dict[str, Any]) -> str:
    value = float(row["revenue_amount"]) / row["order_count"]
    return "small" if value < 50 else "middle" if value < 150 else "large" if value < 500 else "very_large"


def new_band(row: dict[str, Any]) -> str:
    if not row["order_count"]:
        return ""
    if row["order_count"] == 1:
        return "small"
    return "middle" if float(row["revenue_amount"]) / row["order_count"] < 150 else ""
