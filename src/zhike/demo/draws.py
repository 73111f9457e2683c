"""Random draws that depend on a seed, a purpose and a key, and on nothing else.

A sequential generator would give person 7 another fate whenever the block before changes.
Here every draw is the hash of (seed, purpose, key), so any part of the company can be
grown alone, in blocks of any size, and comes out the same. The hash is the output
function of SplitMix64 (Steele, Lea and Flood 2014) at the position named by the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def row_keys(ids: Ints, place: Ints | int = 0) -> Ints:
    """Keys of the rows of a person: unique for each id and place below 65,536, in the order of both."""
    return (ids << 16) + place


def mixed(numbers: Words) -> Words:
    """Well-spread 64-bit words, different for different numbers; the argument is overwritten."""
    numbers ^= numbers >> np.uint64(30)
    numbers *= FIRST
    numbers ^= numbers >> np.uint64(27)
    numbers *= SECOND
    numbers ^= numbers >> np.uint64(31)
    return numbers


def permuted(values: Ints, size: int, purpose: str) -> Ints:
    """Numbers below `size` (10^d or 9·10^d) in no visible order, different for different values below it.

    Each purpose has its own order, so that a person's numbers do not betray one another. A Feistel
    network over the two halves of the number, which is a permutation whatever its round function.
    """
    key = int.from_bytes(hashlib.blake2b(purpose.encode(), digest_size=8).digest(), "little")
    low_size = 10 ** (len(str(size)) // 2)
    high, low = np.divmod(values % size, low_size)
    for turn in range(2):
        salt = np.uint64((key + turn * int(GOLDEN)) % 2**64)
        high = (high + _round(low, salt)) % (size // low_size)
        low = (low + _round(high, ~salt)) % low_size
    return np.asarray(high * low_size + low, dtype=np.int64)


def _round(half: Ints, salt: np.uint64) -> Ints:
    return (mixed(half.astype(np.uint64) * GOLDEN + salt) >> np.uint64(16)).astype(np.int64)


def scrambled(values: Ints, digits: int, purpose: str) -> Ints:
    """Numbers of exactly so many digits, different for different values below 9·10^(digits-1)."""
    first = 10 ** (digits - 1)
    return np.asarray(first + permuted(values, 9 * first, purpose), dtype=np.int64)


class Draws:
    """Draws for one seed and one part of the company."""

    def __init__(self, seed: int, part: str = "") -> None:
        self.seed = seed
        self.part = part
        self._starts: dict[str, np.uint64] = {}

    def of(self, part: str) -> Draws:
        """Draws that share the seed and are independent of these."""
        return Draws(self.seed, f"{self.part}/{part}")

    def uniform(self, what: str, keys: Ints) -> Floats:
        """One number above 0 and below 1 for each key."""
        places = keys.astype(np.uint64)
        places *= GOLDEN
        places += self._start(what)
        return np.asarray(((mixed(places) >> np.uint64(12)) + 0.5) * 2.0**-52, dtype=np.float64)

    def _start(self, what: str) -> np.uint64:
        if what not in self._starts:
            name = f"{self.seed}{self.part}/{what}".encode()
            self._starts[what] = np.uint64(int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little"))
        return self._starts[what]

    def chance(self, what: str, keys: Ints, share: Floats | float) -> Flags:
        """True for about this share of the keys."""
        return np.asarray(self.uniform(what, keys) < share)

    def below(self, what: str, keys: Ints, count: Ints | int) -> Ints:
        """Whole numbers from 0 to below `count`, all alike probable."""
        return np.asarray(self.uniform(what, keys) * count, dtype=np.int64)

    def between(self, what: str, keys: Ints, low: float, high: float) -> Floats:
        """Numbers between two bounds."""
        return low + (high - low) * self.uniform(what, keys)

    def weighted(self, what: str, keys: Ints, weights: Sequence[float] | Floats) -> Ints:
        """Places in `weights`, each as probable as its weight."""
        borders = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.searchsorted(borders[:-1] / borders[-1], self.uniform(what, keys)).astype(np.int64)

    def exponential(self, what: str, keys: Ints) -> Floats:
        """Waiting times of mean 1."""
        return -np.log(self.uniform(what, keys))

    def normal(self, what: str, keys: Ints) -> Floats:
        """Standard normal numbers (Box and Muller 1958)."""
        radius = np.sqrt(-2.0 * np.log(self.uniform(f"{what}/radius", keys)))
        return radius * np.cos(2.0 * np.pi * self.uniform(f"{what}/angle", keys))

    def gamma(self, what: str, keys: Ints, shape: float) -> Floats:
        """Gamma numbers of rate 1 (Marsaglia and Tsang 2000, with their boost for shapes below 1)."""
        boosted = shape if shape >= 1 else shape + 1
        d = boosted - 1 / 3
        result = np.empty(len(keys))
        todo = np.arange(len(keys))
        attempt = 0
        while todo.size:
            x = self.normal(f"{what}/normal{attempt}", keys[todo])
            v = np.maximum((1 + x / np.sqrt(9 * d)) ** 3, 0)
            limit = 0.5 * x**2 + d - d * v + d * np.log(np.where(v > 0, v, 1))
            accepted = (v > 0) & (np.log(self.uniform(f"{what}/accept{attempt}", keys[todo])) < limit)
            result[todo[accepted]] = d * v[accepted]
            todo = todo[~accepted]
            attempt += 1
        if shape < 1:
            result *= self.uniform(f"{what}/boost", keys) ** (1 / shape)
        return result

    def beta(self, what: str, keys: Ints, a: float, b: float) -> Floats:
        """Beta numbers, as a ratio of two gamma numbers."""
        first = self.gamma(f"{what}/a", keys, a)
        return first / (first + self.gamma(f"{what}/b", keys, b))

    def poisson(self, what: str, keys: Ints, mean: Floats) -> Ints:
        """Counts with these means (inversion; for means up to some hundreds)."""
        left = self.uniform(what, keys)
        counts = np.zeros(len(keys), dtype=np.int64)
        todo = np.arange(len(keys))
        term = np.exp(-mean)
        while todo.size:
            left = left - term
            above = (left > 0) & (term > 0)
            todo, left, term = todo[above], left[above], term[above]
            counts[todo] += 1
            term = term * mean[todo] / counts[todo]
        return counts
