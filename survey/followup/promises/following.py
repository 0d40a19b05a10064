"""Steps, tertial notes and results of promises: each is added, none is changed."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Conflict, Faults, UserError
from survey.followup.promises.draft import clean, parse_number
from survey.followup.promises.records import PromiseRecord, Version, lock_promise
from survey.followup.promises.sign_off import SIGNING, allowed, is_of_other
from survey.followup.promises.tertials import parse, tertial_of
from survey.followup.signing_parties import Party, party_of
from survey.followup.text_check import personal_fault
from survey.models.promise import (
    GoalKind,
    NoteStatus,
    PromiseNote,
    PromiseResult,
    PromiseStep,
    StepKind,
)
from survey.preparation.senders import text_fault

LONGEST_NOTE, LONGEST_SOURCE, LONGEST_NAME, LONGEST_REASON = 2000, 200, 80, 500
SIGNER = {"name": "Skriv namnet på den som undertecknar.", "position": "Skriv befattningen."}
_SIGNS: Mapping[Party, StepKind] = {
    Party.MUNICIPALITY: StepKind.SIGN_MUNICIPALITY,
    Party.POLICE: StepKind.SIGN_POLICE,
}


def signing_step(role: str) -> StepKind | None:
    """The signature that somebody of a role may give; None of who signs nothing."""
    party = party_of(role)
    return _SIGNS[party] if party else None


def take_step(
    session: Session,
    municipality_code: str,
    promise_id: int,
    given: Mapping[str, str],
    *,
    by: str,
    now: datetime,
    role: str,
) -> None:
    """Sign the version that was read or take that back, publish it, withdraw or discard it."""
    record = lock_promise(session, municipality_code, promise_id)
    kind = StepKind(given["step"]) if given.get("step") in set(StepKind) else None
    version = _version(record, given.get("version", ""), kind)
    if kind is None or kind not in allowed(version.state):
        raise UserError("Det steget går inte att ta nu. Läs löftet igen.")
    if is_of_other(kind, version.state, signing_step(role)):
        raise UserError(
            "Kommunen undertecknar för kommunen och polisen för polisen, och tar tillbaka sitt eget."
        )
    values = _signature(given) if kind in SIGNING else {"name": "", "position": ""}
    reason = clean(given.get("reason", ""))
    if kind is StepKind.WITHDRAW and not 0 < len(reason) <= LONGEST_REASON:
        raise Faults({"reason": f"Skriv varför löftet dras tillbaka, högst {LONGEST_REASON} tecken."})
    if fault := personal_fault(reason):
        raise Faults({"reason": fault})
    session.add(
        PromiseStep(
            version_id=version.text.id,
            kind=kind.value,
            reason=reason if kind is StepKind.WITHDRAW else "",
            taken_by=by,
            taken_at=now,
            **values,
        )
    )
    session.flush()
    subject, number = f"{municipality_code} {promise_id}", version.text.number
    audit.record(session, by, f"promise step {kind.value}", subject, version=number)


def write_note(
    session: Session,
    municipality_code: str,
    promise_id: int,
    given: Mapping[str, str],
    *,
    by: str,
    now: datetime,
    today: date,
) -> None:
    """How the work went in a tertial; a second note of it takes the place of the first, which is kept."""
    record = lock_promise(session, municipality_code, promise_id)
    _require_signed(record)
    faults: dict[str, str] = {}
    text = clean(given.get("text", ""))
    if not text or len(text) > LONGEST_NOTE:
        faults["text"] = f"Skriv hur det går, högst {LONGEST_NOTE} tecken."
    elif fault := personal_fault(text):
        faults["text"] = fault
    if given.get("status") not in set(NoteStatus):
        faults["status"] = "Välj hur det går."
    try:
        tertial = parse(given.get("tertial", ""))
        if tertial > tertial_of(today):
            faults["tertial"] = "Det tertialet har inte börjat."
    except UserError as error:
        faults["tertial"] = str(error)
    if faults:
        raise Faults(faults)
    session.add(
        PromiseNote(
            promise_id=promise_id,
            tertial=tertial.code,
            status=given["status"],
            text=text,
            written_by=by,
            written_at=now,
        )
    )
    session.flush()
    subject = f"{municipality_code} {promise_id}"
    audit.record(session, by, "note on promise", subject, tertial=tertial.code, status=given["status"])


def note_result(
    session: Session,
    municipality_code: str,
    promise_id: int,
    given: Mapping[str, str],
    *,
    by: str,
    now: datetime,
    today: date,
) -> None:
    """A figure of another source, or whether an activity is done, with the source."""
    record = lock_promise(session, municipality_code, promise_id)
    held = _require_signed(record).text
    kind = GoalKind(held.kind)
    if kind is GoalKind.SERIES and held.indicator:
        raise UserError("Siffran hämtas ur den serie som är inläst och skrivs inte in.")
    faults: dict[str, str] = {}
    source = clean(given.get("source", ""))
    if fault := text_fault(source, LONGEST_SOURCE, needed=True):
        faults["source"] = fault if source else "Skriv källan."
    elif fault := personal_fault(source):
        faults["source"] = fault
    day = _day(given.get("on_day", ""), today, faults)
    value, done = _result(kind, given, faults)
    if faults or day is None:
        raise Faults(faults)
    session.add(
        PromiseResult(
            promise_id=promise_id,
            on_day=day,
            value=value,
            done=done,
            source=source,
            noted_by=by,
            noted_at=now,
        )
    )
    session.flush()
    audit.record(session, by, "note result of promise", f"{municipality_code} {promise_id}", day=day)


def _version(record: PromiseRecord, number: str, kind: StepKind | None) -> Version:
    """The version that was read: the newest one, or to be withdrawn the one that holds."""
    open_to_steps = [record.newest]
    if kind is StepKind.WITHDRAW:
        open_to_steps += [one for one in (record.published, record.agreed) if one]
    found = next((one for one in open_to_steps if str(one.text.number) == number), None)
    if found is None:
        raise Conflict("Löftet har ändrats sedan sidan öppnades. Läs det igen.")
    return found


def _signature(given: Mapping[str, str]) -> dict[str, str]:
    values = {name: given.get(name, "").strip() for name in ("name", "position")}
    faults = {
        name: fault if value else SIGNER[name]
        for name, value in values.items()
        if (fault := text_fault(value, LONGEST_NAME, needed=True))
    }
    if faults:
        raise Faults(faults)
    return values


def _require_signed(record: PromiseRecord) -> Version:
    """The version that both have signed: before that there is nothing to follow up."""
    if record.agreed is None:
        raise UserError("Löftet följs upp först när både kommunen och polisen har undertecknat det.")
    return record.agreed


def _day(text: str, today: date, faults: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        faults["on_day"] = "Skriv dagen som 2027-04-30."
        return None
    if not date(2000, 1, 1) <= day <= today:
        faults["on_day"] = "Välj en dag som har varit."
    return day


def _result(
    kind: GoalKind, given: Mapping[str, str], faults: dict[str, str]
) -> tuple[float | None, bool | None]:
    if kind is GoalKind.SURVEY:
        raise UserError("Löftet följs med undersökningen. Siffrorna kommer därifrån och skrivs inte in.")
    if kind is GoalKind.ACTIVITY:
        if given.get("done") not in ("yes", "no"):
            faults["done"] = "Välj om det är gjort."
        return None, given.get("done") == "yes"
    value = parse_number(given.get("value", ""))
    if value is None:
        faults["value"] = "Skriv ett tal, som 120 eller 4,5."
    return value, None
