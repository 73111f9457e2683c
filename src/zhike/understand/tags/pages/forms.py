"""Forms of tags: a new one, another version, what it is called, and whom it is set for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.understand.tags.defining.contents import LONGEST_VALUE, MOST_LATER_DAYS
from zhike.understand.tags.models import NAME, Tag

LONGEST_RULE = 20_000
ORIGINS = (
    (Tag.Origin.RULE, gettext_lazy("Computed from a rule")),
    (Tag.Origin.PERSON, gettext_lazy("Set by people, files or programs")),
)


class ValuesField(forms.CharField):
    """Values with their titles, one a line: `gold = Gold | 金卡`."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "code"})

    def to_python(self, value: Any) -> Any:
        """A list of value, title and title_zh; nothing where nothing was written."""
        lines = [line.strip() for line in str(value or "").splitlines()]
        return [_value_of(line) for line in lines if line]


def _value_of(line: str) -> dict[str, str]:
    value, _sign, titles = line.partition("=")
    english, _bar, chinese = titles.partition("|")
    if not value.strip() or len(value.strip()) > LONGEST_VALUE:
        raise ValidationError(_("“%(line)s” is no value: write gold = Gold | 金卡") % {"line": line})
    return {"value": value.strip(), "title": english.strip(), "title_zh": chinese.strip()}


def values_as_text(values: Iterable[dict[str, str]]) -> str:
    """Values as the field writes them."""
    return "\n".join(map(_line, values))


def _line(one: dict[str, str]) -> str:
    titles = " | ".join(filter(None, (one.get("title"), one.get("title_zh"))))
    return f"{one['value']} = {titles}" if titles else one["value"]


class DefinitionForm(forms.Form):
    """What a version of a tag says, beside its rule, which the builder has."""

    values = ValuesField(
        label=gettext_lazy("Titles of its values"),
        required=False,
        help_text=gettext_lazy("Of a category, one a line: value = title in English | title in Chinese."),
    )
    later_fact = forms.CharField(
        label=gettext_lazy("What proves it right later"),
        required=False,
        max_length=LONGEST_RULE,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "code"}),
        help_text=gettext_lazy("A condition that should hold now of whom the tag named so many days ago."),
    )
    later_days = forms.IntegerField(
        label=gettext_lazy("After how many days"), required=False, min_value=1, max_value=MOST_LATER_DAYS
    )
    note = forms.CharField(
        label=gettext_lazy("What is new, and why"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class VersionForm(DefinitionForm):
    """Another version of a tag; `seen` is the one that whoever writes had before them."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class WordsForm(forms.Form):
    """What a tag is called, where it stands, and when it is computed."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    title_zh = forms.CharField(label=gettext_lazy("Title in Chinese"), max_length=100, required=False)
    theme = forms.CharField(
        label=gettext_lazy("Theme"),
        max_length=100,
        help_text=gettext_lazy("A place in the tree, such as business/value; a new one may be named."),
        widget=forms.TextInput(attrs={"list": "themes", "autocomplete": "off"}),
    )
    doc = forms.CharField(
        label=gettext_lazy("What it means"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )
    doc_zh = forms.CharField(
        label=gettext_lazy("What it means, in Chinese"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit"), max_length=30, required=False, help_text=gettext_lazy("Of a number, such as days.")
    )
    schedule = forms.ChoiceField(label=gettext_lazy("Computed"), choices=Tag.Schedule.choices)


class NewTagForm(DefinitionForm, WordsForm):
    """A tag that is not there yet."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        validators=[NAME],
        help_text=gettext_lazy(
            "Small letters, digits and _ such as owns_smartphone. Rules call it so; it never changes."
        ),
    )
    origin = forms.ChoiceField(
        label=gettext_lazy("Where it comes from"),
        choices=ORIGINS,
        initial=Tag.Origin.RULE,
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=Tag.Kind.choices,
        required=False,
        help_text=gettext_lazy("What it says of a customer."),
    )


class OwnerForm(WordsForm):
    """What may be changed of a tag at any time."""

    owner = forms.CharField(
        label=gettext_lazy("Owner"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Who answers for it, as they sign in."),
    )


class SetForm(forms.Form):
    """A value for many customers at once: those of a rule, or named one by one."""

    act = forms.ChoiceField(
        label=gettext_lazy("What is done"),
        choices=(("give", gettext_lazy("Set it")), ("take", gettext_lazy("Take it away"))),
        initial="give",
        widget=forms.RadioSelect,
    )
    value = forms.CharField(label=gettext_lazy("Value"), max_length=LONGEST_VALUE, required=False)
    rule = forms.CharField(
        label=gettext_lazy("Customers for whom"),
        required=False,
        max_length=LONGEST_RULE,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "code"}),
        help_text=gettext_lazy("A rule, or an audience by name. Whom it holds of now is meant, for good."),
    )
    customers = forms.CharField(
        label=gettext_lazy("Or these customers"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "code"}),
        help_text=gettext_lazy("Customer numbers, set apart by spaces, commas or lines."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=2000)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if choices:
            self.fields["value"] = forms.ChoiceField(label=_("Value"), choices=choices, required=False)


class FileForm(forms.Form):
    """A file of customers and their values."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV or XLSX with a column customer_id, or source and customer_key, and a column value."
        ),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=2000)
