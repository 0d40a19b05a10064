"""A small open wave of Vaxholm, set up by the functions the commands use."""

from datetime import date
from pathlib import Path

import pytest
from tiny_wave import draw_sample, load_frame
from vaxholm import PERIOD, SEED, Field

from survey.config import Settings
from survey.database import Databases
from survey.demo.fieldwork import respondents
from survey.demo.geography import MUNICIPALITIES_FILE, POPULATION_FILE, counts, plan, restrict
from survey.demo.register import write_register
from survey.demo.residents import Residents
from survey.demo.setup import write_areas
from survey.preparation import geography, new_waves, population, waves
from survey.preparation.wave_settings import WaveSettings


@pytest.fixture
def field(settings: Settings, sqlite_databases: Databases, tmp_path: Path) -> Field:
    """Fifty persons drawn in each of Vaxholm's areas, the door open."""
    whole = plan("small", SEED)
    vaxholm = restrict(whole, ["0187"])
    register, areas = tmp_path / "register.csv", tmp_path / "areas.csv"
    write_areas(vaxholm, areas)
    write_register(register, vaxholm, counts(vaxholm, date(2022, 9, 30)), SEED, "2022")
    with sqlite_databases.transaction() as session:
        geography.load_municipalities(session, MUNICIPALITIES_FILE, "demo")
        geography.load_areas(session, areas, "demo")
        population.load_population(session, POPULATION_FILE, "demo")
        chosen = WaveSettings(
            "2022", "Prov", date(2022, 9, 30), *PERIOD, sample_per_area=50, seed=SEED, synthetic=True
        )
        new_waves.create_wave(session, chosen, "demo")
        waves.set_participation(session, "2022", "0187", True, "demo")
        frame = load_frame(session, "2022", register, "demo")
        with sqlite_databases.identity_transaction() as identity_session:
            draw_sample(session, identity_session, "2022", register, "demo")
        waves.open_wave(session, "2022", "demo")
    model = Residents(whole, SEED).wave("2022")
    with sqlite_databases.reading() as session:
        people = respondents(session, whole, model, SEED, PERIOD)
    return Field(vaxholm, people, frame)
