"""Municipalities are invited to a wave and say yes or no; what they then hand in has a last moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.municipality import Municipality, Participation
from survey.models.wave import Wave, WaveStatus
from survey.preparation.geography import find_municipality
from survey.preparation.waves import find_wave, lock_wave, require_status, set_participation

LONGEST_TEXT = 2000
OPEN = (WaveStatus.PLANNED,)  # for what the frame rests on: the answer, the areas, the extra sample
UNDRAWN = (WaveStatus.PLANNED, WaveStatus.FRAMED)  # for what concerns the letters and the law alone


class Answer(StrEnum):
    """How far a municipality has come with its answer."""

    NOT_INVITED = "not_invited"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


ANSWER_WORDS = {
    Answer.NOT_INVITED: "inte inbjuden",
    Answer.INVITED: "inbjuden",
    Answer.ACCEPTED: "tackat ja",
    Answer.DECLINED: "tackat nej",
}


class NotInvited(UserError):
    """The municipality has no part in the wave to speak of."""


@dataclass(frozen=True)
class Participant:
    """A municipality as it stands towards a wave."""

    municipality_code: str
    municipality: str
    police_region: str
    answer: Answer
    invited_on: date | None = None
    answer_until: date | None = None
    invitation: str = ""
    answered_on: date | None = None
    reason: str = ""
    incomplete_because: str = ""

    def late(self, today: date) -> bool:
        return self.answer is Answer.INVITED and self.answer_until is not None and today > self.answer_until


@dataclass(frozen=True)
class Invitation:
    """A wave that a municipality has a part in, as its own pages list it."""

    wave_code: str
    title: str
    open: bool
    synthetic: bool
    participant: Participant


def invite(
    session: Session,
    wave_code: str,
    municipality_codes: Sequence[str],
    answer_until: date,
    text: str,
    by: str,
    today: date,
) -> tuple[str, ...]:
    """Invite municipalities, or put last day and text right for those that have not answered; who they are.

    Whoever has answered is left alone.
    """
    require_status(lock_wave(session, wave_code), *OPEN)
    if answer_until < today:
        raise UserError(f"Sista dag för svar, {answer_until}, har redan varit.")
    message = _text(text, "Inbjudan")
    if not municipality_codes:
        raise UserError("Välj minst en kommun att bjuda in.")
    invited = []
    for code in dict.fromkeys(municipality_codes):
        find_municipality(session, code)
        row = session.get(Participation, (wave_code, code))
        if row is not None and row.accepted is not None:
            continue
        if row is None:
            row = Participation(wave_code=wave_code, municipality_code=code)
            session.add(row)
        row.invited_on = row.invited_on or today
        row.answer_until, row.invitation = answer_until, message
        invited.append(code)
    session.flush()
    audit.record(
        session, by, "invite municipalities", wave_code, municipalities=invited, answer_until=answer_until
    )
    return tuple(invited)


def answer(
    session: Session,
    wave_code: str,
    municipality_code: str,
    accepted: bool,
    reason: str,
    by: str,
    on: date | None = None,
) -> None:
    """An invited municipality's yes or no, which may be changed until the frame is loaded."""
    require_changeable(lock_wave(session, wave_code), *OPEN)
    find_participant(session, wave_code, municipality_code)
    said = _text(reason, "Skälet") if reason.strip() else ""
    set_participation(session, wave_code, municipality_code, accepted, by, said, on)


def find_participant(session: Session, wave_code: str, municipality_code: str) -> Participant:
    """A municipality that is invited or has answered."""
    row = session.get(Participation, (wave_code, municipality_code))
    if row is None:
        raise NotInvited(f"Kommunen {municipality_code} är inte inbjuden till omgången {wave_code}.")
    return _participant(find_municipality(session, municipality_code), row)


def participants(session: Session, wave_code: str) -> list[Participant]:
    """Every loaded municipality in order of code, whatever it has answered."""
    find_wave(session, wave_code)
    rows = {
        row.municipality_code: row
        for row in session.scalars(select(Participation).where(Participation.wave_code == wave_code))
    }
    return [
        _participant(municipality, rows[municipality.code])
        if municipality.code in rows
        else Participant(municipality.code, municipality.name, municipality.police_region, Answer.NOT_INVITED)
        for municipality in session.scalars(select(Municipality).order_by(Municipality.code))
    ]


def invitations_of(session: Session, municipality_code: str) -> list[Invitation]:
    """The waves a municipality is invited to, those still being prepared first."""
    municipality = find_municipality(session, municipality_code)
    rows = session.execute(
        select(Wave, Participation)
        .join(Participation, Participation.wave_code == Wave.code)
        .where(Participation.municipality_code == municipality_code)
        # An answer noted for the municipality is its own to complete too, while there is time.
        .where(Participation.invited_on.is_not(None) | Wave.status.in_(UNDRAWN))
        .order_by(Wave.field_start.desc(), Wave.code.desc())
    )
    found = [
        Invitation(
            wave.code,
            wave.title,
            WaveStatus(wave.status) in OPEN,
            wave.synthetic,
            _participant(municipality, row),
        )
        for wave, row in rows
    ]
    return sorted(found, key=lambda one: not one.open)


def lock_accepting(session: Session, wave_code: str, municipality_code: str, *until: WaveStatus) -> Wave:
    """The wave, kept from other steps, for a municipality that has said yes and may still change things."""
    wave = lock_wave(session, wave_code)
    require_changeable(wave, *until)
    if find_participant(session, wave_code, municipality_code).answer is not Answer.ACCEPTED:
        raise UserError("Svara först ja till omgången.")
    return wave


def require_changeable(wave: Wave, *until: WaveStatus) -> None:
    """Stop what comes too late, in words for the municipality."""
    if WaveStatus(wave.status) not in until:
        raise UserError(
            "Det går inte längre att ändra: urvalet förbereds eller är draget. "
            "Hör av dig till den som ansvarar för mätningen."
        )


def _participant(municipality: Municipality, row: Participation) -> Participant:
    answers = {None: Answer.INVITED, True: Answer.ACCEPTED, False: Answer.DECLINED}
    return Participant(
        municipality_code=row.municipality_code,
        municipality=municipality.name,
        police_region=municipality.police_region,
        answer=answers[row.accepted],
        invited_on=row.invited_on,
        answer_until=row.answer_until,
        invitation=row.invitation,
        answered_on=row.answered_on,
        reason=row.reason,
        incomplete_because=row.incomplete_because,
    )


def _text(text: str, what: str) -> str:
    found = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not 1 <= len(found) <= LONGEST_TEXT or not found.replace("\n", " ").isprintable():
        raise UserError(f"{what} ska ha 1–{LONGEST_TEXT} tecken, inga styrtecken.")
    return found
