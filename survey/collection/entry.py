"""Lets a resident in by typed code or QR token, and says kindly why not."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from survey.collection import codes
from survey.collection.refusals import UnknownCode, UsedCode, WaveClosed, WaveNotOpenYet
from survey.credentials import hash_token, verify_secret
from survey.models.case import Case
from survey.models.invitation import Invitation
from survey.models.wave import Wave, WaveStatus
from survey.prepared import Prepared, Statements

# Who has begun on the last day may finish after midnight.
GRACE = timedelta(days=1)


def enter_by_code(session: Session, typed: str, today: date) -> int:
    """The case whose letter holds this code, when it may answer."""
    return _admit(_find_by_code(session, typed), today)


def enter_by_qr(session: Statements, token: str, today: date) -> int:
    """The case whose letter holds this QR token, when it may answer."""
    return _admit(_find_by_qr(session, token), today)


def case_of_code(session: Session, typed: str) -> int:
    """The case whose letter holds this code, whether or not it may still answer."""
    return int(_find_by_code(session, typed).case_id)


def case_of_qr(session: Session, token: str) -> int:
    """The case whose letter holds this QR token, whether or not it may still answer."""
    return int(_find_by_qr(session, token).case_id)


def require_open(status: str, field_start: date, last_day: date, today: date, *, synthetic: bool) -> None:
    """Stop when the wave takes no answers on this day."""
    if status == WaveStatus.CLOSED or today > last_day:
        raise WaveClosed(synthetic=synthetic)
    if status != WaveStatus.OPEN or today < field_start:
        raise WaveNotOpenYet


def _find_by_code(session: Session, typed: str) -> Any:
    code = codes.parse(typed)
    found = _BY_SELECTOR.first(session, selector=code.selector)
    # Also a selector that does not exist costs a hash, so that the time taken tells nothing.
    if not verify_secret(found.secret_hash if found else None, code.secret) or found is None:
        raise UnknownCode
    return found


def _find_by_qr(session: Statements, token: str) -> Any:
    found = _BY_QR.first(session, qr_hash=hash_token(token))
    if found is None:
        raise UnknownCode
    return found


def _admit(found: Any, today: date) -> int:
    require_open(found.status, found.field_start, found.field_end, today, synthetic=found.synthetic)
    if found.closed_on is not None:
        raise UsedCode
    case_id: int = found.case_id
    return case_id


_INVITATION: Select[*tuple[Any, ...]] = (
    select(
        Invitation.case_id,
        Invitation.secret_hash,
        Invitation.closed_on,
        Wave.status,
        Wave.field_start,
        Wave.field_end,
        Wave.synthetic,
    )
    .join(Case, Case.id == Invitation.case_id)
    .join(Wave, Wave.code == Case.wave_code)
)
_BY_SELECTOR = Prepared(_INVITATION.where(Invitation.selector == bindparam("selector")))
_BY_QR = Prepared(_INVITATION.where(Invitation.qr_hash == bindparam("qr_hash")))
