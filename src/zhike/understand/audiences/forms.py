"""Forms of audiences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class AudienceForm(forms.Form):
    """A new audience."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What your colleagues will call them."))
    rule = forms.CharField(
        label=_("Rule"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "code"}),
        help_text=_("Conditions on tags, joined by “and”; “not” before a condition turns it round."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What they are for."),
    )

    def __init__(self, *args: Any, count_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The count follows what is typed.
        self.fields["rule"].widget.attrs |= {
            "hx-get": count_url,
            "hx-trigger": "input changed delay:300ms",
            "hx-target": "#audience-count",
            "hx-swap": "outerHTML",
            "hx-sync": "this:replace",
        }


class NameForm(forms.Form):
    """Another name for an audience."""

    name = forms.CharField(label=_("Name"), max_length=100)
