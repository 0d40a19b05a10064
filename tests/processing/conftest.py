"""A small survey of three municipalities with two areas each, straight into the tables."""

import hashlib
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from types import SimpleNamespace

import orjson
import pandas as pd
import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from analysis import pipeline
from analysis.schema import Bundle
from analysis.settings import Settings
from survey.database import Databases
from survey.models.area import Area
from survey.models.case import Case
from survey.models.municipality import Municipality
from survey.models.population import PopulationCount
from survey.models.response import Response
from survey.models.wave import FrameCount, Stratum, Wave, WaveStatus
from survey.processing import releases
from survey.progress import Progress
from survey.questionnaire.definition import load

SEXES, BANDS = ("woman", "man"), ("16-29", "30-44", "45-64", "65-84")
PERSONS, DRAWN, ANSWERED = 250, 20, 10  # in each area x sex x band
MUNICIPALITIES = ("0114", "0180", "0187")
Answer = Callable[[random.Random, str], dict[str, str]]
Step = tuple[str, int, int]
Runs = dict[str, tuple[pipeline.Results, list[Step]]]


@pytest.fixture(scope="session")
def runs() -> Runs:
    """The statistics of each bundle so far, and the steps that were told on the way."""
    return {}


@pytest.fixture
def computed_once(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many tests begin with the same answers: their statistics are computed once, for tests of what follows.

    That the same answers give the same statistics is proved where nothing is remembered.
    """
    real = pipeline.run

    def run(
        bundle: Bundle, settings: Settings, progress: Progress, *, jobs: int, **told: pd.DataFrame
    ) -> pipeline.Results:
        key = _fingerprint(bundle, settings, told)
        if key not in runs:
            steps: list[Step] = []
            results = real(bundle, settings, lambda *step: steps.append(step), jobs=jobs, **told)
            runs[key] = results, steps
        results, steps = runs[key]
        for step in steps if progress else ():
            progress(*step)
        return results

    monkeypatch.setattr(releases, "pipeline", SimpleNamespace(**{**vars(pipeline), "run": run}))


def _fingerprint(bundle: Bundle, settings: Settings, told: Mapping[str, pd.DataFrame]) -> str:
    """Of everything that a run is given."""
    found = hashlib.sha256(repr(settings).encode())
    tables = {field.name: getattr(bundle, field.name) for field in fields(bundle)} | {**told}
    for name, table in tables.items():
        if isinstance(table, pd.DataFrame):
            found.update(f"{name} {list(table.columns)} {list(table.dtypes)}".encode())
            found.update(pd.util.hash_pandas_object(table).to_numpy().tobytes())
        else:
            found.update(f"{name} {table!r}".encode())
    return found.hexdigest()


def random_answers(chance: random.Random, wave: str) -> dict[str, str]:
    """A legal way through the questionnaire at random; few are victims, and 2022 brings drugs."""
    answers: dict[str, str] = {}
    for question in load("trygghet").questions:
        if question.id.startswith("victim_"):
            answers[question.id] = "1" if chance.random() < 0.15 else "2"
        elif question.id == "problem_drugs":
            answers[question.id] = "4" if chance.random() < (0.2 if wave < "2022" else 0.5) else "1"
        elif all(condition.holds(answers) for condition in question.conditions):
            answers[question.id] = chance.choice(question.codes)
    answers["gender"] = chance.choice(["woman", "man"])
    return answers


@pytest.fixture
def sqlite_session(sqlite_databases: Databases) -> Iterator[Session]:
    """A transaction on SQLite alone, for rules that no database decides."""
    with Session(sqlite_databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def add_wave() -> Callable[..., Wave]:
    """Gives a function that puts a whole closed wave into a session."""
    numbers = itertools.count(1)

    def add(
        session: Session,
        code: str,
        municipalities: Sequence[str] = MUNICIPALITIES,
        *,
        synthetic: bool = True,
        status: WaveStatus = WaveStatus.CLOSED,
        silent: Sequence[str] = (),
        questionnaire_hash: str = "",
        official: bool = False,
        answers: Answer = random_answers,
    ) -> Wave:
        day = date(int(code[:4]), 11, 1)
        wave = Wave(
            code=code,
            title=f"Omgång {code}",
            questionnaire="trygghet",
            questionnaire_hash=questionnaire_hash or load("trygghet").hash,
            population_date=day,
            field_start=day,
            field_end=day,
            age_min=16,
            age_max=84,
            sample_per_area=len(SEXES) * len(BANDS) * DRAWN,
            seed=7,
            synthetic=synthetic,
            status=status.value,
        )
        session.add(wave)
        for name in municipalities:
            _geography(session, name)
        session.flush()
        chance = random.Random(f"{code}")
        strata, frame, cases, responses, counts = ([] for _ in range(5))
        for name, number in itertools.product(municipalities, (1, 2)):
            area = f"{name}-{number:02}"
            size = len(SEXES) * len(BANDS)
            strata.append(
                {
                    "wave_code": code,
                    "area_code": area,
                    "municipality_code": name,
                    "population": size * PERSONS * number,
                    "sampled": size * DRAWN,
                }
            )
            for sex, band in itertools.product(SEXES, BANDS):
                cell = {"wave_code": code, "area_code": area, "legal_gender": sex, "age_group": band}
                frame.append({**cell, "population": PERSONS * number})
                for person in range(DRAWN):
                    key = next(numbers)
                    cases.append({**cell, "reference": f"{code[:4]}{key}"})
                    if person < ANSWERED and name not in silent:
                        responses.append(
                            {
                                **cell,
                                "id": (key * 7919) % 1_000_003,
                                "questionnaire_hash": wave.questionnaire_hash,
                                "language": "sv",
                                "mode": "web",
                                "answers": orjson.dumps(answers(chance, code)).decode(),
                                "submitted_on": day,
                            }
                        )
        if official:
            counts = [
                {
                    "reference_date": day,
                    "municipality_code": name,
                    "legal_gender": sex,
                    "age_group": band,
                    "population": PERSONS * 3 + 10,
                }
                for name, sex, band in itertools.product(municipalities, SEXES, BANDS)
            ]
        for model, rows in (
            *((Stratum, strata), (FrameCount, frame), (Case, cases)),
            *((Response, responses), (PopulationCount, counts)),
        ):
            if rows:
                session.execute(insert(model), rows)
        return wave

    return add


def _geography(session: Session, name: str) -> None:
    if session.get(Municipality, name) is None:
        place = {"county_code": name[:2], "county": "Stockholms län", "police_region": "Stockholm"}
        session.add(Municipality(code=name, name=f"Kommun {name}", **place))
        session.flush()
        for number in (1, 2):
            session.add(
                Area(
                    code=f"{name}-{number:02}",
                    municipality_code=name,
                    name=f"Område {number}",
                    valid_from=date(2015, 1, 1),
                )
            )


def _add_three(session: Session, add_wave) -> Session:
    """0187 declined 2019; everybody is in 2018 and 2022."""
    add_wave(session, "2018")
    add_wave(session, "2019", ("0114", "0180"))
    add_wave(session, "2022")
    return session


@pytest.fixture
def three_waves(session: Session, add_wave) -> Session:
    return _add_three(session, add_wave)


@pytest.fixture
def three_sqlite_waves(sqlite_session: Session, add_wave) -> Session:
    return _add_three(sqlite_session, add_wave)


@pytest.fixture
def released(app: Flask, add_wave) -> Flask:
    """The service with one released wave of one municipality."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_wave(session, "2022", ("0114",))
        releases.process(session, "2022", by="tests")
        releases.release(session, "2022", by="tests")
    return app
