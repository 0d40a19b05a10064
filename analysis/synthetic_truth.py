"""The truth an invented survey was drawn from: what everybody who lives there would answer, on average."""

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Ints
from analysis.keys import AREA, MUNICIPALITY, TOTAL
from analysis.synthetic_answers import LEVELS, AnswerModel, item_names
from analysis.synthetic_population import BANDS, Plan


def true_values(plan: Plan, strata: pd.DataFrame, population: Ints, model: AnswerModel) -> pd.DataFrame:
    """Expected shares and means by geography and age band."""
    owner = strata["municipality_code"].to_numpy()
    codes = np.unique(owner)
    unions = {TOTAL: ([TOTAL], np.ones((1, len(strata))))}
    unions[MUNICIPALITY] = (list(codes), (owner[None, :] == codes[:, None]).astype(float))
    unions[AREA] = (list(strata["stratum"]), np.eye(len(strata)))
    tables = []
    for number, wave in enumerate(plan.waves):
        asked = population.astype(float)
        for item, name in enumerate(item_names(plan)):
            shares = model.shares(item, number)
            people = asked * model.shares(3, number)[..., 1] if name == "q05" and plan.binary > 4 else asked
            values = _statistics(plan, item, shares)
            for geography, (names, inside) in unions.items():
                tables += _means(wave, geography, names, inside, people, name, values)
    return pd.concat(tables, ignore_index=True)


def _statistics(plan: Plan, item: int, shares: Floats) -> dict[str, Floats]:
    if item < plan.binary:
        return {"proportion": shares[..., 1]}
    return {"mean": shares @ np.arange(1.0, len(LEVELS) + 1.0)}


def _means(
    wave: str,
    geography: str,
    names: list[str],
    inside: Floats,
    people: Floats,
    indicator: str,
    values: dict[str, Floats],
) -> list[pd.DataFrame]:
    """Population means of one item in every code of a geography, for everybody and by age band."""
    ages = np.vstack([np.ones(len(BANDS)), np.eye(len(BANDS))])
    tables = []
    for statistic, value in values.items():
        total = inside @ ((people * value).sum(axis=1) @ ages.T)
        size = inside @ (people.sum(axis=1) @ ages.T)
        tables.append(
            pd.DataFrame(
                {
                    "wave": wave,
                    "geography": geography,
                    "code": np.repeat(np.array(names, dtype=object), len(ages)),
                    "age_group": np.tile(np.array([TOTAL, *BANDS], dtype=object), len(names)),
                    "indicator": indicator,
                    "statistic": statistic,
                    "value": (total / size).ravel(),
                }
            )
        )
    return tables
