"""Sign-off: every side signs the picture as it stands; when the last one has, it is frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit, clock
from survey.errors import Conflict, UserError
from survey.followup import places
from survey.followup.pictures import stored
from survey.followup.pictures.composing import compose
from survey.followup.pictures.content import Picture
from survey.followup.pictures.drafts import named, texts_of
from survey.followup.pictures.records import PictureRecord
from survey.followup.pictures.seen import seen_by
from survey.followup.places import SHARED_LEVELS, Level, Place
from survey.followup.signing_parties import Party, party_of
from survey.models.account import Role
from survey.models.situation_picture import PictureSignature, SituationPicture
from survey.models.source import SourceAudience
from survey.preparation.geography import municipality_names
from survey.publication.embargo import Reader, reader_of

POLICE, REGION = "police", "region"
SIDE_WORDS: Mapping[str, str] = {POLICE: "Polisen", REGION: "Polisregionen"}


@dataclass(frozen=True)
class Side:
    """One who has to sign, and whether they have signed what stands there now."""

    code: str
    name: str
    signed_by: str
    signed_at: datetime | None
    lapsed: bool  # signed, but something has been changed since


def sides_of(session: Session, place: Place, record: PictureRecord, now_stands: str) -> tuple[Side, ...]:
    """Police and every municipality of a place; above the district the region alone."""
    names = municipality_names(session)
    newest = {row.side: row for row in _signatures(session, record.id)}
    told = []
    for code in _codes(session, place, record.begun_at):
        row = newest.get(code)
        told.append(
            Side(
                code,
                SIDE_WORDS.get(code) or names[code],
                row.signed_by if row else "",
                clock.local(row.signed_at) if row else None,
                lapsed=bool(row and row.fingerprint != now_stands),
            )
        )
    return tuple(told)


def signers(session: Session, place: Place, record: PictureRecord) -> tuple[Side, ...]:
    """Who signed a picture that is frozen; of a draft nobody, since signatures on it may lapse."""
    stands = session.scalar(select(SituationPicture.fingerprint).where(SituationPicture.id == record.id))
    return sides_of(session, place, record, stands) if stands else ()


def may_sign(role: str, municipality_code: str | None, side: str) -> bool:
    """Whether somebody of a role signs for a side."""
    if side == POLICE:
        return party_of(role) is Party.POLICE
    if side == REGION:
        return role == Role.ANALYST
    return party_of(role) is Party.MUNICIPALITY and side == municipality_code


def signing_reader(level: Level, now: datetime) -> Reader:
    """As whom what is signed is read: nobody signs what another side may not see yet."""
    return reader_of(Role.MUNICIPALITY if level in SHARED_LEVELS else Role.ANALYST, now)


def as_signed(session: Session, place: Place, record: PictureRecord, now: datetime) -> Picture:
    """The draft as it would be frozen now.

    Raises:
        NotReleased: the figures are not open to every side yet.
    """
    today = clock.local(now).date()
    texts = texts_of(session, record.id)
    return compose(session, place, record.wave_code, signing_reader(place.level, now), today, texts)


def shared_fingerprint(picture: Picture, level: Level) -> str:
    """What every side has before it and signs; a note for the police alone is outside of it."""
    shared = SourceAudience.MUNICIPALITY if level in SHARED_LEVELS else SourceAudience.POLICE
    return stored.fingerprint(seen_by(picture, shared))


def sign(
    session: Session, place: Place, record: PictureRecord, side: str, seen: str, by: str, now: datetime
) -> bool:
    """Sign for a side what the signer has seen; whether the picture is frozen by it.

    Raises:
        Conflict: something has changed since it was seen, or the picture is signed already.
        UserError: the side does not sign this picture.
    """
    row = session.get_one(SituationPicture, record.id, with_for_update=True, populate_existing=True)
    if row.signed_at is not None:
        raise Conflict("Lägesbilden är redan undertecknad av alla.")
    codes = _codes(session, place, record.begun_at)
    if side not in codes:
        raise UserError("Den parten undertecknar inte den här lägesbilden.")
    picture = as_signed(session, place, record, now)
    stands = shared_fingerprint(picture, place.level)
    if stands != seen:
        raise Conflict("Lägesbilden har ändrats sedan du öppnade sidan. Läs den igen innan du undertecknar.")
    session.add(
        PictureSignature(
            picture_id=record.id,
            side=side,
            fingerprint=stands,
            signed_by=by,
            signed_at=now.astimezone(UTC),
        )
    )
    session.flush()
    audit.record(session, by, "sign picture", named(place), picture=record.id, side=side)
    newest = {one.side: one.fingerprint for one in _signatures(session, record.id)}
    if any(newest.get(code) != stands for code in codes):
        return False
    row.content, row.fingerprint = stored.as_json(picture).decode(), stands
    row.signed_at = now.astimezone(UTC)
    session.flush()
    audit.record(session, by, "freeze picture", named(place), picture=record.id, hash=stands)
    return True


def _codes(session: Session, place: Place, at: datetime) -> tuple[str, ...]:
    if place.level not in SHARED_LEVELS:
        return (REGION,)
    return (POLICE, *places.municipalities(session, place, clock.local(at).date()))


def _signatures(session: Session, picture_id: int) -> list[PictureSignature]:
    query = select(PictureSignature).where(PictureSignature.picture_id == picture_id)
    return list(session.scalars(query.order_by(PictureSignature.id)))
