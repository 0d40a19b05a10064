"""Who may open which place's picture, and who may write in it: by role and level; the embargo comes after."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.followup import places
from survey.followup.audiences import audience_of
from survey.followup.pictures import records
from survey.followup.pictures.records import PictureRecord
from survey.followup.places import SHARED_LEVELS, Level, Place
from survey.models.account import Role
from survey.models.situation_picture import PictureSignature, SituationPicture
from survey.models.source import SourceAudience
from survey.publication.embargo import Reader
from survey.publication.releases import NotReleased, find_release


@dataclass(frozen=True)
class Partner:
    """Somebody at the region, a local police district or a municipality."""

    role: str
    municipality_code: str | None
    district_code: str | None
    covered: frozenset[str]  # municipalities that the district covers today

    @property
    def audience(self) -> SourceAudience:
        return audience_of(self.role)

    @property
    def own(self) -> frozenset[str] | None:
        """The municipalities whose work they take part in; None of the region's, who take part in all."""
        if self.role == Role.ANALYST:
            return None
        return self.covered | ({self.municipality_code} if self.municipality_code else set())


EVERYBODY = Partner("", None, None, frozenset())


def may_open(session: Session, partner: Partner, place: Place, on: date) -> bool:
    """The region opens every place; others theirs, what lies in it, and what it lies in."""
    if partner.role == Role.ANALYST:
        return True
    if partner.role == Role.MUNICIPALITY:
        return partner.municipality_code in places.municipalities(session, place, on)
    if partner.role != Role.POLICE or partner.district_code is None:
        return False
    if place.level in (Level.AREA, Level.MUNICIPALITY):
        return bool(partner.covered.intersection(places.municipalities(session, place, on)))
    own = places.place(session, Level.DISTRICT, partner.district_code, on)
    return place == own or place in places.parents(session, own, on)


def has_signed(session: Session, partner: Partner, place: Place, number: int) -> bool:
    """Whether somebody's municipality has signed a picture: then it stays open to them, whatever moves."""
    signed = select(PictureSignature.id).where(
        PictureSignature.picture_id == SituationPicture.id,
        PictureSignature.side == (partner.municipality_code or ""),
        SituationPicture.id == number,
        SituationPicture.level == place.level.value,
        SituationPicture.code == place.code,
        SituationPicture.signed_at.is_not(None),
    )
    return session.scalar(signed.limit(1)) is not None


def may_write(partner: Partner, place: Place) -> bool:
    """Police and municipality write up to the district, which they share; above it the region alone."""
    return partner.role == Role.ANALYST or place.level in SHARED_LEVELS


def own_places(session: Session, partner: Partner, on: date) -> list[Place]:
    """The places whose pictures somebody opens, the largest first; areas lie under their municipality."""
    if partner.role == Role.ANALYST:
        levels = (Level.REGION, Level.POLICE_AREA, Level.DISTRICT, Level.MUNICIPALITY)
        return [one for level in levels for one in places.places(session, level, on)]
    if partner.role == Role.MUNICIPALITY and partner.municipality_code:
        return _with_parents(session, Level.MUNICIPALITY, partner.municipality_code, (), on)
    if partner.role == Role.POLICE and partner.district_code:
        return _with_parents(session, Level.DISTRICT, partner.district_code, partner.covered, on)
    return []


def open_record(session: Session, municipality_code: str, reader: Reader) -> PictureRecord:
    """The newest signed picture of a municipality whose figures are open to the reader.

    One that waits for its figures does not take away the one before it.

    Raises:
        NotReleased: none is open; when the newest opens, where that is set.
    """
    own = places.place_ever(session, Level.MUNICIPALITY, municipality_code)
    kept = records.pictures_of(session, own)
    record = records.latest_signed(kept)
    waits = NotReleased("Det finns ingen undertecknad lägesbild.")
    while record is not None:
        try:
            version = int(records.signed_content(session, record).period.version)
            find_release(session, record.wave_code, reader, version)
        except NotReleased as error:
            waits = error if record.replaced_by is None else waits
            record = next((one for one in kept if one.replaced_by == record.id), None)
        else:
            return record
    raise waits


def _with_parents(
    session: Session, level: Level, code: str, inside: Collection[str], on: date
) -> list[Place]:
    own = places.place(session, level, code, on)
    above = [one for one in places.parents(session, own, on) if one.level is not Level.NATION]
    below = [places.place(session, Level.MUNICIPALITY, one, on) for one in sorted(inside)]
    return [*reversed(above), own, *below]
