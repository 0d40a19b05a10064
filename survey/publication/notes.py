"""An analyst's notes on a report: which made sentences are left out, and what is said beside them."""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import clock
from survey.models.release import Release
from survey.models.report_note import NoteKind, ReportNote
from survey.publication import numbers
from survey.publication.content import Comment
from survey.publication.released import Notes

SUMMARY = "summary"


def note_history(session: Session, release_id: int, municipality_code: str) -> Sequence[ReportNote]:
    """Every step that was taken, the first first."""
    query = select(ReportNote).where(
        ReportNote.release_id == release_id, ReportNote.municipality_code == municipality_code
    )
    return session.scalars(query.order_by(ReportNote.id)).all()


def read_notes(session: Session, release_id: int, municipality_code: str) -> Notes:
    """The notes that hold: the newest step of each sentence and of each comment."""
    hidden: dict[str, bool] = {}
    comments: dict[str, Comment] = {}
    for step in note_history(session, release_id, municipality_code):
        if step.kind == NoteKind.COMMENT:
            day = numbers.day(clock.local(step.noted_at).date())
            comments[step.place] = Comment(step.place, step.text, day)
        else:
            hidden[step.text] = step.kind == NoteKind.HIDE
    return Notes(
        frozenset(sentence for sentence, is_hidden in hidden.items() if is_hidden),
        tuple(comment for comment in comments.values() if comment.text),
    )


def lock_notes(session: Session, release_id: int) -> None:
    """Nobody notes anything, nor records a report as current, until the transaction at hand ends."""
    session.scalar(select(Release.id).where(Release.id == release_id).with_for_update())


def notes_fingerprint(session: Session, release_id: int, municipality_code: str) -> str:
    """What an analyst has done to a report, in short: files that say something else are out of use."""
    notes = read_notes(session, release_id, municipality_code)
    return sha256(repr((sorted(notes.hidden), notes.comments)).encode()).hexdigest()
