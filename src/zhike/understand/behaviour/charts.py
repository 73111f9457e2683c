"""The charts of the page of behaviour, each titled with its answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.collect.profiles.links import customers_url
from zhike.collect.profiles.words import line_in_words
from zhike.rules.text import text_of_text
from zhike.ui.charts import Bars, HeatMap, Intervals
from zhike.ui.templatetags.formats import number, round_money, share
from zhike.understand.behaviour import selecting
from zhike.understand.behaviour.agents import Agents
from zhike.understand.behaviour.queries import YEAR, Behaviour, Came, Held, Insured, Repeat, Wallet
from zhike.understand.behaviour.tables import INSURED as RELATIONS
from zhike.understand.behaviour.tables import MOST_CONTRACTS
from zhike.understand.behaviour.words import INSURED

USUAL = 0.1  # of the users use a line that many could use
MOST_LINES = 12  # of a heat map that can be read


def repeat_finding(found: Repeat) -> str:
    """How many came back within a year."""
    every = found.every
    if every.share is None:
        return _("Nobody’s first purchase is a year ago yet.")
    words = (
        _("%(share)s of those who first ordered a year ago or more ordered again within a year (%(low)s to %(high)s).")
        if found.kind == "orders"
        else _(
            "%(share)s of those whose first contract began a year ago or more took out another within a year"
            " (%(low)s to %(high)s)."
        )
    )
    return words % {"share": share(every.share), "low": share(every.low), "high": share(every.high)}


def repeat_chart(found: Repeat, asked: Behaviour, unit: str) -> Intervals:
    """The share that came back within a year, by when they first bought."""
    shown = [one for one in found.cohorts if one.share is not None]
    return Intervals(
        finding=repeat_finding(found),
        category=_("First purchase"),
        measure=_("Bought again within a year"),
        labels=[_name(one, by_year=found.by_year) for one in shown],
        values=[one.share or 0.0 for one in shown],
        lows=[one.low for one in shown],
        highs=[one.high for one in shown],
        format="share",
        reference=None,
        is_relative=False,
        links=[_returned(found.kind, one, asked, unit) for one in shown],
        notes=[(number(one.within_a_year), number(one.watched)) for one in shown],
        note_titles=(_("Who did"), _("Customers")),
    )


def _name(one: Came, *, by_year: bool) -> str:
    return str(one.since.year) if by_year else f"{one.since.year} Q{(one.since.month + 2) // 3}"


def _returned(kind: str, one: Came, asked: Behaviour, unit: str) -> str:
    watched_until = min(one.until, asked.as_of - YEAR)
    if not one.within_a_year:
        return ""
    rule = selecting.first_bought(kind, one.since, watched_until)
    return customers_url(f"{rule} and {selecting.came_back(kind, days=YEAR // timedelta(days=1))}", unit)


def held_chart(held: Held, unit: str) -> Bars:
    """Holders by how many contracts they have in force."""
    once = next((holders for contracts, holders in held.by_number if contracts == 1), 0)
    rules = [
        f"active_contract_count {'>=' if contracts == MOST_CONTRACTS else '='} {contracts}"
        for contracts, _holders in held.by_number
    ]
    return Bars(
        finding=_("A holder has %(each)s contracts in force on average; %(share)s have just one.")
        % {"each": number(round(held.contracts_each, 2)), "share": share(once / held.holders)},
        category=_("Contracts in force"),
        measure=_("Holders"),
        labels=[f"≥ {contracts}" if contracts == MOST_CONTRACTS else str(contracts) for contracts, _ in held.by_number],
        values=[holders for _contracts, holders in held.by_number],
        links=[customers_url(rule, unit) for rule in rules],
    )


def insured_chart(insured: Insured, unit: str) -> Bars:
    """Holders by whom they insure."""
    finding = (
        _("%(count)s holders insure their family and not themselves.") % {"count": number(insured.family_only)}
        if insured.family_only
        else _("%(share)s of the holders insure themselves.")
        % {"share": share(insured.by_relation["self"] / insured.holders)}
    )
    return Bars(
        finding=finding,
        category=_("Whom they insure"),
        measure=_("Holders"),
        labels=[INSURED[whom] for whom in RELATIONS],
        values=[insured.by_relation[whom] for whom in RELATIONS],
        links=[customers_url(f"insures_{whom} = yes", unit) if insured.by_relation[whom] else "" for whom in RELATIONS],
        is_horizontal=True,
    )


FAMILY_ONLY = "insures_self = no and (insures_spouse = yes or insures_child = yes or insures_parent = yes)"


def agents_finding(agents: Agents) -> str:
    """What the customers of the best bring, and how many customers have nobody any more."""
    if agents.best_share is None:
        return _("An agent looks after %(each)s customers on average.") % {
            "each": number(round(agents.customers_each, 1))
        }
    return ngettext(
        "The customers of the best agent bring %(share)s of what all bring in a year.",
        "The customers of the best %(best)s agents, a tenth, bring %(share)s of what all bring in a year.",
        agents.best,
    ) % {"best": number(agents.best), "share": share(agents.best_share)}


def agent_url(agent_id: str, unit: str) -> str:
    """The customers of one agent."""
    return customers_url(f"agent_id = {text_of_text(agent_id)}", unit)


def number_chart(wallet: Wallet, unit: str) -> Bars:
    """Customers by how many lines of business they use."""
    single = next((customers for lines, customers, _amount in wallet.by_number if lines == 1), 0)
    finding = (
        _("%(share)s of those who use anything use just one line of business.")
        % {"share": share(single / wallet.users)}
        if wallet.users
        else _("Nobody uses anything any more.")
    )
    return Bars(
        finding=finding,
        category=_("Lines of business in use"),
        measure=_("Customers"),
        labels=[_("none any more") if not lines else str(lines) for lines, *_more in wallet.by_number],
        values=[customers for _lines, customers, _amount in wallet.by_number],
        links=[
            customers_url(f"line_count = {lines}" if lines else "line_count = 0 and dormant_line_count > 0", unit)
            for lines, *_more in wallet.by_number
        ],
    )


def gap_chart(wallet: Wallet, unit: str) -> HeatMap:
    """Who use one line of business and not another."""
    lines = wallet.lines[:MOST_LINES]
    values = [row[:MOST_LINES] for row in wallet.gaps[:MOST_LINES]]
    labels = [line_in_words(one.line) for one in lines]
    held, missing, size = _widest(wallet, values)
    named = {"held": labels[held], "missing": labels[missing], "count": number(size)}
    return HeatMap(
        finding=_("The widest gap: %(count)s customers use %(held)s and not %(missing)s.") % named
        if size
        else _("Nobody who uses one line lacks another."),
        x_title=_("They do not use"),
        y_title=_("They use"),
        measure=_("Customers"),
        x_labels=labels,
        y_labels=labels,
        values=values,
        format="number",
        links=[
            [
                customers_url(selecting.users_without(one.line, other.line), unit) if value else ""
                for other, value in zip(lines, row, strict=True)
            ]
            for one, row in zip(lines, values, strict=True)
        ],
        notes=[
            [
                _("%(share)s of its users") % {"share": share(value / one.users)} if value and one.users else ""
                for value in row
            ]
            for one, row in zip(lines, values, strict=True)
        ],
    )


def _widest(wallet: Wallet, values: Sequence[Sequence[int | None]]) -> tuple[int, int, int]:
    """The line that is held, the one that is missing, and most customers: of lines that one user in ten uses, if any.

    Hardly anybody uses a line that is not for everybody, so that it would always be what is missing.
    """
    usual = [x for x, one in enumerate(wallet.lines[: len(values)]) if one.users >= USUAL * wallet.users]
    among = usual if len(usual) > 1 else range(len(values))
    size, held, missing = max((values[y][x] or 0, -y, -x) for y in among for x in among if x != y)
    return -held, -missing, size


def lead(found: Behaviour) -> str:
    """What stands out: who comes back, and how many use just one line."""
    parts = [repeat_finding(one) for one in found.repeats if one.every.share is not None][:1]
    if not parts and found.held:
        parts = [_("A holder pays %(premium)s a year.") % {"premium": round_money(found.held.premium_each)}]
    return " ".join(parts)
