"""Who is drawn: parts at random that stay the same, and random samples."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.understand.tags.setting.folding import bitmap_of, ids_of
from zhike.warehouse.engines import engine

AT_ONCE = 1_000_000  # customers whose digests are in memory
LARGEST_SEED = 2**63 - 1
DIGITS = 13  # hexadecimal ones of a digest that become a number: 52 bits, as many as a double holds exactly


def parts_at_random(members: BitMap, shares: Sequence[float], *, salt: str) -> tuple[BitMap, ...]:
    """The members dealt out by shares: whoever is in a part once is in it again, whoever else comes or goes.

    The part follows from `places` alone, so another salt deals independently of this one. Parts are as large as
    chance makes them, not exactly of their shares.
    """
    borders = np.cumsum(np.asarray(shares, float))[:-1] / sum(shares)
    ids = ids_of(members)
    part = np.empty(len(ids), np.int64)
    for start in range(0, len(ids), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        part[some] = borders.searchsorted(places(ids[some], salt=salt), side="right")
    return tuple(bitmap_of(ids[part == number]) for number in range(len(shares)))


def places(customer_ids: npt.NDArray[np.uint32], *, salt: str) -> npt.NDArray[np.float64]:
    """A place from 0 up to 1 for each customer: the first 13 digits of md5("salt:customer_id"), over 16¹³.

    Anybody can find it out again, in any database and without us; md5 spreads evenly and need not resist anybody.
    """
    named = ibis.memtable(pa.table({"place": np.arange(len(customer_ids)), "customer_id": customer_ids}))
    text = ibis.literal(f"{salt}:") + named.customer_id.cast("string")
    digests = engine().arrow(named.select("place", digest=text.hexdigest("md5").substr(0, DIGITS)))
    order = np.argsort(digests["place"].to_numpy(), kind="stable")
    return _numbers(digests["digest"].combine_chunks())[order] / 16.0**DIGITS


def _numbers(digests: pa.StringArray) -> npt.NDArray[np.float64]:
    """What hexadecimal digits say; all of them at once."""
    letters = np.frombuffer(digests.buffers()[2] or b"", np.uint8)[: len(digests) * DIGITS].reshape(-1, DIGITS)
    digits = np.where(letters >= ord("a"), letters - (ord("a") - 10), letters - ord("0")).astype(np.float64)
    values: npt.NDArray[np.float64] = digits @ (16.0 ** np.arange(DIGITS - 1, -1, -1))
    return values


def sampled(members: BitMap, size: int, *, seed: int) -> BitMap:
    """So many of the members, each set of them as probable as any other; the same seed draws the same.

    Raises UserError for a size or a seed that cannot be.
    """
    check_draw(size, seed)
    ranks = np.random.default_rng(seed).choice(len(members), min(size, len(members)), replace=False, shuffle=False)
    if len(ranks) > len(members) // 100:
        return bitmap_of(ids_of(members)[np.sort(ranks)])
    return BitMap(members[int(rank)] for rank in ranks)


def check_draw(size: int, seed: int) -> None:
    """Raises UserError for a size or a seed that cannot be."""
    if size < 1:
        raise UserError(_("a sample has at least one customer"), where="size")
    if not 0 <= seed <= LARGEST_SEED:
        raise UserError(_("a seed is a whole number from 0 to %(largest)s") % {"largest": LARGEST_SEED}, where="seed")
