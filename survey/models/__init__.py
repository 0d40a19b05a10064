"""Tables, one file per thing; rules live in the stage rooms.

All tables of the survey database are imported here, so that foreign keys find their targets
whichever of them is imported first. Contacts have a database of their own and are not among them.
"""

from survey.models import (
    account,
    area,
    attempt,
    audit_event,
    browser_session,
    case,
    deletion,
    fieldwork,
    imported_wave,
    invitation,
    job,
    local_questions,
    mailing,
    municipality,
    open_answer,
    paper_form,
    participation,
    population,
    register_upload,
    release,
    response,
    sampling_plan,
    series,
    wave,
)

__all__ = [
    "account",
    "area",
    "attempt",
    "audit_event",
    "browser_session",
    "case",
    "deletion",
    "fieldwork",
    "imported_wave",
    "invitation",
    "job",
    "local_questions",
    "mailing",
    "municipality",
    "open_answer",
    "paper_form",
    "participation",
    "population",
    "register_upload",
    "release",
    "response",
    "sampling_plan",
    "series",
    "wave",
]
