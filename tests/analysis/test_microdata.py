"""Microdata that leave the house: no small cell, the sums of the weights kept, as fine as that allows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.microdata import DESIGN, FEWEST, coarsen_records, smallest_cell

LEVELS = ("area", "municipality", "county")
PLACES = {
    area: (area[:4], area[:2]) for area in ("0101-01", "0101-02", "0102-01", "0201-01", "0201-02", "0301-01")
}
Cell = tuple[str, str, str]


def records_of(cells: dict[Cell, tuple[int, float]]) -> pd.DataFrame:
    """So many records of a weight in each area x sex x age group."""
    rows = [
        (area, *PLACES[area], sex, age, weight)
        for (area, sex, age), (number, weight) in cells.items()
        for _ in range(number)
    ]
    return pd.DataFrame(rows, columns=[*LEVELS, "legal_gender", "age_group", "weight"])


CELLS = st.tuples(
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(["woman", "man"]),
    st.sampled_from(["16-29", "30-44", "65-84"]),
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(CELLS, st.tuples(st.integers(1, 14), st.floats(0.5, 200.0))))
def test_no_cell_has_fewer_than_five_and_every_sum_is_kept(cells: dict[Cell, tuple[int, float]]) -> None:
    records = records_of(cells)
    if len(records) < FEWEST:
        with pytest.raises(AnalysisError, match="too few"):
            coarsen_records(records, LEVELS)
        return
    coarse = coarsen_records(records, LEVELS)
    table = coarse.table
    assert len(table) == len(records)
    assert smallest_cell(table) >= FEWEST
    assert table["weight"].sum() == pytest.approx(records["weight"].sum())
    within = pd.Series(records["weight"].to_numpy(), name="weight").groupby([table[name] for name in DESIGN])
    pd.testing.assert_series_equal(within.sum(), table.groupby(list(DESIGN))["weight"].sum())
    assert table.groupby(list(DESIGN))["weight"].nunique().eq(1).all()
    for level in LEVELS:  # a place is never another than the record's own
        shown = table["place_level"].eq(level).to_numpy()
        assert (table["place"].to_numpy()[shown] == records[level].to_numpy()[shown]).all()
    for name in ("legal_gender", "age_group"):
        kept = table[name].ne("").to_numpy()
        assert (table[name].to_numpy()[kept] == records[name].to_numpy()[kept]).all()
        assert coarse.suppressed[name] == (~kept).sum()


def test_an_area_with_enough_in_every_cell_keeps_its_records() -> None:
    cells = {("0101-01", sex, "16-29"): (5, 2.0) for sex in ("woman", "man")}
    cells |= {("0101-02", "woman", "16-29"): (3, 40.0), ("0102-01", "woman", "16-29"): (9, 10.0)}
    table = coarsen_records(records_of(cells), LEVELS).table
    by_place = table.groupby(["place_level", "place"]).size().to_dict()
    # The three left over are too few, so the smallest place joins them: twelve women of one age.
    assert by_place == {("all", "all"): 12, ("area", "0101-01"): 10}
    assert set(table["age_group"]) == {"16-29"}


def test_areas_merge_as_the_worked_example_says() -> None:
    cells = {("0101-01", "man", "16-29"): (3, 40.0), ("0101-02", "man", "16-29"): (4, 10.0)}
    cells["0102-01", "man", "16-29"] = (8, 1.0)
    table = coarsen_records(records_of(cells), LEVELS).table
    merged = table[table["place"].eq("0101")]
    assert (len(merged), set(merged["place_level"])) == (7, {"municipality"})
    assert merged["weight"].to_numpy() == pytest.approx(np.full(7, (120 + 40) / 7))


def test_what_is_left_over_loses_age_then_sex_and_takes_others_along() -> None:
    cells = {("0101-01", "woman", age): (3, 1.0) for age in ("16-29", "30-44")}
    coarse = coarsen_records(records_of(cells), LEVELS)
    assert set(coarse.table["legal_gender"]) == {"woman"}
    assert coarse.suppressed == {"legal_gender": 0, "age_group": 6}
    cells["0101-01", "man", "65-84"] = (2, 1.0)
    coarse = coarsen_records(records_of(cells), LEVELS)
    assert smallest_cell(coarse.table) >= FEWEST
    assert coarse.suppressed["legal_gender"] == 8


def test_of_smallest_cells_alike_one_whole_cell_is_taken() -> None:
    cells = {("0101-01", "man", "65-84"): (5, 1.0), ("0101-01", "woman", "16-29"): (5, 1.0)}
    cells |= {("0101-01", "man", "30-44"): (6, 1.0), ("0101-01", "woman", "30-44"): (6, 1.0)}
    cells["0101-01", "other", "16-29"] = (1, 1.0)
    coarse = coarsen_records(records_of(cells), LEVELS)
    assert coarse.suppressed == {"legal_gender": 6, "age_group": 6}
    assert coarse.table["age_group"].eq("65-84").sum() == 0


def test_a_few_left_over_take_the_smallest_place_with_them() -> None:
    cells = {("0101-01", "woman", "16-29"): (6, 1.0), ("0201-01", "woman", "16-29"): (7, 1.0)}
    cells["0301-01", "man", "65-84"] = (2, 1.0)
    coarse = coarsen_records(records_of(cells), LEVELS)
    assert coarse.suppressed == {"legal_gender": 8, "age_group": 8}
    sizes = coarse.table.groupby(["place_level", "place"]).size().to_dict()
    assert sizes == {("all", "all"): 8, ("area", "0201-01"): 7}
    assert smallest_cell(coarse.table) >= FEWEST


def test_the_smallest_cell_is_found_where_there_is_a_small_one() -> None:
    table = coarsen_records(records_of({("0101-01", "woman", "16-29"): (6, 1.0)}), LEVELS).table
    assert smallest_cell(table) == 6
    table.loc[0, "age_group"] = "30-44"
    assert smallest_cell(table) == 1
