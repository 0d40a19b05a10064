"""What a new run of the same wave changed against an earlier one. METHODS.md, "Files"."""

import pandas as pd

from analysis.keys import ESTIMATE

COLUMNS = [*ESTIMATE, "figure", "figure_before", "verdict", "verdict_before", "kind"]
APPEARED, HIDDEN, MOVED, REWORDED = "appeared", "hidden", "moved", "reworded"
TOLERANCE = 1e-9  # far below any figure that is shown; above what the order of a sum can do


def revised_rows(
    estimates: pd.DataFrame, changes: pd.DataFrame, before: pd.DataFrame, changes_before: pd.DataFrame
) -> pd.DataFrame:
    """The rows that say something else than before, the largest movement first.

    Args:
        estimates: columns of estimates.csv that are keys, `estimate` and `released`; missing when hidden.
        changes: columns of changes.csv that are keys and `verdict`.
        before: estimates of the earlier run.
        changes_before: changes of the earlier run.

    Returns:
        The keys of estimates.csv with `figure` and `figure_before` (as `estimate`, missing when hidden or not
        there), `verdict` and `verdict_before` (empty when there is none) and `kind`: `appeared` (shown now
        only), `hidden` (shown before only), `moved` (another figure), `reworded` (another verdict alone).
    """
    now = _stated(estimates, changes)
    was_stated = _stated(before, changes_before).add_suffix("_before")
    joined = now.join(was_stated, how="outer").reset_index()
    for name in ("verdict", "verdict_before"):
        joined[name] = joined[name].fillna("")
    shown, was = joined["figure"].notna(), joined["figure_before"].notna()
    movement = (joined["figure"] - joined["figure_before"]).abs()
    joined["kind"] = ""
    joined.loc[joined["verdict"] != joined["verdict_before"], "kind"] = REWORDED
    joined.loc[movement > TOLERANCE, "kind"] = MOVED
    joined.loc[shown & ~was, "kind"] = APPEARED
    joined.loc[~shown & was, "kind"] = HIDDEN
    joined["size"] = movement.fillna(0.0)
    revised = joined[joined["kind"] != ""]
    order = revised.sort_values("size", ascending=False, kind="stable").drop(columns="size")
    return order.reset_index(drop=True)[COLUMNS]


def _stated(estimates: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Each row's figure, missing when it is hidden, and its verdict."""
    figures = estimates.set_index(ESTIMATE)
    shown = figures["estimate"].where(figures["released"].astype(bool)).astype(float)
    verdicts = changes.set_index(ESTIMATE)["verdict"]
    return pd.DataFrame({"figure": shown}).join(verdicts)
