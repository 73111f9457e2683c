"""What tells who somebody is, is told only to those with the right: by rules, tags, audiences and values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from tests.grown import Growth, grown
from tests.pages.conftest import open_with as open_with
from tests.understand.conftest import COMPANY
from tests.understand.tags_in_force import put_in_force

from zhike.errors import UserError
from zhike.govern.access.actors import NOBODY, OPERATOR, Actor, ActorKind, acting_as
from zhike.govern.access.rights import ALL_RIGHTS, Right
from zhike.govern.access.services import Denied, issue_token
from zhike.rules.errors import RuleError
from zhike.rules.tree import InAudience
from zhike.understand.audiences.comparing.sets import look_alikes, overlap_of, profile_audience
from zhike.understand.audiences.freezing import freeze_audience, sample_audience, split_by_value
from zhike.understand.audiences.history import changes_between, compare_frozen
from zhike.understand.audiences.models import Audience
from zhike.understand.audiences.queries import count_audience, explain_rule, list_audiences, saved_audience
from zhike.understand.audiences.rows import export_members, member_page, sample_rows
from zhike.understand.audiences.services import redefine_audience, save_audience
from zhike.understand.customers.profiles import customer_profile
from zhike.understand.customers.queries import list_customers
from zhike.understand.tags.circles import personal
from zhike.understand.tags.computing.rebuilding import rebuild_tag
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.customer_tags import customer_tags
from zhike.understand.tags.defining.preview import previewed
from zhike.understand.tags.defining.services import create_tag, draft_version
from zhike.understand.tags.explaining.why import why
from zhike.understand.tags.queries import list_tags, tag_page
from zhike.understand.tags.vocabularies import vocabulary
from zhike.warehouse.attributes import registry
from zhike.warehouse.contracts import Kind
from zhike.warehouse.queries import published

pytestmark = pytest.mark.usefixtures("company")
PLANNER = Actor(ActorKind.USER, name="bob", rights=ALL_RIGHTS - {Right.SEE_PERSONAL_DATA})
MASKED_RULE = 'has tag "•••"'
ADA = 'name contains "Ada1"'
# Each reads what identifies, the later ones by way of the earlier ones.
PERSONAL_TAGS = {
    "his_name": "name",
    "his_income": "income_amount",
    "twice_his_income": "income_amount * 2",
    "born": "born_on",
    "is_ada": ADA,
    "with_ada": f"any holder ({ADA})",
    "as_ada": 'has tag "is_ada" or age > 200',
    "named_as_ada": 'tag "his_name"',
    "in_adas": 'in audience "Adas again"',
    "adas_or_not": 'when has tag "as_ada" then "one" otherwise "another"',
}
COARSE_TAGS = {"town": "city", "years": "age", "same_town": 'tag "town"', "next_year": "age + 1"}
BAND = 'when age >= 40 then "old" otherwise "young"'
PERSONAL_AUDIENCES = {"Adas": ADA, "Adas again": 'in audience "Adas"', "Adas by tag": 'has tag "is_ada"'}
IDENTIFYING = [name for name, one in registry().attributes.items() if one.identifies]
ASKS: dict[str, Callable[[str], object]] = {
    "count": count_audience,
    "explain": explain_rule,
    "sample": sample_rows,
    "members": member_page,
    "export": export_members,
    "list": lambda rule: list_customers(rule=rule),
    "profile": profile_audience,
    "against": lambda rule: profile_audience("age > 1", against=rule),
    "look-alikes": lambda rule: look_alikes(rule, size=1),
    "changes": lambda rule: changes_between(rule, earlier=published().refresh_id),
    "freeze": lambda rule: freeze_audience(name="New", rule=rule),
    "freeze a sample": lambda rule: sample_audience(name="New", rule=rule, size=1),
    "split": lambda rule: split_by_value(name="New", rule=rule, by="attribute:city"),
    "save": lambda rule: save_audience(name="New", rule=rule),
    "draft": lambda rule: create_tag(name="new", title="New", theme="business", rule=rule),
    "preview": previewed,
}


@pytest.fixture
def company(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """The small company with audiences that somebody with the right has made; tags stand beside, some computed."""
    with grown(Growth("personal", _define, on=COMPANY), settings, tmp_path_factory) as made:
        yield made


@pytest.fixture
def defined(company: dict[str, int]) -> dict[str, Audience]:
    """The audiences by their names."""
    return {name: Audience.objects.get(pk=number) for name, number in company.items()}


def _define(_folder: Path) -> dict[str, int]:
    made = {"Adas": save_audience(name="Adas", rule=ADA)}
    made["Adas again"] = save_audience(name="Adas again", rule='in audience "Adas"')
    tags = {**PERSONAL_TAGS, **COARSE_TAGS, "age_of_life": BAND}
    for name, rule in tags.items():
        put_in_force(name, rule)
    for name in ("his_name", "named_as_ada", "is_ada", "as_ada", "town", "years", "next_year", "age_of_life"):
        rebuild_tag(name)
    made["Adas by tag"] = save_audience(name="Adas by tag", rule='has tag "is_ada"')
    made["Frozen Adas"] = freeze_audience(name="Frozen Adas", rule=ADA)
    return {name: audience.pk for name, audience in made.items()}


@pytest.fixture
def machine(company: object) -> Callable[..., Any]:
    """Asks the API as somebody who lacks some rights: `machine("GET", path, lacking=…)`."""
    cache.clear()

    def ask(method: str, path: str, body: object = None, *, lacking: Right | None = Right.SEE_PERSONAL_DATA) -> Any:
        with acting_as(OPERATOR):
            secret = issue_token(name="test", rights=ALL_RIGHTS - {lacking})[1]
        client = Client(headers={"authorization": f"Bearer {secret}"})
        with acting_as(NOBODY):
            return client.generic(method, f"/api/v1{path}", body or "", content_type="application/json")

    return ask


def ada() -> int:
    return int(list_customers(rule=ADA, limit=1).rows[0]["customer_id"])  # type: ignore[call-overload,no-any-return]


def asking(name: str) -> str:
    """A condition on an attribute of whatever kind."""
    kind = registry().attributes[name].column.kind
    return {Kind.TEXT: f'{name} = "a"', Kind.DATE: f"{name} > 2000-01-01"}.get(kind, f"{name} > 1")


def test_what_tells_who_somebody_is_alone_or_together_identifies() -> None:
    assert set(IDENTIFYING) == {
        *("name", "id_number", "phone", "phone_2", "email", "address", "referred_by", "born_on", "days_to_birthday"),
        *("postal_code", "district", "employer", "job_title", "income_amount"),
    }
    columns = {name: one.column for name, one in registry().attributes.items()}
    assert all(columns[name].personal for name in (*IDENTIFYING, "age", "city", "gender", "occupation"))


def test_no_operation_takes_a_rule_by_what_identifies(defined: dict[str, Audience]) -> None:
    rules = [asking(name) for name in IDENTIFYING]
    rules += [f"{one} and age > 1" for one in rules]
    rules += [f'has tag "{name}"' for name in PERSONAL_TAGS]
    rules += [f'in audience "{name}"' for name in PERSONAL_AUDIENCES]
    for ask in ASKS.values():
        for rule in rules:
            with acting_as(PLANNER), pytest.raises(RuleError, match="takes the right to see personal data"):
                ask(rule)
    for what in ("count", "sample", "export", "preview"):
        ASKS[what]('has tag "is_ada" and in audience "Adas again"')  # with the right


def test_the_values_that_define_a_tag_are_refused_too() -> None:
    for name in IDENTIFYING:
        with acting_as(PLANNER), pytest.raises(RuleError, match="takes the right"):
            create_tag(name="leak", title="Leak", theme="business", rule=name)
        assert create_tag(name=f"of_{name}", title="T", theme="business", rule=name).number == 1


def test_coarse_attributes_are_selected_by_and_masked_on_a_row() -> None:
    columns = ("age", "days_to_birthday", "born_on", "city")
    with acting_as(PLANNER):
        found = sample_rows("age > 1 and city is known or age > 1", columns=columns)
        assert {row["age"] for row in found.rows} == {"•••"}
        assert {row["days_to_birthday"] for row in found.rows} <= {"•••", None}
        assert len(split_by_value(name="By town", rule="age > 1", by="attribute:city")) > 0
        exported = b"".join(export_members("age > 1", columns=("age",)).chunks).decode()
        assert "•••" in exported
    seen = sample_rows("age > 1", columns=columns).rows
    assert all(isinstance(row["age"], int) and isinstance(row["days_to_birthday"], int) for row in seen)


def test_a_tag_is_personal_by_whatever_way_and_a_choice_of_bands_is_not(defined: dict[str, Audience]) -> None:
    known = personal()
    library = {"birthday_soon", "generation", "income_band", "leads_others"}
    assert known.tags == {*PERSONAL_TAGS, *library}
    assert known.audiences == set(PERSONAL_AUDIENCES)
    assert set(COARSE_TAGS) <= set(known.told)
    assert "age_of_life" not in known.told
    with acting_as(PLANNER):
        names = vocabulary()
        assert not set(names.tags) & known.tags
        assert not set(names.audiences) & known.audiences
        assert {"reachable_by_phone", "may_be_asked", "came_by_referral", "age_of_life", "town"} <= set(names.tags)
        assert count_audience('has tag "reachable_by_phone"').count > 0
        assert count_audience('tag "years" > 1 and has tag "age_of_life" = "young"').count > 0


def test_a_tag_that_was_personal_stays_so_because_its_history_can_be_asked(defined: dict[str, Audience]) -> None:
    put_in_force("his_name", 'when age > 30 then "a" otherwise "b"')
    with acting_as(PLANNER), pytest.raises(RuleError, match="his_name"):
        count_audience('has tag "his_name"')


def test_who_has_a_personal_tag_is_not_told_of_a_customer(defined: dict[str, Audience]) -> None:
    customer_id = ada()
    seen = {one.name: one.value for one in customer_tags(customer_id)}
    assert seen["his_name"].startswith("Ada1")
    assert seen["is_ada"] == seen["as_ada"] == "yes"
    with acting_as(PLANNER):
        masked = {one.name: one.value for one in customer_tags(customer_id)}
        on_page = {one.name: one.value for one in customer_profile(customer_id).tags}
    assert masked["his_name"] == masked["named_as_ada"] == on_page["his_name"] == "A•••"
    assert not {"is_ada", "as_ada", "in_adas", "adas_or_not"} & {*masked, *on_page}
    assert masked["town"] == f"{seen['town'][0]}•••"
    for other in (one for one in index_of(published()).tag("years", (), None) if one < 40):
        with acting_as(PLANNER):
            tags = {one.name: one.value for one in customer_tags(other)}
        assert tags["years"] == tags["next_year"] == "•••"
        assert tags["age_of_life"] in ("old", "young")


def test_why_masks_what_is_coarse_and_refuses_what_is_personal(defined: dict[str, Audience]) -> None:
    aged = index_of(published()).tag("years", (), None)[0]
    for name in PERSONAL_TAGS:
        with acting_as(PLANNER), pytest.raises(Denied):
            why(tag=name, customer_id=aged)
        assert why(tag=name, customer_id=aged).finding is not None
    for name in ("years", "next_year"):
        with acting_as(PLANNER):
            found = why(tag=name, customer_id=aged)
        assert found.finding is not None
        assert (found.held, found.judged_now, found.finding.value, found.known["age"]) == ("•••",) * 4
        assert isinstance(why(tag=name, customer_id=aged).held, float)
    with acting_as(PLANNER):
        assert why(tag="age_of_life", customer_id=aged).held in ("old", "young")


def test_the_page_of_a_personal_tag_tells_neither_its_rule_nor_its_values(defined: dict[str, Audience]) -> None:
    draft_version(tag="town", rule="postal_code")
    with acting_as(PLANNER):
        pages = {name: tag_page(name) for name in PERSONAL_TAGS}
        rows = {row.name: row for row in list_tags()}
        town = tag_page("town")
    for name, page in pages.items():
        assert page.shown.rule == MASKED_RULE
        assert (page.values, page.shown.values, page.row.customers, rows[name].customers) == ((), (), None, None)
        assert rows[name].trend == ()
        assert page.doc.endswith("What it says of customers is shown to those who may see personal data.")
    assert [one.rule for one in town.versions] == [MASKED_RULE, "city"]
    assert "上海" in {one.value for one in town.values}
    assert tag_page("his_name").values
    assert tag_page("his_name").shown.rule == "name"


def test_audiences_by_what_identifies_are_listed_without_rule_and_size(defined: dict[str, Audience]) -> None:
    with acting_as(PLANNER):
        listed = {one.name: one for one in list_audiences()}
    for name in PERSONAL_AUDIENCES:
        assert (listed[name].rule, listed[name].count) == (MASKED_RULE, None)
        assert "takes the right to see personal data" in listed[name].problem
        assert "Ada1" not in repr(listed[name])
    assert {one.name: one.rule for one in list_audiences()}["Adas"] == ADA


def test_a_personal_audience_is_refused_also_by_its_own_number(defined: dict[str, Audience]) -> None:
    for name in PERSONAL_AUDIENCES:
        audience_id = defined[name].pk
        tree = saved_audience(audience_id).tree
        with acting_as(PLANNER):
            shown = saved_audience(audience_id).tree
        for rule in (tree, shown, InAudience(audience=name)):
            for what in (
                "count",
                "explain",
                "sample",
                "members",
                "export",
                "list",
                "profile",
                "look-alikes",
                "changes",
            ):
                with acting_as(PLANNER), pytest.raises(UserError, match="takes the right to see personal data"):
                    ASKS[what](rule)  # type: ignore[arg-type]
        for ask in (freeze_audience, lambda **of: split_by_value(by="attribute:city", **of)):
            with acting_as(PLANNER), pytest.raises(UserError, match="takes the right"):
                ask(name="New", audience_id=audience_id)
        with acting_as(PLANNER), pytest.raises(UserError, match="takes the right"):
            overlap_of([name])
        assert count_audience(tree).count > 0


def test_what_the_list_of_customers_remembers_of_one_is_not_shown_to_another(defined: dict[str, Audience]) -> None:
    tree = saved_audience(defined["Adas"].pk).tree
    for rule in (ADA, tree):
        assert list_customers(rule=rule).total > 0
        with acting_as(PLANNER), pytest.raises(UserError):
            list_customers(rule=rule)


def test_a_frozen_list_is_a_list_whose_rule_is_masked(defined: dict[str, Audience]) -> None:
    frozen = defined["Frozen Adas"].pk
    with acting_as(PLANNER):
        shown = saved_audience(frozen)
        assert count_audience('in audience "Frozen Adas"').count == shown.count == 14
        with pytest.raises(UserError):
            compare_frozen(frozen)
    assert shown.frozen is not None
    assert (shown.rule, shown.frozen.rule) == (MASKED_RULE, MASKED_RULE)
    assert "Ada1" not in repr(shown)
    assert saved_audience(frozen).frozen.rule == ADA  # type: ignore[union-attr]


def test_comparisons_leave_personal_tags_out(defined: dict[str, Audience]) -> None:
    with acting_as(PLANNER):
        found = {one.name for one in profile_audience('city = "上海"').comparison.findings}
        weighed = {one.tag for one in look_alikes('city = "上海"', size=2).weights}
        for name in PERSONAL_TAGS:
            with pytest.raises(Denied):
                split_by_value(name="Parts", rule="age > 1", by=f"tag:{name}")
        for name in IDENTIFYING:
            with pytest.raises(UserError):
                split_by_value(name="Parts", rule="age > 1", by=f"attribute:{name}")
    assert not (found | weighed) & {*PERSONAL_TAGS, *IDENTIFYING}
    assert "his_name" in {one.name for one in profile_audience('city = "上海"').comparison.findings}


def test_who_lacks_the_right_cannot_draft_anew_what_is_personal(defined: dict[str, Audience]) -> None:
    with acting_as(PLANNER):
        with pytest.raises(RuleError):
            draft_version(tag="his_name")  # as it was
        with pytest.raises(RuleError):
            redefine_audience(audience_id=defined["Adas"].pk, rule='in audience "Adas"')


def test_pages_show_that_something_is_hidden_and_nothing_of_it(
    defined: dict[str, Audience], open_with: Callable[..., Any]
) -> None:
    adas = f"/audiences/{defined['Adas'].pk}/"
    paths = ["/tags/his_name/", "/tags/his_name/edit/", "/tags/his_name/versions/1/", "/tags/", "/audiences/", adas]
    paths += [f"{adas}profile/", f"{adas}funnel/", f"{adas}history/", f"{adas}look-alikes/", f"{adas}edit/"]
    paths += [f"/customers/{ada()}/", f"/audiences/{defined['Frozen Adas'].pk}/now/"]
    found = {}
    for path in paths:
        shown = open_with(path, *PLANNER.rights).content.decode()
        found[path] = [one for one in ("Ada1", "name contains", "名字") if one in shown]
    assert not {path: leaked for path, leaked in found.items() if leaked}
    assert "•••" in open_with(adas, *PLANNER.rights).content.decode()
    assert "shown to those who may see" in open_with("/tags/his_name/", *PLANNER.rights).content.decode()


def test_machines_are_told_no_more(defined: dict[str, Audience], machine: Callable[..., Any]) -> None:
    customer_id = ada()
    gone = ("Ada1", "income_amount")
    for path in (f"/customers/{customer_id}/tags", "/tags/his_name", "/tags/his_income", "/audiences", "/tags"):
        answer = machine("GET", path)
        assert answer.status_code == 200
        assert not [one for one in gone if one in answer.content.decode()]
    assert "Ada1" in machine("GET", f"/customers/{customer_id}/tags", lacking=None).content.decode()
    assert "Ada1" in machine("GET", "/audiences", lacking=None).content.decode()
    adas = defined["Adas"].pk
    for method, path, body in (
        ("POST", "/tags/his_name/sample", '{"size": 3}'),
        ("GET", "/tags/his_name/accuracy", None),
        ("POST", "/audiences/sample", '{"rule": "in audience \\"Adas\\""}'),
        ("POST", "/audiences/count", '{"rule": "has tag \\"is_ada\\""}'),
        ("POST", "/tags", '{"name": "x", "title": "x", "theme": "business", "rule": "income_amount"}'),
        ("GET", f"/audiences/{adas}/changes?earlier={published().refresh_id}", None),
        ("GET", f"/audiences/{defined['Frozen Adas'].pk}/compare", None),
    ):
        refused, allowed = machine(method, path, body), machine(method, path, body, lacking=None)
        assert refused.status_code in (400, 403, 422), path
        assert allowed.status_code in (200, 201), (path, allowed.content)
