"""The evidence for and against that two customers are one, in words."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.collect.identity.linking.model import INCOMPARABLE, Model
from zhike.ui.navigation import Words

COMPARED: dict[str, Words] = {
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "names": gettext_lazy("Name"),
    "reading": gettext_lazy("Name as it is read"),
    "born_on": gettext_lazy("Date of birth"),
    "id_number": gettext_lazy("Identity number"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
    "gender": gettext_lazy("Gender"),
    "address": gettext_lazy("Address"),
    "area": gettext_lazy("Area"),
    "core": gettext_lazy("Name of the firm"),
    "branch": gettext_lazy("Branch"),
}
HEAVIEST = 16.0  # bits of a full bar


@dataclass(frozen=True)
class Piece:
    """One comparison: what it found, and how much that weighs."""

    title: Words
    said: Words
    bits: float | None  # above 0 it speaks for one customer; None where one of the two has no value

    @property
    def speaks_for(self) -> bool:
        """It makes one customer likelier."""
        return self.bits is not None and self.bits > 0

    @property
    def speaks_against(self) -> bool:
        """It makes one customer less likely."""
        return self.bits is not None and self.bits <= 0

    @property
    def bar(self) -> float:
        """Its weight as a part of the longest bar, 0 to 1."""
        return min(1.0, abs(self.bits or 0.0) / HEAVIEST)


def pieces(evidence: str, model: Model | None) -> tuple[Piece, ...]:
    """What was compared, the heaviest first, and at the end what could not be compared."""
    found = []
    for one in evidence.split():
        name, _colon, level = one.rpartition(":")
        found.append(_piece(name, int(level), model))
    return tuple(sorted(found, key=lambda piece: (piece.bits is None, -abs(piece.bits or 0.0))))


def _piece(name: str, level: int, model: Model | None) -> Piece:
    title = COMPARED.get(name, name)
    weights = model.weights.get(name, ()) if model else ()
    if level == INCOMPARABLE or level >= len(weights):
        return Piece(title, _("one says nothing"), None)
    weight = weights[len(weights) - 1 - level]
    strongest = len(weights) - 1
    said = _("the same") if level == strongest else _("different") if level == 0 else _("alike")
    return Piece(title, said, log2(weight.m / weight.u))
