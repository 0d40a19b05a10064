"""What is published of response and quality tells nothing of a few persons, not by subtraction either."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.small_groups import FEWEST, hidden_parts, shown_items, shown_quality, shown_rates

AGES = ("16-29", "30-44", "45-64", "65-84")


@given(st.lists(st.integers(0, 90), min_size=1, max_size=8))
def test_what_is_hidden_of_a_shown_whole_is_several_parts_of_enough_persons(persons: list[int]) -> None:
    hidden = hidden_parts(persons)
    counts = np.array(persons)
    assert hidden[counts < FEWEST].all()
    if hidden.any() and not hidden.all():
        assert hidden.sum() >= 2
        assert counts[hidden].sum() >= FEWEST


def rates(cells: dict[tuple[str, str], int]) -> pd.DataFrame:
    """A municipality's response rates with all its margins."""
    rows = []
    for sex, age in itertools.product(("all", "man", "woman"), ("all", *AGES)):
        drawn = sum(n for key, n in cells.items() if sex in ("all", key[0]) and age in ("all", key[1]))
        if drawn:
            rows.append(("2026", "0180", sex, age, drawn, drawn // 2))
    columns = ["wave", "municipality_code", "legal_gender", "age_group", "sampled", "responded"]
    return pd.DataFrame(rows, columns=columns)


def determined(table: pd.DataFrame, shown: pd.DataFrame) -> list[tuple[str, str]]:
    """The small groups whose size follows from the shown ones: solved as equations."""
    cells = [(row.legal_gender, row.age_group) for row in table.itertuples() if "all" not in row[3:5]]

    def vector(sex: str, age: str) -> list[float]:
        return [float(sex in ("all", cell[0]) and age in ("all", cell[1])) for cell in cells]

    known = np.array([vector(row.legal_gender, row.age_group) for row in shown.itertuples()])
    rank = np.linalg.matrix_rank(known) if len(known) else 0
    keys = set(zip(shown["legal_gender"], shown["age_group"], strict=True))
    return [
        (row.legal_gender, row.age_group)
        for row in table.itertuples()
        if (row.legal_gender, row.age_group) not in keys
        and row.sampled < FEWEST
        and len(known)
        and np.linalg.matrix_rank(np.vstack([known, vector(row.legal_gender, row.age_group)])) == rank
    ]


@given(st.lists(st.sampled_from([0, 5, 20, 29, 30, 45, 80]), min_size=8, max_size=8))
def test_no_small_group_follows_from_the_margins(sizes: list[int]) -> None:
    table = rates(dict(zip(itertools.product(("man", "woman"), AGES), sizes, strict=True)))
    if table.empty:
        return
    shown = shown_rates(table)
    assert shown["sampled"].ge(FEWEST).all()
    assert determined(table, shown) == []


def test_a_large_municipality_shows_every_group() -> None:
    table = rates(dict.fromkeys(itertools.product(("man", "woman"), AGES), 100))
    assert len(shown_rates(table)) == len(table) == 15


def quality(**rows: object) -> pd.DataFrame:
    base = {"wave": "2026", "municipality_code": "0180", "lower": 0.1, "upper": 0.9, "reason": ""}
    return pd.DataFrame([{**base, **row} for row in rows["rows"]])  # type: ignore[attr-defined]


def test_a_small_group_hides_itself_and_the_next_smallest_with_everything_said_of_it() -> None:
    names = ("measure", "variable", "category", "value", "n")
    rows = [
        ("response_rate", "all", "all", 0.5, 300),
        ("response_rate", "area", "a", 0.5, 20),
        ("response_rate", "area", "b", 0.5, 80),
        ("response_rate", "area", "c", 0.5, 200),
        ("item_answers", "all", "refused", 0.0372, 4321),
    ]
    table = shown_quality(quality(rows=[dict(zip(names, row, strict=True)) for row in rows]))
    assert table["reason"].tolist() == ["", "few_persons", "few_persons", "", ""]
    assert table.loc[1:2, ["value", "lower", "upper", "n"]].isna().all(axis=None)
    assert table.loc[4, "value"] == 0.04
    assert np.isnan(table.loc[4, "n"])


@pytest.mark.parametrize(("municipalities", "told"), [(2, False), (3, True)])
def test_how_many_were_asked_what_follows_a_crime_is_told_of_many_municipalities_together_alone(
    municipalities: int, told: bool
) -> None:
    columns = ["item", "asked", "answered", "dont_know", "refused", "missing", "not_asked"]
    common, routed = ("worry", 203, 197, 0, 2, 4, 0), ("assault_place", 43, 41, 0, 1, 1, 160)
    items = pd.DataFrame(
        [
            {"wave": "2026", "municipality_code": f"018{place}", **dict(zip(columns, row, strict=True))}
            for place in range(municipalities)
            for row in (common, routed)
        ]
    )
    table = shown_items(items).set_index(["municipality_code", "item"])
    assert table.loc[("0180", "worry"), ["asked", "answered", "missing"]].tolist() == [200, 0.97, 0.02]
    hidden = table.loc[("0180", "assault_place")]
    assert hidden["reason"] == "asked_of_some"
    assert hidden[["asked", "answered", "refused"]].isna().all()
    together = table.loc[("all", "assault_place")]
    assert (together["reason"] == "") is told
    assert bool(together["asked"] == 130) is told
