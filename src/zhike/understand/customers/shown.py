"""What the single view's templates need: the profile in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.collect.profiles.fields import CORRECTABLE
from zhike.collect.profiles.golden.choosing import Decision
from zhike.collect.profiles.words import CHANNELS, KINDS, PERIODS, RELATIONS, STATUSES
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.rules.vocabulary import TagKind
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import number, round_money
from zhike.understand.customers.field_words import shown_value
from zhike.understand.customers.origins import Origin
from zhike.understand.customers.profiles import ContractHeld, CustomerProfile, OrderPlaced, Score, TagHeld
from zhike.understand.customers.timeline import timeline
from zhike.understand.customers.timeline_words import KINDS as TIMELINE_KINDS
from zhike.understand.customers.timeline_words import happened
from zhike.understand.customers.words import (
    ALWAYS_SHOWN,
    FIELDS,
    FIELDS_OF_ORGANISATIONS,
    NOT_SHOWN,
    ROLES,
    STATUS_MARKS,
)
from zhike.understand.propensity.measures import WINDOW
from zhike.understand.propensity.words import reason_in_words
from zhike.understand.tags.explaining.words import said_of
from zhike.understand.tags.pages.charts import having_url
from zhike.understand.tags.pages.setting import settable_choices
from zhike.understand.tags.wording.themes import theme_order
from zhike.understand.tags.wording.titles import TagTitle, titles
from zhike.understand.tags.wording.words import theme_path
from zhike.understand.value.words import MEASURES, SCORES, SEGMENT_MARKS, SEGMENTS, words_of

ENTRIES_SHOWN = 20
ORDERS_SHOWN = 5
DRAWN_TAGS = ("rfm_recency", "rfm_frequency", "rfm_monetary")  # the page draws them with their borders
MEASURE_OF = {"recency": "days_since_last", "frequency": "order_count", "monetary": "revenue_amount"}


def profile_context(profile: CustomerProfile) -> dict[str, Any]:
    """Everything on the page but the timeline."""
    identity, worth = profile.identity, profile.worth
    title = str(identity.get("name") or _("Customer %(id)s") % {"id": profile.customer_id})
    origins = tuple(dict.fromkeys(profile.origins.values()))
    orders = [_order(order) for order in profile.orders]
    fields = list(_fields(profile, origins))
    return {
        "profile": profile,
        "title": title,
        "initial": title[0],
        "kind": words_of(KINDS, identity.get("kind")),
        "segment": words_of(SEGMENTS, worth.segment) if worth.segment else "",
        "segment_tone": SEGMENT_MARKS.get(worth.segment or "", ""),
        "fields": fields,
        "others": _correctable(fields) if may(Right.CORRECT_CUSTOMERS) else [],
        "further": _further(identity.get("extra")),
        "origins": list(enumerate(origins, start=1)),
        "leaving_days": WINDOW,
        "leaving_because": _leaving_reasons(profile),
        "scores": [_score(name, worth.scores[name]) for name in SCORES if name in worth.scores],
        "contracts": [_contract(held, profile.customer_id) for held in profile.contracts],
        "orders": orders[:ORDERS_SHOWN],
        "earlier_orders": orders[ORDERS_SHOWN:],
        "tag_groups": list(_tag_groups(profile)),
        "tag_count": len(profile.tags),
        "may_set_tags": may(Right.SET_TAGS),
        "settable_tags": settable_choices() if may(Right.SET_TAGS) else [],
    }


def timeline_context(query: QueryDict, customer_id: int) -> dict[str, Any]:
    """A page of the timeline and its kinds."""
    kind = query.get("kind", "")
    page = timeline(
        customer_id,
        kinds=[kind] if kind else None,
        before=query.get("before") or None,
        limit=ENTRIES_SHOWN,
    )
    return {
        "customer_id": customer_id,
        "entries": [happened(entry) for entry in page.entries],
        "older": page.next,
        "kinds": [(name, kind.many) for name, kind in TIMELINE_KINDS.items()],
        "kind_shown": kind,
        "is_begun": "before" in query,
    }


def _fields(profile: CustomerProfile, origins: tuple[Origin, ...]) -> Iterator[dict[str, Any]]:
    known = profile.identity
    words = FIELDS | (FIELDS_OF_ORGANISATIONS if known.get("kind") == "organisation" else {})
    further = [name for name in known if name not in words and name not in NOT_SHOWN]
    for name in (*words, *further):
        value = known.get(name)
        field = profile.golden.fields.get(name)
        if value in (None, "") and name not in ALWAYS_SHOWN and not (field and field.corrections):
            continue
        origin = profile.origins.get(name)
        yield {
            "name": name,
            "label": words_of(words, name),
            "value": shown_value(name, value),
            "origin": origins.index(origin) + 1 if origin else None,
            "has_fault": field is not None and field.has_fault,
            "is_corrected": field is not None and field.decision == Decision.CORRECTION,
            "is_in_lists": field is None or field.is_in_lists,
        }


def _correctable(shown: Iterable[dict[str, Any]]) -> list[tuple[str, Words]]:
    """The fields that are not shown and may be filled in."""
    names = {field["name"] for field in shown}
    return [(name, words) for name, words in FIELDS.items() if name in CORRECTABLE and name not in names]


def _further(extra: object) -> dict[str, object]:
    """Columns of the source that no field takes; none where they are masked."""
    try:
        found = json.loads(str(extra or "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _leaving_reasons(profile: CustomerProfile) -> list[str]:
    names = ("churn_reason", "churn_reason_2", "churn_reason_3")
    kind, told = profile.leaving.get("churn_kind"), [profile.leaving.get(name) for name in names]
    return [reason_in_words(str(one), is_high=(kind, one) in profile.raising) for one in told if one]


def _score(name: str, score: Score) -> dict[str, Any]:
    show = round_money if name == "monetary" else number
    # From the first fifth to the best: of days, the fewest are best.
    borders = tuple(reversed(score.borders)) if name == "recency" else score.borders
    return {
        "title": SCORES[name],
        "measure": MEASURES[MEASURE_OF[name]],
        "score": score.score,
        "value": show(score.value),
        "fifths": [{"place": place, "is_own": place == score.score} for place in range(1, 6)],
        "borders": [show(round(border)) for border in borders],
        "rule": f'has tag "rfm_{name}" = "{score.score}"',
    }


def _contract(held: ContractHeld, customer_id: int) -> dict[str, Any]:
    contract = held.contract
    status = contract.get("current_status") or contract.get("status")
    return contract | {
        "status": words_of(STATUSES, status),
        "tone": STATUS_MARKS.get(str(status), ""),
        "channel": words_of(CHANNELS, contract["channel"]) if contract.get("channel") else "",
        "period": words_of(PERIODS, contract["premium_period"]) if contract.get("premium_period") else "",
        "parties": [
            party
            | {
                "role": words_of(ROLES, party["role"]),
                "relation": words_of(RELATIONS, party["relation_to_holder"]) if party.get("relation_to_holder") else "",
                "is_own": party["customer_id"] == customer_id,
                "name": party["name"] or _("Customer %(id)s") % {"id": party["customer_id"]},
            }
            for party in held.parties
        ],
    }


def _order(order: OrderPlaced) -> dict[str, Any]:
    channels = dict.fromkeys(str(line["channel"]) for line in order.lines if line.get("channel"))
    return {"order": order, "channels": [words_of(CHANNELS, channel) for channel in channels]}


def _tag_groups(profile: CustomerProfile) -> Iterator[dict[str, Any]]:
    """The tags by theme, in the order of the tree of themes."""
    words = titles()
    shown = [held for held in profile.tags if held.name not in DRAWN_TAGS]
    for theme in sorted({held.theme for held in shown}, key=theme_order):
        tags = [_tag(held, words.get(held.name) or TagTitle(held.name)) for held in shown if held.theme == theme]
        yield {"title": theme_path(theme), "tags": sorted(tags, key=lambda one: str(one["title"]))}


def _tag(held: TagHeld, title: TagTitle) -> dict[str, Any]:
    is_yes_no = held.kind == TagKind.YES_NO
    tone = SEGMENT_MARKS.get(str(held.value), "") if held.name == "rfm_segment" else ""
    return {
        "name": held.name,
        "title": title.title,
        "value": "" if is_yes_no else said_of(title, held.value),
        "tone": tone or ("good" if is_yes_no else ""),
        "url": having_url(held.name, *([held.value] if isinstance(held.value, str) and not is_yes_no else [])),
        "is_set": held.is_set,
    }
