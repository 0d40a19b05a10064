"""A paper form handed in as an answer: whole, in one transaction, beside the answers from the web.

What is handed in first counts. An answer begun on the web and not handed in gives way to a whole form, and a
form that comes after the answer on the web changes nothing. A form may be handed in after the last day, for
the post takes its time, but never after the close.
"""

import secrets
from datetime import date

from sqlalchemy.orm import Session

from survey.collection import storage
from survey.collection.form_numbers import UnknownForm
from survey.collection.refusals import AlreadySubmitted, UsedCode, WaveClosed, WaveNotOpenYet
from survey.collection.response_state import packed
from survey.models.case import CaseEventKind
from survey.models.response import Mode
from survey.models.wave import WaveStatus
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.paper_marks import PaperAnswers


def lock(session: Session, case_id: int, today: date) -> tuple[storage.Found, storage.Found]:
    """The wave, which takes forms, and the case: nobody hands in or closes before the transaction ends."""
    wave = storage.share_wave(session, case_id)
    case = storage.lock_case(session, case_id)
    if wave is None or case is None:
        raise UnknownForm  # destroyed at this very moment
    if wave.status == WaveStatus.CLOSED:
        raise WaveClosed
    if wave.status != WaveStatus.OPEN or today < wave.field_start:
        raise WaveNotOpenYet
    return wave, case


def hand_in(
    session: Session,
    case_id: int,
    questionnaire: Questionnaire,
    given: PaperAnswers,
    language: str,
    today: date,
) -> None:
    """Make a form the answer of its case, with the coarse design variables; codes and visits end."""
    _, case = lock(session, case_id, today)
    draft = storage.read_draft(session, case_id)
    if draft is not None and draft.submitted_on is not None:
        raise AlreadySubmitted
    stands = storage.beginning(session, case_id, case.wave_code)
    if stands.ended:
        raise UsedCode
    storage.remove_response(session, case_id)
    storage.add_response(
        session,
        case_id,
        # A random id, so that neither order nor number ties an answer to a case.
        id=secrets.randbits(63),
        wave_code=case.wave_code,
        questionnaire_hash=questionnaire.hash,
        language=language,
        mode=Mode.PAPER.value,
        version=1,
        answers=packed(given.answers),
        submitted_on=today,
        area_code=case.area_code,
        legal_gender=case.legal_gender,
        age_group=case.age_group,
    )
    if not stands.started:
        storage.add_event(session, case_id, CaseEventKind.STARTED, today)
    storage.add_event(session, case_id, CaseEventKind.SUBMITTED, today)
    storage.close_doors(session, case_id, today)
