"""Forms of sign-in, of the first visit, and of API tokens."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from zhike.govern.access.models import User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import LONGEST_TOKEN_DAYS
from zhike.govern.organisation.queries import unit_of


class SignInForm(AuthenticationForm):
    """Name and password."""

    error_messages = {
        "invalid_login": _("This name and password do not belong together."),
        "inactive": _("This account is closed."),
    }


class WelcomeForm(forms.Form):
    """The first administrator."""

    username = forms.CharField(label=_("User name"), max_length=150, initial="admin")
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters; a sentence is easy to remember."),
    )
    again = forms.CharField(
        label=_("Password again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, object]:
        """Both passwords are the same."""
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("The two passwords differ."))
        return data


class PreferenceForm(forms.ModelForm[User]):
    """What a user chose; only what was sent changes."""

    class Meta:
        model = User
        fields = ("language", "theme", "density", "unit")

    def clean_unit(self) -> str:
        """A unit that there is, or none."""
        unit: str = self.cleaned_data["unit"]
        if unit and unit_of(unit) is None:
            raise forms.ValidationError(_("There is no such org unit."))
        return unit


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("The program that will use it."))
    days = forms.IntegerField(label=_("Valid for (days)"), initial=90, min_value=1, max_value=LONGEST_TOKEN_DAYS)
    rights = forms.MultipleChoiceField(
        label=_("Rights"), choices=Right.choices, widget=forms.CheckboxSelectMultiple, help_text=_("As few as will do.")
    )
