"""The entries of a timeline, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.collect.profiles.words import CHANNELS, STATUSES
from zhike.ui.navigation import Words
from zhike.understand.customers.timeline import Entry
from zhike.understand.value.words import words_of


@dataclass(frozen=True)
class Kind:
    """A kind of entry: what many and one of it are called, its sign, and which part says what happened."""

    many: Words
    one: Words
    icon: str
    head: str = ""


KINDS: dict[str, Kind] = {
    "order": Kind(gettext_lazy("Orders"), gettext_lazy("Order"), icon="shopping-bag"),
    "contract_started": Kind(
        gettext_lazy("Contracts begun"), gettext_lazy("Contract began"), icon="file-check", head="product_name"
    ),
    "contract_ended": Kind(
        gettext_lazy("Contracts ended"), gettext_lazy("Contract ended"), icon="file-x", head="product_name"
    ),
    "event": Kind(gettext_lazy("Events"), gettext_lazy("Event"), icon="activity", head="kind"),
    "interaction": Kind(gettext_lazy("Interactions"), gettext_lazy("Interaction"), icon="message-circle", head="topic"),
    "message": Kind(gettext_lazy("Messages"), gettext_lazy("Message"), icon="send", head="subject"),
    "response": Kind(gettext_lazy("Responses"), gettext_lazy("Response"), icon="reply", head="kind"),
}
EVENTS: dict[str, Words] = {
    "login": gettext_lazy("Signed in"),
    "page_view": gettext_lazy("Viewed a page"),
    "policy_viewed": gettext_lazy("Viewed a contract"),
    "quote_started": gettext_lazy("Asked for a quote"),
    "claim_started": gettext_lazy("Began a claim"),
    "claim": gettext_lazy("Made a claim"),
    "claim_filed": gettext_lazy("Made a claim"),
    "payment": gettext_lazy("Paid"),
    "registration": gettext_lazy("Registered"),
    "search": gettext_lazy("Searched"),
}
RESPONSES: dict[str, Words] = {
    "delivered": gettext_lazy("Delivered"),
    "bounced": gettext_lazy("Bounced"),
    "opened": gettext_lazy("Opened"),
    "clicked": gettext_lazy("Clicked"),
    "replied": gettext_lazy("Replied"),
    "unsubscribed": gettext_lazy("Unsubscribed"),
    "complained": gettext_lazy("Complained"),
    "converted": gettext_lazy("Converted"),
    "refused": gettext_lazy("Refused"),
}
DIRECTIONS: dict[str, Words] = {
    "inbound": gettext_lazy("the customer came to us"),
    "outbound": gettext_lazy("we came to the customer"),
}
TOPICS: dict[str, Words] = {
    "complaint": gettext_lazy("complaint"),
    "claim": gettext_lazy("claim"),
    "renewal": gettext_lazy("renewal"),
    "service": gettext_lazy("service"),
    "question": gettext_lazy("question"),
    "promotion": gettext_lazy("promotion"),
}
PARTS: dict[str, dict[str, Words]] = {
    "channel": CHANNELS,
    "current_status": STATUSES,
    "direction": DIRECTIONS,
    "topic": TOPICS,
    "purpose": TOPICS,
}
LEFT_OUT = ("line_count", "products")


@dataclass(frozen=True)
class Happened:
    """An entry as the page shows it."""

    entry: Entry
    icon: str
    kind: Words
    head: Words
    parts: tuple[Words, ...]
    note: str


def happened(entry: Entry) -> Happened:
    """The entry, with what happened and its particulars in words."""
    return Happened(
        entry=entry,
        icon=KINDS[entry.kind].icon,
        kind=KINDS[entry.kind].one,
        head=_head(entry),
        parts=tuple(_parts(entry)),
        note=str(entry.properties.get("note", "")),
    )


def _head(entry: Entry) -> Words:
    title = entry.title
    if entry.kind == "order":
        products = title.get("products", ())
        named = [str(name) for name in products] if isinstance(products, tuple) else []
        count = title.get("line_count", 0)
        if not named:
            return _("Order %(id)s") % {"id": entry.id}
        more = int(str(count)) - len(named)
        shown = _("%(names)s and %(count)s more") if more > 0 else "%(names)s"
        return shown % {"names": str(_(", ")).join(named), "count": more}
    head = title.get(KINDS[entry.kind].head, "")
    words = {"event": EVENTS, "response": RESPONSES, "interaction": TOPICS}.get(entry.kind, {})
    return words_of(words, head) if head else KINDS[entry.kind].one


def _parts(entry: Entry) -> Iterator[Words]:
    for name, value in entry.title.items():
        if name not in LEFT_OUT and name != KINDS[entry.kind].head:
            yield words_of(PARTS.get(name, {}), value)
