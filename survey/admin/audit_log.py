"""The record of who did what."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey import audit, clock
from survey.access import note, requires
from survey.admin.audit_details import details, subject_words
from survey.admin.audit_words import ACTION_WORDS
from survey.admin.room import blueprint
from survey.database import reading
from survey.permissions import Permission

EVENTS_A_PAGE = 100
LARGEST = 2**31 - 1


@blueprint.get("/logg")
@requires(Permission.READ_AUDIT_LOG)
def audit_log() -> ResponseReturnValue:
    """Who did what, the newest first, a page at a time."""
    before = request.args.get("fore", type=int)
    note("read the audit log", f"before {before}" if before is not None else "newest")
    with reading() as session:
        # A number that no event has, however long, is asked of no database.
        events = audit.events(
            session, EVENTS_A_PAGE, None if before is None else max(0, min(before, LARGEST))
        )
    older = events[-1].id if len(events) == EVENTS_A_PAGE else None
    return render_template(
        "admin/audit_log.html",
        events=events,
        words=ACTION_WORDS,
        details=details,
        subject_words=subject_words,
        older=older,
        local=clock.local,
    )
