"""How a text that names a customer is spelt in the search index, the same for those who write it and those who look."""

from __future__ import annotations

import re

from zhike.collect.identity.normalising.text import FOLDED, FULL_WIDTH

_FOLD = str.maketrans(FULL_WIDTH, FOLDED)

# Code of a country → digits of a telephone number with it. Only codes that no national number can be taken for.
NATIONAL_LENGTHS = {"86": (12, 13), "852": (11,), "853": (11,), "886": (11, 12), "44": (12,)}


def normalised(text: str) -> str:
    """Small letters, full-width characters as half-width, no spaces."""
    return re.sub(r"\s", "", text.translate(_FOLD).lower())


def digits_of(text: str) -> str:
    """The digits of a telephone number, without zeros before it and the code of a country that is known."""
    digits = re.sub("[^0-9]", "", text.translate(_FOLD)).lstrip("0")
    for code, lengths in NATIONAL_LENGTHS.items():
        if digits.startswith(code) and len(digits) in lengths:
            return digits[len(code) :]
    return digits
