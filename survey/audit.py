"""The append-only record of who did what."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models.audit_event import AuditEvent


def record(session: Session, actor: str, action: str, subject: str, **detail: object) -> None:
    """Add an event to the audit log in the caller's transaction; names, codes and answers never go here."""
    session.add(
        AuditEvent(
            happened_at=datetime.now(UTC),
            actor=actor,
            action=action,
            subject=subject,
            detail=json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str),
        )
    )


def events(session: Session, limit: int, before: int | None = None) -> Sequence[AuditEvent]:
    """The newest events, or the newest of those older than one already seen."""
    newest = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(limit)
    return session.scalars(newest if before is None else newest.where(AuditEvent.id < before)).all()
