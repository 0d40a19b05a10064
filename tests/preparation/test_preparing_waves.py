"""A wave before fieldwork: settings, participation, and the steps in their order."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.area import Area
from survey.models.local_questions import LocalQuestions
from survey.models.municipality import Municipality
from survey.models.population import PopulationCount
from survey.models.wave import Stratum, WaveStatus
from survey.preparation import new_waves, wave_changes, waves
from survey.preparation.wave_settings import WaveSettings
from survey.questionnaire.definition import load

BY = "test"
SETTINGS = WaveSettings(
    "2026-11", "Trygghetsmätning 2026", date(2026, 9, 30), date(2026, 11, 1), date(2026, 12, 1)
)


@pytest.fixture
def planned(session: Session) -> Session:
    for code in ("0125", "0187"):
        session.add(
            Municipality(code=code, name=code, county_code="01", county="Stockholms län", police_region="X")
        )
    session.flush()
    new_waves.create_wave(session, SETTINGS, BY)
    return session


def sampled(session: Session, drawn: int = 5) -> None:
    """Bring the wave to where it may be opened, when anybody is drawn."""
    session.add(Area(code="0125-01", municipality_code="0125", name="Område 1", valid_from=date(2018, 1, 1)))
    session.flush()
    session.add(
        Stratum(
            wave_code="2026-11", area_code="0125-01", municipality_code="0125", population=9, sampled=drawn
        )
    )
    waves.find_wave(session, "2026-11").status = WaveStatus.SAMPLED.value
    session.flush()


def add_population(session: Session) -> None:
    row = {"reference_date": SETTINGS.population_date, "municipality_code": "0125", "population": 9}
    session.execute(insert(PopulationCount), [{**row, "legal_gender": "man", "age_group": "16-19"}])


def test_a_wave_keeps_its_settings_and_the_questionnaire_as_it_stood(planned: Session) -> None:
    wave = waves.find_wave(planned, "2026-11")
    assert (wave.status, wave.synthetic, wave.sample_per_area) == ("planned", False, 300)
    assert wave.questionnaire_hash == load("trygghet").hash
    assert waves.questionnaire_of(wave).name == "trygghet"


def test_a_wave_whose_questionnaire_has_changed_is_not_opened(planned: Session) -> None:
    sampled(planned)
    add_population(planned)
    waves.find_wave(planned, "2026-11").questionnaire_hash = "0" * 64
    with pytest.raises(UserError, match="har ändrats sedan omgången skapades"):
        waves.open_wave(planned, "2026-11", BY)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"code": "våren"}, "ska vara ett årtal"),
        ({"code": "2026/11"}, "ska vara ett årtal"),
        ({"code": "2026-" + "1" * 20}, "ska vara ett årtal"),
        ({"title": ""}, "1–120 tecken"),
        ({"sample_per_area": 10**30}, "högst 1000000"),
        ({"title": "Mätning\u202e2026"}, "inga styrtecken"),
        ({"field_end": date(2026, 10, 31)}, "ligger före första"),
        ({"sample_per_area": 0}, "minst 1"),
        ({"seed": -1}, "Slumpfröet"),
        ({"seed": 2**31}, "Slumpfröet"),
        ({"age_min": 18}, "16-19, 20-24"),
        ({"questionnaire": "okand"}, "okand"),
    ],
)
def test_settings_that_cannot_work_are_told(quick: Session, changes: dict[str, object], told: str) -> None:
    with pytest.raises(UserError, match=told):
        new_waves.create_wave(quick, replace(SETTINGS, **changes), BY)  # type: ignore[arg-type]
    assert waves.list_waves(quick) == []


def test_no_two_real_waves_draw_by_the_same_seed(planned: Session) -> None:
    seed = waves.find_wave(planned, "2026-11").seed
    again = replace(SETTINGS, code="2027", seed=seed)
    with pytest.raises(UserError, match="är omgången 2026-11:s"):
        new_waves.create_wave(planned, again, BY)
    assert new_waves.create_wave(planned, replace(again, synthetic=True), BY).seed == seed
    assert new_waves.create_wave(planned, replace(again, code="2028", seed=None), BY).seed != seed


def test_a_change_of_settings_is_checked_and_keeps_what_it_does_not_touch(planned: Session) -> None:
    before = wave_changes.settings_of(planned, "2026-11")
    assert not wave_changes.change_wave(planned, replace(before, title="Mätning"), BY)
    assert wave_changes.settings_of(planned, "2026-11") == replace(before, title="Mätning")
    for change, told in (
        ({"synthetic": True}, "kan aldrig ändras"),
        ({"field_end": date(2026, 10, 1)}, "ligger före första"),
    ):
        with pytest.raises(UserError, match=told):
            wave_changes.change_wave(planned, replace(before, **change), BY)  # type: ignore[arg-type]
    planned.add(
        LocalQuestions(
            wave_code="2026-11", municipality_code="0125", questionnaire="x", questionnaire_hash="0" * 64
        )
    )
    planned.flush()
    waves.find_wave(planned, "2026-11").questionnaire_hash = "0" * 64
    with pytest.raises(UserError, match="redan valt egna frågor"):
        wave_changes.change_wave(planned, before, BY)


def test_a_wave_is_created_once(planned: Session) -> None:
    with pytest.raises(UserError, match="finns redan"):
        new_waves.create_wave(planned, SETTINGS, BY)


def test_an_unknown_wave_is_told_with_those_that_exist(planned: Session) -> None:
    with pytest.raises(UserError, match="Omgångar som finns: 2026-11"):
        waves.find_wave(planned, "2019")


def test_a_municipality_can_change_its_mind_until_the_sample_is_drawn(planned: Session) -> None:
    waves.set_participation(planned, "2026-11", "0125", True, BY)
    waves.set_participation(planned, "2026-11", "0187", True, BY)
    waves.set_participation(planned, "2026-11", "0187", False, BY)
    assert waves.accepted_municipalities(planned, "2026-11") == ("0125",)
    found = waves.wave_status(planned, "2026-11")
    assert (found.accepted, found.declined, found.status) == (("0125",), ("0187",), "planerad")
    sampled(planned)
    with pytest.raises(UserError, match="har läget ”urval draget”, men steget kräver"):
        waves.set_participation(planned, "2026-11", "0187", True, BY)


def test_an_unknown_municipality_cannot_take_part(planned: Session) -> None:
    with pytest.raises(UserError, match="'9999'"):
        waves.set_participation(planned, "2026-11", "9999", True, BY)


def test_a_wave_opens_after_its_sample_and_only_once(planned: Session) -> None:
    with pytest.raises(UserError, match="har läget ”planerad”, men steget kräver ”urval draget”"):
        waves.open_wave(planned, "2026-11", BY)
    sampled(planned)
    add_population(planned)
    waves.open_wave(planned, "2026-11", BY)
    assert waves.wave_status(planned, "2026-11").status == "öppen för svar"
    with pytest.raises(UserError, match="steget kräver"):
        waves.open_wave(planned, "2026-11", BY)


def test_an_empty_wave_is_not_opened(planned: Session) -> None:
    sampled(planned, drawn=0)
    with pytest.raises(UserError, match="är tom: ingen är dragen"):
        waves.open_wave(planned, "2026-11", BY)


def test_a_wave_without_population_is_not_opened(planned: Session) -> None:
    sampled(planned)
    with pytest.raises(UserError, match="Befolkningen den 2026-09-30 är inte inläst"):
        waves.open_wave(planned, "2026-11", BY)


def test_waves_are_listed_in_order_of_time(planned: Session) -> None:
    new_waves.create_wave(planned, replace(SETTINGS, code="2019"), BY)
    assert [found.code for found in waves.list_waves(planned)] == ["2019", "2026-11"]
