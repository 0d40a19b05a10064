"""Approved tables that shall be read no more: asked with a reason, carried out at once or by another person.

Only the reading ends. The request stays approved and its rows stay, so that every later table and release is
still held against what it has told.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from survey import audit, clock
from survey.errors import Conflict, UserError
from survey.models.requested_table import RequestedTable, TableWithdrawal
from survey.preparation.two_persons import require_another
from survey.preparation.waves import lock_wave
from survey.processing.request_questions import stated


@dataclass(frozen=True)
class Withdrawal:
    """Why a table shall be read no more, who asked, and who carried it out."""

    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None

    @property
    def done(self) -> bool:
        return self.decided_at is not None

    @property
    def key(self) -> str:
        """What tells this one from an earlier one that was not carried out."""
        return self.asked_at.isoformat()


def ask(session: Session, request_id: int, reason: str, *, by: str, two_persons: bool) -> bool:
    """Withdraw an approved table, or ask another person to; whether it is withdrawn.

    Simulated answers need one person, as their release does.
    """
    table = _find(session, request_id)
    wave = lock_wave(session, table.wave_code)
    if (found := withdrawal_of(session, request_id)) is not None:
        raise Conflict(
            f"Tabell {request_id} är redan tillbakadragen."
            if found.done
            else f"{found.asked_by} har redan begärt att tabell {request_id} dras tillbaka."
        )
    reason = stated(reason, "skal_tillbaka", "Skriv varför tabellen dras tillbaka")
    now = datetime.now(UTC)
    row = TableWithdrawal(request_id=request_id, reason=reason, asked_by=by, asked_at=now)
    session.add(row)
    session.flush()
    if two_persons and not wave.synthetic:
        audit.record(session, by, "ask to withdraw table", wave.code, number=request_id, reason=reason)
        return False
    _carry_out(session, table, row, by)
    return True


def approve(session: Session, request_id: int, *, by: str, asked: str | None = None) -> None:
    """Withdraw a table that another person has asked to; with what was read, nothing else is approved."""
    table = _find(session, request_id)
    row = _waiting(session, table, asked)
    require_another(session, row.asked_by, by)
    _carry_out(session, table, row, by)


def decline(session: Session, request_id: int, *, by: str, asked: str | None = None) -> None:
    """Let the table stand; whoever asked may take it back so."""
    table = _find(session, request_id)
    row = _waiting(session, table, asked)
    session.delete(row)
    session.flush()
    audit.record(session, by, "keep table", table.wave_code, number=request_id)


def withdrawal_of(session: Session, request_id: int) -> Withdrawal | None:
    """What is asked or done about a table, if anything."""
    row = session.get(TableWithdrawal, request_id, populate_existing=True)
    if row is None:
        return None
    decided = clock.local(row.decided_at) if row.decided_at else None
    return Withdrawal(row.reason, row.asked_by, clock.local(row.asked_at), row.decided_by or "", decided)


def _carry_out(session: Session, table: RequestedTable, row: TableWithdrawal, by: str) -> None:
    row.decided_by, row.decided_at = by, datetime.now(UTC)
    session.flush()
    audit.record(
        session,
        by,
        "withdraw table",
        table.wave_code,
        number=table.request_id,
        asked_by=row.asked_by,
        reason=row.reason,
    )


def _find(session: Session, request_id: int) -> RequestedTable:
    found = session.get(RequestedTable, request_id) if request_id < 2**31 else None
    if found is None:
        raise UserError(f"Det finns ingen godkänd tabell med nummer {request_id} att dra tillbaka.")
    return found


def _waiting(session: Session, table: RequestedTable, asked: str | None) -> TableWithdrawal:
    """What somebody has asked; nobody else decides on a table of the wave meanwhile."""
    lock_wave(session, table.wave_code)
    found = withdrawal_of(session, table.request_id)
    if found is None or found.done or (asked is not None and asked != found.key):
        raise Conflict("Begäran har ändrats sedan du läste den. Läs sidan som den är nu.")
    return session.get_one(TableWithdrawal, table.request_id)
