"""Two or three waves as one sample, where one is too small. METHODS.md M-25."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.blocks import POPULATION, SQUARES, SUM, V_MM, V_YM, V_YY, WEIGHTS2, Block, combined
from analysis.comparability import passage
from analysis.disclosure import are_shown
from analysis.domains import Sums
from analysis.keys import ESTIMATE, PLACE
from analysis.packed import equals
from analysis.schema import Bundle
from analysis.unions import common_municipalities

TOGETHER = "+"  # between the waves of a pooled figure: 2023+2024


def last_waves(sums: Sums, count: int) -> dict[tuple[str, str], list[str]]:
    """The last `count` waves of each geography and code that took part in so many."""
    by_code: dict[tuple[str, str], list[str]] = {}
    for block in sums.blocks:
        by_code.setdefault((block.geography, block.code), []).append(block.wave)
    return {place: sorted(waves)[-count:] for place, waves in by_code.items() if len(waves) >= count}


def pool(
    sums: Sums, wanted: Mapping[tuple[str, str], Sequence[str]], covariances: pd.DataFrame | None = None
) -> Sums:
    """Add some waves of each code into one. METHODS.md M-25.

    Args:
        sums: the domain sums of each wave, unions on the municipalities they had in all of these
            (`unions.on_common_ground`).
        wanted: geography and code with the waves, as `last_waves` gives them.
        covariances: of the estimates of two waves from persons who answered in both, for every pair of waves
            (`overlap.matched_covariances`, with previous_wave and wave); without it waves are independent.

    Returns:
        A block for each code, its wave the codes of the waves joined by `TOGETHER`. Sums of weights are
        averages over the waves (persons), counts of persons are sums; `estimates.estimate` makes figures of
        them as of any others.
    """
    of_wave = {(block.wave, block.geography, block.code): block for block in sums.blocks}
    matched = _by_pair(covariances)
    pooled = []
    for (geography, code), waves in wanted.items():
        blocks = [of_wave[wave, geography, code] for wave in waves]
        key = (TOGETHER.join(waves), geography, code)
        pooled.append(_average(combined(key, blocks), blocks, matched))
    return replace(sums, blocks=tuple(pooled))


def across_break(table: pd.DataFrame, bundle: Bundle) -> Mask:
    """Rows of pooled estimates whose waves are not all of one series, bridged or not: they are not shown."""
    broken = np.zeros(len(table), dtype=bool)
    waves = table["wave"].astype(str)
    for together in waves.unique():
        here = waves.eq(together).to_numpy()
        rows = table[here]
        for previous, wave in pairwise(str(together).split(TOGETHER)):
            way = passage(rows.assign(previous_wave=previous, wave=wave), bundle)
            broken[here] |= way.broken | (way.bridge_se > 0) | (way.bridge != 0)
    return broken


def of_hidden_parts(table: pd.DataFrame, screened: pd.DataFrame, sums: Sums, bundle: Bundle) -> Mask:
    """Rows of pooled estimates that rest on a figure that is not shown.

    Args:
        table: estimates of the blocks of `pool`.
        screened: the estimates of each wave after `suppression.suppress`.
        sums, bundle: as in `pool`; of a union without some of its municipalities no part is shown.
    """
    hidden = np.zeros(len(table), dtype=bool)
    waves = table["wave"].astype(str)
    for together in waves.unique():
        here = waves.eq(together).to_numpy()
        rows, parts = table[here], str(together).split(TOGETHER)
        for wave in parts:
            hidden[here] |= ~are_shown(rows.assign(wave=wave), ESTIMATE, screened)
        for geography, code in rows[PLACE].astype(str).drop_duplicates().itertuples(index=False):
            if common_municipalities(sums, bundle, geography, code, parts)[1]:
                hidden |= here & equals(table["geography"], geography) & equals(table["code"], code)
    return hidden


def _by_pair(covariances: pd.DataFrame | None) -> dict[tuple[str, ...], Floats]:
    """The covariances of each pair of waves and code, in the order of the block's domains and variables."""
    if covariances is None or covariances.empty:
        return {}
    groups = covariances.groupby(["previous_wave", "wave", "geography", "code"], sort=False)["cov"]
    return {tuple(map(str, key)): part.to_numpy(float) for key, part in groups if isinstance(key, tuple)}


def _average(whole: Block, parts: list[Block], matched: dict[tuple[str, ...], Floats]) -> Block:
    """Weights and their sums per wave instead of over all of them."""
    values = whole.values.copy()
    for one, two, cov in _overlapping(whole, parts, matched):
        # Var of the ratio = form / N^2, so that N1 N2 C in the form is the share of each wave times C.
        values[V_YY] += 2.0 * one.values[POPULATION] * two.values[POPULATION] * cov
    waves = len(parts)
    values[[POPULATION, SUM, SQUARES]] /= waves
    values[[WEIGHTS2, V_YY, V_YM, V_MM]] /= waves**2
    between = None if whole.between is None else whole.between / waves**2
    return replace(whole, values=values, between=between)


def _overlapping(
    whole: Block, parts: list[Block], matched: dict[tuple[str, ...], Floats]
) -> Iterator[tuple[Block, Block, Floats]]:
    """Each two waves with the covariances of their estimates; the last row of each table is the gap."""
    domains, variables = whole.values.shape[1:]
    for one, two in combinations(parts, 2):
        cov = matched.get((one.wave, two.wave, whole.geography, whole.code))
        if cov is not None:
            yield one, two, cov.reshape(domains + 1, variables)[:-1]
