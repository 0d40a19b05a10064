"""A wave where the young were drawn more densely: its weights are those of area x age class, to the end."""

from collections import Counter

import pytest
from sqlalchemy import delete, select, update

from analysis import pipeline
from analysis.schema import validate_bundle
from analysis.settings import Settings
from survey.collection.field_days import sample_of
from survey.models.case import Case
from survey.models.sampling_plan import SamplingPlan
from survey.models.wave import SampleCount, Stratum, Wave
from survey.preparation.drawn import drawn_by_cell
from survey.processing.datasets import build_bundle

YOUNG, PLACE = "16-29", "0180"
PERSONS, DRAWN, ANSWERED = 250, 20, 10  # of the survey: in each sex x band of the first area


def divide(session, code):
    """Half of those drawn from 30 years on are drawn no more: the young are twice as dense."""
    for area in ("0180-01", "0180-02"):
        for sex in ("woman", "man"):
            for band in ("30-44", "45-64", "65-84"):
                cell = (Case.wave_code == code, Case.area_code == area)
                cell = (*cell, Case.legal_gender == sex, Case.age_group == band)
                ids = session.scalars(select(Case.id).where(*cell).order_by(Case.id)).all()
                session.execute(delete(Case).where(Case.id.in_(ids[DRAWN // 2 :])))
    session.execute(
        update(Stratum).where(Stratum.wave_code == code).values(sampled=2 * (DRAWN + 3 * DRAWN // 2))
    )
    session.add(
        SamplingPlan(
            wave_code=code,
            rule="per_area",
            answers=1,
            floor=1,
            expected_rate=0.5,
            young_factor=2.0,
            young_until=29,
            area_factors="{}",
        )
    )
    session.flush()


@pytest.fixture
def divided(sqlite_session, add_wave, monkeypatch):
    add_wave(sqlite_session, "2021", (PLACE,))
    add_wave(sqlite_session, "2022", (PLACE,))
    divide(sqlite_session, "2022")
    # The survey's bands are its own, not those of the population.
    monkeypatch.setattr("survey.preparation.plans.young_groups", lambda plan, wave: (YOUNG,))
    return sqlite_session


def run(session, **waves):
    bundle = build_bundle(session, {f"20{year[1:]}": places for year, places in waves.items()}).bundle
    return bundle, pipeline.run(validate_bundle(bundle), Settings.default())


def test_the_strata_carry_what_was_drawn_from_each(divided):
    bundle = build_bundle(divided, {"2022": [PLACE]}).bundle
    rows = bundle.strata.set_index("stratum")[["area", "population", "sampled"]].to_dict("index")
    assert rows == {
        "0180-01:young": {"area": "01", "population": 2 * PERSONS, "sampled": 2 * DRAWN},
        "0180-01:older": {"area": "01", "population": 6 * PERSONS, "sampled": 6 * DRAWN // 2},
        "0180-02:young": {"area": "02", "population": 4 * PERSONS, "sampled": 2 * DRAWN},
        "0180-02:older": {"area": "02", "population": 12 * PERSONS, "sampled": 6 * DRAWN // 2},
    }
    assert Counter(bundle.sample["stratum"]) == {code: row["sampled"] for code, row in rows.items()}


def test_design_weights_follow_the_strata_and_areas_keep_their_codes(divided):
    _, tables = run(divided, y21=[PLACE], y22=[PLACE])
    weights = tables.weights[tables.weights["wave"] == "2022"]
    # N / n: 500 / 40 and 1500 / 60 in the first area, 1000 / 40 and 3000 / 60 in the second.
    assert sorted(set(weights["design_weight"])) == [12.5, 25.0, 50.0]
    areas = tables.estimates[tables.estimates["geography"] == "area"]
    assert set(areas["code"]) == {"0180-01", "0180-02"}
    changes = tables.changes[tables.changes["geography"] == "area"]
    assert set(changes["code"]) == {"0180-01", "0180-02"}
    assert set(changes["previous_wave"]) == {"2021"}


def test_the_weighted_population_has_the_ages_of_the_register(divided):
    bundle, tables = run(divided, y22=[PLACE])
    ages = bundle.sample.set_index("case_id")["age_group"]
    weights = tables.weights.set_index("case_id")["weight"]
    young = weights[ages.reindex(weights.index) == YOUNG].sum()
    assert young / weights.sum() == pytest.approx(1 / 4)  # and 40 % of the sample


def test_the_strata_are_the_same_when_the_cases_are_forgotten(divided):
    before = build_bundle(divided, {"2022": [PLACE]})
    for (area, sex, band), number in drawn_by_cell(divided, "2022").items():
        cell = {"area_code": area, "legal_gender": sex, "age_group": band}
        divided.add(SampleCount(wave_code="2022", sampled=number, **cell))
    divided.execute(delete(Case).where(Case.wave_code == "2022"))
    divided.flush()
    after = build_bundle(divided, {"2022": [PLACE]})
    assert after.bundle.strata.equals(before.bundle.strata)
    assert after.bundle.sample.equals(before.bundle.sample)
    assert after.fingerprints == before.fingerprints


def test_the_fieldwork_view_weighs_the_drawn_by_their_own_strata(divided):
    drawn = drawn_by_cell(divided, "2022")
    sample = sample_of(divided, "2022", drawn, {"0180-01": PLACE, "0180-02": PLACE})
    weight = dict(zip(sample.cells, sample.weight, strict=True))
    assert weight["0180-01", "woman", YOUNG] == 12.5
    assert weight["0180-01", "man", "45-64"] == 25.0
    assert len(set(sample.strata.tolist())) == 4


def test_a_wave_with_areas_as_strata_is_named_as_before(divided):
    rows = build_bundle(divided, {"2021": [PLACE]}).bundle.strata
    assert list(rows["stratum"]) == list(rows["area"]) == ["0180-01", "0180-02"]
    assert divided.get_one(Wave, "2021").sample_per_area == 8 * DRAWN
