"""Estimates: proportions, means and level shares with standard errors and intervals, for every domain.

METHODS.md M-6. Estimate = sum of weight x value / sum of weights, over those of the domain who answered
(Hájek's ratio). Variance: `analysis.variance`. Effective sample size: p (1 - p) / V, for means the weighted
variance of the values over V; at most n over Kish's design effect where few stand behind V. METHODS.md M-8.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.blocks import POPULATION, Block, N
from analysis.domains import Sums, sum_domains
from analysis.figures import Columns, degrees, figures, or_nan, ratio, variance, with_size
from analysis.keys import ESTIMATE
from analysis.local_sums import MAN, WOMAN
from analysis.packed import pack
from analysis.parallel import Progress
from analysis.reasons import NO_ANSWERS
from analysis.settings import Settings
from analysis.variance import smaller_side
from analysis.weights import Weighted


def estimate(weighted: Weighted, progress: Progress | None = None, sums: Sums | None = None) -> pd.DataFrame:
    """Estimate every statistic of every indicator for every domain with at least one respondent.

    Args:
        weighted: the weights, with bundle and settings.
        progress: called with ("estimates", done, total) after each municipality.
        sums: the domain sums, when they were made already.

    Returns:
        One row per wave, geography, code, gender, age_group, indicator and statistic (Categorical; totals are
        `all`), geographies in the order all, municipality, area (as in strata.csv), unions, with

        n (int): unweighted persons of the domain in the indicator's base;
        population (persons): sum of their weights;
        estimate, se, lower, upper: proportions in [0, 1], means in the units of the codes;
        df (int): respondents of the domain less variance strata they occur in, or what `degrees` makes of it;
        n_eff (persons): effective sample size, at most n unless the settings say otherwise;
        reason: `no_answers` where n is 0 and the figures are missing (NaN, population 0), else empty;
        yes (int): unweighted persons counted as yes or at the level; -1 for means;
        deff: Kish's design effect of the weights of those n persons;
        v_yy, v_ym, v_mm: variance forms of the sums, for covariances: two domains of which one contains the
        other's municipality have covariance (v_yy - (p + q) v_ym + p q v_mm) / (population x population) with
        the forms of the smaller.

    Raises:
        Nothing: what cannot be computed is missing, with a reason.
    """
    sums = sums or sum_domains(weighted, progress)
    keys, blocks = _keys(sums)
    if not blocks:
        keys = {name: pack(np.empty(0, np.int8), []) for name in ESTIMATE}
    rows = len(keys["wave"])
    columns = {name: np.empty(rows, np.int64 if name in COUNTS else np.float64) for name in FIGURES}
    start = 0
    for some in _pieces(blocks):
        found = _piece(some, sums, weighted.settings)
        end = start + len(found["n"])
        for name, column in columns.items():
            column[start:end] = found[name]
        start = end
    reason = pack(np.where(columns["n"] > 0, 0, 1).astype(np.int8), ["", NO_ANSWERS])
    # Not copied into blocks of one kind: tables of a million rows are taken apart by column again.
    return pd.DataFrame({**keys, **columns, "reason": reason}, copy=False)


COUNTS = ("n", "df", "yes")
FIGURES = (
    "n",
    "population",
    "estimate",
    "se",
    "df",
    "n_eff",
    "lower",
    "upper",
    "yes",
    "deff",
    "v_yy",
    "v_ym",
    "v_mm",
)
PIECE = 1 << 15  # rows whose figures are computed at a time: few enough to stay near the processor


def _pieces(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """The blocks in their order, about `PIECE` rows at a time."""
    some: list[Block] = []
    rows = 0
    for block in blocks:
        some.append(block)
        rows += block.values[0].size
        if rows >= PIECE:
            yield some
            some, rows = [], 0
    if some:
        yield some


def _piece(blocks: Sequence[Block], sums: Sums, settings: Settings) -> Columns:
    """The figures of all domains with members of some blocks."""
    stacked = np.concatenate([block.values[:, block.members > 0] for block in blocks], axis=1)
    df = np.concatenate([degrees(block, settings)[block.members > 0] for block in blocks])
    mean = np.broadcast_to(sums.variables.is_mean, stacked.shape[1:]).ravel()
    return figures(stacked.reshape(len(stacked), -1), np.repeat(df, stacked.shape[2]), mean, settings)


def gender_gaps(weighted: Weighted, sums: Sums | None = None) -> pd.DataFrame:
    """The gap woman - man of each indicator's headline statistic, with the covariance of the two.

    Args:
        weighted: the weights.
        sums: the domain sums, when they were made already.

    Returns:
        One row per wave, geography (all, municipality, unions), code and indicator where both women and men
        answered: statistic, gap, se (of the gap), cov (of the two estimates), df (of both; infinite in the
        profile `reference`, whose test is normal), rare (fewer effective persons on a side of either than a t
        test needs), n_woman, n_man.
    """
    sums = sums or sum_domains(weighted)
    headline = sums.variables.headline
    blocks = [block for block in sums.blocks if block.between is not None]
    shape = (len(blocks), len(headline))
    halves = np.zeros((2, 9, *shape))
    between = np.zeros((4, *shape))
    for at, block in enumerate(blocks):
        halves[:, :, at] = np.moveaxis(block.values[:, (WOMAN, MAN)][..., headline], 1, 0)
        between[:, at] = block.between
    keys = {
        name: np.repeat(np.array([getattr(block, name) for block in blocks], dtype=object), shape[1])
        for name in ("wave", "geography", "code")
    }
    own = [degrees(block, weighted.settings) for block in blocks]
    df = np.repeat([float(one[WOMAN] + one[MAN]) for one in own], shape[1])
    mean = np.tile(sums.variables.is_mean[headline], shape[0])
    indicators = [one.indicator for one in sums.variables.measured]
    table = pd.DataFrame(
        {
            **keys,
            "indicator": indicators * shape[0],
            "statistic": [sums.variables.statistic[at] for at in headline] * shape[0],
            **_gap(halves.reshape(2, 9, -1), between.reshape(4, -1), df, mean, weighted.settings),
        }
    ).astype(dict.fromkeys((*keys, "indicator", "statistic"), "str"))
    return table[(table["n_woman"] > 0) & (table["n_man"] > 0)].reset_index(drop=True)


def _gap(
    halves: Floats, between: Floats, df: Floats, mean: Mask, settings: Settings
) -> dict[str, npt.NDArray[np.generic]]:
    """Gap, its standard error and the covariance.

    Args:
        halves: women and men x 9 x rows, the sums of each.
        between: yy, ym, my, mm x rows.
        df: of women and men together, each row.
        mean: whether the row is a mean.
    """
    woman, man = halves
    p, q = ratio(woman), ratio(man)
    product = or_nan(woman[POPULATION]) * or_nan(man[POPULATION])
    yy, ym, my, mm = between
    cov = (yy - q * ym - p * my + p * q * mm) / product
    se = np.sqrt(np.maximum(variance(woman, p) + variance(man, q) - 2.0 * cov, 0.0))
    return {
        "gap": p - q,
        "se": np.where(se < settings.se_zero, 0.0, se),
        "cov": cov,
        "df": np.full(len(df), np.inf) if settings.test_everywhere else df,
        "rare": _few_on_a_side(woman, mean, settings) | _few_on_a_side(man, mean, settings),
        "n_woman": np.rint(woman[N]).astype(np.int64),
        "n_man": np.rint(man[N]).astype(np.int64),
    }


def _few_on_a_side(values: Floats, mean: Mask, settings: Settings) -> Mask:
    """Proportions with fewer effective persons on a side than a t test needs."""
    p, _, _, n_eff = with_size(values, mean, settings)
    few: Mask = smaller_side(p, n_eff) < settings.thresholds.effective_count
    return few & ~mean & (not settings.test_everywhere)


def _keys(sums: Sums) -> tuple[dict[str, pd.Categorical], list[Block]]:
    """The key columns, as codes; and the blocks with members."""
    blocks = [block for block in sums.blocks if (block.members > 0).any()]
    sizes = [int((block.members > 0).sum()) for block in blocks]
    variables = len(sums.variables.statistic)
    keys: dict[str, pd.Categorical] = {}
    for name in ("wave", "geography", "code"):
        values = [getattr(block, name) for block in blocks]
        codes, categories = pd.factorize(np.array(values, dtype=object))
        keys[name] = pack(np.repeat(np.repeat(codes, sizes), variables), list(categories))
    for name, axis, names in (("gender", "gender", sums.genders), ("age_group", "age", sums.ages)):
        parts = [getattr(block, axis)[block.members > 0] for block in blocks] or [np.zeros(0, dtype=np.int64)]
        keys[name] = pack(np.repeat(np.concatenate(parts), variables), names)
    domains = sum(sizes)
    indicators = [one.indicator for one in sums.variables.measured]
    keys["indicator"] = pack(np.tile(sums.variables.of_indicator, domains), indicators)
    codes, statistics = pd.factorize(np.array(sums.variables.statistic, dtype=object))
    keys["statistic"] = pack(np.tile(codes, domains), list(statistics))
    return keys, blocks
