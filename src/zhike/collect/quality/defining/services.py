"""Verbs of quality rules: write one, retire it, bring it back, take many from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.collect.quality.defining.files import RuleText, written
from zhike.collect.quality.models import QualityRule, QualityRuleVersion
from zhike.collect.quality.vocabulary import is_personal, read_condition
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind, current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.errors import RuleError
from zhike.rules.nearest import did_you_mean
from zhike.rules.text import text_of
from zhike.rules.tree import Condition, tree_from_json, tree_to_json
from zhike.warehouse.entity_parts import PERSON

FIELDS = tuple(column.name for column in PERSON)
WORDS = ("title", "title_zh", "doc", "doc_zh")
MEANING = ("dimension", "applies", "good", "weight", "target")


class NoSuchRule(NotFound):
    """There is no quality rule of this name."""


class Overtaken(UserError):
    """Somebody else changed the rule meanwhile."""

    status = 409


@dataclass(frozen=True)
class Taken:
    """What became of the rules of a file, by name."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def write_rule(text: RuleText, *, note: str = "", seen: int | None = None, is_new: bool = False) -> QualityRule:
    """The rule as the text says it, in force from the next refresh on.

    `seen` is the version that whoever writes had before them. Raises Denied, Overtaken, RuleError, and UserError for
    what cannot be, such as a new rule with the name of another.
    """
    require(Right.MANAGE_QUALITY)
    with transaction.atomic():
        rule = QualityRule.objects.select_for_update().filter(name=text.name).first()
        if rule is not None and is_new:
            raise _name_taken(text.name)
        if rule is not None and seen not in (None, rule.version):
            raise Overtaken(
                _("“%(name)s” was changed meanwhile: it is version %(number)s now")
                % {"name": text.name, "number": rule.version},
                advice=_("Look at it, then change it again."),
            )
        return put_rule(rule, text, note=note)


def put_rule(rule: QualityRule | None, text: RuleText, *, note: str = "", shipped: str = "") -> QualityRule:
    """The rule with what the text says; a new version where it means something else than before.

    Asks for no right: `write_rule` does. Raises RuleError, and UserError for what cannot be.
    """
    applies, good = _read("applies", text.applies), _read("good", text.good)
    if good is None:
        raise UserError(_("a rule says what is good"), where="good", advice=_('Such as: phone_quality = "valid"'))
    _check_fields(text.fields)
    before = None if rule is None else _meaning(rule)
    rule = rule or QualityRule(name=text.name, version=0)
    if before is not None:
        _require_sight(rule)
    for name in WORDS:
        setattr(rule, name, getattr(text, name).strip())
    rule.dimension, rule.weight, rule.target = text.dimension, text.weight, text.target
    rule.fields = list(text.fields)
    rule.applies = "" if applies is None else tree_to_json(applies)
    rule.good = tree_to_json(good)
    rule.shipped, rule.retired_at = shipped, None
    is_other = before != _meaning(rule)
    rule.version += is_other
    _check(rule)
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise _name_taken(rule.name) from error
    if is_other:
        QualityRuleVersion.objects.create(
            rule=rule,
            number=rule.version,
            note=note.strip(),
            author_id=_user_id(),
            **{name: getattr(rule, name) for name in MEANING},
        )
    return rule


def retire_rule(*, name: str) -> QualityRule:
    """The rule, which is counted no more from the next refresh on. Raises NoSuchRule, Denied."""
    return _put_away(name, is_retired=True)


def restore_rule(*, name: str) -> QualityRule:
    """The rule, which is counted again from the next refresh on. Raises NoSuchRule, Denied."""
    return _put_away(name, is_retired=False)


def take_rules(texts: Sequence[RuleText], *, note: str = "") -> Taken:
    """Makes the rules of a file those of the installation, all or none; those that it does not name stay as they are.

    Raises Denied, and UserError with the rule at fault.
    """
    require(Right.MANAGE_QUALITY)
    added: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    with transaction.atomic():
        there = {rule.name: rule for rule in QualityRule.objects.select_for_update()}
        for text in texts:
            rule = there.get(text.name)
            if rule is not None and rule.retired_at is None and text_of_rule(rule) == _settled(text):
                unchanged.append(text.name)
                continue
            try:
                put_rule(rule, text, note=note)
            except UserError as error:
                where = f"{text.name} {error.where}".strip()
                raise UserError(error.message, where=where, advice=error.advice) from error
            (added if rule is None else changed).append(text.name)
    return Taken(tuple(added), tuple(changed), tuple(unchanged))


def export_rules(path: Path, *, names: Sequence[str] = ()) -> int:
    """How many rules were written to a file, to be changed and taken again. Raises NoSuchRule, Denied."""
    require(Right.SEE_CUSTOMERS)
    rules = QualityRule.objects.filter(retired_at=None)
    found = [rule for rule in rules if not names or rule.name in names]
    for name in sorted(set(names) - {rule.name for rule in found}):
        raise no_such_rule(name)
    for rule in found:
        _require_sight(rule)
    try:
        path.write_text(written(map(text_of_rule, found)), encoding="utf-8")
    except OSError as error:
        raise UserError(_("cannot be written: %(strerror)s") % {"strerror": error.strerror}, where=str(path)) from error
    return len(found)


def text_of_rule(rule: QualityRule) -> RuleText:
    """What a file says of the rule."""
    return RuleText(
        name=rule.name,
        dimension=rule.dimension,
        fields=tuple(rule.fields),
        applies=text_of(tree_from_json(rule.applies)) if rule.applies else "",
        good=text_of(tree_from_json(rule.good)),
        weight=rule.weight,
        target=rule.target,
        **{name: getattr(rule, name) for name in WORDS},
    )


def rule_named(name: str) -> QualityRule:
    """The rule of this name, retired or not. Raises NoSuchRule."""
    rule = QualityRule.objects.filter(name=name).first()
    if rule is None:
        raise no_such_rule(name)
    return rule


def no_such_rule(name: str) -> NoSuchRule:
    """What is said of a name that no rule has."""
    known = QualityRule.objects.filter(retired_at=None).values_list("name", flat=True)
    advice = did_you_mean(name, list(known)) or _("`zhike quality rules list` lists them.")
    return NoSuchRule(_("no quality rule is called “%(name)s”") % {"name": name}, advice=advice)


def _put_away(name: str, *, is_retired: bool) -> QualityRule:
    require(Right.MANAGE_QUALITY)
    rule = rule_named(name)
    rule.retired_at = timezone.now() if is_retired else None
    rule.save(update_fields=["retired_at", "changed_at"])
    return rule


def _settled(text: RuleText) -> RuleText:
    """The text with its rules as Zhike writes them."""
    applies, good = _read("applies", text.applies), _read("good", text.good)
    said = {"applies": text_of(applies) if applies else "", "good": text_of(good) if good else ""}
    return text.model_copy(update=said)


def _read(key: str, text: str) -> Condition | None:
    try:
        return read_condition(text)
    except RuleError as error:
        error.where = f"{key}: {error.where}" if error.where else key
        raise


def _meaning(rule: QualityRule) -> tuple[object, ...]:
    return tuple(getattr(rule, name) for name in MEANING)


def _check_fields(fields: Sequence[str]) -> None:
    for name in fields:
        if name not in FIELDS:
            raise UserError(
                _("a customer has no field “%(name)s”") % {"name": name},
                where="fields",
                advice=did_you_mean(name, FIELDS),
            )


def _check(rule: QualityRule) -> None:
    try:
        rule.clean_fields(exclude=["retired_at"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        choices = [str(value) for value, _title in getattr(QualityRule._meta.get_field(name), "choices", None) or ()]
        advice = _("Choose one of %(values)s.") % {"values": ", ".join(choices)} if choices else ""
        raise UserError(" ".join(messages), where=name, advice=advice) from error


def _require_sight(rule: QualityRule) -> None:
    """Whoever changes or takes away what selects by personal data must be able to see it."""
    trees = [tree_from_json(json) for json in (rule.applies, rule.good) if json]
    if is_personal(*trees):
        require(Right.SEE_PERSONAL_DATA)


def _name_taken(name: str) -> UserError:
    return UserError(
        _("there is a quality rule “%(name)s” already") % {"name": name},
        where="name",
        advice=_("It may be a retired one."),
    )


def _user_id() -> int | None:
    actor = current_actor()
    return actor.id if actor.kind == ActorKind.USER else None
