"""Cells of which an earlier output has told with a few persons more or fewer. METHODS.md M-42."""

from collections.abc import Hashable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from analysis.answer_states import TableQuestion
from analysis.arrays import Mask
from analysis.backgrounds import background, measured
from analysis.disclosure import BASE_ROUNDED_TO, of_sensitive_base
from analysis.indicators import Measured
from analysis.keys import TOTAL
from analysis.remembered import TOLERANCE
from analysis.told_figures import Places, Told
from analysis.told_tables import Key, conditions
from analysis.weights import Weighted

PLACE = ("geography", "code", "gender", "age_group")
Earlier = tuple[Mask, float, float]  # who was counted, of those who are left; n as told, and its rounding


def moved_cells(
    weighted: Weighted, places: Places, wave: str, question: TableQuestion, told: Told
) -> frozenset[Key]:
    """The cells that must not be shown after a correction: the difference would tell about so few.

    Args:
        weighted: the weights.
        places: who stands in the rows of releases.
        wave: which wave.
        question: the table at hand.
        told: all that releases and approved tables have shown of the wave.

    Returns:
        Cells, by their categories, whose persons a release or an approved table has counted as well, with an
        n that differs by 1 to `Thresholds.hidden_persons`; where n is released rounded, with one that may,
        and another estimate.
    """
    few = weighted.settings.thresholds.hidden_persons
    cells: dict[bytes, list[Key]] = {}
    for key, who in _counted(weighted, wave, question):
        cells.setdefault(who.tobytes(), []).append(key)
    found: set[Key] = set()
    for who, n, rounding in (*_released(weighted, places, question, told), *_approved(weighted, wave, told)):
        moved = abs(n - int(who.sum()))
        if (moved >= 1 or rounding) and moved <= few + rounding:
            found.update(cells.get(who.tobytes(), ()))
    return frozenset(found)


def _counted(weighted: Weighted, wave: str, question: TableQuestion) -> Iterator[tuple[Key, Mask]]:
    """Who is counted in each cell of a table."""
    base = (measured(weighted.bundle, question.item)[0].level >= 0) & (
        weighted.table["wave"] == wave
    ).to_numpy(dtype=bool)
    standing = {name: background(weighted, name, wave) for name in (*question.by, *dict(question.where))}
    axes = [(TOTAL, *standing[name].categories) for name in question.by]
    for key in product(*axes):
        who = base
        for name, values in (*dict(question.where).items(), *conditions(question, key)):
            there = [value for value in values if value in standing[name].categories]
            who = who & standing[name].rows_in(there)
        yield key, who


def _released(weighted: Weighted, places: Places, question: TableQuestion, told: Told) -> Iterator[Earlier]:
    """The rows of releases; those of rounded n only where the estimate is known to be another."""
    rows = told.estimates[told.estimates["released"].eq(1)]
    rounded = of_sensitive_base(rows, weighted.bundle)
    of = {str(name): measured(weighted.bundle, str(name))[0] for name in rows["indicator"].unique()}
    for row in rows[~rounded].drop_duplicates([*PLACE, "indicator", "n"]).to_dict("records"):
        yield _persons(places, of, row), float(row["n"]), 0.0
    weight = weighted.table["weight"].to_numpy(dtype=float)
    for row in rows[rounded & rows["indicator"].eq(question.item)].to_dict("records"):
        one, who = of[str(row["indicator"])], _persons(places, of, row)
        value = one.values(str(row["statistic"]))[one.level[who]]
        share = np.average(value, weights=weight[who]) if len(value) else np.nan
        if not abs(share - row["estimate"]) <= TOLERANCE:
            yield who, float(row["n"]), BASE_ROUNDED_TO / 2.0


def _persons(places: Places, of: Mapping[str, Measured], row: Mapping[Hashable, Any]) -> Mask:
    """Who is counted in a row of a release."""
    key = (str(row[name]) for name in PLACE)
    return np.asarray(places.of_key(*key).mask & (of[str(row["indicator"])].level >= 0))


def _approved(weighted: Weighted, wave: str, told: Told) -> Iterator[Earlier]:
    """The cells of approved tables; those approved before n was kept say nothing."""
    for question, rows in told.tables:
        if "n" not in rows:
            continue
        shown = rows[rows["released"].eq(1)]
        keys = shown[list(question.by)].astype(str).itertuples(index=False, name=None)
        n = dict(zip(keys, shown["n"].astype(float), strict=True))
        for key, who in _counted(weighted, wave, question):
            if key in n:
                yield who, n[key], 0.0
