"""What the template of the builder shows: rows in words, what can be chosen in them, what is wrong, what they do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.rules.builder.rows import AttributeRow, AudienceRow, FactsRow, Group, RelatedRow, Row, TagRow, TextRow
from zhike.rules.errors import Span
from zhike.rules.text import parse_rule
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import number
from zhike.understand.tags.builder.acting import TOP
from zhike.understand.tags.builder.counts import Counted
from zhike.understand.tags.builder.posted import At, joined_as, name_of, state_of
from zhike.understand.tags.builder.row_fields import (
    about_audience,
    attribute_fields,
    facts_fields,
    options,
    related_fields,
    tag_fields,
)
from zhike.understand.tags.builder.state import Builder
from zhike.understand.tags.builder.subjects import Names
from zhike.understand.tags.builder.suggestions import suggestion_for
from zhike.understand.tags.wording.phrases import Phrases
from zhike.understand.tags.wording.rule_names import as_sentence
from zhike.understand.tags.wording.titles import TagTitle

JOINED: tuple[tuple[str, Words], ...] = (
    ("all", gettext_lazy("all of these hold")),
    ("any", gettext_lazy("any of these holds")),
    ("none", gettext_lazy("none of these holds")),
    ("not_all", gettext_lazy("not all of these hold")),
)
EXAMPLES = (
    "last_ordered_on within 90 days",
    "age between 30 and 45",
    "count(orders in last 12 months) >= 2",
    "active_contract_count > 0 and last_seen_on within 30 days",
)
# Definitions that are values, not conditions: a choice of several, and a number.
VALUE_EXAMPLES: tuple[tuple[str, Words], ...] = (
    (
        'when age < 30 then "young"\nwhen age < 60 then "middle"\notherwise "old"',
        gettext_lazy("A category, case by case"),
    ),
    ("sum(orders.amount in last 12 months)", gettext_lazy("A number")),
    ("last_ordered_on", gettext_lazy("A day")),
)
SHOWN_AROUND = 60  # characters of the text before and after what is wrong in it


def shown(builder: Builder, counted: Counted | None = None, *, customers_url: str = "") -> dict[str, Any]:
    """Everything that the template shows; `customers_url` leads to those who were counted."""
    showing = _Showing(builder, counted)
    faults = [fault for found in builder.complete.faults.values() for fault in found]
    return {
        "top": showing.group(builder.form, (), builder.names),
        "text": builder.text,
        "written": builder.written,
        "error": _error(builder),
        "counted": counted,
        "milliseconds": _quick(counted.milliseconds) if counted else "",
        "customers_url": customers_url,
        "is_empty": builder.is_empty,
        "is_stale": builder.is_stale,
        "is_value": builder.is_value,
        "is_incomplete": any(fault.is_missing for fault in faults),
        "is_checked": builder.is_checked,
        "before": state_of(builder.form),
        "past": json.dumps(builder.past, ensure_ascii=False),
        "future": json.dumps(builder.future, ensure_ascii=False),
        "can_undo": bool(builder.past),
        "can_redo": bool(builder.future),
        "touched": builder.touched,
        # Many, and not needed by a page that scripts keep up to date: made where they are shown.
        "subjects": lambda: [subject.label for subject in builder.names.subjects],
        "examples": lambda: _examples(builder.names.tags),
        "value_examples": VALUE_EXAMPLES if builder.accepts == "definition" else (),
        "accepts": builder.accepts,
    }


def _quick(milliseconds: float) -> str:
    return number(round(milliseconds, 1) if milliseconds < 10 else round(milliseconds))


def _examples(tags: Mapping[str, TagTitle]) -> list[dict[str, str]]:
    phrases = Phrases.of_customers(tags)
    return [{"rule": rule, "words": as_sentence(phrases.condition(parse_rule(rule)))} for rule in EXAMPLES]


def _error(builder: Builder) -> dict[str, Any] | None:
    error = builder.error
    if error is None:
        return None
    span = error.span or Span(0, 0)
    text = builder.text
    before, after = text[max(0, span.start - SHOWN_AROUND) : span.start], text[span.end : span.end + SHOWN_AROUND]
    return {
        "message": error.message,
        "advice": error.advice,
        "where": error.where,
        "has_place": error.span is not None,
        "start": span.start,
        "end": span.end,
        "before": ("…" if span.start > SHOWN_AROUND else "") + before,
        "line": text.count("\n", 0, span.start) + 1 if "\n" in text.strip() else None,
        "wrong": text[span.start : span.end] or "⎵",
        "after": after + ("…" if span.end + SHOWN_AROUND < len(text) else ""),
        "suggestion": suggestion_for(error, text),
    }


class _Showing:
    def __init__(self, builder: Builder, counted: Counted | None) -> None:
        self._builder = builder
        self._counted = counted

    def group(self, group: Group, at: At, names: Names, *, field: str = "") -> dict[str, Any]:
        """The rows of a group; `field` is what stands before its own fields, in facts and relations."""
        rows = [self._row(row, (*at, place), names) for place, row in enumerate(group.rows)]
        for row in rows[1:]:
            row["joins"] = _("and") if group.match == "all" else _("or")
        refused = self._builder.refused.get(at)
        return {
            "at": _written(at),
            "name": name_of(at),
            "joined_name": name_of(at, f"{field}joined"),
            "joined": options(JOINED, joined_as(group.match, negated=group.negated)),
            "new_name": name_of(at, "new"),
            "rows": rows,
            "list": f"subjects-{_written(at)}" if names.facts or names.relation else "subjects-top",
            "own_subjects": lambda: [one.label for one in names.subjects],
            "scope": f"facts:{names.facts}" if names.facts else f"relation:{names.relation}" if names.relation else "",
            "is_focused": self._builder.focus == at and not rows,
            "typed": refused[0] if refused else "",
            "problem": refused[1] if refused else None,
            "faults": [fault for fault in self._builder.complete.faults.get(at, []) if not fault.field],
        }

    def _row(self, row: Row, at: At, names: Names) -> dict[str, Any]:
        faults = self._builder.complete.faults.get(at, [])
        count = self._counted.rows.get(at) if self._counted else None
        shown: dict[str, Any] = {
            "at": _written(at),
            "id": f"row-{_written(at)}".replace(".", "-"),
            "name": name_of(at),
            "kind": row.kind,
            "joins": "",
            "negated": row.negated,
            "is_focused": self._builder.focus == at,
            "faults": [fault for fault in faults if not fault.is_missing],
            "missing": [fault for fault in faults if fault.is_missing],
            "wrong_fields": {fault.field.partition(".")[0] for fault in faults if not fault.is_missing},
            "count": count,
            "change": signed(count.change) if count else "",
            "customers": self._counted.customers if self._counted else None,
        }
        match row:
            case Group():
                return shown | {"group": self.group(row, at, names)}
            case AttributeRow():
                return shown | attribute_fields(row, names)
            case TagRow():
                return shown | tag_fields(row, names)
            case AudienceRow():
                return shown | about_audience(row.audience)
            case FactsRow():
                where = self.group(row.where or Group(), at, names.inside(row), field="where.")
                return shown | facts_fields(row, names) | {"group": where}
            case RelatedRow():
                where = self.group(row.where, at, names.inside(row), field="where.")
                return shown | related_fields(row) | {"group": where}
            case TextRow():
                return shown | {"text": row.text}


def signed(change: int) -> str:
    """A change with its sign: −3,210."""
    return f"{'−' if change < 0 else '+' if change else '±'}{number(abs(change))}"


def _written(at: At) -> str:
    return ".".join(map(str, at)) or TOP
