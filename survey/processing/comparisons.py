"""Municipalities beside others: which are of the same kind, and what a release keeps of the comparison."""

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.coherence import KIND
from survey.models.municipality import Municipality

POINTS = ["difference", "lower", "upper"]
FEWEST_OF_A_KIND = 3  # with two, "the others of its kind" would be one municipality by name


def unions_of_a_kind(session: Session, strata: pd.DataFrame) -> pd.DataFrame | None:
    """The unions of municipalities of the same kind, as domains.csv has them; None when there are none."""
    kinds = select(Municipality.code, Municipality.skr_group).where(Municipality.skr_group.is_not(None))
    kind = strata["municipality_code"].map({code: kind for code, kind in session.execute(kinds)})
    table = strata[["wave", "stratum", "municipality_code"]].assign(geography=KIND, code=kind).dropna()
    members = table.groupby(["wave", "code"])["municipality_code"].transform("nunique")
    table = table.loc[members >= FEWEST_OF_A_KIND, ["wave", "geography", "code", "stratum"]]
    return table.reset_index(drop=True) if len(table) else None


def kept_comparisons(
    comparisons: pd.DataFrame, indicators: pd.DataFrame, wave_code: str, partial: list[str]
) -> pd.DataFrame:
    """The comparisons of a wave; of sensitive items the word without the points (METHODS.md M-21, M-23).

    The change of a union that stands for other municipalities in the earlier wave is left out.
    """
    table = comparisons.astype({name: str for name in ("wave", "previous_wave", "indicator")})
    table = table[table["wave"].eq(wave_code) & ~table["previous_wave"].isin(partial)]
    sensitive = indicators.loc[indicators["sensitive"].astype(str).eq("1"), "indicator"]
    points = table[POINTS].where(~table["indicator"].isin(sensitive), np.nan)
    return table.assign(**{name: points[name] for name in POINTS})
