"""Tables asked for beside a release: asked, computed, approved by another person or refused; all kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import audit, clock
from survey.errors import Conflict, Faults, UserError
from survey.models.job import JobKind
from survey.models.release import Audience, Release
from survey.models.requested_table import WITHDRAWN_TABLES, RequestedFigure, RequestedTable
from survey.models.table_request import RequestState, TableRequest
from survey.preparation import jobs
from survey.preparation.two_persons import require_another
from survey.preparation.waves import lock_wave
from survey.processing.approved_rows import release_rows
from survey.processing.request_answers import Answer
from survey.processing.request_questions import Question, from_text, stated
from survey.processing.table_withdrawals import Withdrawal, withdrawal_of
from survey.processing.told_so_far import beside_now

SHOWN = 200
THE_RULES = "reglerna"
WITHDRAWN, TO_BE_WITHDRAWN = "tillbakadragen", "godkänd, väntar på att dras tillbaka"
STATE_WORDS = {
    RequestState.ASKED: "väntar på att räknas",
    RequestState.COMPUTED: "räknad, väntar på godkännande",
    RequestState.APPROVED: "godkänd",
    RequestState.REFUSED: "avslagen",
}


@dataclass(frozen=True)
class RequestEntry:
    """A request as pages and commands show it."""

    id: int
    wave_code: str
    question: Question
    purpose: str
    state: RequestState
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    result: Mapping[str, Any]
    newer_version: int | None  # of the wave's release, since it was computed
    withdrawal: Withdrawal | None  # of an approved table
    audience: Audience | None  # of an approved table

    @property
    def withdrawn(self) -> bool:
        return self.withdrawal is not None and self.withdrawal.done

    @property
    def state_words(self) -> str:
        if self.withdrawal is None:
            return STATE_WORDS[self.state]
        return WITHDRAWN if self.withdrawal.done else TO_BE_WITHDRAWN

    @property
    def released(self) -> int:
        """Rows that may be shown."""
        return sum(bool(row["released"]) for row in self.result.get("rows", ()))


def ask(session: Session, wave_code: str, question: Question, purpose: str, *, by: str) -> int:
    """Keep a question to be computed; it is refused at once when the wave cannot be asked."""
    lock_wave(session, wave_code)
    beside_now(session, wave_code)
    purpose = stated(purpose, "syfte", "Skriv vad tabellen ska användas till")
    text = question.as_text()
    same = select(TableRequest.id).where(
        TableRequest.wave_code == wave_code,
        TableRequest.kind == question.kind.value,
        TableRequest.question == text,
        TableRequest.state != RequestState.REFUSED.value,
        TableRequest.id.not_in(WITHDRAWN_TABLES),
    )
    if (other := session.scalar(same.limit(1))) is not None:
        raise Faults({"matt": f"Samma tabell är redan beställd, nummer {other}."})
    request = TableRequest(
        wave_code=wave_code,
        kind=question.kind.value,
        question=text,
        purpose=purpose,
        asked_by=by,
        asked_at=datetime.now(UTC),
    )
    session.add(request)
    session.flush()
    audit.record(session, by, "ask for table", wave_code, number=request.id, question=text)
    return request.id


def order_computing(session: Session, wave_code: str, by: str, now: datetime) -> None:
    """Have the worker compute what is asked of a wave, unless it is about to or at it.

    A worker at it has read what was asked before; what has come since it orders when it is done.
    """
    lock_wave(session, wave_code)
    if not jobs.is_unfinished(session, wave_code, JobKind.MAKE_TABLES):
        jobs.enqueue(session, wave_code, JobKind.MAKE_TABLES, by, now)


def order_rest(session: Session, wave_code: str, by: str, now: datetime) -> None:
    """Have the worker compute what has been asked while it was at the last."""
    lock_wave(session, wave_code)
    asked = (TableRequest.wave_code == wave_code) & (TableRequest.state == RequestState.ASKED.value)
    if session.scalar(select(TableRequest.id).where(asked).limit(1)) is not None:
        order_computing(session, wave_code, by, now)


def keep_answers(session: Session, answers: Sequence[Answer], *, by: str) -> None:
    """Store what was computed; what the rules refuse is refused."""
    for answer in answers:
        request = _find(session, answer.request_id)
        if request.state != RequestState.ASKED:
            continue
        request.computed_at, request.release_id = datetime.now(UTC), answer.release_id
        if answer.result is None:
            request.state, request.reason = RequestState.REFUSED.value, answer.refusal
            request.decided_by, request.decided_at = THE_RULES, datetime.now(UTC)
        else:
            request.state = RequestState.COMPUTED.value
            request.result = json.dumps(answer.result, ensure_ascii=False)
        session.flush()
        audit.record(session, by, "compute table", request.wave_code, number=request.id, state=request.state)


def approve(session: Session, request_id: int, *, by: str, audience: str = Audience.REGION) -> None:
    """Release the rows of a computed request: not by whoever asked, not beside more than was checked.

    They are read by an audience, and by those nearer than it, once the release beside them is open to it.
    """
    request = _locked(session, request_id)
    _require(request, RequestState.COMPUTED)
    require_another(session, request.asked_by, by)
    result = json.loads(request.result or "{}")
    if json.loads(json.dumps(asdict(beside_now(session, request.wave_code)))) != result["beside"]:
        raise Conflict(
            "En ny version eller en annan tabell har släppts sedan den här räknades. "
            "Låt räkna om den, så att den prövas också mot det nya."
        )
    if not any(row["released"] for row in result["rows"]):
        raise UserError("Ingen rad i tabellen får visas, så det finns inget att släppa. Avslå den i stället.")
    if audience not in set(Audience):
        raise Faults({"lasare": "Välj vilka som får läsa tabellen."})
    release_rows(session, request, Audience(audience))  # while it is not decided; after that nothing is added
    _decide(session, request, RequestState.APPROVED, "", by)
    audit.record(session, by, "approve table", request.wave_code, number=request.id, to=audience)


def refuse(session: Session, request_id: int, reason: str, *, by: str) -> None:
    """Refuse a request, with the reason; whoever asked may take it back so."""
    request = _locked(session, request_id)
    _require(request, RequestState.ASKED, RequestState.COMPUTED)
    reason = stated(reason, "skal", "Skriv varför")
    _decide(session, request, RequestState.REFUSED, reason, by)
    audit.record(session, by, "refuse table", request.wave_code, number=request.id, reason=reason)


def compute_again(session: Session, request_id: int, *, by: str) -> str:
    """Have a computed request computed once more, beside what has been released since; its wave."""
    request = _locked(session, request_id)
    _require(request, RequestState.COMPUTED)
    request.state, request.result, request.computed_at = RequestState.ASKED.value, None, None
    session.flush()
    audit.record(
        session, by, "ask for table", request.wave_code, number=request.id, question=request.question
    )
    return request.wave_code


def list_requests(session: Session) -> list[RequestEntry]:
    """The newest requests."""
    newest = select(TableRequest).order_by(TableRequest.id.desc()).limit(SHOWN)
    return [_entry(session, one) for one in session.scalars(newest)]


def find_request(session: Session, request_id: int) -> RequestEntry:
    """One request with what came of it."""
    return _entry(session, _find(session, request_id))


def released_rows(session: Session, request_id: int) -> list[dict[str, Any]]:
    """The released rows of an approved request; none before, none when it is withdrawn."""
    if (found := withdrawal_of(session, request_id)) is not None and found.done:
        return []
    query = select(RequestedFigure).where(RequestedFigure.request_id == request_id)
    names = [
        column.name for column in RequestedFigure.__table__.columns if column.name not in ("id", "request_id")
    ]
    return [
        {name: getattr(row, name) for name in names}
        for row in session.scalars(query.order_by(RequestedFigure.id))
    ]


def _decide(session: Session, request: TableRequest, state: RequestState, reason: str, by: str) -> None:
    request.state, request.reason = state.value, reason
    request.decided_by, request.decided_at = by, datetime.now(UTC)
    session.flush()


def _find(session: Session, request_id: int) -> TableRequest:
    found = session.get(TableRequest, request_id) if request_id < 2**31 else None
    if found is None:
        raise UserError(f"Det finns ingen beställd tabell med nummer {request_id}.")
    return found


def _locked(session: Session, request_id: int) -> TableRequest:
    """The request as it stands now; nobody else decides on one of the wave meanwhile."""
    request = _find(session, request_id)
    lock_wave(session, request.wave_code)
    session.refresh(request)
    return request


def _require(request: TableRequest, *states: RequestState) -> None:
    state = RequestState(request.state)
    if state not in states:
        raise Conflict(f"Tabell {request.id} kan inte ändras så. Läge: {STATE_WORDS[state]}.")


def _entry(session: Session, one: TableRequest) -> RequestEntry:
    return RequestEntry(
        one.id,
        one.wave_code,
        from_text(one.kind, one.question),
        one.purpose,
        RequestState(one.state),
        one.asked_by,
        clock.local(one.asked_at),
        one.decided_by or "",
        clock.local(one.decided_at) if one.decided_at else None,
        one.reason or "",
        json.loads(one.result or "{}"),
        _newer_version(session, one),
        withdrawal_of(session, one.id) if one.state == RequestState.APPROVED else None,
        _audience(session, one.id),
    )


def _audience(session: Session, request_id: int) -> Audience | None:
    """Who may read what was approved; those nearer may too."""
    told = select(RequestedTable.audience).where(RequestedTable.request_id == request_id)
    found = session.scalar(told)
    return Audience(found) if found else None


def _newer_version(session: Session, request: TableRequest) -> int | None:
    since = select(func.max(Release.version)).where(
        Release.wave_code == request.wave_code,
        Release.released_at.is_not(None),
        Release.id > (request.release_id or 0),
    )
    return session.scalar(since) if request.release_id else None
