"""The words that pages use for the stages of life."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words
from zhike.understand.lifecycle import stages

STAGES: dict[str, Words] = {
    stages.PROSPECT: _("Prospect"),
    stages.FORMING: _("Forming"),
    stages.RECOVERED: _("Recovered"),
    stages.GROWING: _("Growing"),
    stages.STABLE: _("Stable"),
    stages.DECLINING: _("Declining"),
    stages.REDEVELOPMENT: _("Redevelopment"),
    stages.INTERRUPTED: _("Interrupted"),
}
NOTES: dict[str, Words] = {
    stages.PROSPECT: _("Has not bought yet."),
    stages.FORMING: _("The first order or contract was less than 180 days ago."),
    stages.RECOVERED: _("Came back after an interruption, less than 180 days ago."),
    stages.GROWING: _("Gave more than one and a half times what they gave in the six months before."),
    stages.STABLE: _("Gives about what they gave before, or is not long enough there to compare."),
    stages.DECLINING: _("Gave less than two thirds of what they gave in the six months before."),
    stages.REDEVELOPMENT: _("Took up another line of business, less than 180 days ago."),
    stages.INTERRUPTED: _("No contract in force, and silent for longer than their own rhythm allows."),
}
