"""Verbs of relations: say what somebody is to a customer, take it back, say it again."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.collect.profiles.models import Relation
from zhike.collect.profiles.named import current_customer
from zhike.collect.profiles.search import search_customers
from zhike.collect.profiles.words import RELATION_KINDS, VALUES, said
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse.entity_parts import FUNCTIONS, LAYERS, RELATIONS
from zhike.warehouse.queries import published

LONGEST = 100


def relate(
    *,
    customer_id: int,
    related_id: int,
    kind: str,
    role: str = "",
    department: str = "",
    layer: str = "",
    function: str = "",
    since_on: date | None = None,
    until_on: date | None = None,
) -> Relation:
    """The new relation: the related is the `kind` of the customer. On the page at once, in lists at the next refresh.

    Raises Denied, NoSuchCustomer, and UserError for what cannot be or is entered already.
    """
    actor = require(Right.CORRECT_CUSTOMERS)
    for field, value, known, words in (
        ("kind", kind, tuple(RELATIONS), RELATION_KINDS),
        ("layer", layer, LAYERS, VALUES["layer"]),
        ("function", function, FUNCTIONS, VALUES["function"]),
    ):
        if value not in known and (value or field == "kind"):
            raise UserError(_("is not one of %(names)s") % {"names": said(words, known)}, where=field)
    for field, value in (("role", role), ("department", department)):
        if len(value) > LONGEST:
            raise UserError(_("has more than %(limit)s characters") % {"limit": LONGEST}, where=field)
    if since_on and until_on and until_on < since_on:
        raise UserError(_("it ended before it began"), where="until_on")
    customer_id, related_id = (current_customer(published(), one) for one in (customer_id, related_id))
    if customer_id == related_id:
        raise UserError(_("nobody stands in a relation to themselves"), where="related_id")
    try:
        with transaction.atomic():
            return Relation.objects.create(
                customer_id=customer_id,
                related_id=related_id,
                kind=kind,
                role=role.strip(),
                department=department.strip(),
                layer=layer,
                function=function,
                since_on=since_on,
                until_on=until_on,
                author_id=actor.id if actor.kind == ActorKind.USER else None,
                made_by=actor.name,
            )
    except IntegrityError:
        raise _already() from None


def unrelate(*, relation_id: int) -> Relation:
    """The relation, which nobody sees from now on; `restore_relation` undoes it. Raises Denied, NotFound."""
    actor = require(Right.CORRECT_CUSTOMERS)
    relation = _relation(relation_id)
    if relation.removed_at is None:
        relation.removed_at, relation.removed_by = timezone.now(), actor.name
        relation.save(update_fields=["removed_at", "removed_by"])
    return relation


def restore_relation(*, relation_id: int) -> Relation:
    """The relation, which is there again. Raises Denied, NotFound, and UserError where it was entered anew."""
    require(Right.CORRECT_CUSTOMERS)
    relation = _relation(relation_id)
    relation.removed_at, relation.removed_by = None, ""
    try:
        with transaction.atomic():
            relation.save(update_fields=["removed_at", "removed_by"])
    except IntegrityError:
        raise _already() from None
    return relation


def customer_named(text: str) -> int:
    """The one customer whom a number, name, telephone, e-mail or key names. Raises UserError for none or several."""
    found = search_customers(text, limit=5)
    exact = [one for one in found if one.how == "exact"]
    meant = exact if len(exact) == 1 else found
    if len(meant) != 1:
        message = _("names several customers") if meant else _("names no customer")
        raise UserError(message, where="related", advice=_("Give the number, telephone or e-mail of one."))
    return int(str(meant[0].customer["customer_id"]))


def _relation(relation_id: int) -> Relation:
    found = Relation.objects.filter(pk=relation_id).first()
    if found is None:
        raise NotFound(_("there is no relation %(id)s") % {"id": relation_id})
    return found


def _already() -> UserError:
    return UserError(_("this relation is entered already"), where="kind")
