"""What a rule must reach, in whole numbers: a rule at the threshold is a rule."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from zhike.errors import UserError

Counts = npt.NDArray[np.int64]

MOST_DECIMALS = 100


@dataclass(frozen=True)
class Thresholds:
    """The least support and confidence as exact fractions, the least count, and how many items a rule may have."""

    support: Fraction
    confidence: Fraction
    count: int = 1
    length: int | None = None  # of antecedent and consequent together; None: any


def thresholds(
    *,
    min_support: str | float,
    min_confidence: str | float,
    min_count: int = 1,
    max_length: int | None = None,
) -> Thresholds:
    """The thresholds as they are written: .8 is four fifths, not the double beside it.

    Raises UserError for a share that is no number from 0 to 1, a count below 1, or a length below 2.
    """
    if min_count < 1:
        raise UserError(_("a rule is held by one basket at least"), where="--min-count")
    if max_length is not None and max_length < 2:
        raise UserError(_("a rule has two items at least"), where="--max-length")
    return Thresholds(
        support=_share(min_support, "--min-support"),
        confidence=_share(min_confidence, "--min-confidence"),
        count=min_count,
        length=max_length,
    )


def least(share: Fraction, total: int) -> int:
    """The least count that is such a share of a total."""
    return -(-share.numerator * total // share.denominator)


def reaches(counts: Counts, totals: Counts, share: Fraction) -> npt.NDArray[np.bool_]:
    """Which counts are such a share of their totals, or more: integers compared, of any size."""
    known, place = np.unique(totals, return_inverse=True)
    enough = np.array([least(share, int(total)) for total in known], np.int64)
    found: npt.NDArray[np.bool_] = counts >= enough[place]
    return found


def _share(given: str | float, option: str) -> Fraction:
    try:
        written = Decimal(str(given).strip())
    except InvalidOperation:
        written = Decimal("NaN")
    if not written.is_finite() or not 0 <= written <= 1:
        raise UserError(
            _("%(given)s is no share") % {"given": repr(str(given))},
            where=option,
            advice=_("Use a number from 0 to 1, such as .01."),
        )
    if -int(written.as_tuple().exponent) > MOST_DECIMALS:
        raise UserError(_("has more than %(count)s decimals") % {"count": MOST_DECIMALS}, where=option)
    return Fraction(written)
