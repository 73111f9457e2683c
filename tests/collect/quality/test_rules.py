"""Quality rules: what comes with Zhike, and what a firm makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhike.collect.quality.defining.files import BadRules, RuleText, read_rules, written
from zhike.collect.quality.defining.services import (
    NoSuchRule,
    Overtaken,
    export_rules,
    restore_rule,
    retire_rule,
    rule_named,
    take_rules,
    text_of_rule,
    write_rule,
)
from zhike.collect.quality.defining.shipped import install_library, library
from zhike.collect.quality.definitions import rules_in_force
from zhike.collect.quality.models import QualityRule
from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.rules.errors import RuleError

pytestmark = pytest.mark.django_db
OURS = RuleText(name="vip_email", title="VIPs have e-mail", dimension="completeness", good="email is known")


def test_every_rule_of_the_library_is_in_force() -> None:
    assert {rule.name for rule in rules_in_force()} == set(library())
    assert len(library()) >= 40
    assert {rule.dimension for rule in rules_in_force()} == set(QualityRule.Dimension.values)
    assert all(rule.title_zh for rule in library().values())


def test_what_the_firm_changed_or_retired_stays_when_the_library_comes_again() -> None:
    write_rule(text_of_rule(rule_named("email_stated")).model_copy(update={"target": 0.5}))
    retire_rule(name="city_stated")
    newer = {
        name: text.model_copy(update={"weight": 9})
        for name, text in library().items()
        if name in ("email_stated", "city_stated", "name_stated")
    }
    assert install_library(newer) == ("name_stated",)
    assert install_library(newer) == ()
    assert (rule_named("email_stated").target, rule_named("name_stated").weight) == (0.5, 9)
    assert rule_named("city_stated").retired_at is not None


def test_another_meaning_is_another_version_and_other_words_are_not() -> None:
    rule = write_rule(OURS, is_new=True)
    write_rule(OURS.model_copy(update={"title": "VIPs have an e-mail address"}))
    assert rule_named("vip_email").version == 1
    write_rule(OURS.model_copy(update={"applies": "annual_premium_amount > 1000"}), note="only they", seen=1)
    assert rule_named("vip_email").version == 2
    assert [(one.number, one.note) for one in rule.versions.all()] == [(2, "only they"), (1, "")]
    with pytest.raises(Overtaken):
        write_rule(OURS, seen=1)


def test_a_mistake_is_said_with_its_place() -> None:
    with pytest.raises(RuleError, match="there is no attribute “emial”") as raised:
        write_rule(OURS.model_copy(update={"good": "emial is known"}))
    assert raised.value.where.startswith("good")
    for change, where in (
        ({"good": ""}, "good"),
        ({"fields": ("e_mail",)}, "fields"),
        ({"dimension": "beauty"}, "dimension"),
    ):
        with pytest.raises(UserError) as wrong:
            write_rule(OURS.model_copy(update=change))
        assert wrong.value.where == where
    with pytest.raises(UserError, match="already"):
        write_rule(OURS.model_copy(update={"name": "email_stated"}), is_new=True)
    with pytest.raises(NoSuchRule) as strange:
        rule_named("email_statet")
    assert "email_stated" in strange.value.advice


def test_rules_speak_of_attributes_and_facts_alone() -> None:
    for good in ('has tag "rfm_segment"', 'in audience "Best"', "any insured (age > 3)"):
        with pytest.raises(RuleError):
            write_rule(OURS.model_copy(update={"good": good}))


def test_rules_go_to_a_file_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    assert export_rules(path) == len(library())
    texts = read_rules(path)
    assert {text.name: text for text in texts} == {rule.name: text_of_rule(rule) for rule in QualityRule.objects.all()}
    assert take_rules(texts).unchanged == tuple(text.name for text in texts)
    path.write_text(written([texts[0].model_copy(update={"weight": 7}), OURS]))
    assert take_rules(read_rules(path)).added == ("vip_email",)
    path.write_text(
        written([OURS.model_copy(update={"target": 0.1}), OURS.model_copy(update={"name": "b", "good": "x is"})])
    )
    with pytest.raises(UserError):
        take_rules(read_rules(path))
    assert rule_named("vip_email").target == 0.9, "all or none"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- name: a\n  titel: b\n", "titel"),
        ("name: a", "no list"),
        ("- name: [", "no YAML"),
        ("[]", "no quality rule"),
        ("- {name: a, title: b, dimension: accuracy, good: x, weight: 101}", "weight"),
    ],
)
def test_a_file_that_is_none_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(BadRules, match=said):
        read_rules(path)


def test_a_retired_rule_is_not_counted_until_it_is_brought_back() -> None:
    retire_rule(name="email_stated")
    assert "email_stated" not in {rule.name for rule in rules_in_force()}
    restore_rule(name="email_stated")
    assert "email_stated" in {rule.name for rule in rules_in_force()}


def test_it_takes_the_right_and_for_what_is_personal_another() -> None:
    with acting_as(Actor(ActorKind.USER, None, "bob", frozenset({Right.SEE_CUSTOMERS}))):
        for act in (lambda: write_rule(OURS), lambda: retire_rule(name="email_stated"), lambda: take_rules([OURS])):
            with pytest.raises(Denied):
                act()
    with acting_as(Actor(ActorKind.USER, None, "bob", frozenset({Right.MANAGE_QUALITY, Right.SEE_CUSTOMERS}))):
        with pytest.raises(RuleError, match="personal"):
            write_rule(OURS)  # an e-mail address tells who somebody is
        with pytest.raises(Denied):
            write_rule(text_of_rule(rule_named("income_stated")).model_copy(update={"good": "city is known"}))
        write_rule(OURS.model_copy(update={"good": 'email_quality = "valid"'}))
