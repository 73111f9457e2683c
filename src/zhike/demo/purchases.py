"""The purchase process of the shop: BG/NBD for the times, Gamma-Gamma for the amounts.

Fader, Hardie and Lee, "Counting your customers the easy way" (2005), section 3: while alive a
customer buys as a Poisson process of rate λ ~ Gamma(r, α); after each repeat purchase he drops
out with probability p ~ Beta(a, b). Fader, Hardie and Lee, "RFM and CLV" (2005), section 4: the
amount of an order is Gamma(p, ν), and ν ~ Gamma(q, γ) over customers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike.demo.draws import Draws, Flags, Floats, Ints, row_keys

R, ALPHA_WEEKS = 0.6, 12.0
A, B = 0.8, 2.5
P, Q, GAMMA_YUAN = 6.0, 4.0, 75.0
FIRST_ORDER_DAYS = 1_095  # customers made their first order within these days before as_of
TRUTH_DAYS = 365  # how far beyond as_of the process goes on, for the truth


@dataclass(frozen=True)
class Buyers:
    """Parameters of each buyer; weeks and yuan."""

    rate: Floats  # λ, a week
    dropout: Floats  # p
    spend_scale: Floats  # ν
    first: Floats  # days since 1970, with fraction

    @property
    def mean_spend(self) -> Floats:
        """Expected yuan of one order."""
        return P / self.spend_scale


@dataclass(frozen=True)
class Purchases:
    """Purchases up to a horizon, ordered by buyer and time; `alive` says who was, on the day after as_of."""

    buyer: Ints
    place: Ints  # 0 for the first order
    at: Floats  # days since 1970
    alive: Flags


def draw_buyers(ids: Ints, as_of: int, draws: Draws) -> Buyers:
    """The parameters of the buyers with these ids."""
    return Buyers(
        rate=draws.gamma("rate", ids, R) / ALPHA_WEEKS,
        dropout=draws.beta("dropout", ids, A, B),
        spend_scale=draws.gamma("spend", ids, Q) / GAMMA_YUAN,
        first=as_of + 1 - FIRST_ORDER_DAYS * draws.uniform("first", ids),
    )


def draw_purchases(ids: Ints, buyers: Buyers, as_of: int, draws: Draws) -> Purchases:
    """The first order of each buyer, and the later ones up to `TRUTH_DAYS` after `as_of`."""
    end, horizon = as_of + 1, as_of + 1 + TRUTH_DAYS
    alive = np.ones(len(ids), dtype=np.bool_)
    active = np.arange(len(ids))
    at = buyers.first.copy()
    found = [(active, np.zeros(len(ids), dtype=np.int64), at)]
    place = 0
    while active.size:
        place += 1
        keys = row_keys(ids[active], place)
        # Rates near 0 make waits beyond any calendar: a century is long enough.
        wait = draws.exponential("wait", keys) / np.maximum(buyers.rate[active], 1e-5)
        at = at + 7 * np.minimum(wait, 5_200)
        within = at < horizon
        active, at, keys = active[within], at[within], keys[within]
        found.append((active, np.full(len(active), place), at))
        stays = ~draws.chance("drops out", keys, buyers.dropout[active])
        alive[active[~stays & (at < end)]] = False
        active, at = active[stays], at[stays]
    buyer, places, times = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((places, buyer))
    return Purchases(buyer[order], places[order], times[order], alive)


def draw_spend(ids: Ints, buyers: Buyers, purchases: Purchases, draws: Draws) -> Ints:
    """Amount of each purchase, in cents."""
    keys = row_keys(ids[purchases.buyer], purchases.place)
    yuan = draws.gamma("amount", keys, P) / buyers.spend_scale[purchases.buyer]
    return np.maximum(yuan * 100, 100).astype(np.int64)
