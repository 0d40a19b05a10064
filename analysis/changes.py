"""Change since the previous wave: difference, test, correction for many tests, and one verdict per row.

The verdict (up, down, unchanged, too_uncertain, not_comparable) is computed here, once; it alone decides
mark, colour and word everywhere else. METHODS.md M-9 to M-13.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import comparability, multiplicity, unions
from analysis.arrays import Floats, Mask
from analysis.differences import Figures, equivalence_margin, smallest_mark, t_test, too_few_for_t
from analysis.figures import ROUNDING
from analysis.indicators import ranges
from analysis.keys import CELL, PLACE
from analysis.overlap import covariance_of
from analysis.packed import equals, pack, row_keys, rows_of, run_starts, spread, take, unpack
from analysis.reasons import BREAK, PREVIOUS_SUPPRESSED
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.variance import mover_arms, student_quantiles

FIGURES = ["n", "estimate", "se", "df", "n_eff", "released", "reason"]
COLUMNS = [
    *["wave", "previous_wave", *CELL, "n", "n_previous", "change", "se", "df", "p", "p_bh", "p_holm"],
    *["p_adjusted", "family_size", "lower", "upper", "verdict", "equivalence_margin", "detectable_change"],
    *["released", "reason"],
]
USED = [  # by the difference alone: of a million rows a column is 8 MB
    *["cov", "bridge_se", "estimate", "n_eff"],
    *[f"{name}_previous" for name in FIGURES if name not in ("n", "estimate")],
]
VERDICTS = ("not_comparable", "up", "down", "unchanged", "too_uncertain")
BRIDGED = "bridged"  # shown: the earlier figure was moved by a declared bridge
OTHER_MUNICIPALITIES = "other_municipalities"  # fewer than two in common, or not all asked both times
COMMON_MUNICIPALITIES = "common_municipalities"  # shown: a union compared on those that it had in both waves


def previous_waves(estimates: pd.DataFrame, waves: tuple[str, str] | None = None) -> pd.DataFrame:
    """The last two waves in which each code took part, that is, has rows. METHODS.md M-9.

    Args:
        estimates: the table of `estimates.estimate`: a code has rows when it had a respondent.
        waves: compare these two waves only; without it each code's own last two.

    Returns:
        geography, code, wave, previous_wave: one row per code that took part in two waves.
    """
    first = run_starts(row_keys([estimates], [[*PLACE, "wave"]])[0])
    taken = estimates[[*PLACE, "wave"]].iloc[first].astype(str).drop_duplicates()
    if waves is not None:
        taken = taken[taken["wave"].isin(waves)]
    taken = taken.sort_values("wave", kind="stable")
    taken["previous_wave"] = taken.groupby(PLACE, sort=False)["wave"].shift(1)
    pairs = taken.groupby(PLACE, sort=False).tail(1).dropna(subset=["previous_wave"])
    return pairs.reset_index(drop=True)


def compare(
    estimates: pd.DataFrame,
    bundle: Bundle,
    settings: Settings,
    pairs: pd.DataFrame,
    covariances: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every estimate against the same cell in its code's previous wave. METHODS.md M-9 to M-13.

    Args:
        estimates: the table of `estimates.estimate` after `disclosure.screen`, unions on their common
            municipalities (`unions.replaced`); proportions in [0, 1].
        bundle: its indicators say what is a headline, an item's range and where a series begins.
        settings: profile, thresholds and level of significance.
        pairs: the table of `previous_waves`, with `left_out` when `unions.name_left_out` has added it.
        covariances: previous_wave, wave, the cell and cov, as `overlap.matched_covariances` gives them, for
            persons who answered both times; without it the waves are independent samples.

    Returns:
        The columns `COLUMNS`, a row per cell that both waves have, in the order of `estimates`. `released` is
        1 when both cells are; `reason` is the code of the first obstacle. `p` is empty where the standard
        error is 0 and where counts are too small for a t test: `lower` and `upper` are then the MOVER-Wilson
        limits. A row across a break in the series, or of a union of other municipalities than before, has no
        change and the verdict not_comparable.

    Source: Newcombe (1998), Benjamini & Hochberg (1995), Holm (1979); see METHODS.md.
    """
    table = _pair(estimates, pairs)
    table["cov"] = covariance_of(table, covariances)
    _state(table, comparability.passage(table, bundle), unions.of_others(table))
    difference = _difference(table, settings)
    table = table.drop(columns=USED)
    multiplicity.adjust(table, PLACE, bundle, settings)
    _judge(table, difference, spread(table["indicator"], ranges(bundle), np.nan), settings)
    return table[COLUMNS]


def _pair(estimates: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Each cell of a compared wave beside the same cell of its code's previous wave (`…_previous`)."""
    code, own = row_keys([estimates, pairs], [[*PLACE, "wave"]] * 2)
    pair = rows_of(own, code)
    now = np.flatnonzero(pair >= 0)
    (cell,) = row_keys([estimates], [CELL])
    wave, previous = row_keys([estimates, pairs], [["wave"], ["previous_wave"]])
    cells = int(cell.max(initial=0)) + 1  # wave by wave, nearly as the rows stand
    place = rows_of(wave * cells + cell, previous[pair[now]] * cells + cell[now])
    now, earlier = now[place >= 0], place[place >= 0]
    columns = {name: take(estimates[name], now) for name in ["wave", *CELL, *FIGURES]}
    columns |= {f"{name}_previous": take(estimates[name], earlier) for name in FIGURES}
    others = pairs.columns.astype(str).difference([*PLACE, "wave"])
    columns |= {name: take(pairs[name], pair[now]) for name in others}
    return pd.DataFrame(columns, copy=False)  # a million rows need not be held twice


def _of_some(table: pd.DataFrame) -> Mask:
    """Rows of a union compared on the municipalities that took part in both waves."""
    if "on_common" not in table:
        return np.zeros(len(table), dtype=bool)
    some: Mask = table["on_common"].to_numpy(dtype=bool)
    return some


class _Reasons:
    """The reasons of both waves' cells as numbers of one list of words, which has those of a change too."""

    def __init__(self, table: pd.DataFrame) -> None:
        own, words = unpack(table["reason"])
        before, earlier = unpack(table["reason_previous"])
        of_change = (BREAK, OTHER_MUNICIPALITIES, PREVIOUS_SUPPRESSED, BRIDGED, COMMON_MUNICIPALITIES, "")
        known = dict.fromkeys([*words, *earlier, *of_change])
        self.number = {word: place for place, word in enumerate(known)}
        self.own = np.array([self.number[word] for word in words], dtype=np.int64)[own]
        self.before = np.array([self.number[word] for word in earlier], dtype=np.int64)[before]


def _state(table: pd.DataFrame, way: comparability.Passage, others: Mask) -> None:
    """Whether a row may be shown, the first thing that stands in its way, and the bridges it goes over."""
    broken, others = way.broken & ~way.elsewhere, others | way.elsewhere
    hidden = table["released"].eq(0).to_numpy()
    hidden_before = table["released_previous"].eq(0).to_numpy()
    words = _Reasons(table)
    number = words.number
    reason = np.select(
        [
            broken,
            others,
            hidden,
            hidden_before,
            way.bridge_se + np.abs(way.bridge) > 0,
            words.own != number[""],
        ],
        [
            *map(number.get, (BREAK, OTHER_MUNICIPALITIES)),
            words.own,
            *map(number.get, (PREVIOUS_SUPPRESSED, BRIDGED)),
            words.own,
        ],
        default=np.where(
            (words.before == number[""]) & _of_some(table), number[COMMON_MUNICIPALITIES], words.before
        ),
    )
    table["reason"] = pack(reason, list(number))
    table["released"] = np.where(broken | others | hidden | hidden_before, 0, 1)
    # A broken series has no difference to test: without the earlier figure nothing below can be computed.
    table.loc[broken | others, ["estimate_previous", "df_previous"]] = np.nan
    table["bridge"], table["bridge_se"] = way.bridge, way.bridge_se


@dataclass(frozen=True)
class _Difference:
    """The change of each row, how certain it is, and its limits at any confidence.

    Attributes:
        change, se: in the units of the figure; missing where there is no change.
        df: degrees of freedom of the change.
        rare: rows whose limits are MOVER-Wilson's.
        mean: rows of means.
        arms: of the rare rows: how far the limits reach down and up at a confidence.
    """

    change: Floats
    se: Floats
    df: Floats
    rare: npt.NDArray[np.intp]
    mean: Mask
    arms: Callable[[float, Floats], tuple[Floats, Floats]]

    def limits(self, confidence: float, quantile: Floats) -> tuple[Floats, Floats]:
        """Confidence limits of the change: t, and MOVER-Wilson on the rare rows. METHODS.md M-10."""
        half = quantile * self.se
        lower, upper = self.change - half, self.change + half
        down, up = self.arms(confidence, quantile[self.rare])
        lower[self.rare], upper[self.rare] = self.change[self.rare] - down, self.change[self.rare] + up
        return lower, upper


def _difference(table: pd.DataFrame, settings: Settings) -> _Difference:
    """Change, standard error and degrees of freedom; t test, or MOVER-Wilson where counts are small."""
    now, before = Figures.of(table), Figures.of(table, "_previous")
    bridge_se, cov = table["bridge_se"].to_numpy(float), table["cov"].to_numpy(float)
    spread_now, spread_before = table["se"].to_numpy(float), table["se_previous"].to_numpy(float)
    change = now.estimate - before.estimate - table["bridge"].to_numpy(float)
    se = np.sqrt(np.maximum(spread_now**2 + spread_before**2 - 2 * cov, 0) + bridge_se**2)
    se[np.isnan(change)] = np.nan
    dfs = [table[name].to_numpy(float) for name in ("df_previous", "df")]
    df = dfs[1] + dfs[0]
    if settings.degrees == "satterthwaite":
        df = _satterthwaite((spread_before, spread_now), dfs, df)
    mean = equals(table["statistic"], "mean")
    few = too_few_for_t((now, before), mean, settings)
    rare = np.flatnonzero(few)
    sides = [(side.at(rare), of_side[rare]) for side, of_side in zip((before, now), dfs, strict=True)]
    product = (spread_now * spread_before)[rare]
    correlation = np.clip(cov[rare] / np.where(product > 0, product, np.inf), -1.0, 1.0)

    def arms(confidence: float, quantile: Floats) -> tuple[Floats, Floats]:
        own = [side.arms(student_quantiles(of_side, [confidence])[0]) for side, of_side in sides]
        down, up = mover_arms(own[0], own[1], correlation)
        bridge = quantile * bridge_se[rare]
        return np.hypot(down, bridge), np.hypot(up, bridge)

    table["change"], table["se"], table["df"] = change, se, df
    table["p"] = t_test(change, se, df, ~few)
    return _Difference(change, se, df, rare, mean, arms)


def _satterthwaite(spreads: tuple[Floats, Floats], dfs: list[Floats], both: Floats) -> Floats:
    """Degrees of freedom of a sum of two variances, rounded down; where neither varies, the sum. M-10."""
    parts = [spread**2 for spread in spreads]
    uncertain = sum(part**2 / np.maximum(df, 1.0) for part, df in zip(parts, dfs, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.floor((parts[0] + parts[1]) ** 2 / uncertain + ROUNDING)
    return np.where(np.isfinite(found), found, both)


def _judge(table: pd.DataFrame, difference: _Difference, item_range: Floats, settings: Settings) -> None:
    """Limits, verdict, the margin within which a change counts as none, and the change to be detected."""
    limits, change, se = settings.thresholds, difference.change, difference.se
    # Two one-sided tests at alpha = the two-sided interval at 1 - 2 alpha lies inside the margin.
    levels = (settings.confidence, 1 - 2 * limits.alpha, 1 - limits.alpha, 2 * limits.power - 1)
    quantile, narrow, critical, power = student_quantiles(difference.df, levels)
    lower, upper = difference.limits(levels[0], quantile)
    table["lower"], table["upper"] = lower, upper
    before = table["estimate_previous"].to_numpy(float) + table["bridge"].to_numpy(float)
    margin = equivalence_margin(before, difference.mean, item_range, limits)
    mark = smallest_mark(before, difference.mean, item_range, limits)
    marked = (table["p_adjusted"].to_numpy(float) <= limits.alpha) & (np.abs(change) >= mark)
    rare = np.zeros(len(table), dtype=bool)
    rare[difference.rare] = True
    # A standard error of 0 outside the rare rows is no proof of anything.
    nearest, farthest = difference.limits(levels[1], narrow)
    within = (nearest >= -margin) & (farthest <= margin) & (rare | (se > 0))
    unknown = np.isnan(change)
    verdict = np.select([unknown, marked & (change > 0), marked & (change < 0), within], [0, 1, 2, 3], 4)
    table["verdict"] = pack(verdict, VERDICTS)
    table["equivalence_margin"] = np.where(unknown, np.nan, margin)
    # Rare rows: the wider arm of the MOVER-Wilson interval stands in for the standard error, which is near 0.
    arm = np.maximum(upper - change, change - lower) / quantile
    table["detectable_change"] = (critical + power) * np.where(rare, arm, se)
