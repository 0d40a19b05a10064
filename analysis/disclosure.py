"""Which rows may be shown: the publication rule and primary suppression.

`screen` decides, before changes are tested, because families of tests are counted over rows that may be
shown; `protect` empties the others, last. What is hidden here could still follow from shown rows by
subtraction: `analysis.suppression` hides more for that reason, in between.
METHODS.md M-15 and M-16.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.arrays import Ints, Mask
from analysis.keys import ESTIMATE, MUNICIPALITY, TOTAL
from analysis.packed import equals, find_rows, pack, spread
from analysis.reasons import NO_ANSWERS
from analysis.schema import Bundle
from analysis.settings import Settings, Thresholds

FEW_ANSWERS = "few_answers"
FEW_EFFECTIVE = "few_effective"
WIDE_INTERVAL = "wide_interval"
# One word whatever the rule that hid the cell: "between 1 and 4 persons" would itself say too much.
PROTECTED = "protected"
SMALL_BASE = "small_base"  # shown, with a warning

BASE_ROUNDED_TO = 10  # persons

ESTIMATE_FIGURES = ["n", "population", "estimate", "se", "df", "n_eff", "lower", "upper"]
ESTIMATE_COLUMNS = [*ESTIMATE, *ESTIMATE_FIGURES, "released", "reason"]  # of estimates.csv
CHANGE_FIGURES = [
    *["n", "n_previous", "change", "se", "df", "p", "p_bh", "p_holm", "p_adjusted", "family_size"],
    *["lower", "upper", "equivalence_margin", "detectable_change"],
]
# Of tables made of changes: comparisons, changes at a fixed composition.
DERIVED_FIGURES = ["difference", "standardised_previous", "standardised", "plain_change", "composition"]
GAP_FIGURES = ["gap", "se", "cov", "change", "se_change", "p"]


def screen(estimates: pd.DataFrame, bundle: Bundle, settings: Settings) -> pd.DataFrame:
    """Say of every estimate whether it may be shown; no figure is touched. METHODS.md M-15 and M-16.

    Args:
        estimates: the table of `estimates.estimate`; `yes` is the unweighted number of persons on the yes
            side (at the level), negative where the statistic has none.
        bundle: its indicators say which items are sensitive.
        settings: the thresholds.

    Returns:
        The same table with `released` (0/1) and `reason`: empty, small_base (shown with a warning),
        no_answers, few_answers, protected, few_effective or wide_interval, the first that holds.

    Source: Parker et al. (2017); Hundepool et al. (2012); see METHODS.md.
    """
    limits = settings.thresholds
    n, n_eff = estimates["n"].to_numpy(float), estimates["n_eff"].to_numpy(float)
    obstacles = {
        NO_ANSWERS: estimates["estimate"].isna().to_numpy(),
        FEW_ANSWERS: n < limits.minimum_n,
        PROTECTED: _few_persons(estimates, bundle, settings),
        FEW_EFFECTIVE: ~(n_eff >= limits.minimum_n_eff),
        WIDE_INTERVAL: _too_wide(estimates, settings),
    }
    # For a sensitive item the word "wide" would say: a few persons, but more than the rule hides.
    about = _about_persons(estimates, bundle)
    obstacles[PROTECTED] |= about & (obstacles[FEW_EFFECTIVE] | obstacles[WIDE_INTERVAL])
    hidden = np.any(list(obstacles.values()), axis=0)
    words = [*obstacles, SMALL_BASE, ""]
    reason = np.select(
        [*obstacles.values(), n < limits.small_base_below], range(len(words) - 1), len(words) - 1
    )
    return estimates.assign(released=np.where(hidden, 0, 1), reason=pack(reason, words))


def protect(table: pd.DataFrame) -> pd.DataFrame:
    """Empty the figures of every row that may not be shown; its key, `released` and `reason` stay.

    Args:
        table: estimates after `screen`, changes after `changes.compare`, or a table made of such changes. A
            hidden change has the verdict not_comparable, whatever it was.

    Returns:
        A copy in the same order.
    """
    of_change = {"verdict", "plain_change"} & set(table)
    figures = [*CHANGE_FIGURES, *DERIVED_FIGURES] if of_change else ESTIMATE_FIGURES
    figures = [name for name in figures if name in table]
    shown = table["released"].eq(1)
    safe = table.assign(**{name: table[name].where(shown) for name in figures})
    if "verdict" in table:
        safe["verdict"] = table["verdict"].where(shown, "not_comparable")
    return safe


def hide_exposed(table: pd.DataFrame, exposed: Mask, bundle: Bundle) -> pd.DataFrame:
    """Hide rows of sensitive items that would tell of hidden figures. METHODS.md M-16.

    Args:
        table: rows with indicator, released and reason.
        exposed: rows that rest on a figure that is not shown.
        bundle: its indicators say which items are sensitive.

    Returns:
        A copy in the same order, the reason `protected` where a row is hidden here.
    """
    sensitive = dict(zip(bundle.indicators["indicator"], bundle.indicators["sensitive"], strict=True))
    hide = exposed & spread(table["indicator"], sensitive, False) & table["released"].eq(1).to_numpy()
    reason = table["reason"].astype("str").mask(hide, PROTECTED)
    return table.assign(released=table["released"].mask(hide, 0), reason=reason)


def are_shown(rows: pd.DataFrame, columns: Sequence[str], estimates: pd.DataFrame) -> Mask:
    """Whether the estimate with the key of each row is shown.

    Args:
        rows: any table.
        columns: its columns for wave, geography, code, gender, age_group, indicator and statistic.
        estimates: the table after `screen`, or after `suppression.suppress`.

    Returns:
        False also where there is no such estimate.
    """
    row = find_rows(rows, columns, estimates, ESTIMATE)
    shown: Mask = (row >= 0) & (estimates["released"].to_numpy()[row] == 1)
    return shown


def round_bases(table: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """Round n where n itself counts persons with something sensitive. METHODS.md M-20.

    The base of a ratio, or of a sensitive indicator asked of some only (such as victims), is a sensitive
    count: exact, the total less the women and the men would tell how many of the others are victims.

    Args:
        table: estimates or changes; `n` and `n_previous` are rounded to the nearest `BASE_ROUNDED_TO`.
        bundle: its indicators have the base.

    Returns:
        A copy in the same order.
    """
    rows = of_sensitive_base(table, bundle)
    counts = [name for name in ("n", "n_previous") if name in table]
    rounded = {
        name: np.floor(table[name].to_numpy(float) / BASE_ROUNDED_TO + 0.5) * BASE_ROUNDED_TO
        for name in counts
    }
    return table.assign(**{name: table[name].where(~rows, rounded[name]) for name in counts})


def of_sensitive_base(table: pd.DataFrame, bundle: Bundle) -> Mask:
    """The rows of a table whose n is a sensitive count: of ratios, and of what only some were asked."""
    indicators = bundle.indicators
    of_some = indicators["sensitive"] & (indicators["base"].ne("") | indicators["type"].eq("ratio"))
    return equals(table["indicator"], *indicators.loc[of_some, "indicator"])


def protect_gaps(
    gaps: pd.DataFrame, estimates: pd.DataFrame, compared: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Empty every gap of which the women's or the men's figure may not be shown, now or in the previous wave.

    Args:
        gaps: the table of `gaps.compare_gaps`.
        estimates: the table after `screen`.
        compared: the same with unions on their common municipalities, when their changes rest on those.

    Returns:
        A copy in the same order; where only the previous wave is hidden, the gap stays and its change goes.
    """
    now = _both_halves_shown(gaps, "wave", estimates)
    compared = estimates if compared is None else compared
    change = now & _both_halves_shown(gaps, "wave", compared)
    change &= _both_halves_shown(gaps, "previous_wave", compared)
    of_change = {"change", "se_change", "p"}
    return gaps.assign(
        **{name: gaps[name].where(change if name in of_change else now) for name in GAP_FIGURES}
    )


def _both_halves_shown(gaps: pd.DataFrame, wave: str, estimates: pd.DataFrame) -> Mask:
    """Gaps of which the women's and the men's figure may be shown in the wave of that column."""
    key = ["wave", "geography", "code", "indicator", "statistic"]
    half = estimates["released"].eq(1) & estimates["age_group"].eq("all")
    half &= estimates["gender"].isin(["woman", "man"])
    half &= estimates["statistic"].isin(set(gaps["statistic"]))
    count = estimates.loc[half, key].astype("str").groupby(key, sort=False).size()
    known = count[count.eq(2)].index
    rows = pd.MultiIndex.from_frame(gaps[[wave, *key[1:]]].astype("str"))
    both: Mask = rows.isin(known)
    return both


def largest_hidden(cells: pd.DataFrame, thresholds: Thresholds) -> Ints:
    """The largest count of persons on either side that the rule hides, of each cell. METHODS.md M-16.

    Args:
        cells: geography, gender and age_group.
        thresholds: its two limits.

    Returns:
        Persons: the milder limit for the totals of municipalities and of everything, else the general one.
    """
    # Not other unions: one may be a single area under another name.
    large = equals(cells["geography"], TOTAL, MUNICIPALITY)
    total = equals(cells["gender"], TOTAL) & equals(cells["age_group"], TOTAL) & large
    return np.where(total, thresholds.hidden_persons_municipality, thresholds.hidden_persons)


def _few_persons(estimates: pd.DataFrame, bundle: Bundle, settings: Settings) -> Mask:
    """Sensitive rows with so few persons on one side that they could be recognised."""
    n, yes = estimates["n"].to_numpy(float), estimates["yes"].to_numpy(float)
    largest = largest_hidden(estimates, settings.thresholds)
    few = ((yes >= 1) & (yes <= largest)) | ((n - yes >= 1) & (n - yes <= largest))
    few_and_counted: Mask = few & _about_persons(estimates, bundle)
    return few_and_counted


def _about_persons(estimates: pd.DataFrame, bundle: Bundle) -> Mask:
    """Rows that count persons on one side of a sensitive item."""
    sensitive = dict(zip(bundle.indicators["indicator"], bundle.indicators["sensitive"], strict=True))
    about: Mask = spread(estimates["indicator"], sensitive, False)
    return about & (estimates["yes"].to_numpy(float) >= 0)


def _too_wide(estimates: pd.DataFrame, settings: Settings) -> Mask:
    """Proportions whose interval says too little; means are judged by their size alone."""
    limits = settings.thresholds
    width = (estimates["upper"] - estimates["lower"]).to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = width / estimates["estimate"].to_numpy(float)
    narrow = width < limits.width_limit
    narrow &= (width <= limits.width_always_shown) | (relative <= limits.relative_width_limit)
    too_wide: Mask = ~narrow & ~equals(estimates["statistic"], "mean")
    return too_wide
