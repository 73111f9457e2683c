"""Pages of quality rules: all of them, one with where it fails, writing it, retiring it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.collect.quality.defining.services import (
    restore_rule,
    retire_rule,
    rule_named,
    text_of_rule,
    write_rule,
)
from zhike.collect.quality.definitions import definition_of, doc_of, title_of
from zhike.collect.quality.models import QualityRule
from zhike.collect.quality.pages.board import may_list
from zhike.collect.quality.pages.charts import groups_chart, rule_trend_chart
from zhike.collect.quality.pages.forms import RuleForm
from zhike.collect.quality.pages.links import failing_url, review_url
from zhike.collect.quality.places import Place
from zhike.collect.quality.queries import RuleFigure, board, rule_groups, trend
from zhike.collect.quality.selecting import count_of
from zhike.collect.quality.vocabulary import failing, is_personal, read_condition
from zhike.collect.quality.words import BY, DIMENSIONS, field_title
from zhike.errors import UserError
from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.rules.text import text_of
from zhike.ui.lists import TableView
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.templatetags.formats import number
from zhike.ui.toasts import toast
from zhike.ui.unpublished import when_published
from zhike.warehouse.queries import published

ON_TARGET, OFF_TARGET, NOBODY, NOT_COUNTED = "on", "off", "nobody", "not_counted"
STATES = (
    (ON_TARGET, gettext_lazy("on target")),
    (OFF_TARGET, gettext_lazy("below target")),
    (NOBODY, gettext_lazy("applies to nobody")),
    (NOT_COUNTED, gettext_lazy("not counted yet")),
)


class Rules(TableView):
    """All rules in force, those that lack most customers first."""

    table = Table(
        name="quality_rules",
        title=gettext_lazy("Quality rules"),
        columns=(
            Column("title", gettext_lazy("Rule"), leads_to="url", is_filterable=True),
            Column(
                "dimension",
                gettext_lazy("What it is about"),
                Kind.CHOICE,
                tuple(DIMENSIONS.items()),
                is_filterable=True,
            ),
            Column("share", gettext_lazy("Fulfilled"), Kind.SHARE),
            Column("target", gettext_lazy("Target"), Kind.SHARE),
            Column(
                "state",
                gettext_lazy("State"),
                Kind.CHOICE,
                STATES,
                is_filterable=True,
                marks={ON_TARGET: "good", OFF_TARGET: "bad"},
            ),
            Column("failing", gettext_lazy("Fail"), Kind.NUMBER, leads_to="failing_url"),
            Column("lacking", gettext_lazy("Lack to the target"), Kind.NUMBER),
            Column("applies", gettext_lazy("Applies to"), Kind.NUMBER),
            Column("weight", gettext_lazy("Weight"), Kind.NUMBER),
            Column("name", gettext_lazy("Name"), is_shown=False),
        ),
        sort="lacking",
        is_descending=True,
        empty=gettext_lazy("Write a rule that says what a good value is."),
    )
    template_name = "quality/rules.html"

    def page(self, query: Query) -> TablePage:
        """The rules asked for, counted where whoever reads looks."""
        found = board(Place(unit=current_actor().unit))
        rows = [
            {
                "name": figure.rule.name,
                "title": figure.rule.title,
                "dimension": figure.rule.dimension,
                "share": figure.share,
                "target": figure.rule.target,
                "state": _state(figure),
                "failing": figure.failing,
                "lacking": figure.lacking,
                "applies": figure.applies,
                "weight": figure.rule.weight,
                "url": reverse("quality_rule", args=[figure.rule.name]),
                "failing_url": failing_url(figure.rule.name, found.place)
                if figure.failing and may_list(figure.rule.is_personal)
                else "",
            }
            for figure in found.rules
        ]
        return page_of_rows(rows, query, key="name")

    def context(self, _query: Query) -> dict[str, Any]:
        """Whether one may be written, and those that are retired."""
        return {"may_manage": may(Right.MANAGE_QUALITY), "retired": _retired()}


def _state(figure: RuleFigure) -> str:
    if figure.share is None:
        return NOBODY if figure.is_counted else NOT_COUNTED
    return ON_TARGET if figure.is_on_target else OFF_TARGET


def _retired() -> list[dict[str, str]]:
    found = QualityRule.objects.exclude(retired_at=None)
    return [{"title": title_of(rule), "url": reverse("quality_rule", args=[rule.name])} for rule in found]


@require_safe
@when_published
def quality_rule(request: HttpRequest, name: str) -> HttpResponse:
    """One rule: what it says, how many fulfil it, where they fail, and how that went."""
    require(Right.SEE_CUSTOMERS)
    rule = rule_named(name)
    place = Place(unit=current_actor().unit)
    context: dict[str, Any] = {
        "rule": rule,
        "title": title_of(rule),
        "doc": doc_of(rule),
        "text": text_of_rule(rule),
        "dimension": DIMENSIONS[rule.dimension],
        "fields": [field_title(one) for one in rule.fields],
        "versions": rule.versions.select_related("author"),
        "may_manage": may(Right.MANAGE_QUALITY),
    }
    try:
        definition = definition_of(rule)
    except UserError as problem:
        return render(request, "quality/rule.html", context | {"problem": problem})
    figure = next((one for one in board(place).rules if one.rule.name == name), None)
    by = request.GET.get("by", "")
    by = by if by in BY else "unit"
    context |= {
        "figure": figure,
        "by": by,
        "all_by": BY.items(),
        "groups": groups_chart(name, by, rule_groups(name, by, place)),
        "trend": rule_trend_chart(trend(place, rule=name), name),
        "failing": text_of(definition.failing),
        "failing_url": failing_url(name, place) if may_list(definition.is_personal) else "",
        "review_url": review_url(name, place),
    }
    return render(request, "quality/rule.html", context)


@require_http_methods(["GET", "POST"])
@when_published
def edit_rule(request: HttpRequest, name: str = "") -> HttpResponse:
    """Writes a rule, a new one or another version; says first how many fail it, if that is asked."""
    require(Right.MANAGE_QUALITY)
    rule = rule_named(name) if name else None
    if request.method == "GET":
        form = RuleForm(initial=_initial(rule), is_new=rule is None)
        return _edited(request, form, rule)
    form = RuleForm(request.POST, is_new=rule is None)
    if not form.is_valid():
        return _edited(request, form, rule, status=422)
    try:
        if "count" in request.POST:
            return _edited(request, form, rule, counted=_counted(form))
        done = write_rule(
            form.text(), note=form.cleaned_data["note"], seen=form.cleaned_data["seen"], is_new=rule is None
        )
    except UserError as error:
        form.add_error(_form_field(error.where, form), f"{error.message} {error.advice}".strip())
        return _edited(request, form, rule, status=422)
    toast(request, _("“%(title)s” counts from the next refresh on.") % {"title": title_of(done)})
    return redirect("quality_rule", done.name)


@require_POST
def retire(request: HttpRequest, name: str) -> HttpResponse:
    """Retires a rule."""
    done = retire_rule(name=name)
    words = _("“%(title)s” is retired.") % {"title": title_of(done)}
    toast(request, words, undo_url=reverse("restore_quality_rule", args=[name]))
    return redirect("quality_rules")


@require_POST
def restore(request: HttpRequest, name: str) -> HttpResponse:
    """Brings a retired rule back."""
    done = restore_rule(name=name)
    toast(request, _("“%(title)s” counts from the next refresh on.") % {"title": title_of(done)})
    return redirect("quality_rule", name)


def _initial(rule: QualityRule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    said = text_of_rule(rule).model_dump()
    return said | {
        "fields_spoken_of": said["fields"],
        "target": round(rule.target * 100, 4),
        "seen": rule.version,
    }


def _counted(form: RuleForm) -> str:
    text = form.text()
    applies, good = read_condition(text.applies), read_condition(text.good)
    assert good is not None
    if is_personal(applies, good):
        require(Right.SEE_PERSONAL_DATA)
    now = published()
    asked, fail = count_of(now, applies), count_of(now, failing(applies, good))
    words = ngettext("It is asked of %(count)s customer", "It is asked of %(count)s customers", asked)
    fails = ngettext("%(count)s fails.", "%(count)s fail.", fail)
    return f"{words % {'count': number(asked)}}; {fails % {'count': number(fail)}}"


def _edited(
    request: HttpRequest, form: RuleForm, rule: QualityRule | None, *, counted: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "rule": rule, "title": title_of(rule) if rule else "", "counted": counted}
    return render(request, "quality/edit.html", context, status=status)


def _form_field(where: str, form: RuleForm) -> str | None:
    name = where.partition(":")[0]
    name = "fields_spoken_of" if name == "fields" else name
    return name if name in form.fields else None
