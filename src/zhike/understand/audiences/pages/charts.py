"""The charts of an audience, each titled with its answer; every bar leads to its customers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.collect.profiles.links import customers_url
from zhike.rules.text import text_of
from zhike.rules.tree import All, Any, Condition, InAudience
from zhike.rules.vocabulary import KnownTag, TagKind
from zhike.ui.charts import Bars, Funnel, Intervals, Trend, Upset
from zhike.ui.templatetags.formats import day, number, share
from zhike.understand.audiences.comparing.likeness import Weight
from zhike.understand.audiences.comparing.profiling import Comparison, Finding
from zhike.understand.audiences.comparing.sets import LookAlikes, Overlap
from zhike.understand.audiences.explaining import Step
from zhike.understand.audiences.history import FigureShown
from zhike.understand.audiences.queries import Explanation
from zhike.understand.audiences.words import rule_in_words
from zhike.understand.tags.definitions import known_tags
from zhike.understand.tags.wording.phrases import Phrases, amount, shown
from zhike.understand.tags.wording.rule_names import attribute_title
from zhike.understand.tags.wording.titles import TagTitle
from zhike.warehouse.attributes import registry
from zhike.warehouse.contracts import Column, Kind

SHOWN = 10
FEWEST_TAGS = 3  # that tell them apart; with fewer, attributes do
COMBINATIONS_SHOWN = 14
DAY_0 = date(1970, 1, 1)
T = TypeVar("T")


def within(audience: str, rule: str) -> str:
    """The rule of those of a saved audience for whom another rule holds too."""
    return f"{text_of(InAudience(audience=audience))} and ({rule})"


@dataclass(frozen=True)
class Traits:
    """What tags and attributes, their values and bands are called."""

    phrases: Phrases
    tags: Mapping[str, KnownTag]

    @classmethod
    def known(cls) -> Traits:
        """The titles of everything that there is."""
        return cls(Phrases.of_customers(), known_tags())

    def title(self, trait: Finding | Weight) -> str:
        """What somebody has: “RFM segment: Champions”, “Age: 30–39”, “Owns a smartphone”."""
        if isinstance(trait, Weight) or trait.of == "tag":
            name = trait.tag if isinstance(trait, Weight) else trait.name
            tag = self.phrases.tags.get(name) or TagTitle(name)
            if trait.value == "yes":
                return tag.title
            known = self.tags.get(name)
            kind = Kind.DATE if known and known.kind == TagKind.DATE else None
            title, column, value = tag.title, None, tag.value(trait.value)
            is_money = tag.unit == "currency"
        else:
            column, is_money = registry().attributes[trait.name].column, False
            kind, title, value = column.kind, attribute_title(trait.name), shown(trait.value, column)
        if trait.lower is None or trait.upper is None:
            said = _("%(what)s: %(how)s") if trait.value else _("%(what)s: none")
            return said % {"what": title, "how": value}
        ends = [_border(end, kind, column, is_money=is_money) for end in (trait.lower, trait.upper)]
        how = ends[0] if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}"
        return _("%(what)s: %(how)s") % {"what": title, "how": how}


def _border(value: float, kind: Kind | None, column: Column | None, *, is_money: bool) -> str:
    if kind == Kind.DATE:
        return day(DAY_0 + timedelta(days=int(value)))
    if is_money:
        return amount(value)
    return shown(bool(value)) if kind == Kind.BOOLEAN else shown(value, column)


def _one_of_each(found: Iterable[T], name_of: Callable[[T], str]) -> list[T]:
    """The first of each name: of a tag that tells much, all values do."""
    first: dict[str, T] = {}
    for one in found:
        first.setdefault(name_of(one), one)
    return list(first.values())


def profile_chart(
    found: Comparison, traits: Traits, link: Callable[[str], str], *, without: Collection[str] = (), against: str = ""
) -> Intervals | None:
    """What they have more often than everybody, or than another audience; None where nothing stands out."""
    more = [one for one in found.findings if one.is_distinct and _is_more(one) and one.name not in without]
    tags = [one for one in more if one.of == "tag"]
    more = _one_of_each(tags if len(tags) >= FEWEST_TAGS else more, lambda one: one.name)[:SHOWN]
    more.sort(key=lambda one: -(one.ratio or 0))
    if not more:
        return None
    top = more[0]
    words = {"trait": traits.title(top), "times": number(round(top.ratio or 0, 1)), "audience": against}
    finding = _("“%(trait)s” is %(times)s times as common among them as among all customers")
    measure = _("Times as common as among all customers")
    if against:
        finding = _("“%(trait)s” is %(times)s times as common among them as in “%(audience)s”")
        measure = _("Times as common as in “%(audience)s”")
    return Intervals(
        finding=finding % words,
        category=_("What they have"),
        measure=measure % words,
        labels=[traits.title(one) for one in more],
        values=[one.ratio or 0 for one in more],
        lows=[max(one.ratio_low, 0.01) for one in more],
        highs=[one.ratio_high or (one.ratio or 0) for one in more],
        links=[link(one.rule) for one in more],
        notes=[(share(one.share), share(one.base_share), number(one.count)) for one in more],
        note_titles=(_("Share of them"), _("Share of the others") if against else _("Share of all"), _("Customers")),
    )


def _is_more(one: Finding) -> bool:
    return one.ratio is not None and one.ratio_low > 1


def funnel_chart(found: Explanation, tree: Condition, phrases: Phrases, link: Callable[[str], str]) -> Funnel | Bars:
    """What each condition leaves of the customers; of a rule that asks for any of them, what each brings."""
    steps = [step for step in found.steps if step.depth == 0]
    parts: Sequence[Condition] = tree.of if isinstance(tree, All | Any) else (tree,)
    labels = [rule_in_words(part, phrases) for part in parts]
    texts = [" · ".join(label) for label in labels]
    if isinstance(tree, Any):
        return _brought(steps, texts, link)
    kept = [found.customers, *(step.so_far for step in steps)]
    shares = [after / before if before else 1.0 for before, after in pairwise(kept)]
    most = min(range(len(shares)), key=lambda place: shares[place])
    return Funnel(
        finding=_("“%(condition)s” narrows it most: %(share)s of those before are left")
        % {"condition": texts[most], "share": share(shares[most])},
        category=_("Condition"),
        measure=_("Customers"),
        labels=[_("All customers"), *texts],
        values=kept,
        links=[reverse("customers"), *(link(_up_to(steps, place)) for place in range(len(steps)))],
    )


def _up_to(steps: Sequence[Step], place: int) -> str:
    return " and ".join(f"({step.text})" if len(steps) > 1 else step.text for step in steps[: place + 1])


def _brought(steps: Sequence[Step], texts: Sequence[str], link: Callable[[str], str]) -> Bars:
    order = sorted(range(len(steps)), key=lambda place: -steps[place].alone)
    only = steps[order[0]].change
    return Bars(
        finding=_("“%(condition)s” brings the most: %(only)s whom nothing else brings")
        % {"condition": texts[order[0]], "only": number(only)},
        category=_("Condition"),
        measure=_("Customers"),
        labels=[texts[place] for place in order],
        values=[steps[place].alone for place in order],
        links=[link(steps[place].text) for place in order],
        is_horizontal=True,
    )


def history_chart(figures: Sequence[FigureShown], link: Callable[[FigureShown], str]) -> Trend:
    """How large the audience was in each refresh."""
    return Trend(
        finding=_grown(figures),
        category=_("As of"),
        measure=_("Customers"),
        days=[day(figure.as_of) for figure in figures],
        lines=(("", [figure.size for figure in figures]),),
        links=[link(figure) for figure in figures],
    )


def _grown(figures: Sequence[FigureShown]) -> str:
    if len(figures) < 2:
        return _("It was counted once so far")
    change = figures[-1].size - figures[-2].size
    words = {"count": number(abs(change)), "day": day(figures[-2].as_of)}
    if figures[-1].is_redefined:
        return _("Its rule was changed since %(day)s, so its sizes are not of the same thing") % words
    if not change:
        return _("As many as on %(day)s") % words
    return (_("%(count)s more than on %(day)s") if change > 0 else _("%(count)s fewer than on %(day)s")) % words


def upset_chart(found: Overlap) -> Upset:
    """How audiences overlap: how many are in just these of them."""
    parts = found.parts[:COMBINATIONS_SHOWN]
    names = [one.name for one in found.sets]
    return Upset(
        finding=_in_common(found),
        measure=_("Customers"),
        sets=names,
        sizes=[one.size for one in found.sets],
        set_links=[
            customers_url(within(one.name, f'in audience "{one.name}"').partition(" and ")[0]) for one in found.sets
        ],
        members=[[name in part.audiences for name in names] for part in parts],
        values=[part.count for part in parts],
        links=[customers_url(part.rule) for part in parts],
    )


def _in_common(found: Overlap) -> str:
    first = found.sets[0]
    alone = sum(part.count for part in found.parts if part.audiences == (first.name,))
    if not first.size:
        return _("Nobody is in “%(name)s”") % {"name": first.name}
    if alone == first.size:
        return _("Nobody of “%(name)s” is in another of them") % {"name": first.name}
    return _("%(share)s of “%(name)s” are in another of them too") % {
        "share": share((first.size - alone) / first.size),
        "name": first.name,
    }


def likeness_chart(found: LookAlikes, traits: Traits) -> Bars | None:
    """By what somebody is like the members; None where nothing tells."""
    heaviest = _one_of_each((one for one in found.weights if one.weight > 0), lambda one: one.tag)[:SHOWN]
    if not heaviest:
        return None
    heaviest.sort(key=lambda one: one.other_share - one.share)
    top = heaviest[0]
    words = {"trait": traits.title(top), "share": share(top.share), "other": share(top.other_share)}
    return Bars(
        finding=_("“%(trait)s” tells them apart most: %(share)s of the members have it, %(other)s of the others")
        % words,
        category=_("What they have"),
        measure=_("Share of the members less share of the others"),
        labels=[traits.title(one) for one in heaviest],
        values=[one.share - one.other_share for one in heaviest],
        format="share",
        is_horizontal=True,
    )
