"""Series known only as published figures: listed as given, tested only when their uncertainty is known.

METHODS.md M-32.
"""

import numpy as np
import pandas as pd
from scipy import special

from analysis import checks
from analysis.arrays import Floats
from analysis.keys import CELL, PLACE
from analysis.schema import Bundle

PUBLISHED = "published"
PUBLISHED_ONLY = "published_only"
NOT_TESTED = ["p", "p_bh", "p_holm", "p_adjusted", "family_size", "equivalence_margin", "detectable_change"]
GIVEN_CONFIDENCE = 0.95  # of published limits: what offices publish, whatever this run uses
GROUP = ["gender", "age_group"]
NEAR_NORMAL = 1000  # degrees of freedom of a figure with known uncertainty and unknown n


def add_figures(estimates: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """The estimates with the published figures below them, as given. METHODS.md M-32.

    Args:
        estimates: the table of `estimates.estimate` after `disclosure.screen`.
        bundle: its published figures, if any: proportions in [0, 1], means in the units of the codes.

    Returns:
        The same table when nothing is published. Published rows have `released` 1 and the reason `published`;
        n is missing when it is not known; se is as given, or from the given limits, or missing, and then so
        are df and n_eff.
    """
    given = bundle.published
    if given is None:
        return estimates
    se = _standard_error(given)
    known = ~np.isnan(se)
    n, p = given["n"].to_numpy(), given["estimate"].to_numpy()
    rows = given[["wave", *CELL, "estimate", "n", "lower", "upper"]].assign(
        se=se,
        df=np.where(known, np.where(n > 1, n - 1, NEAR_NORMAL), np.nan),
        n_eff=np.where(known, _effective(p, se, n), np.nan),
        released=1,
        reason=PUBLISHED,
    )
    return _stacked(estimates, rows)


def unused(estimates: pd.DataFrame, bundle: Bundle) -> list[tuple[str, str, int]]:
    """Published figures that no figure from answers can be compared with: why, an example, how many.

    Args:
        estimates: the table of `estimates.estimate`.
        bundle: its published figures, if any.
    """
    given = bundle.published
    if given is None or given.empty:
        return []
    last = max(bundle.waves)
    keys = given[["wave", *CELL]].astype(str)
    reasons = {f"no wave after theirs has answers, the last is {last}": keys["wave"].gt(last).to_numpy(bool)}
    for why, columns in (("no wave has such a place", PLACE), ("no figure is of such a group", GROUP)):
        known = estimates[columns].drop_duplicates().astype(str)
        reasons[why] = ~pd.MultiIndex.from_frame(keys[columns]).isin(pd.MultiIndex.from_frame(known))
    return [
        (why, " ".join(keys[rows].iloc[0]), int(rows.sum())) for why, rows in reasons.items() if rows.any()
    ]


def add_pairs(
    pairs: pd.DataFrame,
    estimates: pd.DataFrame,
    bundle: Bundle,
    waves: tuple[str, str] | None = None,
) -> pd.DataFrame:
    """Published previous waves for the codes that have no earlier wave of answers. METHODS.md M-32.

    Args:
        pairs: the table of `changes.previous_waves`, from answers alone.
        estimates: the table that it was made from.
        bundle: its published figures say in which waves a code is known.
        waves: compare these two waves only; without it each code's own last two.

    Returns:
        The pairs, and one more for each code without: its last wave with answers, and the last published wave
        before that.
    """
    if bundle.published is None:
        return pairs
    last = estimates[["wave", *PLACE]].drop_duplicates().astype(str)
    before = bundle.published[["wave", *PLACE]].drop_duplicates().astype(str)
    if waves is not None:
        last, before = last[last["wave"].isin(waves)], before[before["wave"].isin(waves)]
    last = last.sort_values("wave", kind="stable").drop_duplicates(PLACE, keep="last")
    last = last[~checks.among(checks.joined(last, PLACE), checks.joined(pairs, PLACE))]
    both = last.merge(before.rename(columns={"wave": "previous_wave"}), on=PLACE)
    both = both[both["previous_wave"] < both["wave"]]
    added = both.sort_values("previous_wave", kind="stable").drop_duplicates(PLACE, keep="last")
    if "left_out" in pairs:  # nobody knows which municipalities a published union consisted of
        added = added.assign(left_out="", on_common=False)
    return pd.concat([pairs, added], ignore_index=True)


def leave_untested(changes: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """Changes since a figure of unknown uncertainty: a difference, no test, no verdict. METHODS.md M-32.

    Args:
        changes: the table of `changes.compare`.
        bundle: its published figures.

    Returns:
        A copy in the same order; such rows have the verdict not_comparable, no margin and nothing that
        follows from a standard error, and the reason published_only where they may be shown.
    """
    given = bundle.published
    if given is None:
        return changes
    unknown = given[np.isnan(_standard_error(given))]
    key = checks.joined(unknown, ["wave", *CELL])
    untested = checks.among(checks.joined(changes, ["previous_wave", *CELL]), key)
    shown = untested & changes["released"].eq(1).to_numpy()
    emptied = {name: changes[name].where(~untested) for name in NOT_TESTED}
    verdict = changes["verdict"].where(~untested, "not_comparable")
    return changes.assign(
        **emptied, verdict=verdict, reason=changes["reason"].astype(str).where(~shown, PUBLISHED_ONLY)
    )


def _standard_error(given: pd.DataFrame) -> Floats:
    """As given; else half the width of the limits over the normal quantile; else missing."""
    half = (given["upper"].to_numpy() - given["lower"].to_numpy()) / 2
    se: Floats = np.where(given["se"].notna(), given["se"], half / special.ndtri(0.5 + GIVEN_CONFIDENCE / 2))
    return se


def _effective(p: Floats, se: Floats, n: Floats) -> Floats:
    """p (1 - p) / se², at most n; n itself for a mean, and where the proportion or its se says nothing."""
    spread = p * (1 - p)
    usable = (spread > 0) & (se > 0)
    size = spread / np.where(usable, se, 1.0) ** 2
    return np.where(usable, np.fmin(size, n), n)


def _stacked(estimates: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """One table; packed columns stay packed."""
    packed = [str(name) for name, dtype in estimates.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)]
    for name in packed:
        values = rows[name].astype(str) if name in rows else pd.Series("", index=rows.index)
        old = estimates[name].cat.categories
        dtype = pd.CategoricalDtype(old.append(pd.Index(values.unique(), dtype=old.dtype).difference(old)))
        estimates = estimates.assign(**{name: estimates[name].astype(dtype)})
        rows = rows.assign(**{name: values.astype(dtype)})
    stacked: pd.DataFrame = pd.concat([estimates, rows], ignore_index=True)
    return stacked
