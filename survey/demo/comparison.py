"""Holds what the survey found against the truth of the simulation."""

from collections.abc import Mapping, Sequence

import pandas as pd

KEYS = ["wave", "geography", "code", "gender", "age_group", "indicator"]


def compare(truth: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Estimates with an interval, each with the truth beside it and whether the interval holds it."""
    shown = estimates.loc[(estimates["statistic"] == "proportion") & estimates["lower"].notna()]
    both = shown.merge(truth, on=KEYS, how="inner", validate="one_to_one")
    return both.assign(holds=both["truth"].between(both["lower"], both["upper"]))


def headline_lines(compared: pd.DataFrame, labels: Mapping[str, str], wave: str) -> list[str]:
    """The headline indicators of the whole region in a wave: truth, estimate, interval."""
    lines = [f"{'':34}{'sanning':>9}{'skattning':>11}{'intervall':>16}"]
    whole = compared.loc[
        (compared["wave"] == wave) & (compared["geography"] == "all") & _totals(compared)
    ].set_index("indicator")
    for indicator, label in labels.items():
        if indicator not in whole.index:
            lines.append(f"{label:34}{'ej redovisad':>20}")
            continue
        figures = whole.loc[[indicator], ["truth", "estimate", "lower", "upper"]].to_numpy(dtype=float)
        truth, estimate, lower, upper = 100 * figures[0]
        interval = f"{lower:.1f}–{upper:.1f} %"
        mark = "" if lower <= truth <= upper else "  (utanför)"
        lines.append(f"{label:34}{truth:8.1f}%{estimate:10.1f}%{interval:>16}{mark}")
    return lines


def coverage_lines(compared: pd.DataFrame, headlines: Sequence[str]) -> list[str]:
    """The share of municipality intervals that hold the truth: wave by wave, and by kind of group."""
    municipal = compared.loc[compared["geography"] == "municipality"]
    totals = municipal.loc[_totals(municipal)]
    waves = totals.groupby("wave")
    lines = [_share(f"omgång {wave}, kommun totalt, alla indikatorer", rows) for wave, rows in waves]
    lines.append(_share("kommun totalt, huvudindikatorerna", totals[totals["indicator"].isin(headlines)]))
    lines.append(_share("kommun × kön × ålder, alla indikatorer", municipal[~_totals(municipal)]))
    lines.append(_share("alla intervall på kommunnivå", municipal))
    return lines


def _totals(table: pd.DataFrame) -> "pd.Series[bool]":
    return (table["gender"] == "all") & (table["age_group"] == "all")


def _share(label: str, rows: pd.DataFrame) -> str:
    if rows.empty:
        return f"{label:48}   inga intervall"
    return f"{label:48}{100 * rows['holds'].mean():6.1f} %  av {len(rows)}"
