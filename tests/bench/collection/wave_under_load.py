"""The wave that residents under load answer: a region's size, in the field for a month, with letters left."""

import secrets
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
from open_wave import TODAY, add_open_wave
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey.credentials import hash_token, new_token
from survey.models.area import Area
from survey.models.case import Case, CaseEvent, CaseEventKind
from survey.models.invitation import Invitation
from survey.models.municipality import Municipality
from survey.models.response import Response, ResponseLink
from survey.models.wave import Stratum
from survey.preparation.population import AGE_GROUPS, GENDERS
from survey.questionnaire import definition
from survey.questionnaire.definition import load

FILE = Path(__file__).with_name("eight_pages.yaml")
WAVE, NAME = "2026-11", "eight_pages"
AREAS_EACH = 10
CELLS = [(sex, band) for sex in GENDERS for band in AGE_GROUPS]
FIELD_DAYS = 30  # before today, as `open_wave` has it
LETTERS_AT_MOST = 16**4  # as many as there are selectors


def write_library(folder: Path) -> Path:
    """The library with the load test's questionnaire beside the real ones, for this process; its folder."""
    shutil.copytree(definition.LIBRARY, folder, dirs_exist_ok=True)
    shutil.copy(FILE, folder)
    definition.LIBRARY = folder
    return folder


def fill(
    session: Session, *, municipalities: int, cases_each: int, answered: float, letters: int
) -> list[str]:
    """A wave of that many cases in each area, a share of them answered; the tokens of letters that wait."""
    add_open_wave(session, 0, code=WAVE, asked=NAME, synthetic=False)
    areas = _geography(session, municipalities, cases_each)
    design = dict(wave_code=WAVE)
    rows = [
        {**design, "reference": f"8{n:09d}", "area_code": areas[n // cases_each], **_person(n)}
        for n in range(len(areas) * cases_each)
    ]
    session.execute(insert(Case), rows)
    cases = session.scalars(select(Case.id).order_by(Case.id)).all()
    done = int(len(cases) * answered)
    # Drawn from all areas alike: what waits is not the last area alone.
    shuffled = Random(1).sample(list(zip(cases, rows, strict=True)), len(cases))
    session.execute(insert(CaseEvent), [_event(case, CaseEventKind.INVITED, 0) for case in cases])
    _add_answers(session, shuffled[:done])
    return _add_letters(session, [case for case, _ in shuffled[done : done + letters]])


def submitted(session: Session) -> dict[str, dict[str, str]]:
    """The answers of each letter that was handed in, by the hash of its token."""
    rows = session.execute(
        select(Invitation.qr_hash, Response.answers)
        .join(ResponseLink, ResponseLink.case_id == Invitation.case_id)
        .join(Response, Response.id == ResponseLink.response_id)
        .where(Response.submitted_on.is_not(None))
    )
    return {qr_hash: orjson.loads(answers) for qr_hash, answers in rows}


def _geography(session: Session, municipalities: int, cases_each: int) -> list[str]:
    codes = [f"{number + 1000}" for number in range(municipalities)]
    place = {"county_code": "01", "county": "Stockholms län", "police_region": "Stockholm"}
    session.execute(insert(Municipality), [{"code": c, "name": f"Kommun {c}", **place} for c in codes])
    areas = [f"{code}-{area:02}" for code in codes for area in range(1, AREAS_EACH + 1)]
    since = date(2018, 1, 1)
    session.execute(
        insert(Area),
        [{"code": a, "municipality_code": a[:4], "name": f"Område {a}", "valid_from": since} for a in areas],
    )
    sizes = {"population": 20 * cases_each, "sampled": cases_each}
    strata = [{"wave_code": WAVE, "area_code": a, "municipality_code": a[:4], **sizes} for a in areas]
    session.execute(insert(Stratum), strata)
    return areas


def _person(number: int) -> dict[str, str]:
    sex, band = CELLS[number % len(CELLS)]
    return {"legal_gender": sex, "age_group": band}


def _event(case_id: int, kind: CaseEventKind, days_in: int) -> dict[str, Any]:
    day = TODAY - timedelta(days=FIELD_DAYS - days_in)
    return {"case_id": case_id, "kind": kind.value, "happened_on": day}


def _add_answers(session: Session, answering: list[tuple[int, dict[str, Any]]]) -> None:
    if not answering:
        return
    random, responses, links, events = Random(2), [], [], []
    given = [orjson.dumps(dict(_answers(random))).decode() for _ in range(500)]
    for number, (case_id, row) in enumerate(answering):
        response_id, days_in = secrets.randbits(63), number % FIELD_DAYS
        responses.append(_response(response_id, row, given[number % len(given)], days_in))
        links.append({"case_id": case_id, "response_id": response_id})
        events += [
            _event(case_id, kind, days_in) for kind in (CaseEventKind.STARTED, CaseEventKind.SUBMITTED)
        ]
    session.execute(insert(Response), responses)
    session.execute(insert(ResponseLink), links)
    session.execute(insert(CaseEvent), events)


def _answers(random: Random) -> Iterator[tuple[str, str]]:
    for question in load(NAME).questions:
        yield question.id, random.choice(question.codes)


def _response(response_id: int, row: Mapping[str, Any], answers: str, days_in: int) -> dict[str, Any]:
    return {
        "id": response_id,
        "wave_code": WAVE,
        "questionnaire_hash": load(NAME).hash,
        "language": "sv",
        "mode": "web",
        "version": 10,
        "answers": answers,
        "submitted_on": TODAY - timedelta(days=FIELD_DAYS - days_in),
        **{name: row[name] for name in ("area_code", "legal_gender", "age_group")},
    }


def _add_letters(session: Session, cases: list[int]) -> list[str]:
    if len(cases) > LETTERS_AT_MOST:
        raise ValueError(f"at most {LETTERS_AT_MOST} letters")
    tokens = [new_token() for _ in cases]
    rows = [
        {
            "case_id": case_id,
            "selector": f"{number:04x}",
            "secret_hash": "none",  # nobody types a code here, and each would cost a slow hash
            "qr_hash": hash_token(token),
            "issued_on": TODAY,
        }
        for number, (case_id, token) in enumerate(zip(cases, tokens, strict=True))
    ]
    session.execute(insert(Invitation), rows)
    return tokens
