"""What pages call the dimensions, fields, marks and verdicts of data quality."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.collect.profiles.attributes import TITLES as ATTRIBUTE_TITLES
from zhike.collect.profiles.fields import CORRECTABLE
from zhike.collect.profiles.staff import staff
from zhike.collect.profiles.words import CHANNELS
from zhike.collect.quality.models import QualityRule, ReviewOutcome
from zhike.collect.quality.places import NOWHERE
from zhike.govern.organisation.queries import unit_of
from zhike.ui.navigation import Words

Dimension = QualityRule.Dimension
DIMENSIONS: dict[str, Words] = {
    Dimension.COMPLETENESS: _("Completeness"),
    Dimension.ACCURACY: _("Accuracy"),
    Dimension.UNIQUENESS: _("Uniqueness"),
    Dimension.FRESHNESS: _("Freshness"),
    Dimension.CONTACTABILITY: _("Contactability"),
}
BY: dict[str, Words] = {
    "unit": _("Org unit"),
    "channel": _("Sales channel"),
    "source": _("Source"),
    "agent": _("Agent"),
}
BASES: dict[str, Words] = {
    "reviews": _("by reviews"),
    "checks": _("by check digits and what contradicts itself"),
    "rules": "",
    "": _("not measured"),
}
STANDINGS: dict[str, Words] = {"above": _("above target"), "below": _("below target"), "": ""}
FIELDS: dict[str, Words] = {
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    **{name: ATTRIBUTE_TITLES[name] for name in CORRECTABLE if name in ATTRIBUTE_TITLES},
}
VERDICTS: dict[str, Words] = dict(ReviewOutcome.Verdict.choices)
MARK_VALUES: dict[str, dict[str, Words]] = {
    name: {
        "missing": _("missing"),
        "meaningless": _("says nothing"),
        "implausible": _("implausible"),
        "contradicted": _("contradicts the identity number"),
        "malformed": _("malformed"),
        "wrong_check": _("wrong check digit"),
        "unchecked": _("cannot be checked"),
        "invalid": _("invalid"),
        "vague": _("vague"),
        "stated": _("stated"),
        "plausible": _("plausible"),
        "confirmed": _("as in the identity number"),
        "complete": _("complete"),
        "valid": _("valid"),
    }
    for name in (
        *("name_quality", "gender_quality", "born_on_quality", "id_number_quality"),
        *("phone_quality", "email_quality", "address_quality", "postal_code_quality"),
    )
}
MARK_VALUES["sales_channel"] = CHANNELS


def field_title(name: str) -> str:
    """What a field of a customer is called."""
    return str(FIELDS.get(name, ATTRIBUTE_TITLES.get(name, name)))


def group_title(by: str, key: str) -> str:
    """What a unit, channel, source or agent is called."""
    if key in (NOWHERE, ""):
        return str(_("not known"))
    if by == "unit":
        unit = unit_of(key)
        return unit.title if unit else key
    if by == "channel":
        return str(CHANNELS.get(key, key))
    if by == "agent":
        member = staff().get(key)
        return f"{member.name} ({key})" if member else key
    return key
