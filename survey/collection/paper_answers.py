"""A paper form handed in as an answer: whole, in one transaction, beside the answers from the web.

What is handed in first counts. An answer begun on the web and not handed in gives way to a whole form, and a
form that comes after the answer on the web changes nothing. A form may be handed in after the last day, for
the post takes its time, but never after the close.
"""

import secrets
from datetime import date

from sqlalchemy.orm import Session

from survey.collection import storage, written_texts
from survey.collection.form_numbers import UnknownForm
from survey.collection.refusals import AlreadySubmitted, UsedCode, WaveClosed, WaveNotOpenYet
from survey.collection.response_state import packed
from survey.models.case import CaseEventKind
from survey.models.response import Mode
from survey.models.wave import WaveStatus
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.paper_marks import PaperAnswers


def lock(session: Session, case_id: int, today: date) -> storage.Found:
    """The case, of a wave that takes forms: nobody hands in or closes before the transaction ends."""
    wave = storage.share_wave(session, case_id)
    case = storage.lock_case(session, case_id)
    if wave is None or case is None:
        raise UnknownForm  # destroyed at this very moment
    stands = storage.beginning(session, case_id)
    if stands.status == WaveStatus.CLOSED:
        raise WaveClosed
    if stands.status != WaveStatus.OPEN or today < stands.field_start:
        raise WaveNotOpenYet
    return case


def hand_in(
    session: Session,
    case_id: int,
    questionnaire: Questionnaire,
    given: PaperAnswers,
    language: str,
    today: date,
) -> None:
    """Make a form the answer of its case, with the coarse design variables; codes and visits end."""
    case = lock(session, case_id, today)
    state = storage.read_state(session, case_id)
    if state is not None and state.submitted_on is not None:
        raise AlreadySubmitted
    stands = storage.beginning(session, case_id)
    if stands.ended:
        raise UsedCode
    storage.remove_response(session, case_id)
    # A random id, so that neither order nor number ties an answer to a case.
    response_id = secrets.randbits(63)
    storage.add_response(
        session,
        case_id,
        id=response_id,
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
    written_texts.keep(session, response_id, case.wave_code, given.texts)
    written_texts.hand_in(session, response_id, case.wave_code, case.area_code, list(given.texts))
    if not stands.started:
        storage.add_event(session, case_id, CaseEventKind.STARTED, today)
    storage.add_event(session, case_id, CaseEventKind.SUBMITTED, today)
    storage.close_doors(session, case_id, today)
