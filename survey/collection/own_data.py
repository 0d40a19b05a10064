"""What is kept about one person, brought together when that person asks for it, and at no other time."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection import responses, storage, written_texts
from survey.collection.outcomes import OUTCOME_WORDS, outcome_of
from survey.collection.response_state import ResponseState
from survey.collection.usual_mailings import USUAL
from survey.errors import UserError
from survey.models.area import Area
from survey.models.case import Case, CaseEvent, CaseEventKind
from survey.models.contact import Contact, DoNotContact
from survey.models.invitation import Invitation
from survey.models.mailing import MailedCase, MailingKind
from survey.models.paper_form import Keying, PaperForm
from survey.models.response import Mode, Response

Row = tuple[str, str]
GENDER_WORDS = {"woman": "kvinna", "man": "man"}
MODE_WORDS = {Mode.WEB: "på webben", Mode.PAPER: "på papper"}
EVENT_WORDS = {
    CaseEventKind.INVITED: "Fick en kod",
    CaseEventKind.OPENED: "Koden användes första gången",
    CaseEventKind.STARTED: "Svaret påbörjades",
    CaseEventKind.SUBMITTED: "Svaret lämnades in",
    CaseEventKind.WITHDRAWN: "Svaret togs tillbaka",
    CaseEventKind.RETURNED: "Brevet kom i retur",
    CaseEventKind.REFUSED: "Antecknat: vill inte delta",
    CaseEventKind.MOVED: "Antecknat: har flyttat",
    CaseEventKind.DECEASED: "Antecknat: har avlidit",
}


@dataclass(frozen=True)
class Part:
    """Some of what is kept, as labels and what they hold."""

    title: str
    rows: tuple[Row, ...]


def own_data(session: Session, identity_session: Session, reference: str, by: str) -> list[Part]:
    """Everything tied to a reference number: name and address, what happened, the answers as far as given."""
    case_id = storage.find_case(session, reference)
    if case_id is None:
        raise UserError(
            f"Referensnumret {reference!r} finns inte. Är kopplingen gallrad går det inte längre att se "
            "vilka uppgifter som är en viss persons."
        )
    case = session.get_one(Case, case_id)
    # Not whose: the log outlives the case.
    audit.record(session, by, "show own data", case.wave_code)
    answers = responses.current(session, case_id)
    return [
        Part("Namn och adress", tuple(_contact(identity_session, case))),
        Part("Ur registret", tuple(_drawn(session, case, answers))),
        Part("Vad som har hänt", tuple(_events(session, case_id))),
        Part("Svaren", tuple(_answers(session, answers))),
    ]


def _contact(identity_session: Session, case: Case) -> Iterator[Row]:
    found = identity_session.get(Contact, case.reference)
    if found is None:
        yield "Namn och adress", "finns inte kvar, eller sparades aldrig"
        return
    yield "Namn", found.name
    yield "Adress", ", ".join(filter(None, (found.street, f"{found.postal_code} {found.city}".strip())))
    if found.person_hash is not None:
        yield "Ett värde som räknas fram ur personnumret", found.person_hash
        listed = identity_session.get(DoNotContact, found.person_hash)
        yield (
            "På listan över dem som aldrig vill bli kontaktade",
            f"ja, sedan {listed.month}" if listed else "nej",
        )


def _drawn(session: Session, case: Case, state: ResponseState) -> Iterator[Row]:
    yield "Mätning", f"{state.wave_title} ({case.wave_code})"
    yield "Referensnummer", case.reference
    yield "Delområde", session.get_one(Area, case.area_code).name
    yield "Juridiskt kön", GENDER_WORDS[case.legal_gender]
    yield "Ålder", f"{case.age_group} år"


def _events(session: Session, case_id: int) -> Iterator[Row]:
    yield "Läge", OUTCOME_WORDS[outcome_of(session, case_id)]
    dated = [
        (day, EVENT_WORDS[CaseEventKind(kind)])
        for kind, day in session.execute(
            select(CaseEvent.kind, CaseEvent.happened_on).where(CaseEvent.case_id == case_id)
        )
    ]
    mailed = select(MailedCase.kind, MailedCase.mailed_on).where(MailedCase.case_id == case_id)
    dated += [
        (day, f"Skickat: {USUAL[MailingKind(kind)].words.lower()}") for kind, day in session.execute(mailed)
    ]
    codes = select(Invitation.issued_on).where(Invitation.case_id == case_id)
    dated += [
        (day, "En kod gjordes; bara ett värde som räknas fram ur den sparas")
        for day in session.scalars(codes)
    ]
    form = session.get(PaperForm, case_id)
    if form is not None:
        dated.append((form.received_on, "Ett formulär på papper kom in"))
    keyed = select(Keying.begun_on).where(Keying.case_id == case_id)
    dated += [(day, "En inmatning av formuläret påbörjades") for day in session.scalars(keyed)]
    yield from ((f"{day}", words) for day, words in sorted(dated))


def _answers(session: Session, state: ResponseState) -> Iterator[Row]:
    if not state.begun:
        yield "Svar", "finns inte"
        return
    kept = session.get_one(Response, state.response_id)
    handed_in = f"{kept.submitted_on}" if kept.submitted_on else "nej, bara påbörjade"
    yield "Inlämnade", f"{handed_in}, {MODE_WORDS[Mode(kept.mode)]}, språk {kept.language}"
    texts = written_texts.written(session, state.response_id)
    for question in state.questionnaire.questions:
        option = question.option(state.answers.get(question.id, ""))
        text = texts.get(question.id) or (option.text if option else "")
        if text or question.id in state.answers:
            yield " ".join(filter(None, (question.stem, question.text))), text or "inget svar"
