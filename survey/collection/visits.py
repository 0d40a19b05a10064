"""A resident's browser session, kept on the server so that it can be ended there."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey.clock import local
from survey.collection import storage
from survey.credentials import hash_token, new_token
from survey.models.browser_session import BrowserSession

IDLE = timedelta(hours=1)  # every page is saved, so that nothing is lost when it ends


@dataclass(frozen=True)
class Visit:
    """Whose answers the browser may give, and the pages it has answered by itself."""

    case_id: int
    seen_pages: tuple[str, ...]


def open_visit(session: Session, case_id: int, now: datetime) -> str:
    """Begin a visit: the key for the browser's cookie."""
    session.execute(delete(BrowserSession).where(BrowserSession.expires_at <= now.astimezone(UTC)))
    key = new_token()
    session.add(
        BrowserSession(key_hash=hash_token(key), case_id=case_id, expires_at=now.astimezone(UTC) + IDLE)
    )
    session.flush()
    storage.note_opened(session, case_id, local(now).date())
    return key


def find_visit(session: Session, key: str, now: datetime) -> Visit | None:
    """The visit with this key, unless it has ended."""
    found = session.execute(
        select(BrowserSession.case_id, BrowserSession.seen_pages).where(
            BrowserSession.key_hash == hash_token(key),
            BrowserSession.case_id.is_not(None),
            BrowserSession.expires_at > now.astimezone(UTC),
        )
    ).first()
    return Visit(found.case_id, tuple(json.loads(found.seen_pages))) if found else None


def mark_seen(session: Session, key: str, page_id: str, now: datetime | None = None) -> None:
    """Remember that this browser answered a page, and let the visit last from now."""
    now = (now or datetime.now(UTC)).astimezone(UTC)
    visit = find_visit(session, key, now)
    if visit is None:
        return
    pages = list(dict.fromkeys((*visit.seen_pages, page_id)))
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.key_hash == hash_token(key))
        .values(seen_pages=json.dumps(pages), expires_at=now + IDLE)
    )


def end_visit(session: Session, key: str) -> None:
    """End a visit; the key opens nothing any more."""
    session.execute(
        delete(BrowserSession).where(
            BrowserSession.key_hash == hash_token(key), BrowserSession.case_id.is_not(None)
        )
    )
