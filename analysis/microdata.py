"""Microdata coarse enough to leave the house: no small cell of place, sex and age. METHODS.md M-38."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Mask
from analysis.errors import QuestionError

FEWEST = 5  # persons in a cell of the design variables
HIDDEN = ""  # a value suppressed in a record
WHOLE, WHOLE_LEVEL = "all", "all"
DESIGN = ("place_level", "place", "legal_gender", "age_group")
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class CoarseRecords:
    """Records with coarse design variables.

    Attributes:
        table: one row per record, in the order they were given: place_level (str), place (str, code of the
            place, "all" for the whole), legal_gender and age_group (str, "" when suppressed), weight
            (persons per record, the mean of the record's cell).
        suppressed: records by variable whose value is suppressed.
    """

    table: pd.DataFrame
    suppressed: dict[str, int]


def coarsen_records(records: pd.DataFrame, levels: Sequence[str], fewest: int = FEWEST) -> CoarseRecords:
    """Give every record the finest place whose cells of sex and age all have enough records. METHODS.md M-38.

    Args:
        records: one row per respondent: a column of codes per level, legal_gender, age_group (str, never
            missing) and weight (persons per respondent, never missing).
        levels: columns of places, the finest first; each place lies in one of the next level.
        fewest: records that a cell must have.

    Returns:
        The records; cells have no or at least `fewest` records, and weights have the sums they had.

    Raises:
        QuestionError: there are fewer than `fewest` records in all.
    """
    if len(records) < fewest:
        raise QuestionError(
            "too_few_records",
            f"{len(records)} records are too few: no cell can have {fewest} persons.",
            records=len(records),
            fewest=fewest,
        )
    table = pd.DataFrame(
        {
            "place_level": np.full(len(records), WHOLE_LEVEL, dtype=object),
            "place": np.full(len(records), WHOLE, dtype=object),
            "legal_gender": records["legal_gender"].astype(str).to_numpy(object),
            "age_group": records["age_group"].astype(str).to_numpy(object),
        }
    )
    open_records = np.ones(len(records), dtype=bool)
    for level in levels:
        places = records[level].astype(str).to_numpy(object)
        fits = open_records & _fit(places, table, open_records, fewest)
        table.loc[fits, "place_level"], table.loc[fits, "place"] = level, places[fits]
        open_records &= ~fits
    while (left := _suppressed(table[open_records], fewest)) is None:
        open_records |= _smallest_place(table, open_records)
        table.loc[open_records, ["place_level", "place"]] = WHOLE_LEVEL, WHOLE
    table.loc[open_records, list(DESIGN)] = left
    weight = records["weight"].to_numpy(np.float64)
    table["weight"] = pd.Series(weight).groupby([table[name] for name in DESIGN]).transform("mean")
    hidden = {name: int(table[name].eq(HIDDEN).sum()) for name in ("legal_gender", "age_group")}
    return CoarseRecords(table, hidden)


def smallest_cell(table: pd.DataFrame) -> int:
    """The number of records in the smallest cell of the design variables that has any."""
    return int(table.groupby(list(DESIGN), observed=True).size().min())


def _fit(places: Texts, table: pd.DataFrame, open_records: Mask, fewest: int) -> Mask:
    """Records whose place, among the records still open, has enough persons in every cell."""
    place, sex, age = pd.Series(places), table["legal_gender"], table["age_group"]
    inside = pd.Series(open_records, dtype=float)
    sizes = inside.groupby([place, sex, age]).transform("sum")
    smallest = sizes.where(open_records).groupby(place).transform("min")
    fits: Mask = smallest.ge(fewest).to_numpy()
    return fits


def _suppressed(left: pd.DataFrame, fewest: int) -> pd.DataFrame | None:
    """What no place could take, with age and then sex hidden in small cells, and in more where that is few.

    None when those left are too few even with everything hidden.
    """
    if 0 < len(left) < fewest:
        return None
    table = left[list(DESIGN)].copy()
    for name in ("age_group", "legal_gender"):
        table.loc[_sizes(table).lt(fewest), name] = HIDDEN
    while _sizes(table).lt(fewest).any():
        others = _sizes(table)[table["legal_gender"].ne(HIDDEN)]
        cells = table.loc[others.index[others.eq(others.min())], ["legal_gender", "age_group"]]
        sex, age = cells.sort_values(["legal_gender", "age_group"]).iloc[0]
        chosen = table["legal_gender"].eq(sex) & table["age_group"].eq(age)
        table.loc[chosen, ["legal_gender", "age_group"]] = HIDDEN
    return table


def _sizes(table: pd.DataFrame) -> "pd.Series[int]":
    """The size of each record's cell."""
    return table.groupby(list(DESIGN))["place"].transform("size")


def _smallest_place(table: pd.DataFrame, open_records: Mask) -> Mask:
    """The records of the smallest place that has been given out."""
    sizes = table[~open_records].groupby(["place_level", "place"]).size()
    level, place = sizes.index[sizes.eq(sizes.min())][0]
    chosen: Mask = (table["place_level"].eq(level) & table["place"].eq(place)).to_numpy()
    return chosen
