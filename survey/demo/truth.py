"""What an indicator really is in the invented population: expected proportions, from the cells."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.settings import Settings
from survey.demo.geography import Counts
from survey.demo.opinions import GENDER_CODES, GENDER_SHARES, ITEMS, OUTLOOK_SHARES
from survey.demo.residents import Floats, WaveResidents
from survey.preparation.population import AGE_GROUPS, GENDERS, age_groups_between, bounds

REPORTING_AGES = {
    group: age_groups_between(*bounds(group)) for group in Settings.default().reporting_age_groups
}
COLUMNS = ("wave", "geography", "code", "gender", "age_group", "indicator", "truth")
_REPORTED_GENDERS = ("woman", "man", "other", "undisclosed")

Recipe = Mapping[str, str]  # one row of the indicators table: texts, blank-separated where several


def truth_table(
    residents: WaveResidents, cells: Counts, recipes: Sequence[Recipe], municipalities: Sequence[str]
) -> pd.DataFrame:
    """The truth of every indicator in every reporting group of the municipalities that take part."""
    keys, weights = _domains(residents, cells, municipalities)
    frames = []
    for recipe in recipes:
        numerator, denominator = _expected(residents, recipe)
        base = weights @ denominator.ravel()
        share = np.divide(weights @ numerator.ravel(), base, out=np.full(len(base), np.nan), where=base > 0)
        frames.append(keys.assign(indicator=recipe["indicator"], truth=share))
    table = pd.concat(frames, ignore_index=True)
    return table.assign(wave=residents.wave)[list(COLUMNS)]


def write_truth(table: pd.DataFrame, path: Path) -> None:
    """Keep the truth beside what the survey finds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)


def truth(
    table: pd.DataFrame,
    wave: str,
    indicator: str,
    geography: str = "all",
    code: str = "all",
    gender: str = "all",
    age_group: str = "all",
) -> float:
    """One true proportion."""
    sought = {
        "wave": wave, "indicator": indicator, "geography": geography, "code": code, "gender": gender,
        "age_group": age_group,
    }  # fmt: skip
    rows = np.logical_and.reduce([table[name] == value for name, value in sought.items()])
    return float(table.loc[rows, "truth"].item())


def _domains(
    residents: WaveResidents, cells: Counts, municipalities: Sequence[str]
) -> tuple[pd.DataFrame, Floats]:
    genders = {"all": np.ones(len(GENDERS))} | {
        code: np.array([GENDER_SHARES[legal][GENDER_CODES.index(code)] for legal in GENDERS])
        for code in _REPORTED_GENDERS
    }
    ages = {"all": np.ones(len(AGE_GROUPS))} | {
        group: np.isin(AGE_GROUPS, bands).astype(float) for group, bands in REPORTING_AGES.items()
    }
    keys: list[dict[str, str]] = []
    weights: list[Floats] = []
    for geography, code, places in _places(residents, municipalities):
        for gender, age in _groups(geography):
            keys.append({"geography": geography, "code": code, "gender": gender, "age_group": age})
            group = places[:, None, None] * genders[gender][None, :, None] * ages[age][None, None, :]
            weights.append((cells * group).ravel())
    return pd.DataFrame(keys), np.array(weights)


def _places(residents: WaveResidents, municipalities: Sequence[str]) -> Iterator[tuple[str, str, Floats]]:
    areas = residents.plan.areas
    owners = np.array([area.municipality_code for area in areas])
    taking_part = np.isin(owners, list(municipalities))
    yield "all", "all", taking_part.astype(float)
    for code in municipalities:
        yield "municipality", code, (owners == code).astype(float)
    for i in np.flatnonzero(taking_part):
        yield "area", areas[i].code, (np.arange(len(areas)) == i).astype(float)


def _groups(geography: str) -> list[tuple[str, str]]:
    groups = [("all", "all")]
    groups += [(gender, "all") for gender in _REPORTED_GENDERS]
    groups += [("all", age) for age in REPORTING_AGES]
    if geography != "area":
        groups += [(gender, age) for gender in GENDERS for age in REPORTING_AGES]
    return groups


def _expected(residents: WaveResidents, recipe: Recipe) -> tuple[Floats, Floats]:
    """Per cell: the probability of counting, and of being in the base.

    An indicator over several items counts whoever has a yes on any of them, among those who answered at least
    one. Items are independent given the outlook, so "none of them" is a product over the items; inclusion and
    exclusion then give "any" together with "admitted by the base".
    """
    items = (recipe["items"] or recipe["item"]).split()
    base = dict(condition.split("=") for condition in recipe["base"].split("|") if condition)
    counting, answering = _Nobody(), _Nobody()
    for name in items:
        gate = ITEMS[name].gate
        passes = residents.answers[gate][..., 0] if gate else 1.0
        admits = _share(residents, gate, base[gate]) if gate in base else np.asarray(0.0)
        counting.exclude(passes * _share(residents, name, recipe["yes"]), admits)
        answering.exclude(passes * _share(residents, name, recipe["levels"]), admits)
    mix = np.asarray(OUTLOOK_SHARES)[:, None, None, None]
    everybody = not base
    return (mix * counting.any(everybody)).sum(axis=0), (mix * answering.any(everybody)).sum(axis=0)


class _Nobody:
    """Running probabilities that no item so far fulfils something, is admitted by the base, or either."""

    def __init__(self) -> None:
        self._fulfilled = self._admitted = self._either = np.asarray(1.0)

    def exclude(self, fulfils: Floats, admits: Floats) -> None:
        # An item behind a filter is answered only by those whom the filter admits: the larger is the union.
        self._fulfilled = self._fulfilled * (1 - fulfils)
        self._admitted = self._admitted * (1 - admits)
        self._either = self._either * (1 - np.maximum(fulfils, admits))

    def any(self, everybody: bool) -> Floats:
        """The probability that some item fulfils it and, unless the base is everybody, some item admits."""
        if everybody:
            return np.asarray(1 - self._fulfilled)
        return np.asarray(1 - self._fulfilled - self._admitted + self._either)


def _share(residents: WaveResidents, item: str, codes: str) -> Floats:
    positions = [residents.codes[item].index(code) for code in codes.split()]
    return np.asarray(residents.answers[item][..., positions].sum(axis=-1))
