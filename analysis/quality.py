"""How well the survey went: response by group, representativeness, and what weighting cost.

METHODS.md M-17 and M-18.
"""

import numpy as np
import pandas as pd

from analysis.design import reporting_groups
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.weights import Weighted

DIAGNOSTIC_COLUMNS = [
    *["wave", "municipality_code", "sampled", "responded", "response_rate", "r_indicator"],
    *["deff_kish", "n_eff", "weight_min", "weight_median", "weight_max", "weight_cv2"],
    *["trimmed_share", "collapsed"],
]
RATE_COLUMNS = ["wave", "municipality_code", "legal_gender", "age_group", "sampled", "responded"]
GROUP = ["wave", "municipality_code"]


def diagnose(weighted: Weighted) -> pd.DataFrame:
    """Response and weights of each municipality and wave, and of everything together (`all`).

    Args:
        weighted: what `weights.weigh` gives.

    Returns:
        The columns `DIAGNOSTIC_COLUMNS`: counts in persons, rates in [0, 1], weights in persons per
        respondent, `collapsed` how many cells the weighting merged and what else it repaired, by step. A
        municipality without answers has its row, with empty weight figures.

    Source: Kish (1992) for deff_kish = 1 + cv2 (cv2 here has r - 1 below, as R's); Schouten, Cobben &
    Bethlehem (2009) for the R-indicator; see METHODS.md.
    """
    summary = weighted.summary.reindex(columns=[*GROUP, "responded", "trimmed_share"])
    tables = (_drawn(weighted.bundle), weighted.table, weighted.log, summary)
    by_municipality = [table.astype(dict.fromkeys(GROUP, str)) for table in tables]
    together = [table.assign(municipality_code="all") for table in by_municipality]
    table = pd.concat([_diagnose(*by_municipality), _diagnose(*together)]).reset_index()
    return table.sort_values(GROUP, kind="stable", ignore_index=True)[DIAGNOSTIC_COLUMNS]


def response_rates(bundle: Bundle, settings: Settings) -> pd.DataFrame:
    """Persons drawn and persons who answered, by municipality, register sex and reporting age group.

    Args:
        bundle: the sample with who responded.
        settings: the reporting age groups.

    Returns:
        The columns `RATE_COLUMNS`: totals are `all`; each sex, each age group and each combination.
    """
    drawn = _drawn(bundle)
    drawn["age_group"] = drawn["age_group"].astype(str).map(reporting_groups(bundle, settings))
    parts = []
    for totals in (
        {},
        {"age_group": "all"},
        {"legal_gender": "all"},
        {"legal_gender": "all", "age_group": "all"},
    ):
        part = drawn.assign(**totals).groupby(RATE_COLUMNS[:4], sort=True)["responded"]
        parts.append(part.agg(sampled="size", responded="sum").reset_index())
    return pd.concat(parts).sort_values(RATE_COLUMNS[:4], kind="stable", ignore_index=True)[RATE_COLUMNS]


def _drawn(bundle: Bundle) -> pd.DataFrame:
    """Everyone drawn, with municipality, design weight N_h/n_h, sex, age group and 0/1 for an answer."""
    strata = bundle.strata.astype({"wave": str, "stratum": str})
    strata = strata.assign(design_weight=strata["population"] / strata["sampled"].replace(0, np.nan))
    wanted = bundle.sample[["wave", "stratum", "legal_gender", "age_group", "responded"]]
    wanted = wanted.astype(
        {"wave": str, "stratum": str, "legal_gender": str, "age_group": str, "responded": int}
    )
    places = strata[["wave", "stratum", "municipality_code", "design_weight"]]
    drawn: pd.DataFrame = wanted.merge(places, on=["wave", "stratum"], how="left")
    return drawn


def _diagnose(
    drawn: pd.DataFrame, weights: pd.DataFrame, log: pd.DataFrame, summary: pd.DataFrame
) -> pd.DataFrame:
    """Everything about each wave and municipality, as indexed by `GROUP`."""
    answered = drawn.groupby(GROUP)["responded"]
    table = pd.DataFrame({"sampled": answered.size(), "responded": answered.sum()})
    table["response_rate"] = table["responded"] / table["sampled"]
    table["r_indicator"] = _r_indicator(drawn)
    table = table.join(_weight_figures(weights))
    table["collapsed"] = ""
    for group, steps in log.groupby(GROUP)["step"]:
        table.loc[group, "collapsed"] = _counted(steps)
    trimmed = summary.assign(trimmed=summary["trimmed_share"] * summary["responded"]).groupby(GROUP)
    table["trimmed_share"] = trimmed["trimmed"].sum() / trimmed["responded"].sum()
    return table


def _counted(steps: "pd.Series[str]") -> str:
    return "; ".join(
        f"{step} {number}" for step, number in steps.astype(str).value_counts(sort=False).items()
    )


def _r_indicator(drawn: pd.DataFrame) -> "pd.Series[float]":
    """1 - 2 S(propensity), a propensity being the response rate of a sex and age group. METHODS.md M-18.

    The variance between the groups' rates is lowered by what chance alone gives, and is never below 0.
    """
    d, d2 = drawn["design_weight"], drawn["design_weight"] ** 2
    cells = drawn.assign(d=d, d2=d2, answered=d * drawn["responded"])
    cells = cells.groupby([*GROUP, "legal_gender", "age_group"])[["d", "d2", "answered"]].sum()
    rate = cells["answered"] / cells["d"]
    share = cells["d"] / cells.groupby(GROUP)["d"].sum()
    mean = (share * rate).groupby(GROUP).sum()
    concentration = cells["d2"] / cells["d"] ** 2  # 1/n when weights are equal
    # A cell of one person has a rate of 0 or 1 and no estimable variance: 0.
    chance = rate * (1 - rate) * concentration / (1 - concentration).where(concentration < 1, 1.0)
    between = (share * (rate - mean) ** 2 - share * (1 - share) * chance).groupby(GROUP).sum()
    return 1 - 2 * between.clip(lower=0) ** 0.5


def _weight_figures(weights: pd.DataFrame) -> pd.DataFrame:
    by_group = weights.groupby(GROUP)["weight"]
    count, total = by_group.size(), by_group.sum()
    squares = (weights["weight"] ** 2).groupby([weights[name] for name in GROUP]).sum()
    deff = count * squares / total**2
    return pd.DataFrame(
        {
            "deff_kish": deff,
            "n_eff": count / deff,
            "weight_min": by_group.min(),
            "weight_median": by_group.median(),
            "weight_max": by_group.max(),
            "weight_cv2": by_group.var() / by_group.mean() ** 2,
        }
    )
