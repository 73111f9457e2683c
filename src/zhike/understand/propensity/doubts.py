"""What speaks against relying on a model of who will do something, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "constant": _("%(columns)s: only one value, so nothing can be learnt from it"),
    "dates": _("%(columns)s: dates are left out; give the days between two of them in a column of its own"),
    "names": _("%(columns)s: %(shown)s different texts, which name rows more than they group them; left out"),
    "no_numbers": _("%(columns)s: of its cells, %(shown)s are no numbers and count as missing"),
    "leak": _(
        "%(columns)s tells alone who did (AUC %(shown)s): it is likely known only afterwards; leave it out with"
        " --leave-out unless it is known in time"
    ),
    "strong": _(
        "%(columns)s tells alone much of who did (AUC %(shown)s): make sure that it is known before the outcome"
    ),
    "too_few": _("of %(columns)s customers %(shown)s left: too few of either kind"),
    "few_events": _("%(shown)s events for each number to be estimated; with fewer than %(columns)s, little holds"),
    "separation": _("among %(shown)s, nobody or everybody did: how much that says cannot be estimated"),
    "separates": _("the model tells apart everybody it was fitted to, which a later time will not repeat"),
    "random_split": _(
        "the file has days (%(columns)s), but was parted at random: how a model does on a later time is seen with"
        " --time and --until"
    ),
    "same_rows": _("%(shown)s of the rows judged by are named like one that was learnt from"),
    "drift": _("the share that did moved from %(columns)s, learnt from, to %(shown)s, judged by"),
    "no_better": _("the model orders customers no better than chance"),
    "uncalibrated": _("%(columns)s were expected, %(shown)s came: chances are off by more than luck"),
}


@dataclass(frozen=True)
class Doubt:
    """What speaks against relying on a model: its kind, the columns it is about, and by what it shows."""

    kind: str
    columns: tuple[str, ...] = ()
    shown: str = ""

    @property
    def text(self) -> str:
        """In words."""
        return str(WORDS[self.kind]) % {"columns": ", ".join(self.columns), "shown": self.shown}
