"""The words that pages use for how customers behave."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words

USES: dict[str, Words] = {"main": _("Main"), "sometimes": _("Sometimes"), "dormant": _("Dormant")}
INSURED: dict[str, Words] = {
    "self": _("Themselves"),
    "spouse": _("Spouse"),
    "child": _("Child"),
    "parent": _("Parent"),
    "other": _("Somebody else"),
}
BOUGHT: dict[str, Words] = {"orders": _("Have ordered"), "contracts": _("Have taken out a contract")}
REPEATS: dict[str, Words] = {"orders": _("Ordered again"), "contracts": _("Took out another contract")}
