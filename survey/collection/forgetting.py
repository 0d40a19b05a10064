"""After fieldwork: contacts are purged, then cases and links become counts, and texts go on their own day.

Each act needs two persons.

One person asks for an act with the number of the decision to delete (gallringsbeslut), another carries it
out; what is gone and what is kept is written in a certificate. What the statistics need of the sample is kept
as counts per area, register sex and age group, so that the dataset is the same before and after.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.orm import Session

from survey import audit, clock
from survey.collection import kept_answers, open_answers, snapshots, written_texts
from survey.collection.manifest import letters_folder
from survey.collection.outcomes import OUTCOME
from survey.database import Databases
from survey.errors import UserError
from survey.models.case import Case
from survey.models.contact import Contact
from survey.models.deletion import Act, Deletion
from survey.models.fieldwork import FieldOutcome
from survey.models.paper_form import Keying, PaperForm
from survey.models.participation import ContactPerson
from survey.models.response import Response, ResponseLink
from survey.models.wave import SampleCount, Wave, WaveStatus
from survey.preparation.one_line import one_line
from survey.preparation.two_persons import require_another
from survey.preparation.waves import find_wave, lock_wave, require_status

LONGEST_DECISION = 60
ACT_WORDS = {
    Act.CONTACTS: "kontaktuppgifterna",
    Act.LINKS: "kopplingen mellan person och svar",
    Act.TEXTS: "svaren med egna ord",
}
COUNT_WORDS = {
    "contacts": "Namn och adresser, förstörda",
    "letter_files": "Filer med brev, förstörda",
    "cases": "Ärenden, ersatta av antal",
    "links": "Kopplingar mellan person och svar, förstörda",
    "drafts": "Svar som aldrig lämnades in, förstörda",
    "paper_forms": "Noteringar om pappersformulär som har kommit in, förstörda",
    "keyings": "Inmatningar av formulär som inte lämnades in, förstörda",
    "contact_persons": "Kontaktpersoner i kommunerna, borttagna",
    "answers": "Svar i den makulerade omgången, förstörda",
    "texts": "Svar med egna ord, förstörda",
    "texts_parted": "Svar med egna ord, skilda från sina andra svar",
    "answers_kept": "Svar som är kvar, utan koppling",
    "answers_alone_in_their_cell": "Svar som är ensamma om sitt område, sitt kön och sin åldersgrupp",
    "answers_alone_by_all_that_is_kept": "Svar som är ensamma när också språk och sätt att svara räknas",
}


@dataclass(frozen=True)
class ActState:
    """How far an act of destruction has come."""

    act: Act
    words: str
    first_day: date | None  # the earliest; None when it may be done at once
    last_day: date | None
    decision: str | None
    requested_by: str | None
    approved_by: str | None
    approved_at: datetime | None
    certificate: Mapping[str, object] | None

    def overdue(self, today: date) -> bool:
        return self.approved_at is None and self.last_day is not None and today > self.last_day


def list_acts(session: Session, wave_code: str) -> list[ActState]:
    """The acts of a wave as they stand; of texts where there are any."""
    wave = find_wave(session, wave_code)
    states = [_state(session, wave, act) for act in Act]
    some = written_texts.any_written(session, wave_code)
    return [state for state in states if some or state.decision or state.act is not Act.TEXTS]


def request(session: Session, wave_code: str, act: str, decision: str, by: str) -> None:
    """Ask for an act; a new request before it is carried out takes the place of the old."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.CLOSED)
    chosen = _known(act)
    number = one_line(decision, LONGEST_DECISION)
    if not number:
        raise UserError("Ange gallringsbeslutets nummer, högst 60 tecken.")
    _require_order(session, wave, chosen)
    session.merge(
        Deletion(
            wave_code=wave_code,
            act=chosen.value,
            decision=number,
            requested_by=by,
            requested_at=datetime.now(UTC),
        )
    )
    session.flush()
    audit.record(session, by, f"request deletion of {chosen}", wave_code, decision=number)


def carry_out(
    stores: Databases, wave_code: str, act: str, output: Path, by: str, decision: str | None = None
) -> dict[str, int]:
    """Carry out an act that somebody else has asked for, and write the databases anew; the certificate.

    With the decision that was read, nothing is done when another has been given since.
    """
    chosen = _known(act)
    # The contacts, innermost, are committed first: a certificate never says more than what is gone.
    with stores.transaction() as session, stores.identity_transaction() as identity:
        if decision is not None and _lock_request(session, wave_code, chosen, by).decision != decision:
            raise UserError("Begäran har ändrats sedan du läste den. Läs beslutets nummer igen.")
        if chosen is Act.CONTACTS:
            counts = purge_contacts(session, identity, wave_code, output, by)
        elif chosen is Act.LINKS:
            counts = destroy_links(session, wave_code, by)
        else:
            counts = destroy_texts(session, wave_code, by)
    stores.write_anew()
    return counts


def purge_contacts(
    session: Session, identity: Session, wave_code: str, output: Path, by: str
) -> dict[str, int]:
    """Delete names and addresses, and the printed letters, which hold them."""
    asked = _lock_request(session, wave_code, Act.CONTACTS, by)
    of_wave = Contact.wave_code == wave_code
    gone = identity.scalar(select(func.count()).select_from(Contact).where(of_wave)) or 0
    identity.execute(delete(Contact).where(of_wave))
    identity.flush()
    letters = letters_folder(output, wave_code)
    files = sum(found.is_file() for found in letters.rglob("*")) if letters.is_dir() else 0
    # Files first: should it stop halfway, the contacts are still there and the act is done again.
    if letters.is_dir():
        shutil.rmtree(letters)
    return _certify(session, asked, by, {"contacts": gone, "letter_files": files})


def destroy_links(session: Session, wave_code: str, by: str) -> dict[str, int]:
    """Replace the cases, with their codes, events and links to the answers, by counts."""
    asked = _lock_request(session, wave_code, Act.LINKS, by)
    wave = find_wave(session, wave_code)
    of_wave = Case.wave_code == wave_code
    links = select(func.count()).select_from(ResponseLink).join(Case, Case.id == ResponseLink.case_id)
    forms = select(func.count()).select_from(PaperForm).join(Case, Case.id == PaperForm.case_id)
    keyings = select(func.count()).select_from(Keying).join(Case, Case.id == Keying.case_id)
    gone = {
        "cases": session.scalar(select(func.count()).select_from(Case).where(of_wave)) or 0,
        "links": session.scalar(links.where(of_wave)) or 0,
        "paper_forms": session.scalar(forms.where(of_wave)) or 0,
        "keyings": session.scalar(keyings.where(of_wave)) or 0,
    }
    drafts = _remove_drafts(session, wave_code)
    snapshots.take(session, wave_code, clock.today(), by)  # what the days still lack can be counted now only
    _keep_counts(session, wave_code)
    session.execute(delete(Case).where(of_wave))  # with codes, events, links, visits, paper forms
    # The wave is over: nobody at the municipalities needs to be reached about it.
    persons = session.execute(
        delete(ContactPerson)
        .where(ContactPerson.wave_code == wave_code)
        .returning(ContactPerson.municipality_code)
    ).all()
    gone["contact_persons"] = len(persons)
    if wave.void_reason is not None:
        gone["answers"] = _remove_answers(session, wave_code)
    kept_answers.coarsen(session, wave)
    gone["texts_parted"] = written_texts.part_from_answers(session, wave_code)
    return _certify(
        session, asked, by, {**gone, "drafts": drafts, **kept_answers.count_kept(session, wave_code)}
    )


def destroy_texts(session: Session, wave_code: str, by: str) -> dict[str, int]:
    """Delete what people wrote in their own words, with what municipalities could read of it."""
    asked = _lock_request(session, wave_code, Act.TEXTS, by)
    return _certify(session, asked, by, {"texts": written_texts.forget_all(session, wave_code)})


def _remove_drafts(session: Session, wave_code: str) -> int:
    """Answers that were never handed in can be told apart by nobody once the link is gone, and go too."""
    unsent = (Response.wave_code == wave_code) & Response.submitted_on.is_(None)
    count = session.scalar(select(func.count()).select_from(Response).where(unsent)) or 0
    session.execute(delete(Response).where(unsent))
    # Of an open link whatever was begun in the moment of the close.
    return count + open_answers.forget_unsent(session, wave_code)


def _remove_answers(session: Session, wave_code: str) -> int:
    """Of a wave that was given up the answers serve no purpose, and none are kept."""
    of_wave = Response.wave_code == wave_code
    count = session.scalar(select(func.count()).select_from(Response).where(of_wave)) or 0
    session.execute(delete(Response).where(of_wave))
    return count + open_answers.forget_all(session, wave_code)


def _keep_counts(session: Session, wave_code: str) -> None:
    cell = (Case.area_code, Case.legal_gender, Case.age_group)
    names = ["wave_code", "area_code", "legal_gender", "age_group"]
    drawn = select(literal(wave_code), *cell).where(Case.wave_code == wave_code)
    counted = drawn.add_columns(func.count()).group_by(*cell)
    session.execute(insert(SampleCount).from_select([*names, "sampled"], counted))
    # In two steps: PostgreSQL groups by what a subquery gives, not by a question asked anew in each row.
    ended = drawn.add_columns(OUTCOME.label("outcome")).subquery()
    counted = select(*ended.c, func.count()).group_by(*ended.c)
    session.execute(insert(FieldOutcome).from_select([*names, "outcome", "cases"], counted))


def _lock_request(session: Session, wave_code: str, act: Act, by: str) -> Deletion:
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.CLOSED)
    asked = session.get(Deletion, (wave_code, act.value))
    if asked is None:
        raise UserError(
            f"Ingen har begärt att {ACT_WORDS[act]} ska förstöras. En person begär, en annan godkänner."
        )
    _require_order(session, wave, act)
    require_another(session, asked.requested_by, by)
    return asked


def _require_order(session: Session, wave: Wave, act: Act) -> None:
    """Not out of turn, nor twice, nor before its first day."""
    first = _first_day(wave, act)
    if first is not None and clock.today() < first:
        raise UserError(
            f"{ACT_WORDS[act].capitalize()} kan förstöras tidigast {first}, dagen efter sista svarsdag, "
            "också om omgången är stängd tidigare. Till dess kan den som har svarat ångra sig."
        )
    done = session.scalars(
        select(Deletion.act).where(Deletion.wave_code == wave.code, Deletion.approved_at.is_not(None))
    ).all()
    if act.value in done:
        raise UserError(f"Gallringen av {ACT_WORDS[act]} är redan utförd.")
    if act is Act.LINKS and Act.CONTACTS.value not in done:
        raise UserError("Kontaktuppgifterna måste förstöras först.")


def _certify(session: Session, asked: Deletion, by: str, counts: dict[str, int]) -> dict[str, int]:
    session.flush()
    asked.approved_by, asked.approved_at = by, datetime.now(UTC)
    asked.certificate = json.dumps(counts, sort_keys=True)
    session.flush()
    audit.record(session, by, f"carry out deletion of {asked.act}", asked.wave_code, **counts)
    return counts


def _state(session: Session, wave: Wave, act: Act) -> ActState:
    found = session.get(Deletion, (wave.code, act.value))
    return ActState(
        act=act,
        words=ACT_WORDS[act],
        first_day=_first_day(wave, act),
        last_day=_last_days(wave)[act],
        decision=found.decision if found else None,
        requested_by=found.requested_by if found else None,
        approved_by=found.approved_by if found else None,
        approved_at=found.approved_at if found else None,
        certificate=json.loads(found.certificate) if found and found.certificate else None,
    )


def _first_day(wave: Wave, act: Act) -> date | None:
    """Whoever has answered may regret it until the planned last day, however early the wave is closed.

    Of a wave that was given up nothing is kept: it may go at once.
    """
    kept = act is not Act.TEXTS and wave.void_reason is None
    return wave.field_end + timedelta(days=1) if kept else None


def _last_days(wave: Wave) -> Mapping[Act, date | None]:
    return {
        Act.CONTACTS: wave.contacts_until,
        Act.LINKS: wave.links_until,
        Act.TEXTS: wave.texts_until,
    }


def _known(act: str) -> Act:
    if act not in set(Act):
        raise UserError(f"{act!r} är ingen åtgärd. Välj {' eller '.join(known.value for known in Act)}.")
    return Act(act)
