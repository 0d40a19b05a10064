"""An analyst goes through a report before it is printed: leaves out, adds, and every step is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from unicodedata import category

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey import audit, clock
from survey.errors import UserError
from survey.models.release import Report
from survey.models.report_note import NoteKind, ReportNote
from survey.publication.content import MunicipalityReport
from survey.publication.embargo import SERVICE
from survey.publication.notes import SUMMARY, lock_notes, note_history
from survey.publication.payload import build_payload
from survey.publication.released import Notes
from survey.publication.releases import find_release
from survey.publication.report import comment_check
from survey.publication.results import read_released

LONGEST = 600  # letters of a comment
LONGEST_WORD = 40


@dataclass(frozen=True)
class SentenceChoice:
    """A made sentence of the summary and whether it is left out."""

    text: str
    hidden: bool


@dataclass(frozen=True)
class CommentPlace:
    """Where a comment may stand, what stands there, and what to think of in it."""

    place: str
    title: str
    text: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """What somebody changed: from what, to what."""

    at: datetime
    by: str
    where: str
    before: str
    after: str


@dataclass(frozen=True)
class ReportEditing:
    """A municipality's report as it will read, and all that was done to its words."""

    report: MunicipalityReport
    sentences: tuple[SentenceChoice, ...]
    places: tuple[CommentPlace, ...]
    steps: tuple[Step, ...]


def report_editing(session: Session, wave_code: str, municipality_code: str) -> ReportEditing:
    """The made sentences, the comments and the history of a municipality's newest release."""
    release = find_release(session, wave_code, SERVICE)
    released = read_released(session, wave_code, municipality_code, SERVICE)
    made = build_payload(replace(released, notes=Notes()))
    comments = {comment.place: comment.text for comment in released.notes.comments}
    titles = _titles(made)
    return ReportEditing(
        report=build_payload(released),
        sentences=tuple(
            SentenceChoice(text, text in released.notes.hidden) for text in made.summary.sentences
        ),
        places=tuple(
            CommentPlace(
                place, title, comments.get(place, ""), comment_check.warnings(comments.get(place, ""))
            )
            for place, title in titles.items()
        ),
        steps=_steps(note_history(session, release.id, municipality_code), titles),
    )


def choose_sentence(
    session: Session, wave_code: str, municipality_code: str, number: str, hide: bool, *, by: str
) -> None:
    """Leave a made sentence out, or take it in again."""
    editing = report_editing(session, wave_code, municipality_code)
    if not number.isdecimal() or not int(number) < len(editing.sentences):
        raise UserError("Meningen finns inte i den här rapporten. Läs in sidan på nytt.")
    chosen = editing.sentences[int(number)]
    if chosen.hidden is not hide:
        kind = NoteKind.HIDE if hide else NoteKind.SHOW
        _note(session, wave_code, municipality_code, (SUMMARY, kind, chosen.text), by=by)


def write_comment(
    session: Session, wave_code: str, municipality_code: str, place: str, text: str, *, by: str
) -> None:
    """Put a comment in a place, in place of the one that stood there; an empty one takes it away."""
    editing = report_editing(session, wave_code, municipality_code)
    found = next((one for one in editing.places if one.place == place), None)
    if found is None:
        raise UserError("Där kan ingen kommentar stå. Läs in sidan på nytt.")
    words = "".join(letter for letter in text if letter.isspace() or category(letter)[0] != "C").split()
    comment = " ".join(words)
    if len(comment) > LONGEST:
        raise UserError(f"Kommentaren har {len(comment)} tecken. Den får ha högst {LONGEST}.")
    if any(len(word) > LONGEST_WORD for word in words):
        raise UserError(f"Ett ord i kommentaren är längre än {LONGEST_WORD} tecken. Dela upp det.")
    if comment != found.text:
        note = (place, NoteKind.COMMENT, comment)
        _note(session, wave_code, municipality_code, note, by=by)


def _note(
    session: Session,
    wave_code: str,
    municipality_code: str,
    note: tuple[str, NoteKind, str],
    *,
    by: str,
) -> None:
    """Remember the step; the printed report says something else now and must be written again."""
    release = find_release(session, wave_code, SERVICE)
    place, kind, text = note
    lock_notes(session, release.id)
    session.add(
        ReportNote(
            release_id=release.id,
            municipality_code=municipality_code,
            place=place,
            kind=kind.value,
            text=text,
            noted_by=by,
            noted_at=clock.now(),
        )
    )
    session.execute(
        delete(Report).where(Report.release_id == release.id, Report.municipality_code == municipality_code)
    )
    session.flush()
    audit.record(
        session, by, "note in report", wave_code, municipality=municipality_code, place=place, kind=kind.value
    )


def _titles(report: MunicipalityReport) -> dict[str, str]:
    return {SUMMARY: "Det viktigaste", **{topic.id: topic.title for topic in report.topics}}


def _steps(history: Sequence[ReportNote], titles: dict[str, str]) -> tuple[Step, ...]:
    """The newest first, each beside what stood before it."""
    before: dict[tuple[str, str], str] = {}
    steps = []
    for note in history:
        comment = note.kind == NoteKind.COMMENT
        key = (note.place, "" if comment else note.text)
        after = note.text if comment or note.kind == NoteKind.SHOW else ""
        was = before.get(key, "" if comment else note.text)
        where = titles.get(note.place, note.place)
        steps.append(Step(clock.local(note.noted_at), note.noted_by, where, was, after))
        before[key] = after
    return tuple(reversed(steps))
