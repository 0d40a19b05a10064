"""Lets the invented residents answer by the rules of the web: page by page, then handed in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from sys import intern

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.collection import responses
from survey.database import Databases
from survey.demo.geography import Plan, stream
from survey.demo.residents import WaveResidents, cell_numbers
from survey.models.case import Case
from survey.preparation.local_questions import local_questionnaires
from survey.preparation.waves import find_wave, questionnaire_of
from survey.prepared import Statements
from survey.progress import Progress
from survey.questionnaire.answers import validate
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.path import next_page, page_after

_BATCH = 2_000  # responses in one transaction: whole batches are on disk or not at all

PageAnswers = tuple[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Respondent:
    """A drawn person who will answer, with what is going to be answered; what is skipped is not there."""

    case_id: int
    municipality_code: str
    language: str
    day: date
    answers: Mapping[str, str]


def respondents(
    session: Session,
    plan: Plan,
    residents: WaveResidents,
    seed: int,
    field_period: tuple[date, date],
) -> list[Respondent]:
    """Who of the wave's sample responds, with which answers, in which language, on which day."""
    drawn = session.execute(
        select(Case.id, Case.area_code, Case.legal_gender, Case.age_group)
        .where(Case.wave_code == residents.wave)
        .order_by(Case.area_code, Case.legal_gender, Case.age_group, Case.id)
    ).all()
    municipality = {area.code: area.municipality_code for area in plan.areas}
    rng = stream(seed, "responses", residents.wave)
    cell = cell_numbers(plan, *(np.array(column) for column in list(zip(*drawn, strict=True))[1:]))
    responding = np.flatnonzero(residents.responds(cell, rng))
    answers = residents.answer(cell[responding], rng)
    languages = residents.languages(len(responding), rng).tolist()
    days = _days(field_period, len(responding), rng)
    # One object for each code instead of millions: tens of thousands of people are held at once.
    rows = zip(*(map(intern, values.tolist()) for values in answers.values()), strict=True)
    return [
        Respondent(
            drawn[i].id,
            municipality[drawn[i].area_code],
            language,
            day,
            {name: code for name, code in zip(answers, row, strict=True) if code},
        )
        for i, language, day, row in zip(responding.tolist(), languages, days, rows, strict=True)
    ]


def hand_in(
    databases: Databases, wave: str, people: Sequence[Respondent], progress: Progress | None = None
) -> int:
    """Store the responses through the functions the web uses; the number handed in."""
    with databases.reading() as session:
        core, with_own = questionnaire_of(find_wave(session, wave)), local_questionnaires(session, wave)
    for start in range(0, len(people), _BATCH):
        batch = people[start : start + _BATCH]
        with databases.statements() as connection:
            for person in batch:
                _answer(connection, with_own.get(person.municipality_code, core), person)
        if progress is not None:
            progress(f"svar {wave}", start + len(batch), len(people))
    return len(people)


def pages_of(questionnaire: Questionnaire, answers: Mapping[str, str]) -> Iterator[PageAnswers]:
    """The pages a person meets one after the other, each with what the browser would send for it."""
    given: dict[str, str] = {}
    page = next_page(questionnaire, given)
    while page is not None:
        sent = {q.id: [answers[q.id]] for q in page.questions if answers.get(q.id)}
        yield page.id, sent
        values, faults = validate(page, given, sent)
        if faults:
            raise ValueError(f"the simulation gave answers the questionnaire refuses: {faults}")
        given |= values
        page = page_after(questionnaire, page, given)


def _answer(connection: Statements, questionnaire: Questionnaire, person: Respondent) -> None:
    responses.begin(connection, person.case_id, person.language, person.day)
    pages = list(pages_of(questionnaire, person.answers))
    faults = responses.answer_pages(connection, person.case_id, pages, person.language, person.day)
    if faults:
        raise ValueError(f"the questionnaire refused answers of the simulation: {faults}")
    # Each page raises the version of a newly begun response by one.
    responses.submit(connection, person.case_id, len(pages), person.day)


def _days(field_period: tuple[date, date], number: int, rng: np.random.Generator) -> list[date]:
    # Most answer soon after the letter, and again after each reminder.
    first, last = field_period
    length = (last - first).days + 1
    wave = rng.choice([0.0, 0.28, 0.6], size=number, p=[0.55, 0.27, 0.18])
    delay = np.minimum(wave + rng.exponential(0.08, size=number), 0.999)
    return [first + timedelta(days=int(part)) for part in np.floor(delay * length)]
