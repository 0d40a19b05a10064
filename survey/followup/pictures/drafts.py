"""A draft that police and municipality write together: every version of a text is kept, with who and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit, clock
from survey.errors import Conflict
from survey.followup.audiences import readable_by
from survey.followup.pictures.composing import released_wave
from survey.followup.pictures.content import NOTE, Text
from survey.followup.pictures.records import PictureRecord, draft_of, find_picture
from survey.followup.pictures.word_changes import Piece, word_changes
from survey.followup.places import LEVEL_WORDS, Place
from survey.models.situation_picture import PictureText, SituationPicture
from survey.models.source import SourceAudience
from survey.preparation.waves import lock_wave
from survey.publication.embargo import Reader

MAPPING, ANALYSIS, PLAN, FOLLOW_UP, LEFT_OUT = "mapping", "analysis", "plan", "follow_up", "left_out"
# The parts that the law (2023:196) asks for, and which sources were not used.
PARTS: Mapping[str, tuple[str, str]] = {
    MAPPING: ("Kartläggning", "Brottslighetens omfattning och följder här, utöver det som siffrorna visar."),
    ANALYSIS: ("Analys", "Er egen analys av orsaker. Enkäten svarar inte på varför."),
    PLAN: ("Åtgärdsplan", "Hur åtgärderna hänger ihop med problemen. Löftena nedan visas av sig själva."),
    FOLLOW_UP: ("Uppföljning", "Hur och när åtgärderna följs upp, och vad som har kommit fram."),
    LEFT_OUT: ("Källor som inte används", "Vilka källor ni har valt bort, och varför."),
}
LAW_PARTS = (MAPPING, ANALYSIS, PLAN, FOLLOW_UP)
NOTE_TITLE = "Anteckning"
MOST_NOTES = 50


@dataclass(frozen=True)
class Written:
    """A version of a text: what was changed in it since the one before."""

    id: int
    part: str
    title: str
    audience: str
    text: str
    written_by: str
    written_at: datetime
    changes: tuple[Piece, ...]


def begin(
    session: Session, place: Place, wave_code: str, reader: Reader, by: str, now: datetime
) -> PictureRecord:
    """A new draft of a place after a wave that its writer may read.

    Raises:
        NotReleased: the wave is not open to the writer.
        Conflict: there is a draft already.
    """
    released_wave(session, wave_code, reader)
    lock_wave(session, wave_code)  # two who begin at once: the second finds the draft of the first
    if draft_of(session, place, wave_code) is not None:
        raise Conflict("Det finns redan ett utkast för den här platsen och mätningen. Läs in sidan på nytt.")
    row = SituationPicture(
        level=place.level.value,
        code=place.code,
        wave_code=wave_code,
        begun_by=by,
        begun_at=now.astimezone(UTC),
    )
    session.add(row)
    session.flush()
    audit.record(session, by, "begin picture", named(place), wave=wave_code, picture=row.id)
    return find_picture(session, place, row.id)


def texts_of(session: Session, picture_id: int) -> tuple[Text, ...]:
    """The texts that hold: the parts in their order, then the notes."""
    held = {part: row for part, row in newest(rows_of(session, picture_id)).items() if row.text}
    return tuple(
        Text(
            part,
            title_of(part),
            held[part].text,
            held[part].audience,
            clock.local(held[part].written_at).date().isoformat(),
        )
        for part in ordered(held)
    )


def unwritten(session: Session, picture_id: int) -> tuple[str, ...]:
    """The parts that nobody has written anything in."""
    written = {one.part for one in texts_of(session, picture_id)}
    return tuple(title for part, (title, _) in PARTS.items() if part not in written)


def audiences_of(part: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Who its writer may mean a text for: only a note is for the police alone."""
    return tuple(
        one.value
        for one in SourceAudience
        if one.value in allowed and (part.startswith(NOTE) or one is not SourceAudience.POLICE)
    )


def history(session: Session, picture_id: int, audience: SourceAudience) -> tuple[Written, ...]:
    """The versions that a reader may read, the newest first, each beside the one they could read before."""
    before: dict[str, str] = {}
    told = []
    for row in (one for one in rows_of(session, picture_id) if one.audience in readable_by(audience)):
        changes = word_changes(before.get(row.part, ""), row.text)
        at = clock.local(row.written_at)
        told.append(
            Written(row.id, row.part, title_of(row.part), row.audience, row.text, row.written_by, at, changes)
        )
        before[row.part] = row.text
    return tuple(reversed(told))


def title_of(part: str) -> str:
    """What a text is called."""
    return PARTS[part][0] if part in PARTS else f"{NOTE_TITLE} {part.removeprefix(NOTE)}".strip()


def named(place: Place) -> str:
    """The place as the audit log names it."""
    return f"{LEVEL_WORDS[place.level]} {place.code}"


def locked_draft(session: Session, place: Place, picture_id: int) -> SituationPicture:
    """The draft for whoever is about to write in it: nobody else writes or signs meanwhile.

    Raises:
        Conflict: it has been signed by all.
    """
    record = find_picture(session, place, picture_id)
    row = session.get_one(SituationPicture, record.id, with_for_update=True, populate_existing=True)
    if row.signed_at is not None:
        raise Conflict("Lägesbilden är undertecknad och kan inte ändras. Börja en ny om något ska rättas.")
    return row


def rows_of(session: Session, picture_id: int) -> Sequence[PictureText]:
    """Every version of every text, the oldest first."""
    query = select(PictureText).where(PictureText.picture_id == picture_id)
    return session.scalars(query.order_by(PictureText.id)).all()


def newest(rows: Sequence[PictureText]) -> dict[str, PictureText]:
    """The newest version of each text."""
    return {row.part: row for row in rows}


def ordered(parts: Mapping[str, PictureText]) -> list[str]:
    """The parts in their order, then the notes by number."""
    notes = [part for part in parts if part.startswith(NOTE)]
    return [
        *(part for part in PARTS if part in parts),
        *sorted(notes, key=lambda part: int(part.removeprefix(NOTE))),
    ]
