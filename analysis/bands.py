"""How far a shown figure could move unseen by the public files: the attacker's knowledge, as intervals.

Public files give n, whole percent of the proportion and of its limits, and the change in points (one decimal
below one point). Each of them places the proportion in an interval; the band is their intersection, around
the
true value. Standard errors are not published: how far a limit lies from its figure is taken as known to the
attacker within `KNOWN_WITHIN`. METHODS.md M-21.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.keys import CELL, ESTIMATE
from analysis.packed import find_rows
from analysis.settings import Settings
from analysis.variance import student_quantile

Floats = npt.NDArray[np.floating]
DECIMAL_BELOW = 0.95  # points: smaller changes are printed with one decimal
KNOWN_WITHIN = 0.10  # of the distance between a figure and its limit


def bands(estimates: pd.DataFrame, changes: pd.DataFrame, settings: Settings) -> tuple[Floats, Floats]:
    """The band of each estimate, whether it is shown or not.

    Args:
        estimates: the table after `disclosure.screen`.
        changes: the table of `changes.compare` on those estimates; only rows that may be shown count.
        settings: interval and confidence.

    Returns:
        Distance from the true proportion to the lower (at most 0) and upper end (at least 0) of its band, in
        [-1, 1], one of each per row of `estimates`; missing where there is no estimate.
    """
    p = estimates["estimate"].to_numpy(float)
    below, above = _rounding(p)
    for name in ("lower", "upper"):
        least, most = _from_limit(estimates, name, settings)
        below, above = np.maximum(below, least), np.minimum(above, most)
    now, before, change_below, change_above = _from_changes(estimates, changes)
    # The other wave's figure lies in its own band: its ends carry over through the printed change. A figure
    # from elsewhere (before is -1) is known exactly.
    own_below, own_above = np.append(below, 0.0), np.append(above, 0.0)
    np.maximum.at(below, now, own_below[before] + change_below)
    np.minimum.at(above, now, own_above[before] + change_above)
    ours = before >= 0
    np.maximum.at(below, before[ours], own_below[now[ours]] - change_above[ours])
    np.minimum.at(above, before[ours], own_above[now[ours]] - change_below[ours])
    return np.minimum(below, 0.0), np.maximum(above, 0.0)


def _rounding(share: Floats, decimals_below: float = 0.0) -> tuple[Floats, Floats]:
    """From a share to the ends of the interval that prints the same."""
    points = 100.0 * share
    unit = np.where(np.abs(points) < decimals_below, 0.1, 1.0)
    printed = np.floor(points / unit + 0.5)
    return (
        ((printed - 0.5) * unit - points) / 100.0,
        ((printed + 0.5) * unit - points) / 100.0,
    )


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
    return now, before, below, above
