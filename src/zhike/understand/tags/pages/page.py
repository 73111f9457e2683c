"""What the templates of one tag's page need: the tag in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.collect.profiles.links import customers_url
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.operate.jobs.models import Job
from zhike.rules import tree as rule
from zhike.rules.text import parse, parse_rule, text_of
from zhike.rules.tree import Definition, InAudience
from zhike.ui.templatetags.formats import day, number, share
from zhike.understand.tags.circles import hidden
from zhike.understand.tags.defining.files import laid_out
from zhike.understand.tags.defining.publishing import KIND as JOB_KIND
from zhike.understand.tags.models import Tag, TagVersion
from zhike.understand.tags.pages.charts import (
    accuracy_chart,
    having_url,
    later_chart,
    right_in_words,
    trend_chart,
    values_chart,
)
from zhike.understand.tags.pages.distribution import distribution
from zhike.understand.tags.proving.accuracy import Accuracy, accuracy
from zhike.understand.tags.proving.later import LaterAccuracy, later_accuracy
from zhike.understand.tags.shown import ChangeShown, TagShown, VersionShown
from zhike.understand.tags.wording.phrases import Phrases
from zhike.understand.tags.wording.rule_names import (
    as_sentence,
    attribute_title,
    column_title,
    fact_title,
    relation_title,
)
from zhike.understand.tags.wording.titles import TagTitle, titles
from zhike.understand.tags.wording.words import SCHEDULES, STATE_MARKS, STATES, VERSION_STATES, theme_path
from zhike.warehouse.queries import NothingPublished, Published, published

SET = (Tag.Origin.IMPORT, Tag.Origin.PERSON)  # where tags come from that no rule computes


def page_context(tag: TagShown) -> dict[str, Any]:
    """Everything on the page."""
    names = titles()
    now = _in_force()
    is_counted = tag.row.customers is not None and now is not None
    found = accuracy(tag.row.name)
    if tag.row.name in hidden().tags:
        found = replace(found, values=())
    later = later_accuracy(tag.row.name) if is_counted and tag.shown.later_fact else None
    chart = (values_chart(tag) or distribution(tag, now)) if is_counted and now else None
    return {
        "tag": head(tag),
        "figures": _figures(tag, found),
        "definition": definition_in_words(tag.shown, names, tag.row.name),
        "values_chart": chart,
        "trend": trend_chart(tag.row.trend),
        "accuracy": _accuracy(found, later),
        "versions": [version_in_words(version) for version in tag.versions],
        "waiting": _waiting(tag),
        "facts": list(_facts(tag)),
        "lineage": list(_lineage(tag, names)),
        "users": list(_users(tag, names)),
        "changes": [_change(change, names[tag.row.name]) for change in tag.changes],
        "job_id": _job_id(tag.row.name),
        **rights(),
    }


def rights() -> dict[str, bool]:
    """What whoever looks may do with tags."""
    return {
        "may_define": may(Right.DEFINE_TAGS),
        "may_approve": may(Right.APPROVE_TAGS),
        "may_set": may(Right.SET_TAGS),
        "may_review": may(Right.DEFINE_TAGS) or may(Right.SET_TAGS),
        "may_rebuild": may(Right.APPROVE_TAGS),
    }


def head(tag: TagShown) -> dict[str, Any]:
    """What stands at the top of every page of a tag."""
    row = tag.row
    return {
        "name": row.name,
        "title": row.title,
        "doc": tag.doc,
        "state": dict(STATES).get(row.state, row.state),
        "tone": STATE_MARKS.get(row.state, ""),
        "kind": Tag.Kind(row.kind).label,
        "origin": Tag.Origin(row.origin).label,
        "theme": theme_path(row.theme),
        "theme_path": row.theme,
        "is_retired": row.state == "retired",
        "is_published": row.version is not None and row.state != "retired",
        "is_set": row.origin in SET,
        "has_values": row.kind == Tag.Kind.CATEGORY,
    }


def _figures(tag: TagShown, found: Accuracy) -> dict[str, Any]:
    row = tag.row
    judged = number(sum(one.judged for one in found.values))
    return {
        "customers": number(row.customers),
        "customers_url": having_url(row.name) if row.customers else "",
        "share": _("%(share)s of all") % {"share": share(row.coverage)} if row.coverage is not None else "",
        "accuracy": share(found.precision.share) if found.precision else "–",
        "accuracy_url": "#accuracy" if found.precision else "",
        "accuracy_note": _interval(found, judged),
        **_freshness(tag),
        "usage": number(row.used_by),
        "used_url": "#used" if row.used_by else "",
        "usage_note": ngettext("tag or audience", "tags and audiences", row.used_by),
    }


def _freshness(tag: TagShown) -> dict[str, Any]:
    """The day as of which a tag was computed; of one that is set, when somebody did that last."""
    row = tag.row
    if row.origin in SET:
        last = next(iter(tag.changes), None)
        return {
            "fresh": _("Set last"),
            "as_of": day(last.set_at if last else None),
            "schedule": last.actor if last else "",
        }
    schedule = _("to be computed") if row.is_stale else dict(SCHEDULES).get(row.schedule, "")
    return {"fresh": _("Computed as of"), "as_of": day(row.computed_as_of), "schedule": schedule}


def _interval(found: Accuracy, judged: str) -> str:
    if found.precision is None:
        return _("not reviewed yet") if not found.drawn else _("%(count)s looked at") % {"count": judged}
    interval = found.precision.interval
    words = {"low": share(interval.low), "high": share(interval.high), "count": judged}
    return _("%(low)s to %(high)s, %(count)s looked at") % words


def definition_in_words(version: VersionShown, names: Any, own: str) -> dict[str, Any]:
    """What a version says, condition by condition."""
    if not version.rule:
        title = names.get(own) or TagTitle(own)
        return {"is_set": True, "values": _(", ").join(title.value(one["value"]) for one in version.values)}
    tree = parse(version.rule).tree
    told = tree_in_words(tree, Phrases.of_customers(names), names.get(own) or TagTitle(own))
    return {"text": laid_out(version.rule), **told}


def tree_in_words(tree: Definition, phrases: Phrases, own: TagTitle) -> dict[str, Any]:
    """A definition in words: the cases of a choice, the conditions of a rule, or the value it is."""
    match tree:
        case rule.Choice():
            cases = [
                {"value": own.value(case.then.value), "condition": as_sentence(phrases.condition(case.when))}
                for case in tree.cases
            ]
            if tree.otherwise is not None:
                cases.append({"value": own.value(tree.otherwise.value), "condition": ""})
            return {"cases": cases}
        case rule.All():
            return {"conditions": [as_sentence(phrases.inner(one, rule.Any)) for one in tree.of], "join": _("and")}
        case rule.Any():
            return {"conditions": [as_sentence(phrases.inner(one, rule.All)) for one in tree.of], "join": _("or")}
        case rule.Attribute():
            return {"words": _("Taken from the attribute “%(title)s” as it is.") % {"title": phrases.value(tree)}}
    return {"words": as_sentence(phrases.condition(tree))}


def version_in_words(version: VersionShown) -> dict[str, Any]:
    """A version as lists and its page show it."""
    return {
        "number": version.number,
        "state": VERSION_STATES.get(version.state, version.state),
        "tone": STATE_MARKS.get(version.state, ""),
        "note": version.note,
        "author": version.author,
        "created_at": version.created_at,
        "approved_by": version.approved_by,
        "approved_at": version.approved_at,
        "published_at": version.published_at,
        "is_draft": version.state == TagVersion.State.DRAFT,
        "is_approved": version.state == TagVersion.State.APPROVED,
        "is_open": version.state in TagVersion.OPEN,
    }


def _waiting(tag: TagShown) -> dict[str, Any] | None:
    version = next((one for one in tag.versions if one.number == tag.row.waiting), None)
    if version is None:
        return None
    words = _("Version %(number)s waits for approval.")
    if version.state == TagVersion.State.APPROVED:
        words = _("Version %(number)s is approved and waits to be published.")
    return version_in_words(version) | {
        "words": words % {"number": version.number},
        "at": version.approved_at or version.created_at,
        "may_act": may(Right.APPROVE_TAGS),
    }


def _facts(tag: TagShown) -> Iterator[tuple[str, Any]]:
    row = tag.row
    yield _("Name"), row.name
    yield _("Owner"), row.owner or "–"
    if tag.unit:
        yield _("Unit"), _("money") if tag.unit == "currency" else tag.unit
    if row.origin not in SET:
        yield _("Computed"), dict(SCHEDULES).get(row.schedule, row.schedule)
    yield _("Defined on"), day(tag.created_at)
    if row.is_shipped:
        yield _("Comes from"), _("the library of Zhike")


def _lineage(tag: TagShown, names: Any) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """What the tag is made of, by kind."""
    made_of = tag.lineage
    parts: list[tuple[str, list[dict[str, str]]]] = [
        (_("Attributes"), [{"title": attribute_title(name)} for name in sorted(made_of.attributes)]),
        (_("Facts"), [{"title": _columns(fact_title(name), made_of.facts[name])} for name in sorted(made_of.facts)]),
        (_("Relations"), [{"title": relation_title(name)} for name in sorted(made_of.relations)]),
        (_("Tags"), [_tag_link(name, names) for name in sorted(made_of.tags)]),
        (
            _("Audiences"),
            [
                {"title": name, "url": customers_url(text_of(InAudience(audience=name)))}
                for name in sorted(made_of.audiences)
            ],
        ),
    ]
    yield from ((title, found) for title, found in parts if found)


def _columns(title: str, columns: Any) -> str:
    named = _(", ").join(column_title(name) for name in sorted(columns))
    return f"{title} ({named})" if named else title


def _users(tag: TagShown, names: Any) -> Iterator[dict[str, str]]:
    for name in tag.tags_using:
        yield {**_tag_link(name, names), "what": _("tag")}
    for name in tag.audiences_using:
        yield {"title": name, "url": customers_url(text_of(InAudience(audience=name))), "what": _("audience")}


def _tag_link(name: str, names: Any) -> dict[str, str]:
    return {"title": names[name].title if name in names else name, "url": reverse("tag", args=[name])}


def _accuracy(found: Accuracy, later: LaterAccuracy | None) -> dict[str, Any]:
    chart = accuracy_chart(found)
    sentences = [right_in_words(found.precision)] if found.precision and chart is None else []
    if found.waiting:
        sentences.append(
            ngettext(
                "%(count)s customer of the sample waits.", "%(count)s customers of the sample wait.", found.waiting
            )
            % {"count": number(found.waiting)}
        )
    if later is not None and later.reason:
        sentences.append(_("Proof by a later fact: %(reason)s") % {"reason": later.reason})
    return {
        "chart": chart,
        "later_chart": later_chart(later) if later else None,
        "later": later and _later(later),
        "sentences": sentences,
    }


def _later(later: LaterAccuracy) -> dict[str, Any]:
    """The later fact in words, and the day of which it is told whom the tag named."""
    fact = Phrases.of_customers().condition(parse_rule(later.fact))
    return {"fact": fact, "days": later.days, "known_as_of": later.known_as_of}


def _change(change: ChangeShown, title: TagTitle) -> dict[str, Any]:
    return {
        "change_id": change.change_id,
        "words": _act_in_words(change, title),
        "who": change.actor,
        "at": change.set_at,
        "note": change.note,
        "is_undone": change.is_undone,
        "can_be_undone": not change.is_undone,
    }


def _act_in_words(change: ChangeShown, title: TagTitle) -> str:
    if change.undoes:
        return _("an earlier change undone")
    words = {"count": number(change.customers), "value": title.value(change.value)}
    if change.is_removed:
        taken = ngettext("taken from %(count)s customer", "taken from %(count)s customers", change.customers)
        return taken % words
    if not change.value:
        own = ngettext("%(count)s customer, with a value", "%(count)s customers, each with a value", change.customers)
        return own % words
    given = ngettext("%(value)s: %(count)s customer", "%(value)s: %(count)s customers", change.customers)
    return given % words


def _job_id(name: str) -> int | None:
    """The job that computes the tag now, if one does."""
    unfinished = Job.objects.filter(kind=JOB_KIND, state__in=[Job.State.WAITING, Job.State.RUNNING])
    for pk, arguments in unfinished.values_list("pk", "arguments"):
        if name in (arguments.get("name"), *arguments.get("names", ())):
            return pk
    return None


def _in_force() -> Published | None:
    try:
        return published()
    except NothingPublished:
        return None
