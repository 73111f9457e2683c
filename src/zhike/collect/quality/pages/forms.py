"""Forms of quality rules and reviews."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.collect.quality.defining.files import RuleText
from zhike.collect.quality.models import HEAVIEST, NAME, ReviewCampaign
from zhike.collect.quality.reviewing.planning import MOST_ITEMS, Wanted
from zhike.collect.quality.words import DIMENSIONS, FIELDS
from zhike.govern.organisation.queries import units

LONGEST_RULE = 10_000
CODE = {"rows": 3, "spellcheck": "false", "class": "code"}


class RuleForm(forms.Form):
    """What a quality rule says; `seen` is the version that whoever writes had before them."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        validators=[NAME],
        help_text=_("Small letters and underscores; it never changes."),
    )
    title = forms.CharField(label=_("Title"), max_length=100)
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=100, required=False)
    dimension = forms.ChoiceField(label=_("What it is about"), choices=list(DIMENSIONS.items()))
    applies = forms.CharField(
        label=_("Of whom it is asked"),
        required=False,
        max_length=LONGEST_RULE,
        widget=forms.Textarea(attrs=CODE),
        help_text=_("A condition, such as: active_contract_count > 0. Empty: of everybody."),
    )
    good = forms.CharField(
        label=_("What is good"),
        max_length=LONGEST_RULE,
        widget=forms.Textarea(attrs=CODE),
        help_text=_('A condition, such as: phone_quality = "valid", or: updated_on within 24 months.'),
    )
    fields_spoken_of = forms.MultipleChoiceField(
        label=_("Fields it speaks of"),
        required=False,
        choices=list(FIELDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    weight = forms.IntegerField(
        label=_("Weight"),
        min_value=0,
        max_value=HEAVIEST,
        initial=1,
        help_text=_("How much it counts in the figure; 0: not at all."),
    )
    target = forms.FloatField(
        label=_("Target in per cent"), min_value=0, max_value=100, initial=90, widget=forms.NumberInput({"step": "any"})
    )
    doc = forms.CharField(label=_("Description"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2}))
    doc_zh = forms.CharField(
        label=_("Description in Chinese"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    note = forms.CharField(label=_("What is new, and why"), required=False, max_length=500)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            self.fields["name"].widget = forms.HiddenInput()

    def text(self) -> RuleText:
        """The rule as it was written."""
        said = self.cleaned_data
        words = {name: said[name] for name in ("name", "title", "title_zh", "doc", "doc_zh", "dimension")}
        rules = {name: said[name] for name in ("applies", "good", "weight")}
        return RuleText(**words, **rules, fields=tuple(said["fields_spoken_of"]), target=said["target"] / 100)


class ReviewForm(forms.Form):
    """What a review is to look at."""

    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(
        label=_("Whom it looks at"), choices=ReviewCampaign.Kind.choices, widget=forms.RadioSelect, initial="sample"
    )
    rule = forms.CharField(
        label=_("Among whom"),
        required=False,
        max_length=LONGEST_RULE,
        widget=forms.Textarea(attrs=CODE),
        help_text=_("A condition. Empty: among everybody, so that the board shows what comes of it."),
    )
    unit = forms.ChoiceField(label=_("Org unit"), required=False)
    size = forms.IntegerField(
        label=_("Customers"),
        required=False,
        min_value=1,
        max_value=MOST_ITEMS,
        help_text=_("Of a sample. Empty: as many as the interval takes."),
    )
    half_width = forms.FloatField(
        label=_("Interval to either side, in points of a per cent"),
        required=False,
        min_value=0.5,
        max_value=50,
        initial=5,
        widget=forms.NumberInput({"step": "any"}),
    )
    stratified_by = forms.ChoiceField(
        label=_("Drawn from"), required=False, choices=ReviewCampaign.Stratum.choices, initial="unit_id"
    )
    fields_looked_at = forms.MultipleChoiceField(
        label=_("Fields"),
        choices=list(FIELDS.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=["name", "phone", "email", "address"],
    )
    target = forms.FloatField(
        label=_("Target in per cent"), min_value=0, max_value=100, initial=80, widget=forms.NumberInput({"step": "any"})
    )
    due_on = forms.DateField(label=_("To be done by"), required=False, widget=forms.DateInput({"type": "date"}))
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(unit.unit_id, unit.indent + unit.title) for unit in units()]
        self.fields["unit"].choices = [("", _("The whole firm")), *known]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """The review as it was asked for."""
        said = self.cleaned_data
        width = said["half_width"]
        names = ("name", "kind", "rule", "unit", "size", "stratified_by", "due_on", "note")
        return Wanted(
            **{name: said[name] for name in names},
            fields=said["fields_looked_at"],
            half_width=width / 100 if width is not None else 0.05,
            target=said["target"] / 100,
        )
