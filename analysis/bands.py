"""How far a shown figure could move unseen by the public files: the attacker's knowledge, as intervals.

Public files give n, whole percent of the proportion and of its limits, and the change in points (one decimal
below one point) with its limits. Each of them places the proportion, or the change, in an interval; the band
is their intersection, around the true value. Standard errors are not published: how far a limit lies from its
figure is taken as known to the attacker within `KNOWN_WITHIN`. METHODS.md M-21.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Floats, Ints
from analysis.keys import CELL, ESTIMATE
from analysis.packed import find_rows
from analysis.settings import Settings
from analysis.variance import student_quantile

DECIMAL_BELOW = 0.95  # points: smaller changes are printed with one decimal
KNOWN_WITHIN = 0.10  # of the distance between a figure and its limit


@dataclass(frozen=True)
class Bands:
    """What is printed, as distances from the true figure to the ends of its band; one entry per estimate.

    Attributes:
        below, above: from the proportion to the lower (at most 0) and upper end (at least 0) of its band, in
            [-1, 1]; missing where there is no estimate, infinite where it is not printed.
        previous: row of the estimate it is compared with, where a change may be shown; else -1.
        change_below, change_above: the same for the change; missing where none may be shown.
    """

    below: Floats
    above: Floats
    previous: Ints
    change_below: Floats
    change_above: Floats


def bands(estimates: pd.DataFrame, changes: pd.DataFrame, settings: Settings) -> Bands:
    """The bands of each estimate and its change, whether the estimate is shown or not.

    Args:
        estimates: the table after `disclosure.screen`; rows with `apart` (of `unions.beside`) are not printed
            themselves.
        changes: the table of `changes.compare` on those estimates; only rows that may be shown count.
        settings: interval and confidence.
    """
    p = estimates["estimate"].to_numpy(float)
    below, above = _rounding(p)
    for name in ("lower", "upper"):
        least, most = _from_limit(estimates, name, settings)
        below, above = np.maximum(below, least), np.minimum(above, most)
    below, above = np.minimum(below, 0.0), np.maximum(above, 0.0)
    if "apart" in estimates:
        apart = estimates["apart"].to_numpy(bool)
        below, above = np.where(apart, -np.inf, below), np.where(apart, np.inf, above)
    now, before, *ends = _from_changes(estimates, changes)
    previous = np.full(len(estimates), -1, dtype=np.int64)
    change_below, change_above = np.full((2, len(estimates)), np.nan)
    ours = before >= 0
    previous[now[ours]], change_below[now[ours]], change_above[now[ours]] = (
        part[ours] for part in (before, *ends)
    )
    # A figure from elsewhere is known exactly, and its change says as much as the figure itself.
    theirs = now[~ours]
    below[theirs] = np.maximum(below[theirs], ends[0][~ours])
    above[theirs] = np.minimum(above[theirs], ends[1][~ours])
    return Bands(below, above, previous, change_below, change_above)


def _rounding(share: Floats, decimals_below: float = 0.0) -> tuple[Floats, Floats]:
    """From a share to the ends of the interval that prints the same."""
    points = 100.0 * share
    unit = np.where(np.abs(points) < decimals_below, 0.1, 1.0)
    printed = np.floor(points / unit + 0.5)
    first, last = (printed - 0.5) * unit, (printed + 0.5) * unit
    # What prints as one whole point is not less than what would have had a decimal.
    whole = unit == 1.0
    first = np.where(whole & (printed == 1.0), np.maximum(first, decimals_below), first)
    last = np.where(whole & (printed == -1.0), np.minimum(last, -decimals_below), last)
    return (first - points) / 100.0, (last - points) / 100.0


def _from_limit(estimates: pd.DataFrame, name: str, settings: Settings) -> tuple[Floats, Floats]:
    """What a printed limit leaves of the proportion, from its own to the ends of its band."""
    p, limit = (estimates[column].to_numpy(float) for column in ("estimate", name))
    below, above = _rounding(limit)
    first, last = limit + below, limit + above
    if settings.interval == "wilson":
        z = student_quantile(estimates["df"].to_numpy(float), settings.confidence)
        z = z / np.sqrt(np.maximum(estimates["n_eff"].to_numpy(float), 1.0))
        # The score interval solved backwards: the proportion is this far from its limit.
        near, far = (z * np.sqrt(np.clip(end, 0, 1) * (1 - np.clip(end, 0, 1))) for end in (first, last))
    else:
        near = far = np.abs(p - limit)
    sign = 1.0 if name == "lower" else -1.0
    least = first + sign * near - KNOWN_WITHIN * near - p
    most = last + sign * far + KNOWN_WITHIN * far - p
    return np.where(first > 0, least, -np.inf), np.where(last < 1, most, np.inf)


def _from_changes(
    estimates: pd.DataFrame, changes: pd.DataFrame
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats, Floats]:
    """Rows of now and before of every change that may be shown, and the band of the change."""
    shown = changes[changes["released"].eq(1) & changes["statistic"].astype(str).ne("mean")]
    now = find_rows(shown, ESTIMATE, estimates)
    before = find_rows(shown, ["previous_wave", *CELL], estimates, ESTIMATE)
    change = shown["change"].to_numpy(float)
    below, above = _rounding(change, DECIMAL_BELOW)
    for name in ("lower", "upper"):
        limit = shown[name].to_numpy(float)
        least, most = _rounding(limit, DECIMAL_BELOW)
        slack = KNOWN_WITHIN * np.abs(change - limit)
        below, above = np.fmax(below, least - slack), np.fmin(above, most + slack)
    return now, before, np.minimum(below, 0.0), np.maximum(above, 0.0)
