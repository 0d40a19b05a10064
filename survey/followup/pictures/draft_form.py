"""The form of a draft: all its texts at once, so that saving one never loses what is written in another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Faults, UserError
from survey.followup.audiences import readable_by
from survey.followup.pictures.content import NOTE
from survey.followup.pictures.drafts import (
    MOST_NOTES,
    PARTS,
    audiences_of,
    locked_draft,
    named,
    newest,
    ordered,
    rows_of,
    title_of,
)
from survey.followup.places import Place
from survey.followup.text_check import checked, plain
from survey.models.situation_picture import PictureText
from survey.models.source import SourceAudience

BY_ANOTHER = "Någon annan har ändrat texten sedan du öppnade sidan. Skriv ihop den med din och spara igen."
NOT_YOURS = "Texten är inte öppen för dig längre. Flytta det du skrev till en ny anteckning."
NO_AUDIENCE = "Välj vilka som får läsa texten."
TOO_MANY = f"Lägesbilden har {MOST_NOTES} anteckningar. Fler får den inte ha."


@dataclass(frozen=True)
class Given:
    """A text as it was handed in; the number of the version it was written over guards another's."""

    part: str
    text: str
    audience: str
    based_on: int


@dataclass(frozen=True)
class Editable:
    """A text as its form shows it."""

    part: str
    title: str
    help: str
    text: str
    audience: str
    based_on: int
    audiences: tuple[str, ...]  # who it may be meant for
    unsaved: bool = False
    stands: str | None = None  # how another has left it, where somebody has written over an older version


def write_texts(
    session: Session,
    place: Place,
    picture_id: int,
    given: Sequence[Given],
    by: str,
    now: datetime,
    reads_as: SourceAudience,
) -> None:
    """Keep a new version of every text that its writer has changed, or of none; an empty one is taken away.

    Nobody writes over a text that they may not read, nor for an audience that they are not of.

    Raises:
        Faults: by part, why texts cannot be kept as they are, or that another has written meanwhile.
        Conflict: the picture has been signed.
    """
    locked_draft(session, place, picture_id)
    versions = _Versions.of(session, picture_id, reads_as)
    changed = versions.changed(given, by)
    faults = {one.part: fault for one in changed if (fault := versions.fault(one))}
    if faults:
        raise Faults(faults)
    for one in changed:
        part = versions.next_note if one.part == NOTE else one.part
        session.add(
            PictureText(
                picture_id=picture_id,
                part=part,
                audience=one.audience,
                text=plain(one.text),
                written_by=by,
                written_at=now.astimezone(UTC),
            )
        )
        session.flush()
        audit.record(session, by, "write in picture", named(place), picture=picture_id, part=part)


def has_unsaved(
    session: Session, picture_id: int, given: Sequence[Given], by: str, reads_as: SourceAudience
) -> bool:
    """Whether a form holds something that its writer has not saved."""
    return bool(_Versions.of(session, picture_id, reads_as).changed(given, by))


def editables(
    session: Session, picture_id: int, reads_as: SourceAudience, given: Sequence[Given] = (), by: str = ""
) -> tuple[Editable, ...]:
    """Every text with a form; what somebody has changed and not saved stays where they wrote it."""
    versions = _Versions.of(session, picture_id, reads_as)
    written = {one.part: one for one in versions.changed(given, by)}
    notes = [part for part in ordered(versions.newest) if part.startswith(NOTE) and versions.shows(part)]
    new = [] if len(notes) >= MOST_NOTES else [NOTE]
    shown = [*PARTS, *notes, *new]
    lost = [part for part in written if part not in shown]
    return tuple(versions.editable(part, written.get(part)) for part in (*shown, *lost))


@dataclass(frozen=True)
class _Versions:
    """Every version of a draft's texts, as one of its writers may deal with them."""

    by_id: Mapping[int, PictureText]
    newest: Mapping[str, PictureText]
    allowed: tuple[str, ...]

    @classmethod
    def of(cls, session: Session, picture_id: int, reads_as: SourceAudience) -> "_Versions":
        rows = rows_of(session, picture_id)
        return cls({row.id: row for row in rows}, newest(rows), readable_by(reads_as))

    @property
    def next_note(self) -> str:
        numbers = (int(part.removeprefix(NOTE)) for part in self.newest if part.startswith(NOTE))
        return f"{NOTE}{max(numbers, default=0) + 1}"

    def shows(self, part: str) -> bool:
        row = self.newest[part]
        return bool(row.text) and row.audience in self.allowed

    def changed(self, given: Sequence[Given], by: str) -> list[Given]:
        """Those that say otherwise than what they were written over, and than what stands now."""
        return [one for one in given if not self._says_the_same(one, by)]

    def _says_the_same(self, one: Given, by: str) -> bool:
        over = self.by_id.get(one.based_on)
        known = [over if over and over.part == one.part else None, self.newest.get(one.part)]
        if one.part == NOTE:  # sent twice: the first has become a note of its own
            known += [row for row in self.newest.values() if row.written_by == by]
        text = plain(one.text)
        return any(
            (text, one.audience) == ((row.text, row.audience) if row else ("", one.audience)) for row in known
        )

    def fault(self, one: Given) -> str:
        """Why a changed text cannot be kept; empty when it can."""
        current = self.newest.get(one.part)
        if one.part == NOTE:
            if len(self.newest) - len(set(PARTS) & set(self.newest)) >= MOST_NOTES:
                return TOO_MANY
        elif one.part not in PARTS and (current is None or current.audience not in self.allowed):
            return NOT_YOURS
        if (current.id if current else 0) != one.based_on:
            return BY_ANOTHER
        if one.audience not in audiences_of(one.part, self.allowed):
            return NO_AUDIENCE
        try:
            checked(one.text)
        except UserError as error:
            return str(error)
        return ""

    def editable(self, part: str, written: Given | None) -> Editable:
        row = self.newest.get(part)
        if row is not None and not (part in PARTS or row.audience in self.allowed):
            row = None
        as_kept = Editable(
            part=part,
            title="Ny anteckning" if part == NOTE else title_of(part),
            help=PARTS[part][1] if part in PARTS else "",
            text=row.text if row else "",
            audience=row.audience if row else SourceAudience.MUNICIPALITY.value,
            based_on=row.id if row else 0,
            audiences=audiences_of(part, self.allowed),
        )
        if written is None:
            return as_kept
        stands = as_kept.text if as_kept.based_on != written.based_on else None
        return replace(as_kept, text=written.text, audience=written.audience, unsaved=True, stands=stands)
