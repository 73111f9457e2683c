"""Why in words: what was found of each part of a rule, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.rules import tree as rule
from zhike.rules.tree import Node
from zhike.rules.vocabulary import TagKind
from zhike.ui.templatetags.formats import day, money, round_money
from zhike.understand.tags.explaining.judging import FactFound, Finding
from zhike.understand.tags.explaining.why import ActFound, Why
from zhike.understand.tags.wording.called import customer_names
from zhike.understand.tags.wording.model_words import note_of
from zhike.understand.tags.wording.phrases import Phrases, shown
from zhike.understand.tags.wording.rule_names import as_sentence, column_title, in_a_sentence, value_title
from zhike.understand.tags.wording.titles import TagTitle, in_own_language, titles, titles_of
from zhike.warehouse.attributes import registry

GROUPS = (rule.All, rule.Any)
WHAT = ("product_name", "subject", "kind", "topic", "campaign", "category", "channel", "product_id")
RELATED_SHOWN = 10
AMOUNTS = ("amount", "annual_premium_amount", "premium_amount")
# The kind of entry of the timeline that a fact is, where the page shows it among the others of its kind.
TIMELINE = {
    "orders": "order",
    "contracts": "contract_started",
    "events": "event",
    "interactions": "interaction",
    "messages": "message",
    "responses": "response",
}


@dataclass(frozen=True)
class Told:
    """One line of the answer, with those below it."""

    words: str
    sign: str = ""  # yes, no; empty for a value, and for what was not asked any more
    found: str = ""
    values: tuple[tuple[str, str], ...] = ()
    note: str = ""
    facts: tuple[Mapping[str, Any], ...] = ()
    fact_count: int = 0
    timeline_url: str = ""
    people: tuple[tuple[int, str], ...] = ()
    url: str = ""  # where a tag that was asked for says why
    lines: tuple[Told, ...] = ()

    @property
    def more(self) -> int:
        """Facts that counted and are not shown."""
        return self.fact_count - len(self.facts)


@dataclass(frozen=True)
class Telling:
    """Puts findings into words for one customer."""

    phrases: Phrases
    customer_id: int
    own: TagTitle  # of the tag that is asked about
    known: Mapping[str, Any]  # attributes of the customer

    def line(self, finding: Finding) -> Told:
        """A part of the rule as a line."""
        match finding.node:
            case rule.All():
                return self._group(finding, _("all of these"))
            case rule.Any():
                return self._group(finding, _("at least one of these"))
            case rule.Not() if isinstance(finding.parts[0].node, (*GROUPS, rule.Choice)):
                return self._group(finding, _("not this"))
            case rule.Choice():
                return Told(_("the first of these that holds"), lines=tuple(self._cases(finding)))
        return self._leaf(finding)

    def _group(self, finding: Finding, words: str) -> Told:
        return Told(words, _sign(finding.holds), lines=tuple(map(self.line, finding.parts)))

    def value_line(self, finding: Finding) -> Told:
        """A definition that is a value: what it is made of, and the facts that counted."""
        if isinstance(finding.node, rule.Choice):
            return self.line(finding)
        return self._leaf(finding)

    def _cases(self, finding: Finding) -> Iterator[Told]:
        """The cases up to the first that holds; those after it were not asked."""
        choice = finding.node
        assert isinstance(choice, rule.Choice)
        for place, (case, part) in enumerate(zip(choice.cases, finding.parts, strict=True), start=1):
            line = self.line(part)
            words = {"value": self.own.value(case.then.value), "condition": in_a_sentence(line.words)}
            yield replace(line, words=_("%(value)s, if %(condition)s") % words)
            if part.holds:
                yield from _not_asked(len(choice.cases) - place)
                return
        if choice.otherwise is not None:
            yield Told(_("%(value)s, otherwise") % {"value": self.own.value(choice.otherwise.value)}, "yes")

    def _leaf(self, finding: Finding) -> Told:
        values = list(self._values(finding))
        made_of = [one for one in _all(finding) if one.fact_count or one.facts]
        facts = made_of[0].facts if made_of else ()
        asked = finding.parts[0] if isinstance(finding.node, rule.Not) else finding
        return Told(
            as_sentence(self.phrases.condition(finding.node)),  # of a value, what it is called
            _sign(finding.holds),
            found=values[0][1] if len(values) == 1 and not _says_so(finding) else "",
            values=tuple(values) if len(values) > 1 else (),
            note=" · ".join(filter(None, (note_of(name, self.known) for name in _attributes(finding)))),
            facts=tuple(map(self._fact, facts)),
            fact_count=made_of[0].fact_count if made_of else 0,
            timeline_url=self._timeline(facts[0].table) if facts else "",
            people=tuple(customer_names(asked.related[:RELATED_SHOWN]).items()),
            url=self._url_of(asked.node),
        )

    def _values(self, finding: Finding) -> Iterator[tuple[str, str]]:
        """What was found of every value that a condition compares; where it holds, also of what that is made of."""
        for one in _all(finding) if finding.holds in (True, None) else (finding, *finding.parts):
            node = one.node
            if isinstance(node, rule.HasTag) and node.values:
                said = said_of(self._tag(node.tag), one.value) or shown(None)
                yield self.phrases.value(rule.TagValue(tag=node.tag)), said
            elif one.holds is None:
                yield as_sentence(self.phrases.value(node)), self.value(one)

    def value(self, finding: Finding) -> str:
        """What was found of a value."""
        if isinstance(finding.node, rule.TagValue) and finding.value is not None:
            return said_of(self._tag(finding.node.tag), finding.value)
        return shown(finding.value, self.phrases.column_of(finding.node))

    def _tag(self, name: str) -> TagTitle:
        return self.phrases.tags.get(name) or TagTitle(name)

    def _fact(self, fact: FactFound) -> dict[str, Any]:
        known = {name: value for name, value in fact.row.items() if value not in (None, "")}
        columns = registry().facts[fact.table].columns
        named = [name for name in WHAT if name in columns and name in known][:3]
        amount = next((known[name] for name in AMOUNTS if name in columns and name in known), None)
        return {
            "on": day(fact.on),
            "what": " · ".join(value_title(name, known[name]) for name in named) or column_title("source"),
            "amount": money(amount) if amount is not None else "",
            "origin": _origin(fact.row),
        }

    def _timeline(self, table: str) -> str:
        kind = TIMELINE.get(table, "")
        return f"{_address('customer', self.customer_id)}?kind={kind}#timeline" if kind else ""

    def _url_of(self, node: Node) -> str:
        return reverse("tag_of_customer", args=[self.customer_id, node.tag]) if isinstance(node, rule.HasTag) else ""


def answered(found: Why) -> dict[str, Any]:
    """The answer as the page shows it."""
    tags = titles()
    title = tags.get(found.tag.name) or titles_of(found.version)
    telling = Telling(Phrases.of_customers(tags), found.customer_id, title, found.known)
    held = said_of(title, found.held)
    lines: tuple[Told, ...] = ()
    if found.finding is not None:
        whole = telling.line(found.finding) if found.finding.holds is not None else telling.value_line(found.finding)
        lines = whole.lines if isinstance(found.finding.node, (*GROUPS, rule.Choice)) else (whole,)
    return {
        "name": found.tag.name,
        "title": title.title,
        "doc": in_own_language(found.tag.doc, found.tag.doc_zh),
        "value": held,
        "is_set": found.tag.is_set,
        "verdict": _verdict(found, title, held),
        "warning": _warning(found, title),
        "lines": lines,
        "acts": [_act(act, title) for act in found.acts],
        "as_of": found.as_of if found.finding is not None else None,
    }


def said_of(title: TagTitle, value: object) -> str:
    """What a tag says of a customer; empty where it does not apply."""
    if value is None:
        return ""
    if isinstance(value, float) and title.unit.startswith("currency"):
        return round_money(value)
    return shown(value) if isinstance(value, float | date) else title.value(value)


def _verdict(found: Why, title: TagTitle, held: str) -> str:
    words = {"tag": title.title, "value": held}
    if found.finding is None:
        return (_("%(tag)s: %(value)s. It was set:") if held else _("%(tag)s: nobody has set it.")) % words
    if found.tag.kind == TagKind.YES_NO:
        return _applies(found.finding.node, is_held=bool(held)) % words
    if not held:
        return _("%(tag)s has no value here:") % words
    if isinstance(found.finding.node, rule.Choice):
        return _("%(tag)s: %(value)s, the first of these that holds.") % words
    return _("%(tag)s: %(value)s, from:") % words


def _applies(node: Node, *, is_held: bool) -> str:
    if isinstance(node, rule.All):
        return (
            _("%(tag)s applies: all of this holds.") if is_held else _("%(tag)s does not apply: not all of this holds.")
        )
    if isinstance(node, rule.Any):
        return (
            _("%(tag)s applies: one of these holds.") if is_held else _("%(tag)s does not apply: none of these holds.")
        )
    return _("%(tag)s applies: this holds.") if is_held else _("%(tag)s does not apply: this does not hold.")


def _warning(found: Why, title: TagTitle) -> str:
    """What makes the answer doubtful; nothing mostly."""
    if not found.is_newest:
        return _(
            "Version %(number)s, by which it was computed, is not in force any more: the newer one waits to be."
        ) % {"number": found.version.number}
    if found.is_settled:
        return ""
    now = said_of(title, found.judged_now) or _("does not apply")
    return _("Judged now it comes to “%(now)s”: the facts have changed since the tag was computed.") % {"now": now}


def _act(act: ActFound, title: TagTitle) -> dict[str, Any]:
    words = _("set to “%(value)s”") % {"value": title.value(act.value)} if act.value else _("taken away")
    return {"words": words, "who": act.who, "at": act.at, "note": act.note}


def _all(finding: Finding) -> Iterator[Finding]:
    """The finding and the values below it."""
    yield finding
    for part in finding.parts:
        yield from _all(part)


def _attributes(finding: Finding) -> Iterator[str]:
    yield from (one.node.name for one in _all(finding) if isinstance(one.node, rule.Attribute))


def _says_so(finding: Finding) -> bool:
    """The words say already what was found: it is equal to what it was compared with."""
    return isinstance(finding.node, rule.Compare) and finding.node.operator == "=" and bool(finding.holds)


def _not_asked(count: int) -> Iterator[Told]:
    if count:
        words = ngettext("%(count)s further case was not asked.", "%(count)s further cases were not asked.", count)
        yield Told(words % {"count": count})


def _sign(holds: bool | None) -> str:
    return "" if holds is None else "yes" if holds else "no"


def _origin(row: Mapping[str, Any]) -> dict[str, Any]:
    """Where the fact came from, for whom the address of its import is known."""
    return {
        "source": row.get("source"),
        "row": row.get("row_number"),
        "import_id": row.get("import_id"),
        "url": _address("import", row["import_id"]) if row.get("import_id") is not None else "",
    }


def _address(name: str, number: int) -> str:
    try:
        return reverse(name, args=[number])
    except NoReverseMatch:
        return ""
