"""Simple random sampling within strata: how many of each, and which ones.

A stratum holds N persons in the order of the register file; a sample is n of the ordinals 0 … N−1. The
ordinals depend only on the seed, the stratum's code, N and n: adding, removing or reordering other strata
changes nothing. See METHODS.md M-1.
"""

import hashlib
from collections.abc import Mapping

import numpy as np

from analysis.arrays import Ints
from analysis.errors import SamplingError

Ordinals = Ints


def allocate(populations: Mapping[str, int], per_stratum: int) -> dict[str, int]:
    """Equal allocation: the same number from every stratum, or everybody where there are fewer.

    Args:
        populations: persons in the frame (N) by stratum code.
        per_stratum: persons wanted from each stratum (n), at least 1.

    Returns:
        min(n, N) by stratum code, in the order of `populations`.

    Raises:
        SamplingError: a stratum without persons, or `per_stratum` below 1.
    """
    if per_stratum < 1:
        raise SamplingError(f"a sample of {per_stratum} per stratum was asked for; it must be at least 1")
    for stratum, population in populations.items():
        if population < 1:
            raise SamplingError(f"stratum {stratum} has no persons to sample from")
    return {stratum: min(per_stratum, population) for stratum, population in populations.items()}


def draw(populations: Mapping[str, int], sampled: Mapping[str, int], seed: int) -> dict[str, Ordinals]:
    """Simple random samples without replacement, independent between strata. METHODS.md M-1.

    Args:
        populations: persons in the frame (N) by stratum code.
        sampled: persons to draw (n) by stratum code; the same codes as `populations`.
        seed: a whole number, 0 or larger; the same seed gives the same sample.

    Returns:
        Ascending ordinals (0 = the stratum's first person in register order) by stratum code.

    Raises:
        SamplingError: the codes differ, a stratum is empty, n is below 1 or above N, or the seed is negative.
    """
    if seed < 0:
        raise SamplingError(f"the seed is {seed}; it must be 0 or larger")
    if different := sorted(set(populations) ^ set(sampled)):
        raise SamplingError(f"population and sample size must name the same strata; differing: {different}")
    for stratum, population in populations.items():
        _check_size(stratum, population, sampled[stratum])
    return {
        stratum: _draw_stratum(stratum, population, sampled[stratum], seed)
        for stratum, population in populations.items()
    }


def _check_size(stratum: str, population: int, size: int) -> None:
    if population < 1:
        raise SamplingError(f"stratum {stratum} has no persons to sample from")
    if size < 1:
        raise SamplingError(f"a sample of {size} was asked for in stratum {stratum}; it must be at least 1")
    if size > population:
        raise SamplingError(
            f"a sample of {size} was asked for in stratum {stratum}, which has only {population} persons"
        )


def _draw_stratum(stratum: str, population: int, size: int, seed: int) -> Ordinals:
    # Every person gets a random key and the n smallest keys are the sample. The raw words of a numpy bit
    # generator are promised to stay the same between versions; the results of its sampling methods are not.
    words = np.frombuffer(hashlib.sha256(stratum.encode()).digest(), dtype="<u4")
    keys = np.random.PCG64(np.random.SeedSequence([seed, *words.tolist()])).random_raw(population)
    return np.sort(np.argsort(keys, kind="stable")[:size]).astype(np.int64)
