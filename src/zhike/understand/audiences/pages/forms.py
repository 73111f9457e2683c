"""Forms of audiences; the rule itself is built in the builder."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST_NAME = 100
PART = re.compile(r"(?P<name>.*?\S)[\s:=,]+(?P<share>\d+(?:[.,]\d+)?)\s*%?")


def _name(help_text: Any) -> forms.CharField:
    return forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME, help_text=help_text)


class AudienceForm(forms.Form):
    """What a new audience is called, and what it is for."""

    name = _name(gettext_lazy("What your colleagues will call them."))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What they are for."),
    )


class NameForm(forms.Form):
    """Another name for an audience."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)


class NoteForm(forms.Form):
    """Another note of what an audience is for."""

    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class FreezeForm(forms.Form):
    """A frozen list of who belongs to the audience now."""

    name = _name(gettext_lazy("Such as the occasion it is for."))


class SplitForm(forms.Form):
    """Parts into which chance deals the customers."""

    name = _name(gettext_lazy("Each list is called by this name and its part’s."))
    shares = forms.CharField(
        label=gettext_lazy("Parts and their shares"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One part on each line, such as: test 80"),
    )
    salt = forms.CharField(
        label=gettext_lazy("Salt"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("With the same salt everybody falls into the same part again. Empty: it is drawn."),
    )

    def clean_shares(self) -> dict[str, float]:
        """Part → its share."""
        shares: dict[str, float] = {}
        for line in str(self.cleaned_data["shares"]).splitlines():
            if not line.strip():
                continue
            found = PART.fullmatch(line.strip())
            if found is None:
                raise forms.ValidationError(_("“%(line)s” is no part and its share") % {"line": line.strip()[:40]})
            if found["name"] in shares:
                raise forms.ValidationError(_("there are two parts “%(name)s”") % {"name": found["name"]})
            shares[found["name"]] = float(found["share"].replace(",", "."))
        return shares


class SplitByForm(forms.Form):
    """Lists by the values that the customers have."""

    name = _name(gettext_lazy("Each list is called by this name and its value."))
    by = forms.ChoiceField(label=gettext_lazy("Split by"))

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["by"].choices = choices  # type: ignore[attr-defined]


class SampleForm(forms.Form):
    """Some customers drawn at random."""

    name = _name("")
    size = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, initial=200)
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        initial=0,
        help_text=gettext_lazy("The same seed draws the same customers."),
    )


class LookAlikesForm(forms.Form):
    """How many look-alikes are wanted."""

    size = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=100_000_000)
