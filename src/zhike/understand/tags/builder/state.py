"""One state of the builder: its rows and its text, what was done to them, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.rules.builder.rows import Form
from zhike.rules.check import checked, kind_of
from zhike.rules.errors import RuleError
from zhike.rules.form import form_of
from zhike.rules.text import condition_of, parse, text_of
from zhike.rules.tree import Definition, is_condition
from zhike.rules.vocabulary import Vocabulary
from zhike.understand.tags.builder.acting import NoSuchSubject, acted
from zhike.understand.tags.builder.completing import Complete, completed
from zhike.understand.tags.builder.past import changed_field, read_states, remembered
from zhike.understand.tags.builder.posted import At, form_of_fields, form_of_state, name_of, state_of
from zhike.understand.tags.builder.settling import settled
from zhike.understand.tags.builder.subjects import Names
from zhike.understand.tags.wording.titles import titles

Accepts = Literal["condition", "definition"]


@dataclass
class Builder:
    """What the builder shows and knows after a request."""

    names: Names
    accepts: Accepts = "condition"
    form: Form = field(default_factory=Form)
    text: str = ""
    written: str = ""  # the text as the page last had it from us
    error: RuleError | None = None  # of the text
    complete: Complete = field(default_factory=Complete)
    value: Definition | None = None  # a definition that is a value has no rows, only its text
    past: list[str] = field(default_factory=list)
    future: list[str] = field(default_factory=list)
    touched: str = ""  # the field that was changed last
    done: str = ""  # the button that was pressed
    refused: dict[At, tuple[str, UserError]] = field(
        default_factory=dict
    )  # what was typed to be added, and is not there
    focus: At | None = None
    is_checked: bool = False  # the page was sent, so that what is missing is said
    problem: UserError | None = None  # of the rule as a whole

    @property
    def vocabulary(self) -> Vocabulary:
        """What whoever builds may name."""
        return self.names.vocabulary

    @property
    def is_empty(self) -> bool:
        """Nothing was said yet."""
        return not self.form.rows and not self.text.strip()

    @property
    def is_stale(self) -> bool:
        """The text cannot be read, so that the rows do not follow it."""
        return self.error is not None and self.text != self.written

    @property
    def is_value(self) -> bool:
        """The text says a value, which has no rows; while it is mistyped, it was one or begins as a choice does."""
        if self.value is not None or self.error is None or self.accepts == "condition" or self.form.rows:
            return self.value is not None
        return self.text.lstrip().lower().startswith("when ") or _says_a_value(self.written)

    def definition(self) -> Definition:
        """What was built, to be saved. Raises RuleError, which is shown at its place as well."""
        self.is_checked = True
        if self.error is not None:
            raise self.error
        if self.value is not None:
            return self.value
        for faults in self.complete.faults.values():
            raise RuleError(faults[0].message, advice=faults[0].advice)
        if self.complete.tree is None:
            raise RuleError(_("there is no condition here yet"), advice=_("Add one, or write the rule as text."))
        return self.complete.tree


def read_builder(
    data: QueryDict | None, *, rule: str = "", vocabulary: Vocabulary, accepts: Accepts = "condition"
) -> Builder:
    """The builder after what was sent; with nothing sent, as it begins with a rule.

    Raises UserError only for what no page of ours sends; what is wrong with the rule is at its place.
    """
    builder = Builder(Names(vocabulary, titles()), accepts)
    if data is None or "written" not in data:
        builder.text = builder.written = rule if data is None else data.get("rule", rule)
        _follow_text(builder)
        return builder
    builder.past, builder.future = read_states(data.get("past", "")), read_states(data.get("future", ""))
    builder.touched, builder.done = data.get("touched", ""), _lines(data.get("do", ""))
    builder.text, builder.written = _lines(data.get("rule", "")), _lines(data["written"])
    before = form_of_state(data.get("before", ""))
    verb, *words = builder.done.split(" ", 3)
    if verb in ("undo", "redo"):
        _step(builder, before, is_forward=verb == "redo")
    else:
        _change(builder, before, data, verb, words)
    return builder


def _change(builder: Builder, before: Form, data: QueryDict, verb: str, words: list[str]) -> None:
    if verb == "apply":
        builder.text = _applied(builder.text, words)
    form = form_of_fields(data)
    has_rows = bool(form.rows or before.rows)  # a value has none, only its text
    if verb != "rows" and (builder.text != builder.written or not has_rows):
        builder.form = before
        _follow_text(builder)
    else:
        builder.form = settled(form, builder.vocabulary)
        _follow_rows(builder, is_new=verb == "rows" or builder.form != before)
    if verb and not builder.is_stale:
        _act(builder, verb, words, data)
    _remember(builder, before)


def _follow_text(builder: Builder) -> None:
    """Makes the rows of the text; where it cannot be read, they stay as they are."""
    try:
        if not builder.text.strip():
            builder.form = Form()
        else:
            _read(builder)
        builder.written = builder.text
    except RuleError as error:
        builder.error = error
    builder.complete = completed(builder.form, builder.vocabulary)
    if builder.error is None and builder.form.rows:
        _check_text(builder)


def _read(builder: Builder) -> None:
    parsed = parse(builder.text)
    if builder.accepts == "definition" and not is_condition(parsed.tree):
        kind_of(parsed.tree, builder.vocabulary, spans=parsed.spans)
        builder.value, builder.form = parsed.tree, Form()
        return
    builder.form = form_of(condition_of(parsed))


def _check_text(builder: Builder) -> None:
    """Says at its place in the text what means nothing; the rows say it too."""
    try:
        parsed = parse(builder.text)
        checked(parsed.tree, builder.vocabulary, spans=parsed.spans)
        if builder.accepts == "condition":
            condition_of(parsed)
    except RuleError as error:
        builder.error = error


def _follow_rows(builder: Builder, *, is_new: bool) -> None:
    """Makes the text of the rows, of those that are complete; it stays as it was typed where nothing is new."""
    builder.complete = completed(builder.form, builder.vocabulary)
    if is_new or not builder.text.strip():
        builder.error = None
        tree = builder.complete.tree
        builder.text = text_of(tree) if tree is not None else ""
        builder.written = builder.text
    elif builder.form.rows or builder.text.strip():
        _check_text(builder)


def _act(builder: Builder, verb: str, words: list[str], data: QueryDict) -> None:
    """What a button asks for, on the rows as they are now."""

    def typed(at: At) -> str:
        return str(data.get(name_of(at, "new"), ""))

    try:
        edited = acted(builder.form, builder.names, verb, words, typed=typed)
    except NoSuchSubject as error:
        builder.refused[error.at] = (error.typed, error)
        return
    if edited is not None:
        builder.value = None
        builder.form, builder.focus = settled(edited.form, builder.vocabulary), edited.focus
        _follow_rows(builder, is_new=True)


def _step(builder: Builder, before: Form, *, is_forward: bool) -> None:
    source, target = (builder.future, builder.past) if is_forward else (builder.past, builder.future)
    builder.form, builder.touched = before, ""
    if source:
        target.append(state_of(before))
        builder.form = settled(form_of_state(source.pop()), builder.vocabulary)
    _follow_rows(builder, is_new=True)


def _remember(builder: Builder, before: Form) -> None:
    """Keeps the state before, unless the very field was changed that was changed before."""
    was, now = state_of(before), state_of(builder.form)
    if was == now:
        return
    changed = changed_field(was, now)
    if not changed or changed != builder.touched:
        builder.past = remembered(builder.past, was)
    builder.touched, builder.future = changed, []


def _applied(text: str, words: list[str]) -> str:
    if len(words) < 3 or not (words[0].isdecimal() and words[1].isdecimal()):
        return text
    return text[: int(words[0])] + words[2] + text[int(words[1]) :]


def _says_a_value(text: str) -> bool:
    try:
        return not is_condition(parse(text).tree)
    except RuleError:
        return False


def _lines(text: Any) -> str:
    return str(text).replace("\r\n", "\n")
