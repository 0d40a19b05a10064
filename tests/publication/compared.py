"""Made-up rows of comparisons.csv beside made-up released tables."""

import pandas as pd
from golden import number_from

from analysis.comparisons import COLUMNS
from survey.publication.released import Released
from survey.questionnaire import indicators as library

ALL = "all"
CERTAIN = {"unsafe_evening": "above", "worry_burglary": "below", "police_trust": "above"}


def comparisons(released: Released) -> pd.DataFrame:
    """The municipality beside the region and its kind, its areas beside it; three measures are certain."""
    place = released.place
    rows = []
    for indicator in library.indicators():
        verdict = CERTAIN.get(indicator.id, "no_certain_difference")
        key = (indicator.id, "municipality", place.code)
        rows += [_row(released, *key, ALL, ALL, "all", verdict)]
        rows += [_row(released, *key, gender, ALL, "all", verdict) for gender in ("woman", "man")]
        rows += [_row(released, *key, ALL, ALL, "skr_group", "no_certain_difference")]
        rows += [_row(released, *key, ALL, ALL, "all", "no_certain_difference", change=True)]
        for code in place.areas:
            drawn = number_from("area", code, indicator.id)
            word = "above" if drawn < 0.05 else "below" if drawn > 0.95 else "no_certain_difference"
            rows.append(_row(released, indicator.id, "area", code, ALL, ALL, "municipality", word))
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(
    released: Released,
    indicator: str,
    geography: str,
    code: str,
    gender: str,
    age_group: str,
    against: str,
    verdict: str,
    *,
    change: bool = False,
) -> dict[str, object]:
    codes = {"all": "all", "skr_group": "A2", "municipality": released.place.code}
    figures = dict.fromkeys(("difference", "se", "df", "p", "p_adjusted", "lower", "upper"), 0.01)
    return {
        "wave": released.wave.code,
        "previous_wave": next(iter(released.earlier), "") if change else "",
        "geography": geography,
        "code": code,
        "against_geography": against,
        "against_code": codes[against],
        "gender": gender,
        "age_group": age_group,
        "indicator": indicator,
        "statistic": "proportion",
        **figures,
        "verdict": verdict,
        "released": 1,
        "reason": "",
    }
