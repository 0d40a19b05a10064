"""Change since the previous wave: difference, test, correction for many tests, and one verdict per row.

The verdict (up, down, unchanged, too_uncertain, not_comparable) is computed here, once; it alone decides
mark, colour and word everywhere else. METHODS.md M-9 to M-13.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis import multiplicity
from analysis.indicators import headline_statistics, ranges
from analysis.packed import equals, pack, row_keys, rows_of, spread, texts, unpack
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.variance import student_quantile, wilson

Floats = npt.NDArray[np.floating]
Booleans = npt.NDArray[np.bool_]

CODE = ["geography", "code"]
CELL = [*CODE, "gender", "age_group", "indicator", "statistic"]
_NUMBERS = ["n", "estimate", "se", "df", "n_eff", "released"]
FIGURES = [*_NUMBERS, "reason"]
COLUMNS = [
    *["wave", "previous_wave", *CELL, "n", "n_previous", "change", "se", "df", "p", "p_bh", "p_holm"],
    *["p_adjusted", "family_size", "lower", "upper", "verdict", "equivalence_margin", "detectable_change"],
    *["released", "reason"],
]
GAP_COLUMNS = [
    *["wave", "previous_wave", *CODE, "indicator", "statistic"],
    *["gap", "se", "cov", "change", "se_change", "p"],
]
VERDICTS = ("not_comparable", "up", "down", "unchanged", "too_uncertain")
BREAK = "break"
PREVIOUS_SUPPRESSED = "previous_suppressed"
OTHER_MUNICIPALITIES = "other_municipalities"  # a union that is not made of the same ones in both waves


def previous_waves(estimates: pd.DataFrame, waves: tuple[str, str] | None = None) -> pd.DataFrame:
    """The last two waves in which each code took part, that is, has rows. METHODS.md M-9.

    Args:
        estimates: the table of `estimates.estimate`: a code has rows when it had a respondent.
        waves: compare these two waves only; without it each code's own last two.

    Returns:
        geography, code, wave, previous_wave: one row per code that took part in two waves.
    """
    first = ~pd.Series(row_keys([estimates], [[*CODE, "wave"]])[0]).duplicated().to_numpy()
    taken = estimates.loc[first, [*CODE, "wave"]].astype(str)
    if waves is not None:
        taken = taken[taken["wave"].isin(waves)]
    taken = taken.sort_values("wave", kind="stable")
    taken["previous_wave"] = taken.groupby(CODE, sort=False)["wave"].shift(1)
    pairs = taken.groupby(CODE, sort=False).tail(1).dropna(subset=["previous_wave"])
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
        estimates: the table of `estimates.estimate` after `disclosure.screen`; proportions in [0, 1].
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
    table["cov"] = _covariance(table, covariances)
    _state(table, _across_break(table, bundle), _of_others(table))
    _difference(table, settings)
    _adjust(table, bundle, settings)
    _judge(table, spread(table["indicator"], ranges(bundle), np.nan), settings)
    return table[COLUMNS]


def compare_gaps(gaps: pd.DataFrame, bundle: Bundle, pairs: pd.DataFrame) -> pd.DataFrame:
    """The gap between women and men and how it changed since the code's previous wave. METHODS.md M-14.

    Args:
        gaps: the table of `estimates.gender_gaps` (gap = woman - man, with the covariance within the wave).
        bundle: its indicators say where a series begins; no change is computed across a break.
        pairs: the table of `previous_waves`.

    Returns:
        The columns `GAP_COLUMNS`, a row per row of `gaps`; change, se_change and p (normal, two-sided) are
        filled on the rows of each code's last wave that have a previous one.
    """
    key = [*CODE, "indicator", "statistic"]
    gaps = gaps.astype({**dict.fromkeys(["wave", *key], str), "gap": float, "se": float})
    table = gaps.merge(pairs, on=[*CODE, "wave"], how="left")
    before = gaps[["wave", *key, "gap", "se"]].rename(columns={"wave": "previous_wave"})
    table = table.merge(before, on=["previous_wave", *key], how="left", suffixes=("", "_previous"))
    comparable = ~(_across_break(table, bundle) | _of_others(table))
    table["change"] = (table["gap"] - table["gap_previous"]).where(comparable)
    table["se_change"] = np.hypot(table["se"].to_numpy(float), table["se_previous"].to_numpy(float))
    table["se_change"] = table["se_change"].where(comparable)
    with np.errstate(divide="ignore", invalid="ignore"):
        table["p"] = 2 * special.ndtr(-(table["change"] / table["se_change"]).abs())
    table["previous_wave"] = table["previous_wave"].where(table["previous_wave"].notna(), "")
    return table[GAP_COLUMNS]


def _pair(estimates: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Each cell of a compared wave beside the same cell of its code's previous wave (`…_previous`)."""
    code, own = row_keys([estimates, pairs], [[*CODE, "wave"]] * 2)
    pair = rows_of(own, code)
    now = np.flatnonzero(pair >= 0)
    previous, waves = unpack(pairs["previous_wave"])
    wanted = estimates[CELL].iloc[now].assign(wave=pack(previous[pair[now]], waves))
    known, sought = row_keys([estimates, wanted], [["wave", *CELL]] * 2)
    place = rows_of(known, sought)
    both = place >= 0
    now, earlier = now[both], place[both]
    table = estimates[["wave", *CELL, *FIGURES]].iloc[now].reset_index(drop=True)
    columns = {f"{name}_previous": estimates[name].iloc[earlier].to_numpy() for name in _NUMBERS}
    columns["reason_previous"] = estimates["reason"].iloc[earlier].array
    extra = [name for name in pairs.columns.astype(str) if name not in (*CODE, "wave")]
    columns |= {name: pack(unpack(pairs[name])[0][pair[now]], unpack(pairs[name])[1]) for name in extra}
    return table.assign(**columns).rename(columns={"df": "df_own", "df_previous": "df_own_previous"})


def _of_indicator(table: pd.DataFrame, bundle: Bundle, column: str, missing: Any) -> npt.NDArray[Any]:
    """What the recipe of each row's indicator says."""
    known = bundle.indicators
    return spread(table["indicator"], dict(zip(known["indicator"], known[column], strict=True)), missing)


def _across_break(table: pd.DataFrame, bundle: Bundle) -> Booleans:
    """Rows whose previous wave lies before the wave since which the indicator is comparable."""
    began = _of_indicator(table, bundle, "comparable_since", "")
    broken: Booleans = began > texts(table["previous_wave"])
    return broken


def _of_others(table: pd.DataFrame) -> Booleans:
    """Rows of a union that consists of other municipalities than in its previous wave."""
    if "left_out" not in table:
        return np.zeros(len(table), dtype=bool)
    left_out = table["left_out"]
    others: Booleans = (left_out.notna() & left_out.ne("")).to_numpy(dtype=bool)
    return others


def _covariance(table: pd.DataFrame, covariances: pd.DataFrame | None) -> Floats:
    """Covariance of the two estimates of each row; 0 where no person answered twice."""
    if covariances is None or covariances.empty:
        return np.zeros(len(table))
    key = ["previous_wave", "wave", *CELL]
    known, sought = row_keys([covariances, table], [key, key])
    row = rows_of(known, sought)
    found: Floats = np.where(row >= 0, covariances["cov"].to_numpy(float)[row], 0.0)
    return found


def _state(table: pd.DataFrame, broken: Booleans, others: Booleans) -> None:
    """Whether a row may be shown, and the first thing that stands in its way."""
    hidden = table["released"].eq(0).to_numpy()
    hidden_before = table["released_previous"].eq(0).to_numpy()
    own, words = unpack(table["reason"])
    before, words_before = unpack(table["reason_previous"])
    words += [*words_before, BREAK, OTHER_MUNICIPALITIES, PREVIOUS_SUPPRESSED]
    distinct = list(dict.fromkeys(words))
    number = np.array([distinct.index(word) for word in words])
    own, before = number[own], number[len(words) - 3 - len(words_before) :][before]
    silent = distinct.index("") if "" in distinct else -1
    reason = np.select(
        [broken, others, hidden, hidden_before, own != silent],
        [*map(distinct.index, (BREAK, OTHER_MUNICIPALITIES)), own, distinct.index(PREVIOUS_SUPPRESSED), own],
        default=before,
    )
    table["reason"] = pack(reason, distinct)
    table["released"] = np.where(broken | others | hidden | hidden_before, 0, 1)
    # A broken series has no difference to test: without the earlier figure nothing below can be computed.
    table.loc[broken | others, ["estimate_previous", "df_own_previous"]] = np.nan


def _difference(table: pd.DataFrame, settings: Settings) -> None:
    """Change, standard error and degrees of freedom; t test, or MOVER-Wilson where counts are small."""
    change = table["estimate"].to_numpy(float) - table["estimate_previous"].to_numpy(float)
    variance = table["se"].to_numpy(float) ** 2 + table["se_previous"].to_numpy(float) ** 2
    se = np.sqrt(np.maximum(variance - 2 * table["cov"].to_numpy(float), 0))
    se[np.isnan(change)] = np.nan
    table["change"], table["se"] = change, se
    table["df"] = (table["df_own"] + table["df_own_previous"]).astype(float)
    table["rare"] = _too_few_for_t(table, settings)
    table["lower"], table["upper"] = _limits(table, settings.confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * special.stdtr(np.maximum(table["df"], 1), -np.abs(change) / se)
    table["p"] = np.where((se > 0) & ~table["rare"], p, np.nan)


def _too_few_for_t(table: pd.DataFrame, settings: Settings) -> Booleans:
    """Rows where fewer effective persons than the threshold stand on either side in either wave."""
    smallest = np.full(len(table), np.inf)
    for suffix in ("", "_previous"):
        p, n_eff = table["estimate" + suffix].to_numpy(float), table["n_eff" + suffix].to_numpy(float)
        smallest = np.minimum(smallest, n_eff * np.minimum(p, 1 - p))
    few = smallest < settings.thresholds.effective_count
    return few & ~equals(table["statistic"], "mean") & (not settings.test_everywhere)


def _limits(table: pd.DataFrame, confidence: float) -> tuple[Floats, Floats]:
    """Confidence limits of the change: t, and MOVER-Wilson on the rare rows. METHODS.md M-10."""
    change, rare = table["change"].to_numpy(float), table["rare"].to_numpy(bool)
    half = student_quantile(table["df"].to_numpy(float), confidence) * table["se"].to_numpy(float)
    lower, upper = change - half, change + half
    few = table[rare]
    p1, p2 = few["estimate_previous"].to_numpy(float), few["estimate"].to_numpy(float)
    lower1, upper1 = _wilson(few, "_previous", confidence)
    lower2, upper2 = _wilson(few, "", confidence)
    lower[rare] = change[rare] - np.hypot(p2 - lower2, upper1 - p1)
    upper[rare] = change[rare] + np.hypot(upper2 - p2, p1 - lower1)
    return lower, upper


def _wilson(table: pd.DataFrame, suffix: str, confidence: float) -> tuple[Floats, Floats]:
    quantile = student_quantile(table["df_own" + suffix].to_numpy(float), confidence)
    p, n_eff = table["estimate" + suffix].to_numpy(float), table["n_eff" + suffix].to_numpy(float)
    lower, upper = wilson(p, n_eff, quantile)
    return lower, upper


def _adjust(table: pd.DataFrame, bundle: Bundle, settings: Settings) -> None:
    """P values corrected within families. METHODS.md M-11.

    A family is one code and one kind of domain (all, gender, age, gender x age); in the default profile only
    rows that may be shown, with the headline indicators' totals as a family of their own under Holm.
    """
    reference = settings.profile == "reference"
    by_gender, by_age = ~equals(table["gender"], "all"), ~equals(table["age_group"], "all")
    declared = _of_indicator(table, bundle, "headline", False) & ~by_gender & ~by_age & (not reference)
    family = 8 * row_keys([table], [["wave", *CODE]])[0] + (by_gender + 2 * by_age + 4 * declared)
    counted = texts(table["statistic"]) == spread(table["indicator"], headline_statistics(bundle), "")
    if not reference:
        counted &= table["released"].eq(1).to_numpy()
    p = np.where(counted, table["p"].to_numpy(float), np.nan)
    table["p_bh"] = multiplicity.benjamini_hochberg(p, family)
    table["p_holm"] = multiplicity.holm(p, family)
    table["p_adjusted"] = np.where(declared, table["p_holm"], table["p_bh"])
    table["family_size"] = multiplicity.family_sizes(p, family)


def _judge(table: pd.DataFrame, item_range: Floats, settings: Settings) -> None:
    """The verdict, the margin within which a change counts as none, and the change that could be detected."""
    limits = settings.thresholds
    change, se, rare = (table[name].to_numpy() for name in ("change", "se", "rare"))
    before = table["estimate_previous"].to_numpy(float)
    q = np.minimum(before, 1 - before)
    mean = equals(table["statistic"], "mean")
    smallest_mark = np.where(
        mean, limits.mark_mean * item_range, np.minimum(limits.mark_points, limits.mark_relative * q)
    )
    margin = np.where(
        mean,
        limits.equivalence_mean * item_range,
        np.minimum(limits.equivalence_points, limits.equivalence_relative * q),
    )
    marked = table["p_adjusted"].le(limits.alpha).to_numpy() & (np.abs(change) >= smallest_mark)
    # Two one-sided tests at alpha = the two-sided interval at 1 - 2 alpha lies inside the margin. A standard
    # error of 0 outside the rare rows is no proof of anything.
    lower, upper = _limits(table, 1 - 2 * limits.alpha)
    within = (lower >= -margin) & (upper <= margin) & (rare | (se > 0))
    verdict = np.select(
        [np.isnan(change), marked & (change > 0), marked & (change < 0), within], [0, 1, 2, 3], 4
    )
    table["verdict"] = pack(verdict, VERDICTS)
    table["equivalence_margin"] = np.where(np.isnan(change), np.nan, margin)
    table["detectable_change"] = _detectable(table, settings)


def _detectable(table: pd.DataFrame, settings: Settings) -> Floats:
    """The true change that a test at alpha would have found with the stated power. METHODS.md M-12."""
    df = table["df"].to_numpy(float)
    critical = student_quantile(df, 1 - settings.thresholds.alpha)
    power = student_quantile(df, 2 * settings.thresholds.power - 1)
    # Rare rows: the wider arm of the MOVER-Wilson interval stands in for the standard error, which is near 0.
    change = table["change"].to_numpy(float)
    lower, upper = table["lower"].to_numpy(float), table["upper"].to_numpy(float)
    arm = np.maximum(upper - change, change - lower) / student_quantile(df, settings.confidence)
    return (critical + power) * np.where(table["rare"], arm, table["se"].to_numpy(float))
