"""The pictures of a place: drafts and signed ones, and which of them a later one has replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.followup.pictures import stored
from survey.followup.pictures.content import Picture
from survey.followup.places import Level, Place
from survey.models.situation_picture import SituationPicture


@dataclass(frozen=True)
class PictureRecord:
    """A picture as it is kept: which place and wave, and how far it has come."""

    id: int
    level: Level
    code: str
    wave_code: str
    begun_by: str
    begun_at: datetime
    signed_at: datetime | None
    replaced_by: int | None  # the signed picture of the place that came next

    @property
    def signed(self) -> bool:
        return self.signed_at is not None


def pictures_of(session: Session, place: Place) -> list[PictureRecord]:
    """The pictures of a place, the newest first."""
    rows = session.scalars(
        select(SituationPicture)
        .where(SituationPicture.level == place.level.value, SituationPicture.code == place.code)
        .order_by(SituationPicture.id)
    ).all()
    signed = sorted((row for row in rows if row.signed_at), key=lambda row: (row.signed_at, row.id))
    following = {row.id: later.id for row, later in pairwise(signed)}
    return [_record(row, following.get(row.id)) for row in reversed(rows)]


def find_picture(session: Session, place: Place, picture_id: int) -> PictureRecord:
    """A picture of a place by its number.

    Raises:
        UserError: the place has no such picture.
    """
    found = next((one for one in pictures_of(session, place) if one.id == picture_id), None)
    if found is None:
        raise UserError("Lägesbilden finns inte för den här platsen.")
    return found


def draft_of(session: Session, place: Place, wave_code: str) -> PictureRecord | None:
    """The draft of a place after a wave; there is at most one."""
    return next(
        (one for one in pictures_of(session, place) if one.wave_code == wave_code and not one.signed), None
    )


def latest_signed(records: Sequence[PictureRecord]) -> PictureRecord | None:
    """The signed picture that nothing has replaced."""
    return next((one for one in records if one.signed and one.replaced_by is None), None)


def latest_signed_number(session: Session, level: Level, code: str) -> int | None:
    """The number of the signed picture that holds, without reading what it says."""
    query = select(SituationPicture.id).where(
        SituationPicture.level == level.value,
        SituationPicture.code == code,
        SituationPicture.signed_at.is_not(None),
    )
    newest = query.order_by(SituationPicture.signed_at.desc(), SituationPicture.id.desc())
    return session.scalar(newest.limit(1))


def places_with_signed(session: Session) -> list[tuple[Level, str]]:
    """The places that have a signed picture, the largest first."""
    rows = session.execute(
        select(SituationPicture.level, SituationPicture.code)
        .where(SituationPicture.signed_at.is_not(None))
        .distinct()
    )
    order = list(Level)
    found = [(Level(level), code) for level, code in rows]
    return sorted(found, key=lambda one: (-order.index(one[0]), one[1]))


def signed_content(session: Session, record: PictureRecord) -> Picture:
    """What a signed picture says, whole.

    Raises:
        UserError: it is still a draft.
    """
    content = session.scalar(select(SituationPicture.content).where(SituationPicture.id == record.id))
    if content is None:
        raise UserError("Lägesbilden är inte undertecknad än.")
    return stored.from_json(content)


def _record(row: SituationPicture, replaced_by: int | None) -> PictureRecord:
    return PictureRecord(
        row.id,
        Level(row.level),
        row.code,
        row.wave_code,
        row.begun_by,
        row.begun_at,
        row.signed_at,
        replaced_by,
    )
