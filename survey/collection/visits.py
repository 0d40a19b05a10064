"""A resident's browser session, kept on the server so that it can be ended there."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import orjson
from sqlalchemy import Table, bindparam, delete, insert, select, update

from survey.clock import local
from survey.collection import storage
from survey.credentials import hash_token, new_token
from survey.models.browser_session import BrowserSession
from survey.prepared import Prepared, Statements

IDLE = timedelta(hours=1)  # every page is saved, so that nothing is lost when it ends


@dataclass(frozen=True)
class Visit:
    """Whose answers the browser may give, and the pages it has answered by itself."""

    case_id: int
    seen_pages: tuple[str, ...]

    @classmethod
    def of(cls, case_id: int, stored: str) -> "Visit":
        return cls(case_id, tuple(orjson.loads(stored)))


# Prepared once: every page asks for its visit, and building a statement costs more than running it.
_visit = cast(Table, BrowserSession.__table__)
_THIS = (_visit.c.key_hash == bindparam("of_key")) & _visit.c.case_id.is_not(None)
_FORGET_PAST = Prepared(delete(_visit).where(_visit.c.expires_at <= bindparam("now")))
_ADD = Prepared(insert(_visit))
_FIND = Prepared(
    select(_visit.c.case_id, _visit.c.seen_pages).where(_THIS, _visit.c.expires_at > bindparam("now"))
)
_MARK = Prepared(
    update(_visit)
    .where(_THIS, _visit.c.seen_pages == bindparam("seen_before"))
    .values(seen_pages=bindparam("seen_now"), expires_at=bindparam("until"))
)
_END = Prepared(delete(_visit).where(_THIS))


def open_visit(session: Statements, case_id: int, now: datetime) -> str:
    """Begin a visit: the key for the browser's cookie."""
    now = now.astimezone(UTC)
    _FORGET_PAST.change(session, now=now)
    key = new_token()
    _ADD.change(
        session,
        key_hash=hash_token(key),
        case_id=case_id,
        expires_at=now + IDLE,
        seen_pages="[]",
        second_factor_given=False,
    )
    storage.note_opened(session, case_id, local(now).date())
    return key


def find_visit(session: Statements, key: str, now: datetime) -> Visit | None:
    """The visit with this key, unless it has ended."""
    found = _FIND.first(session, of_key=hash_token(key), now=now.astimezone(UTC))
    return Visit.of(found.case_id, found.seen_pages) if found else None


def mark_seen(
    session: Statements, key: str, page_id: str, now: datetime | None = None, last: Visit | None = None
) -> None:
    """Remember that this browser answered a page, and let the visit last from now.

    `last` is the visit as it was last found. When another window has gone on since, it is found anew.
    """
    now = (now or datetime.now(UTC)).astimezone(UTC)
    visit = last or find_visit(session, key, now)
    while visit is not None and not _mark(session, key, visit.seen_pages, page_id, now):
        visit = find_visit(session, key, now)


def end_visit(session: Statements, key: str) -> None:
    """End a visit; the key opens nothing any more."""
    _END.change(session, of_key=hash_token(key))


def _mark(session: Statements, key: str, seen_pages: tuple[str, ...], page_id: str, now: datetime) -> bool:
    return (
        _MARK.change(
            session,
            of_key=hash_token(key),
            seen_before=json.dumps(seen_pages),
            seen_now=json.dumps(tuple(dict.fromkeys((*seen_pages, page_id)))),
            until=now + IDLE,
        )
        == 1
    )
