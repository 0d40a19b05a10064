"""An add-on to a wave: a link by which anybody may answer for a municipality, kept apart from the sample."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection.entry import require_open
from survey.errors import UserError
from survey.models.municipality import Municipality
from survey.models.open_answer import OpenLink, OpenResponse
from survey.models.wave import Wave, WaveStatus
from survey.preparation.waves import accepted_municipalities, find_wave


@dataclass(frozen=True)
class OpenDoor:
    """What the first page behind an open link says."""

    municipality: str
    field_end: date
    synthetic: bool


@dataclass(frozen=True)
class OpenLinkCount:
    """A link, and how many have answered by it."""

    municipality_code: str
    is_open: bool
    submitted: int


def set_open_link(session: Session, wave_code: str, municipality_code: str, is_open: bool, by: str) -> None:
    """Open or shut a municipality's link; none is open unless somebody has opened it."""
    wave = find_wave(session, wave_code)
    if wave.status == WaveStatus.CLOSED and is_open:
        raise UserError(f"Omgången {wave_code} är stängd: ingen länk kan öppnas.")
    if municipality_code not in accepted_municipalities(session, wave_code):
        raise UserError(f"Kommunen {municipality_code} är inte med i omgången {wave_code}.")
    session.merge(OpenLink(wave_code=wave_code, municipality_code=municipality_code, is_open=is_open))
    session.flush()
    audit.record(session, by, "open link", f"{wave_code} {municipality_code}", is_open=is_open)


def find_open_door(session: Session, wave_code: str, municipality_code: str, today: date) -> OpenDoor | None:
    """What is behind a link; None when there is none or it is shut, an error when the time is over."""
    found = session.execute(
        select(Municipality.name, Wave.status, Wave.field_start, Wave.field_end, Wave.synthetic)
        .select_from(OpenLink)
        .join(Wave, Wave.code == OpenLink.wave_code)
        .join(Municipality, Municipality.code == OpenLink.municipality_code)
        .where(
            OpenLink.wave_code == wave_code,
            OpenLink.municipality_code == municipality_code,
            OpenLink.is_open,
        )
    ).first()
    if found is None:
        return None
    require_open(found.status, found.field_start, found.field_end, today, synthetic=found.synthetic)
    return OpenDoor(found.name, found.field_end, found.synthetic)


def count_open_links(session: Session, wave_code: str) -> list[OpenLinkCount]:
    """The links of a wave in order of municipality."""
    submitted = (
        select(func.count())
        .where(
            OpenResponse.wave_code == OpenLink.wave_code,
            OpenResponse.municipality_code == OpenLink.municipality_code,
            OpenResponse.submitted_on.is_not(None),
        )
        .scalar_subquery()
    )
    query = select(OpenLink.municipality_code, OpenLink.is_open, submitted)
    rows = session.execute(query.where(OpenLink.wave_code == wave_code).order_by(OpenLink.municipality_code))
    return [OpenLinkCount(code, is_open, count) for code, is_open, count in rows]
