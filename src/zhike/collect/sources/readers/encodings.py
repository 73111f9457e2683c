"""Which encoding a text that is not UTF-8 was written in, told by how common its characters would be."""

from __future__ import annotations

import re

ENOUGH = 10_000  # characters to look at
PLAUSIBLE = 0.5  # share of common characters below which nothing is claimed
# The standards list frequent characters first; in text of the other encoding rare ones abound.
FREQUENT = {"gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}
PUNCTUATION = (0xA1, 0xA3)
GB2312 = 0xA1  # second bytes below belong to the rare characters that GBK added


def likeliest_encoding(sample: bytes) -> str:
    """GB18030, Big5 or Windows-1252, whichever makes the most sense of the bytes; empty where none does."""
    shares = {name: _common_share(sample, name) for name in (*FREQUENT, "cp1252")}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= PLAUSIBLE else ""


def _common_share(sample: bytes, encoding: str) -> float:
    """Share of the characters beyond ASCII that are common where this encoding is used."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    runs = re.findall(r"[^\x00-\x7f]+", text[: ENOUGH * 10])
    characters = "".join(runs)[:ENOUGH]
    if encoding in FREQUENT:
        common = sum(_is_frequent(character.encode(encoding), encoding) for character in characters)
    else:
        # Western text has its accents one or two at a time, between letters of ASCII.
        common = sum(len(run) for run in runs if len(run) <= 2 and run.isalpha())
    return min(1.0, common / max(1, len(characters)))


def _is_frequent(code: bytes, encoding: str) -> bool:
    first, last = FREQUENT[encoding]
    if len(code) != 2 or (encoding == "gb18030" and code[1] < GB2312):
        return False
    return first <= code[0] <= last or PUNCTUATION[0] <= code[0] <= PUNCTUATION[1]
