"""Who may release: one person asks and, where the operator wants it, another approves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from survey import audit, clock
from survey.errors import Conflict, UserError
from survey.models.releasing import ReleaseRequest
from survey.preparation.two_persons import require_another
from survey.preparation.waves import lock_wave
from survey.processing import checklist, embargoes
from survey.processing.releasable import find_draft, require_releasable
from survey.processing.releases import Processed, release


@dataclass(frozen=True)
class Asked:
    """What came of asking: released at once, or waiting for another person."""

    version: int
    released: bool


@dataclass(frozen=True)
class Request:
    """A request that waits for another person."""

    requested_by: str
    requested_at: datetime
    reason: str

    @property
    def key(self) -> str:
        """What tells this request from an earlier one."""
        return self.requested_at.isoformat()


def ask(
    session: Session,
    wave_code: str,
    times: Mapping[str, str],
    reason: str | None,
    *,
    by: str,
    two_persons: bool,
    ticked: Collection[str] = (),
) -> Asked:
    """Release a wave's draft, or ask another person to; simulated answers need one person and no ticks."""
    wave = lock_wave(session, wave_code)
    draft = require_releasable(session, wave_code, reason)
    embargoes.set_times(session, draft, embargoes.read_times(times))
    checklist.tick(session, draft.id, ticked, by, required=not wave.synthetic)
    if not two_persons or wave.synthetic:
        return Asked(release(session, wave_code, by=by, reason=reason).version, True)
    session.merge(
        ReleaseRequest(release_id=draft.id, requested_by=by, requested_at=datetime.now(UTC), reason=reason)
    )
    session.flush()
    audit.record(session, by, "ask for release", wave_code, version=draft.version, reason=reason or "")
    return Asked(draft.version, False)


def approve(session: Session, wave_code: str, *, by: str, asked: str | None = None) -> Processed:
    """Release what another person has asked for; with the request that was read, no other is approved."""
    lock_wave(session, wave_code)
    draft = find_draft(session, wave_code)
    found = request_of(session, draft.id) if draft else None
    if found is None:
        raise UserError(f"Ingen har begärt att resultatet av {wave_code} släpps.")
    if asked is not None and found.key != asked:
        raise Conflict("Begäran har ändrats sedan du läste den. Granska utkastet som det är nu.")
    require_another(session, found.requested_by, by)
    return release(session, wave_code, by=by, reason=found.reason or None)


def request_of(session: Session, draft_id: int) -> Request | None:
    """The request for a draft, if there is one."""
    found = session.get(ReleaseRequest, draft_id)
    if found is None:
        return None
    return Request(found.requested_by, clock.local(found.requested_at), found.reason or "")
