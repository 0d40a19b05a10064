"""A draft that police and municipality write together: every version of a text is kept, with who and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit, clock
from survey.errors import Conflict, Faults, UserError
from survey.followup.audiences import readable_by
from survey.followup.pictures.composing import released_wave
from survey.followup.pictures.content import NOTE, Text
from survey.followup.pictures.records import PictureRecord, draft_of, find_picture
from survey.followup.pictures.word_changes import Piece, word_changes
from survey.followup.places import LEVEL_WORDS, Place
from survey.followup.text_check import checked
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


@dataclass(frozen=True)
class Editable:
    """A text as its form shows it; the number of its newest version guards against overwriting another's."""

    part: str
    title: str
    help: str
    text: str
    audience: str
    based_on: int
    audiences: tuple[str, ...] = ()  # who it may be meant for


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


def write(
    session: Session,
    place: Place,
    picture_id: int,
    given: Editable,
    by: str,
    now: datetime,
    reads_as: SourceAudience,
) -> None:
    """Keep a new version of a text; an empty one takes it away.

    Nobody writes over a text that they may not read, nor for an audience that they are not of.

    Raises:
        Faults: the text cannot be kept as it is.
        Conflict: somebody has written a version that the writer has not seen, or signed the picture.
    """
    _locked_draft(session, place, picture_id)
    versions = _versions(session, picture_id)
    allowed = readable_by(reads_as)
    part = _part(given.part, versions, allowed)
    current = versions.get(given.part)
    if (current.id if current else 0) != given.based_on:
        raise Faults({part: "Någon annan har ändrat texten sedan du öppnade sidan. Läs den och skriv igen."})
    if given.audience not in audiences_of(part, allowed):
        raise Faults({part: "Välj vilka som får läsa texten."})
    try:
        text = checked(given.text)
    except UserError as error:
        raise Faults({part: str(error)}) from error
    if (text, given.audience) == ((current.text, current.audience) if current else ("", given.audience)):
        return
    session.add(
        PictureText(
            picture_id=picture_id,
            part=part,
            audience=given.audience,
            text=text,
            written_by=by,
            written_at=now.astimezone(UTC),
        )
    )
    session.flush()
    audit.record(session, by, "write in picture", named(place), picture=picture_id, part=part)


def texts_of(session: Session, picture_id: int) -> tuple[Text, ...]:
    """The texts that hold: the parts in their order, then the notes."""
    held = {part: row for part, row in _versions(session, picture_id).items() if row.text}
    return tuple(
        Text(
            part,
            title_of(part),
            held[part].text,
            held[part].audience,
            clock.local(held[part].written_at).date().isoformat(),
        )
        for part in _ordered(held)
    )


def audiences_of(part: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Who its writer may mean a text for: only a note is for the police alone."""
    return tuple(
        one.value
        for one in SourceAudience
        if one.value in allowed and (part.startswith(NOTE) or one is not SourceAudience.POLICE)
    )


def editables(session: Session, picture_id: int, audience: SourceAudience) -> tuple[Editable, ...]:
    """Every text with a form: the parts, the notes that the writer may read, and one not written yet."""
    versions = _versions(session, picture_id)
    allowed = readable_by(audience)
    notes = [
        part
        for part in _ordered(versions)
        if part.startswith(NOTE) and versions[part].text and versions[part].audience in allowed
    ]
    new = [] if len(versions) > MOST_NOTES else [NOTE]
    shown = {part: row for part, row in versions.items() if row.text or part in PARTS}
    return tuple(_editable(part, shown.get(part), allowed) for part in (*PARTS, *notes, *new))


def history(session: Session, picture_id: int, audience: SourceAudience) -> tuple[Written, ...]:
    """The versions that a reader may read, the newest first, each beside the one they could read before."""
    before: dict[str, str] = {}
    told = []
    for row in (one for one in _rows(session, picture_id) if one.audience in readable_by(audience)):
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


def _locked_draft(session: Session, place: Place, picture_id: int) -> SituationPicture:
    record = find_picture(session, place, picture_id)
    row = session.get_one(SituationPicture, record.id, with_for_update=True, populate_existing=True)
    if row.signed_at is not None:
        raise Conflict("Lägesbilden är undertecknad och kan inte ändras. Börja en ny om något ska rättas.")
    return row


def _part(part: str, versions: Mapping[str, PictureText], allowed: Sequence[str]) -> str:
    """The part that a form is about; a new note gets the next number."""
    if part in PARTS or (part.startswith(NOTE) and part in versions and versions[part].audience in allowed):
        return part
    numbers = [int(one.removeprefix(NOTE)) for one in versions if one.startswith(NOTE)]
    if part != NOTE or len(numbers) >= MOST_NOTES:
        raise UserError("Texten hör inte till lägesbilden. Läs in sidan på nytt.")
    return f"{NOTE}{max(numbers, default=0) + 1}"


def _rows(session: Session, picture_id: int) -> Sequence[PictureText]:
    query = select(PictureText).where(PictureText.picture_id == picture_id)
    return session.scalars(query.order_by(PictureText.id)).all()


def _versions(session: Session, picture_id: int) -> dict[str, PictureText]:
    """The newest version of each text."""
    return {row.part: row for row in _rows(session, picture_id)}


def _ordered(parts: Mapping[str, PictureText]) -> list[str]:
    notes = [part for part in parts if part.startswith(NOTE)]
    return [
        *(part for part in PARTS if part in parts),
        *sorted(notes, key=lambda part: int(part.removeprefix(NOTE))),
    ]


def _editable(part: str, row: PictureText | None, allowed: Sequence[str]) -> Editable:
    titles = PARTS.get(part)
    return Editable(
        part=part,
        title=title_of(part) if part != NOTE else "Ny anteckning",
        help=titles[1] if titles else "",
        text=row.text if row else "",
        audience=row.audience if row else SourceAudience.MUNICIPALITY.value,
        based_on=row.id if row else 0,
        audiences=audiences_of(part, allowed),
    )
