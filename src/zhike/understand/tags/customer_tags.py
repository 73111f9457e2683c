"""Which tags one customer has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.collect.identity.redirects import is_customer
from zhike.collect.profiles.queries import NoSuchCustomer
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.counting.held import Held, tags_of
from zhike.understand.tags.definitions import published_tags
from zhike.understand.tags.models import Tag
from zhike.understand.tags.setting.folding import text_of_number
from zhike.understand.tags.wording.themes import theme_order
from zhike.understand.tags.wording.titles import TagTitle, titles
from zhike.warehouse.queries import Published, published


@dataclass(frozen=True)
class TagHeld:
    """A tag that a customer has; the value as text, whatever its kind."""

    name: str
    title: str
    kind: str
    value: str
    value_title: str


def customer_tags(customer_id: int) -> tuple[TagHeld, ...]:
    """All tags that a customer has, in the order of their themes. Raises NoSuchCustomer, NothingPublished, Denied."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    if not is_customer(customer_id, now):
        raise NoSuchCustomer(_("there is no customer %(customer_id)s") % {"customer_id": customer_id})
    themes = dict(Tag.objects.values_list("name", "theme"))
    held = _held(customer_id, now)
    return tuple(sorted(held, key=lambda one: (theme_order(themes.get(one.name, "")), one.name)))


def _held(customer_id: int, now: Published) -> Iterator[TagHeld]:
    named = titles()
    kinds = {tag.name: tag.kind for tag in published_tags()}
    for held in tags_of(now, customer_id):
        kind = kinds.get(held.name)
        if kind is None:
            continue  # retired since it was computed
        title = named.get(held.name) or TagTitle(held.name)
        value = value_text(kind, held)
        yield TagHeld(held.name, title.title, kind.value, value, title.value(value))


def value_text(kind: TagKind, held: Held) -> str:
    """The value that somebody has of a tag, as text."""
    if kind == TagKind.NUMBER and held.number is not None:
        return text_of_number(kind, held.number)
    return str(held.day or held.value)  # of a masked number or day its mask
