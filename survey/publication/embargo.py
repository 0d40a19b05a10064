"""Who may read a release from when: every page and file asks here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from survey import clock
from survey.models.account import Role
from survey.models.release import Audience, Release
from survey.models.releasing import Embargo

# A role that is not here reads what everybody may read.
AUDIENCES: Mapping[str, Audience] = {
    Role.ANALYST: Audience.REGION,
    Role.POLICE: Audience.POLICE,
    Role.MUNICIPALITY: Audience.MUNICIPALITY,
}


@dataclass(frozen=True)
class Reader:
    """Who reads, and when; nobody in particular is the service, which makes files before they may be read."""

    audience: Audience | None
    now: datetime

    @property
    def is_anybody(self) -> bool:
        return self.audience is Audience.PUBLIC


SERVICE = Reader(None, datetime.max.replace(tzinfo=UTC))


def reader_of(role: str, now: datetime) -> Reader:
    """The reader that a member of staff is."""
    return Reader(AUDIENCES.get(role, Audience.PUBLIC), now)


def visible_to(reader: Reader, releases: type[Release] = Release) -> ColumnElement[bool]:
    """The releases that a reader may see any part of."""
    released = releases.released_at.is_not(None)
    if reader.audience is None:
        return released
    opened = select(Embargo.release_id).where(
        Embargo.audience == reader.audience.value, Embargo.opens_at <= reader.now.astimezone(UTC)
    )
    return and_(released, releases.id.in_(opened))


def opens_at(session: Session, wave_code: str, reader: Reader) -> datetime | None:
    """When a released wave that is still closed to a reader opens; None when it never will or already has."""
    if reader.audience is None or session.scalar(
        select(Release.id).where(Release.wave_code == wave_code, visible_to(reader)).limit(1)
    ):
        return None
    coming = (
        select(Embargo.opens_at)
        .join(Release, Release.id == Embargo.release_id)
        .where(
            Release.wave_code == wave_code,
            Release.released_at.is_not(None),
            Embargo.audience == reader.audience.value,
            Embargo.opens_at.is_not(None),
        )
        .order_by(Embargo.opens_at)
        .limit(1)
    )
    moment = session.scalar(coming)
    return clock.local(moment) if moment else None


def next_opening(session: Session, reader: Reader) -> datetime | None:
    """When the next release or correction of any wave opens to a reader; until then nothing changes."""
    moment = session.scalar(
        select(func.min(Embargo.opens_at))
        .join(Release, Release.id == Embargo.release_id)
        .where(
            Release.released_at.is_not(None),
            Embargo.audience == reader.audience,
            Embargo.opens_at > reader.now.astimezone(UTC),
        )
    )
    return clock.utc(moment) if moment else None
