"""The form of an offer rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.understand.offers.models import OfferRule
from zhike.understand.offers.queries import OfferRuleShown
from zhike.understand.offers.services import LOWEST_PRIORITY, OfferText

DAY = {"type": "date"}


class OfferRuleForm(forms.Form):
    """What an offer rule says; `seen` is the revision that whoever writes had before them."""

    name = forms.CharField(label=_("Name"), max_length=100)
    rule = forms.CharField(
        label=_("To whom"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false", "class": "code"}),
        help_text=_('A rule, usually over tags, such as: has tag "rfm_segment" = "champions" and age < 40.'),
    )
    by = forms.ChoiceField(label=_("Which products, told by"), choices=OfferRule.By.choices)
    values = forms.CharField(
        label=_("Which of them"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One on each line. The first that a customer does not have is offered."),
    )
    priority = forms.IntegerField(
        label=_("Priority"), min_value=1, max_value=LOWEST_PRIORITY, initial=5, help_text=_("1 goes first.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Whoever makes the offer reads it."),
    )
    may_repeat = forms.BooleanField(
        label=_("Also to those who ordered it before"),
        required=False,
        help_text=_("For what is used up. What a contract in force is of is never offered."),
    )
    valid_from = forms.DateField(label=_("Valid from"), required=False, widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(DAY, format="%Y-%m-%d")
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def said(self) -> OfferText:
        """The offer rule as it was written."""
        known = {name: self.cleaned_data[name] for name in OfferText.__dataclass_fields__}
        return OfferText(**known | {"values": known["values"].splitlines()})


def initial(shown: OfferRuleShown) -> dict[str, Any]:
    """What stands in the fields of an offer rule that is there."""
    known = {name: getattr(shown, name) for name in OfferText.__dataclass_fields__}
    return known | {"values": "\n".join(shown.values), "seen": shown.revision}
