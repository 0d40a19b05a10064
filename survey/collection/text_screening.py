"""Texts in people's own words, read by the screener before anybody else.

They are read when the fieldwork is over, in an order that tells nothing, with the question and the
municipality and nothing else. What is let through is a copy: the original is only ever shortened in it.
"""

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.free_text import FreeText, TextState
from survey.models.local_questions import LocalQuestions
from survey.models.municipality import Municipality
from survey.models.passed_text import PassedText
from survey.models.wave import Wave, WaveStatus
from survey.preparation.waves import find_wave, load_questionnaire, lock_wave, require_status
from survey.questionnaire.free_text import cleaned
from survey.questionnaire.text_flags import (
    Piece,
    find_flags,
    is_only_shortened,
    pieces,
    suggestion,
    without_capitals,
)

DECISIONS = (TextState.PASSED, TextState.WITHHELD, TextState.MARKED)
STATE_WORDS = {
    TextState.WAITING: "Väntar",
    TextState.MARKED: "Läses en gång till",
    TextState.PASSED: "Släppta igenom",
    TextState.WITHHELD: "Hålls inne",
}


@dataclass(frozen=True)
class ScreenedWave:
    """A closed wave with texts: how many stand where, and when they are destroyed."""

    code: str
    title: str
    synthetic: bool
    texts_until: date | None
    counts: dict[str, int]


@dataclass(frozen=True)
class TextToScreen:
    """A text with what in it looks like it shows who somebody is, and what stands to be let through."""

    id: int
    municipality: str
    question: str
    state: str
    pieces: tuple[Piece, ...]
    suggestion: str
    without_capitals: bool


def waves_with_texts(session: Session) -> list[ScreenedWave]:
    """The closed waves in which somebody wrote something, the latest first."""
    counted = select(FreeText.wave_code, FreeText.state, func.count()).where(
        FreeText.municipality_code.is_not(None)
    )
    counts: dict[str, dict[str, int]] = {}
    for wave_code, state, number in session.execute(counted.group_by(FreeText.wave_code, FreeText.state)):
        counts.setdefault(wave_code, dict.fromkeys(TextState, 0))[state] = number
    closed = (Wave.code.in_(counts), Wave.status == WaveStatus.CLOSED.value)
    waves = session.scalars(select(Wave).where(*closed).order_by(Wave.field_start.desc()))
    return [
        ScreenedWave(wave.code, wave.title, wave.synthetic, wave.texts_until, counts[wave.code])
        for wave in waves
    ]


def count_unread(session: Session, wave_code: str) -> int:
    """Texts of a wave that nobody has decided on yet."""
    undecided = FreeText.state.in_((TextState.WAITING, TextState.MARKED))
    of_wave = (FreeText.wave_code == wave_code) & FreeText.municipality_code.is_not(None)
    return session.scalar(select(func.count()).select_from(FreeText).where(of_wave, undecided)) or 0


def screened_wave(session: Session, wave_code: str) -> ScreenedWave:
    """One of them."""
    found = next((wave for wave in waves_with_texts(session) if wave.code == wave_code), None)
    if found is None:
        raise UserError("Det finns inga svar att granska i omgången.")
    return found


def text_at(session: Session, wave_code: str, state: str, position: int) -> TextToScreen | None:
    """The text in this place among those in a state; None after the last."""
    screened_wave(session, wave_code)
    texts = (
        FreeText.wave_code == wave_code,
        FreeText.state == state,
        FreeText.municipality_code.is_not(None),
    )
    query = select(FreeText).where(*texts).order_by(FreeText.id).offset(position).limit(1)
    found = session.scalars(query).first()
    return _to_screen(session, found) if found else None


def decide(session: Session, wave_code: str, text_id: int, decision: str, redacted: str, by: str) -> None:
    """Let a text through as it is shortened, hold it in, or leave it for another look; any of them again."""
    require_status(lock_wave(session, wave_code), WaveStatus.CLOSED)
    text = session.get(FreeText, text_id)
    if text is None or text.wave_code != wave_code or text.municipality_code is None:
        raise UserError("Svaret finns inte längre. Det kan ha tagits tillbaka.")
    if decision not in DECISIONS:
        raise UserError("Välj om svaret ska släppas igenom, hållas inne eller läsas en gång till.")
    shown = cleaned(redacted)
    if decision == TextState.PASSED and not is_only_shortened(text.text, shown):
        raise UserError(
            "Det går bara att ta bort. Skriv [borttaget] där något är borttaget, och ändra inget annat."
        )
    session.execute(delete(PassedText).where(PassedText.free_text_id == text.id))
    if decision == TextState.PASSED:
        passed = PassedText(id=secrets.randbits(63), free_text_id=text.id, wave_code=wave_code, text=shown)
        passed.municipality_code, passed.question_id = text.municipality_code, text.question_id
        session.add(passed)
    text.state = decision
    session.flush()
    audit.record(session, by, "screen a text", wave_code, state=decision)


def _to_screen(session: Session, text: FreeText) -> TextToScreen:
    flags = find_flags(text.text)
    passed = session.scalar(select(PassedText.text).where(PassedText.free_text_id == text.id))
    municipality = session.get_one(Municipality, text.municipality_code)
    return TextToScreen(
        id=text.id,
        municipality=municipality.name,
        question=_question(session, text),
        state=text.state,
        pieces=pieces(text.text, flags),
        suggestion=passed if passed is not None else suggestion(text.text, flags),
        without_capitals=without_capitals(text.text),
    )


def _question(session: Session, text: FreeText) -> str:
    """The question as it stands in the library now; its name where it is asked no more."""
    own = session.get(LocalQuestions, (text.wave_code, text.municipality_code))
    name = own.questionnaire if own else find_wave(session, text.wave_code).questionnaire
    try:
        question = load_questionnaire(name).question(text.question_id)
    except UserError:
        return text.question_id
    return question.text if question else text.question_id
