"""Which municipality adds which own questions to a wave; decided before the wave opens."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.local_questions import LocalQuestions
from survey.models.wave import Wave, WaveStatus
from survey.preparation.participation import UNDRAWN, lock_accepting
from survey.preparation.waves import (
    accepted_municipalities,
    if_unchanged,
    load_questionnaire,
    load_unchanged,
    lock_wave,
    questionnaire_of,
    require_status,
)
from survey.questionnaire import definition
from survey.questionnaire.definition import JOIN, Questionnaire


def add_local_questions(
    session: Session, wave_code: str, municipality_code: str, name: str, by: str
) -> Questionnaire:
    """Have a municipality's residents asked its own questions too, as they stand now."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED, WaveStatus.SAMPLED)
    if municipality_code not in accepted_municipalities(session, wave_code):
        raise UserError(
            f"Kommunen {municipality_code} har inte tackat ja till omgången {wave_code} "
            "och kan inte lägga till egna frågor."
        )
    known = definition.additions(wave.questionnaire)
    if name not in known:
        raise UserError(
            f"Det finns inga egna frågor som heter {name!r} till formuläret {wave.questionnaire}. "
            f"De som finns: {', '.join(known) or 'inga'}."
        )
    questionnaire = load_questionnaire(f"{wave.questionnaire}{JOIN}{name}")
    session.merge(
        LocalQuestions(
            wave_code=wave_code,
            municipality_code=municipality_code,
            questionnaire=questionnaire.name,
            questionnaire_hash=questionnaire.hash,
        )
    )
    session.flush()
    audit.record(
        session, by, "local questions", f"{wave_code} {municipality_code}", name=name, hash=questionnaire.hash
    )
    return questionnaire


def remove_local_questions(session: Session, wave_code: str, municipality_code: str, by: str) -> bool:
    """Ask the municipality's residents the core alone; whether there was anything to take away."""
    require_status(lock_wave(session, wave_code), WaveStatus.PLANNED, WaveStatus.FRAMED, WaveStatus.SAMPLED)
    found = session.get(LocalQuestions, (wave_code, municipality_code))
    if found is None:
        return False
    session.delete(found)
    session.flush()
    audit.record(session, by, "local questions", f"{wave_code} {municipality_code}", name="")
    return True


def choose_local_questions(
    session: Session, wave_code: str, municipality_code: str, name: str, by: str
) -> None:
    """A municipality's own choice of a set of questions, or of none, while it may still change things."""
    lock_accepting(session, wave_code, municipality_code, *UNDRAWN)
    if name:
        add_local_questions(session, wave_code, municipality_code, name, by)
    else:
        remove_local_questions(session, wave_code, municipality_code, by)


def local_questionnaires(session: Session, wave_code: str) -> Mapping[str, Questionnaire]:
    """By municipality, the core with its own questions; refused when a file has changed since."""
    return {
        row.municipality_code: load_unchanged(row.questionnaire, row.questionnaire_hash)
        for row in _chosen(session, wave_code)
    }


def unchanged_questionnaires(session: Session, wave_code: str) -> Mapping[str, Questionnaire]:
    """The same without those whose file has changed since."""
    found = {
        row.municipality_code: if_unchanged(row.questionnaire, row.questionnaire_hash)
        for row in _chosen(session, wave_code)
    }
    return {code: one for code, one in found.items() if one is not None}


def _chosen(session: Session, wave_code: str) -> Sequence[LocalQuestions]:
    query = select(LocalQuestions).where(LocalQuestions.wave_code == wave_code)
    return session.scalars(query.order_by(LocalQuestions.municipality_code)).all()


def questionnaire_in(session: Session, wave: Wave, municipality_code: str) -> Questionnaire:
    """What those drawn in a municipality are asked: the core, with its own questions where it has some."""
    return local_questionnaires(session, wave.code).get(municipality_code) or questionnaire_of(wave)
