"""The mailing calendar of a wave: what is sent when, with which words; planned, late, done.

A wave keeps only where it differs from the usual plan, and a mailing can be changed until it is printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection.mailing_changes import Change, changes_in_form
from survey.collection.recipients import GAP_DAYS, count_recipients
from survey.collection.usual_mailings import ORDER, USUAL
from survey.errors import UserError
from survey.models.case import Case, CaseEvent, CaseEventKind
from survey.models.mailing import MailedCase, Mailing, MailingKind
from survey.models.wave import Wave, WaveStatus
from survey.preparation.waves import find_wave, lock_wave

EARLIEST = timedelta(days=30)  # before the first answer day
Sent = Mapping[MailingKind, tuple[int, date]]  # how many were sent each mailing, and when the first of them


@dataclass(frozen=True)
class PlannedMailing:
    """A mailing of a wave as it stands."""

    kind: MailingKind
    words: str
    planned_on: date | None
    text: str
    waiting: int  # whom it would go to on its day, or today when that has passed, if nobody more answers
    countable: bool  # nobody can be reminded of a letter that is not printed
    sent: int
    first_on: date | None
    answered_after: int
    state: str

    @property
    def late(self) -> bool:
        return self.state == "late"


def calendar(session: Session, wave_code: str, today: date) -> list[PlannedMailing]:
    """Every mailing of a wave in the order of its days; what is left out last."""
    wave = find_wave(session, wave_code)
    days, texts, sent = _days(session, wave), _texts(session, wave_code), _sent(session, wave_code)
    found = [_planned(session, wave, kind, days[kind], texts[kind], sent, today) for kind in USUAL]
    return sorted(found, key=lambda one: one.planned_on or date.max)


def off_plan(session: Session, wave_code: str, kind: MailingKind, today: date) -> str:
    """Why a reminder is not to go out today by the calendar; empty when it is.

    What has begun may be finished, and first letters are printed before their day.
    """
    wave = find_wave(session, wave_code)
    if kind is MailingKind.LETTER or kind in _sent(session, wave_code):
        return ""
    day = _days(session, wave)[kind]
    if day is None:
        return f"{USUAL[kind].words} ska inte skickas enligt kalendern."
    return f"{USUAL[kind].words} ska skickas {day} enligt kalendern." if today < day else ""


def require_on_plan(
    session: Session, wave_code: str, kind: MailingKind, today: date, by: str, *, forced: bool, how: str
) -> None:
    """Stop a reminder that the calendar does not have today, unless it is forced; then the log says so."""
    why = off_plan(session, wave_code, kind, today)
    if not why:
        return
    if not forced:
        raise UserError(f"{why} Ändra dagen där, eller {how}")
    audit.record(session, by, "mail off plan", f"{wave_code} {kind}")


def text_of(session: Session, wave_code: str, kind: MailingKind) -> str:
    """What a mailing says, in the words of the wave or the usual ones."""
    return _texts(session, wave_code)[kind]


def plan(
    session: Session, wave_code: str, changes: Mapping[MailingKind, Change], today: date, by: str
) -> None:
    """Change days and texts together: all of it or nothing."""
    wave = lock_wave(session, wave_code)
    if wave.status == WaveStatus.CLOSED:
        raise UserError(f"Omgången {wave_code} är stängd: utskicken kan inte ändras.")
    sent = _sent(session, wave_code)
    for kind, change in changes.items():
        if kind in sent:
            raise UserError(f"{USUAL[kind].words} är redan utskrivet och kan inte ändras.")
        _keep(session, wave_code, kind, change)
    session.flush()
    _check_days(wave, _days(session, wave), changes, today)
    for kind, change in changes.items():
        audit.record(session, by, "plan mailing", f"{wave_code} {kind}", **change.told)


def plan_by_form(session: Session, wave_code: str, fields: Mapping[str, str], today: date, by: str) -> int:
    """Change what a form says otherwise than the calendar; how many mailings that were."""
    now = [(one.kind, one.planned_on, one.text) for one in calendar(session, wave_code, today)]
    changes = changes_in_form(now, fields)
    if changes:
        plan(session, wave_code, changes, today, by)
    return len(changes)


def _planned(
    session: Session, wave: Wave, kind: MailingKind, day: date | None, text: str, sent: Sent, today: date
) -> PlannedMailing:
    number, first = sent.get(kind, (0, None))
    waiting = _waiting(session, wave, kind, max(day or today, today))
    return PlannedMailing(
        kind=kind,
        words=USUAL[kind].words,
        planned_on=day,
        text=text,
        waiting=waiting,
        countable=kind is MailingKind.LETTER or MailingKind.LETTER in sent,
        sent=number,
        first_on=first,
        answered_after=_answered_after(session, wave.code, kind) if number else 0,
        state=_state(wave, kind, day, number, waiting, today),
    )


def _waiting(session: Session, wave: Wave, kind: MailingKind, day: date) -> int:
    can_print = {WaveStatus.OPEN} | ({WaveStatus.SAMPLED} if kind is MailingKind.LETTER else set())
    if kind is MailingKind.SMS or wave.status not in can_print:
        return 0
    return sum(count_recipients(session, wave.code, kind, day).values())


def _state(wave: Wave, kind: MailingKind, day: date | None, sent: int, waiting: int, today: date) -> str:
    if sent:
        # Reminders are for those who were silent on the day; a first letter is for everybody.
        return "underway" if kind is MailingKind.LETTER and waiting else "done"
    if day is None:
        return "left out"
    if kind is MailingKind.SMS:
        return "outside"
    if today < day or wave.status == WaveStatus.CLOSED:
        return "planned"
    return "late" if today > day else "due"


def _days(session: Session, wave: Wave) -> dict[MailingKind, date | None]:
    """The day of each mailing; the usual ones that come too late for an answer are left out."""
    kept = _kept(session, wave.code)
    last = wave.field_end - timedelta(days=GAP_DAYS)
    found: dict[MailingKind, date | None] = {}
    for kind, usual in USUAL.items():
        day = wave.field_start + timedelta(days=usual.day)
        row = kept.get(kind)
        if row is not None and (row.left_out or row.planned_on):
            found[kind] = row.planned_on
        else:
            found[kind] = day if day <= last or kind is MailingKind.LETTER else None
    return found


def _texts(session: Session, wave_code: str) -> dict[MailingKind, str]:
    kept = _kept(session, wave_code)
    return {kind: (kept[kind].text if kind in kept else None) or usual.text for kind, usual in USUAL.items()}


def _kept(session: Session, wave_code: str) -> dict[MailingKind, Mailing]:
    rows = session.scalars(select(Mailing).where(Mailing.wave_code == wave_code))
    return {MailingKind(row.kind): row for row in rows}


def _keep(session: Session, wave_code: str, kind: MailingKind, change: Change) -> None:
    row = session.get(Mailing, (wave_code, kind.value))
    if row is None:
        row = Mailing(wave_code=wave_code, kind=kind.value, left_out=False)
        session.add(row)
    if change.left_out or change.planned_on is not None:
        row.planned_on, row.left_out = change.planned_on, change.left_out
    if change.text is not None:
        row.text = change.text or None


def _check_days(
    wave: Wave,
    days: Mapping[MailingKind, date | None],
    changes: Mapping[MailingKind, Change],
    today: date,
) -> None:
    if days[MailingKind.LETTER] is None:
        raise UserError("Brevet kan inte tas bort: utan det får ingen någon kod.")
    for kind, change in changes.items():
        if change.planned_on is not None:
            _check_day(wave, USUAL[kind].words, change.planned_on, today)
    dated = [(kind, day) for kind in ORDER if (day := days[kind]) is not None]
    for (before, earlier), (kind, day) in pairwise(dated):
        if day < earlier + timedelta(days=GAP_DAYS):
            raise UserError(
                f"{USUAL[kind].words} ({day}) måste komma minst {GAP_DAYS} dagar efter "
                f"{USUAL[before].words.lower()} ({earlier}). Ändra båda på en gång."
            )


def _check_day(wave: Wave, words: str, day: date, today: date) -> None:
    if day < today:
        raise UserError(f"{words}: {day} har redan varit.")
    first = wave.field_start - EARLIEST
    if not first <= day <= wave.field_end:
        raise UserError(
            f"{words}: {day} ligger utanför tiden från {first} till sista svarsdag, {wave.field_end}."
        )


def _sent(session: Session, wave_code: str) -> Sent:
    rows = session.execute(
        select(MailedCase.kind, func.count(), func.min(MailedCase.mailed_on))
        .join(Case, Case.id == MailedCase.case_id)
        .where(Case.wave_code == wave_code)
        .group_by(MailedCase.kind)
    )
    return {MailingKind(kind): (number, first) for kind, number, first in rows}


def _answered_after(session: Session, wave_code: str, kind: MailingKind) -> int:
    """Of those who were sent a mailing, how many handed in on that day or later."""
    found = (
        select(func.count())
        .select_from(MailedCase)
        .join(Case, Case.id == MailedCase.case_id)
        .join(CaseEvent, CaseEvent.case_id == Case.id)
        .where(Case.wave_code == wave_code, MailedCase.kind == kind.value)
        .where(CaseEvent.kind == CaseEventKind.SUBMITTED.value, CaseEvent.happened_on >= MailedCase.mailed_on)
    )
    return session.scalar(found) or 0
