"""Verbs of offer rules: save, change, switch, archive, restore."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.tree import Condition, tree_to_json
from zhike.understand.audiences.reading import checked_rule
from zhike.understand.audiences.services import check_named_anew
from zhike.understand.offers.models import OfferRule
from zhike.understand.offers.rule_base import condition_of, tells_who
from zhike.understand.tags.wording.cleaning import cleaned, one_line

LOWEST_PRIORITY = 99
MOST_VALUES, LONGEST_VALUE = 100, 200


class NameTaken(UserError):
    """Another offer rule in use has this name."""


class Overtaken(UserError):
    """Somebody else changed the offer rule meanwhile."""

    status = 409


@dataclass(frozen=True)
class OfferText:
    """What an offer rule says: to whom (a rule over tags, say), which products, how urgently, when and why."""

    name: str
    rule: str | Condition
    by: str
    values: Sequence[str]
    priority: int = 5
    reason: str = ""
    may_repeat: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


def save_offer_rule(said: OfferText, *, is_on: bool = True) -> OfferRule:
    """The new offer rule. Raises Denied, NameTaken, RuleError, and UserError for what cannot be."""
    actor = require(Right.MANAGE_OFFERS)
    rule = OfferRule(is_on=is_on, made_by_id=actor.id if actor.kind == ActorKind.USER else None)
    return _stored(_filled(rule, said))


def change_offer_rule(
    *,
    rule_id: int,
    said: OfferText | None = None,
    is_on: bool | None = None,
    is_archived: bool | None = None,
    seen: int | None = None,
) -> OfferRule:
    """The offer rule as it is to be, switched on or off, archived or brought back; what is None stays.

    `seen` is the revision that whoever changes it had before them: Overtaken, where there is another by now.
    Raises as `save_offer_rule`, and NotFound.
    """
    require(Right.MANAGE_OFFERS)
    with transaction.atomic():
        rule = _locked(rule_id, seen)
        if said is not None:
            _filled(rule, said)
        if is_on is not None:
            rule.is_on = is_on
        if is_archived is not None:
            rule.archived_at = (rule.archived_at or timezone.now()) if is_archived else None
        return _stored(rule)


def switch_offer_rule(*, rule_id: int, is_on: bool) -> OfferRule:
    """The offer rule, heard from the next refresh on, or not. Raises Denied, NotFound."""
    return change_offer_rule(rule_id=rule_id, is_on=is_on)


def archive_offer_rule(*, rule_id: int) -> OfferRule:
    """The offer rule, which lists leave out; its name is free. Raises Denied, NotFound."""
    return change_offer_rule(rule_id=rule_id, is_archived=True)


def restore_offer_rule(*, rule_id: int) -> OfferRule:
    """The offer rule, which is listed again. Raises Denied, NotFound, and NameTaken where another has its name."""
    return change_offer_rule(rule_id=rule_id, is_archived=False)


def checked_condition(rule: str | Condition) -> Condition:
    """To whom something is offered. Raises RuleError, and UserError for a rule that tells who somebody is."""
    tree = checked_rule(rule)
    if tells_who(tree):
        raise UserError(
            _("the rule reads what identifies customers, and everybody who sees the offer would know"),
            where="rule",
            advice=_("Use a coarse attribute, such as age or city, or a tag that is not personal."),
        )
    return tree


def checked_values(by: str, values: Sequence[str]) -> list[str]:
    """What the products are told by. Raises UserError for none, too many, and a kind that there is not."""
    if by not in OfferRule.By.values:
        raise UserError(
            _("products are not told by %(by)s") % {"by": repr(by)},
            where="by",
            advice=_("There are %(names)s.") % {"names": ", ".join(OfferRule.By.values)},
        )
    found = list(dict.fromkeys(value for one in values if (value := one_line(one, where="values"))))
    if not found:
        raise UserError(_("say which products are offered"), where="values")
    if len(found) > MOST_VALUES or max(map(len, found)) > LONGEST_VALUE:
        raise UserError(
            _("no more than %(most)s, of up to %(longest)s characters each")
            % {"most": MOST_VALUES, "longest": LONGEST_VALUE},
            where="values",
        )
    return found


def _filled(rule: OfferRule, said: OfferText) -> OfferRule:
    tree = checked_condition(said.rule)
    check_named_anew(tree, condition_of(rule) if rule.pk else None)
    if not 1 <= said.priority <= LOWEST_PRIORITY:
        raise UserError(_("a priority is from 1 to %(most)s") % {"most": LOWEST_PRIORITY}, where="priority")
    if said.valid_from and said.valid_until and said.valid_from > said.valid_until:
        raise UserError(_("it ends before it begins"), where="valid_until")
    rule.name = _checked_name(said.name)
    rule.reason = cleaned(said.reason)
    rule.tree = tree_to_json(tree)
    rule.by, rule.values = said.by, checked_values(said.by, said.values)
    rule.priority, rule.may_repeat = said.priority, said.may_repeat
    rule.valid_from, rule.valid_until = said.valid_from, said.valid_until
    return rule


def _checked_name(name: str) -> str:
    name = one_line(name, where="name")
    longest = OfferRule._meta.get_field("name").max_length or 0
    if not name:
        raise UserError(_("a name is missing"), where="name")
    if len(name) > longest:
        raise UserError(_("a name has up to %(most)s characters") % {"most": longest}, where="name")
    return name


def _stored(rule: OfferRule) -> OfferRule:
    """The offer rule, written. Raises NameTaken."""
    rule.revision = rule.revision + 1 if rule.pk else 1
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise NameTaken(
            _("there is an offer rule “%(name)s” already") % {"name": rule.name},
            where="name",
            advice=_("Give it another name, or archive the other first."),
        ) from error
    return rule


def _locked(rule_id: int, seen: int | None) -> OfferRule:
    """The offer rule, which nobody else changes before the transaction ends. Raises NotFound, Overtaken."""
    rule = OfferRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound(_("there is no offer rule %(id)s") % {"id": rule_id})
    if seen not in (None, rule.revision):
        raise Overtaken(
            _("the offer rule “%(name)s” was changed meanwhile") % {"name": rule.name},
            advice=_("Look at it as it is now, then make your change again."),
        )
    return rule
