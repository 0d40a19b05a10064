"""Where a municipality stands towards a wave: for its own pages, the operator's and the command line."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models.local_questions import LocalQuestions
from survey.models.participation import LetterLogo
from survey.preparation import completeness, previews
from survey.preparation.agreements import Confirmation, find_confirmation
from survey.preparation.completeness import Part
from survey.preparation.extra_samples import extra_per_area
from survey.preparation.participation import (
    OPEN,
    UNDRAWN,
    Answer,
    Participant,
    find_participant,
    participants,
)
from survey.preparation.previews import Addition
from survey.preparation.recuts import Proposal, current_areas, find_proposal
from survey.preparation.senders import Contact, Sender, find_contact, find_sender
from survey.preparation.waves import WaveSummary, wave_status
from survey.questionnaire.definition import JOIN


@dataclass(frozen=True)
class Standing:
    """What a municipality has answered and handed in, and what its yes lacks."""

    participant: Participant
    wave: WaveSummary
    missing: tuple[Part, ...]
    proposal: Proposal | None
    extra: int
    local_questions: Addition | None
    sender: Sender | None
    has_logo: bool
    contact: Contact | None
    confirmation: Confirmation | None

    @property
    def accepted(self) -> bool:
        return self.participant.answer is Answer.ACCEPTED

    @property
    def open(self) -> bool:
        """Whether what the frame rests on can be changed."""
        return self.wave.step in OPEN

    @property
    def undrawn(self) -> bool:
        """Whether what concerns the letters and the law can be changed."""
        return self.wave.step in UNDRAWN

    @property
    def words(self) -> str:
        return completeness.state_words(self.missing, self.participant.answer)


def find_standing(session: Session, wave_code: str, municipality_code: str) -> Standing:
    """A municipality that is invited or has answered."""
    participant = find_participant(session, wave_code, municipality_code)
    return _standing(session, wave_status(session, wave_code), participant)


def list_standings(session: Session, wave_code: str) -> list[Standing]:
    """Every loaded municipality in order of code."""
    wave = wave_status(session, wave_code)
    return [_standing(session, wave, one) for one in participants(session, wave_code)]


def additions(session: Session, wave_code: str) -> tuple[Addition, ...]:
    """The local questions that a municipality can choose among."""
    core = wave_status(session, wave_code).questionnaire
    found = (one.additions for one in previews.questionnaires() if one.questionnaire.name == core)
    return next(found, ())


def _standing(session: Session, wave: WaveSummary, participant: Participant) -> Standing:
    code = participant.municipality_code
    logo = select(LetterLogo.mime_type).where(
        LetterLogo.wave_code == wave.code, LetterLogo.municipality_code == code
    )
    # Once the sample is drawn nothing is waited for, and what was handed in may have been destroyed.
    awaited = participant.answer is Answer.ACCEPTED and wave.step in UNDRAWN
    return Standing(
        participant=participant,
        wave=wave,
        missing=completeness.missing(session, wave.code, code) if awaited else (),
        proposal=find_proposal(session, wave.code, code),
        extra=_extra(session, wave.code, code),
        local_questions=_local_questions(session, wave.code, code),
        sender=find_sender(session, wave.code, code),
        has_logo=session.scalar(logo) is not None,
        contact=find_contact(session, wave.code, code),
        confirmation=find_confirmation(session, wave.code, code),
    )


def _extra(session: Session, wave_code: str, municipality_code: str) -> int:
    areas = {area.code for area in current_areas(session, wave_code, municipality_code)}
    return sum(n for code, n in extra_per_area(session, wave_code).items() if code in areas)


def _local_questions(session: Session, wave_code: str, municipality_code: str) -> Addition | None:
    row = session.get(LocalQuestions, (wave_code, municipality_code))
    if row is None:
        return None
    name = row.questionnaire.partition(JOIN)[2]
    return next((one for one in additions(session, wave_code) if one.name == name), Addition(name, name, 0))
