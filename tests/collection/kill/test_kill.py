"""What the server has acknowledged outlives the sudden death of web server and database at any moment."""

import json
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue
from random import Random
from threading import Event, Semaphore

import psycopg
import pytest
from open_wave import TODAY, add_open_wave
from residents import FAILURES, Resident
from servers import PATIENCE, Database, WebServer, running
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.credentials import hash_token
from survey.database import Databases, upgrade
from survey.models.case import Case, CaseEvent
from survey.models.invitation import Invitation
from survey.models.response import Response, ResponseLink
from survey.questionnaire.definition import load

LOG = logging.getLogger(__name__)
AT_ONCE = 6
BETWEEN = 12  # at most so many acknowledgements between two kills
WAVE = "2026-11"
PAGES = load("trygghet").pages
Kill = Callable[[Random], None]


@pytest.fixture
def cluster() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:  # the tests' own folder is closed to the server's user
        started = Database(Path(folder))
        yield started
        started.stop()


@pytest.fixture
def postgresql_settings(cluster: Database, settings: Settings) -> Settings:
    """On a server of its own: it is killed, and nobody else may be on it."""
    with psycopg.connect(cluster.address("postgres"), autocommit=True) as connection:
        for name in ("survey", "identity"):
            connection.execute(f"CREATE DATABASE {name}")
    found = replace(
        settings, survey_database=cluster.address("survey"), identity_database=cluster.address("identity")
    )
    upgrade(found)
    return found


def add_letters(session: Session, letters: int) -> list[tuple[int, str]]:
    """Cases with the token of their letter; the codes are of no use here and cost a slow hash each."""
    add_open_wave(session, 0, code=WAVE)
    drawn = dict(wave_code=WAVE, area_code="0187-01", legal_gender="man", age_group="40-44")
    session.execute(insert(Case), [{**drawn, "reference": f"9{n:07d}"} for n in range(letters)])
    cases = session.scalars(select(Case.id).order_by(Case.id)).all()
    rows = [
        {
            "case_id": case_id,
            "selector": f"{number:04d}",
            "secret_hash": "none",
            "qr_hash": hash_token(f"letter-{number}"),
            "issued_on": TODAY,
        }
        for number, case_id in enumerate(cases)
    ]
    session.execute(insert(Invitation), rows)
    return [(case_id, f"letter-{number}") for number, case_id in enumerate(cases)]


def play(waiting: Queue[Resident], failures: Counter[str], told: Semaphore, no_more: Event) -> list[Resident]:
    """Take letter after letter and answer it to the end, however often the server dies meanwhile."""
    played = []
    while not no_more.is_set():
        try:
            resident = waiting.get_nowait()
        except Empty:
            break
        played.append(resident)
        until = time.monotonic() + 2 * PATIENCE
        while not resident.done:
            assert time.monotonic() < until, f"stuck: {resident}"
            try:
                before = resident.told
                resident.take_a_step()
                if resident.told > before:
                    told.release()
            except FAILURES as failure:
                failures[type(failure).__name__] += 1
                time.sleep(0.2)
    return played


def answered_under_kills(
    letters: list[tuple[int, str]], server: WebServer, kills: list[Kill], random: Random
) -> list[Resident]:
    """Let residents answer while everything in `kills` happens, each some acknowledgements after the last."""
    waiting: Queue[Resident] = Queue()
    for case_id, token in letters:
        waiting.put(Resident(case_id, token, server.port, Random(random.random())))
    failures: Counter[str] = Counter()
    told, no_more = Semaphore(0), Event()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        players = [pool.submit(play, waiting, failures, told, no_more) for _ in range(AT_ONCE)]
        try:
            for kill in kills:
                for _ in range(random.randint(1, BETWEEN)):
                    assert told.acquire(timeout=PATIENCE), "nobody can answer"
                time.sleep(random.uniform(0, 0.05))
                assert not waiting.empty(), "too few letters for so many kills"
                kill(random)
        finally:
            no_more.set()
        played = [resident for player in players for resident in player.result()]
    saved = sum(len(resident.acknowledged) for resident in played)
    receipts = sum(resident.told_receipt for resident in played)
    LOG.info("%s kills, %s broken requests %s", len(kills), failures.total(), dict(failures))
    LOG.info("%s residents, %s pages and %s receipts acknowledged", len(played), saved, receipts)
    assert failures.total() >= 1  # the kills were felt
    assert saved > 0
    return played


def faults_of(session: Session, resident: Resident) -> Iterator[str]:
    """Where what is stored differs from what the resident has been told."""
    found = session.execute(
        select(Response.answers, Response.version, Response.submitted_on)
        .join(ResponseLink, ResponseLink.response_id == Response.id)
        .where(ResponseLink.case_id == resident.case_id)
    ).all()
    events = Counter(session.scalars(select(CaseEvent.kind).where(CaseEvent.case_id == resident.case_id)))
    if len(found) != 1:
        yield f"{len(found)} responses"
        return
    ((answers, version, submitted_on),) = found
    if (events["started"], events["submitted"]) != (1, int(submitted_on is not None)):
        yield f"events {events}, handed in {submitted_on}"
    if submitted_on is None or not (resident.told_receipt or resident.receipt_in_doubt):
        yield f"told receipt {resident.told_receipt}, handed in {submitted_on}"
    yield from page_faults(resident, json.loads(answers), version)


def page_faults(resident: Resident, stored: dict[str, str], version: int) -> Iterator[str]:
    """Pages that are not as they were sent, and saves that count for none or for two."""
    doubtful = 0
    for page in PAGES:
        kept = {question.id: stored[question.id] for question in page.questions if question.id in stored}
        sent = resident.in_doubt.get(page.id, [])
        if page.id in resident.acknowledged:
            if kept != resident.acknowledged[page.id]:
                yield f"{page.id}: told {resident.acknowledged[page.id]}, stored {kept}"
            continue
        doubtful += bool(sent)
        # A page that asks only because of an earlier answer is passed by, as skipped, after a new start.
        if any(kept.values()) and kept not in sent:
            yield f"{page.id}: half or never sent: {kept}"
    saves, told = version - 1, len(resident.acknowledged)
    if not told <= saves <= told + doubtful:
        yield f"{saves} saves, {told} acknowledged pages and {doubtful} doubtful ones"


def assert_nothing_lost(databases: Databases, residents: list[Resident]) -> None:
    with databases.reading() as session:
        faults = {each.case_id: list(faults_of(session, each)) for each in residents}
        responses = session.scalar(select(func.count()).select_from(Response))
        links = session.scalar(select(func.count()).select_from(ResponseLink))
    assert {case_id: told for case_id, told in faults.items() if told} == {}
    assert responses == links == len(residents)


def run(settings: Settings, log: Path, letters: int, plan: Callable[[WebServer], list[Kill]]) -> None:
    databases = Databases.connect(settings)
    random = Random(20261125)
    with databases.transaction() as session:
        waiting = add_letters(session, letters)
    databases.dispose()
    with running(settings, log) as server:
        residents = answered_under_kills(waiting, server, plan(server), random)
    assert_nothing_lost(databases, residents)
    databases.dispose()


def web_kills(server: WebServer, workers: int, servers: int) -> list[Kill]:
    def whole(_: Random) -> None:
        server.kill()
        server.start()

    return [*[server.kill_worker] * workers, *[whole] * servers]


def shuffled(kills: list[Kill]) -> list[Kill]:
    return Random(1).sample(kills, len(kills))


def test_what_is_acknowledged_outlives_the_web_server(settings: Settings, tmp_path: Path) -> None:
    run(settings, tmp_path / "log", 300, lambda server: shuffled(web_kills(server, 4, 1)))


def test_what_is_acknowledged_outlives_the_database(
    postgresql_settings: Settings, cluster: Database, tmp_path: Path
) -> None:
    own: list[Kill] = [cluster.kill_backend, cluster.kill_backend, lambda _: cluster.kill()]
    run(
        postgresql_settings,
        tmp_path / "log",
        300,
        lambda server: shuffled([*web_kills(server, 2, 0), *own]),
    )


@pytest.mark.long
def test_what_is_acknowledged_outlives_fifty_kills_of_the_web_server(
    settings: Settings, tmp_path: Path
) -> None:
    run(settings, tmp_path / "log", 5000, lambda server: shuffled(web_kills(server, 40, 10)))


@pytest.mark.long
def test_what_is_acknowledged_outlives_a_hundred_kills_of_web_server_and_database(
    postgresql_settings: Settings, cluster: Database, tmp_path: Path
) -> None:
    own: list[Kill] = [*[cluster.kill_backend] * 40, *[lambda _: cluster.kill()] * 20]
    run(
        postgresql_settings,
        tmp_path / "log",
        9000,
        lambda server: shuffled([*web_kills(server, 30, 10), *own]),
    )
