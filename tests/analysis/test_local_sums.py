"""Sums over domains against the plain definition: a mask over every person of the municipality."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import random_survey

from analysis.blocks import (
    C_MM,
    C_MY,
    C_YM,
    C_YY,
    POPULATION,
    SQUARES,
    SUM,
    V_MM,
    V_YM,
    V_YY,
    WEIGHTS2,
    YES,
    Block,
    N,
)
from analysis.domains import Sums, sum_domains
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from analysis.variance import Forms, quadratic_forms
from analysis.weights import Weighted, weigh


@pytest.fixture(scope="module")
def weighted() -> Weighted:
    """Two items, one of them also as a mean, in two municipalities of four areas."""
    return weigh(_with_a_mean(random_survey(21)), Settings.default())


@pytest.fixture(scope="module")
def sums(weighted: Weighted) -> Sums:
    return sum_domains(weighted)


def _with_a_mean(bundle: Bundle) -> Bundle:
    ordinal = bundle.indicators.iloc[[1]].assign(indicator="level", type="ordinal", yes="", levels="0 1")
    indicators = pd.concat([bundle.indicators, ordinal], ignore_index=True)
    return validate_bundle(replace(bundle, indicators=indicators))


class Persons:
    """One municipality person by person."""

    def __init__(self, weighted: Weighted, sums: Sums, block: Block) -> None:
        (part,) = [
            one
            for one in weighted.municipalities
            if block.code in (one.design.municipality_code, *one.design.area_codes)
        ]
        rows = weighted.frame.order[part.design.rows]
        self.cell = weighted.frame.cell[rows] - part.design.cells.start
        self.gender = weighted.frame.gender[rows] + 1
        self.age = part.design.band[self.cell] + 1  # each band is a reporting group here
        self.area = np.array(part.design.area_codes)[part.design.area[part.design.stratum[self.cell]]]
        self.forms: Forms = quadratic_forms(part, weighted.settings)
        self.level = [one.level[rows] for one in sums.variables.measured]

    def inside(self, gender: int, age: int, area: str | None) -> np.ndarray:
        held = (gender == 0) | (self.gender == gender)
        held &= (age == 0) | (self.age == age)
        return held if area is None else held & (self.area == area)

    def answers(self, sums: Sums, variable: int, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value and base of every person, 0 outside the domain."""
        number = sums.variables.of_indicator[variable]
        base = held & (self.level[number] >= 0)
        values = sums.variables.measured[number].values(sums.variables.statistic[variable])
        return np.where(base, values[self.level[number]], 0.0), base.astype(float)

    def form(self, one: np.ndarray, two: np.ndarray) -> float:
        """v0 of the persons' own products plus the quadratic form of the sums of cells."""
        cells = len(self.forms.weight)
        first, second = (np.bincount(self.cell, values, minlength=cells) for values in (one, two))
        return float((self.forms.v0[self.cell] * one * two).sum() + first @ self.forms.Q @ second)


@pytest.mark.parametrize("geography", ["municipality", "area"])
def test_every_sum_is_that_of_the_persons_of_the_domain(
    weighted: Weighted, sums: Sums, geography: str
) -> None:
    blocks = [block for block in sums.blocks if block.geography == geography]
    assert len(blocks) > 1
    for block in blocks:
        persons = Persons(weighted, sums, block)
        w = persons.forms.weight[persons.cell]
        for domain, (gender, age) in enumerate(zip(block.gender, block.age, strict=True)):
            held = persons.inside(gender, age, block.code if geography == "area" else None)
            assert block.members[domain] == held.sum()
            for variable in range(len(sums.variables.statistic)):
                y, m = persons.answers(sums, variable, held)
                expected = {
                    N: m.sum(),
                    YES: y.sum(),
                    POPULATION: w @ m,
                    SUM: w @ y,
                    SQUARES: w @ y**2,
                    WEIGHTS2: w**2 @ m,
                    V_YY: persons.form(y, y),
                    V_YM: persons.form(y, m),
                    V_MM: persons.form(m, m),
                }
                for row, value in expected.items():
                    found = block.values[row, domain, variable]
                    assert found == pytest.approx(value, rel=1e-9, abs=1e-6), (block.code, gender, age, row)


def test_covariances_are_those_of_the_persons_of_both_domains(weighted: Weighted, sums: Sums) -> None:
    for block in sums.blocks:
        if block.geography == "all":
            continue
        persons = Persons(weighted, sums, block)
        if block.geography == "area":
            sides = persons.inside(0, 0, block.code), persons.inside(0, 0, None)
            found = block.inside
        else:
            sides = persons.inside(1, 0, None), persons.inside(2, 0, None)
            found = block.between
        assert found is not None
        for place, variable in enumerate(sums.variables.headline):
            (y1, m1), (y2, m2) = (persons.answers(sums, variable, held) for held in sides)
            expected = {
                C_YY: persons.form(y1, y2), C_YM: persons.form(y1, m2),
                C_MY: persons.form(m1, y2), C_MM: persons.form(m1, m2),
            }  # fmt: skip
            for row, value in expected.items():
                assert found[row, place] == pytest.approx(value, rel=1e-9, abs=1e-6)
