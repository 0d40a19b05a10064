"""Signed situation pictures for other systems: the list, and each as its caller may see it; never a draft."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey import clock
from survey.followup.feeds.callers import Caller, asked_of, page_of
from survey.followup.pictures import records, sharing
from survey.followup.pictures.content import Picture
from survey.followup.pictures.records import PictureRecord
from survey.followup.pictures.seen import seen_by
from survey.followup.places import Level, Place, place_ever
from survey.publication.extract_columns import Value
from survey.publication.extracts import Extract, Filters
from survey.publication.releases import NotReleased, find_release

PICTURE_COLUMNS = (
    *("picture", "level", "code", "place", "wave", "version", "signed_on", "replaced_by", "synthetic"),
)


@dataclass(frozen=True)
class Open:
    """A signed picture that its caller may read."""

    place: Place
    record: PictureRecord
    picture: Picture


def list_pictures(session: Session, caller: Caller, filters: Filters) -> Extract:
    """The signed pictures that the caller may read, place by place, the newest first."""
    rows = [
        _row(one)
        for one in _open(session, caller)
        if asked_of(one.place, filters)
        and one.record.wave_code in filters.get("wave", (one.record.wave_code,))
    ]
    return page_of(PICTURE_COLUMNS, rows)


def find_open(session: Session, caller: Caller, number: int) -> Picture:
    """A picture by its number, less what was meant for narrower circles.

    Raises:
        NotReleased: there is none that the caller may read.
    """
    found = next(_open(session, caller, number), None)
    if found is None:
        raise NotReleased(f"Det finns ingen lägesbild med nummer {number} att läsa.")
    return found.picture


def _open(session: Session, caller: Caller, number: int | None = None) -> Iterator[Open]:
    near = caller.near(session)
    for level, code in records.places_with_signed(session):
        place = place_ever(session, level, code)
        if caller.is_anybody:
            kept = _for_everybody(session, caller, place)
        elif near is None or (level, code) in near:
            kept = [one for one in records.pictures_of(session, place) if one.signed]
        else:
            continue
        for record in (one for one in kept if number in (None, one.id)):
            picture = records.signed_content(session, record)
            if _is_open(session, caller, picture):
                own = caller.viewer.municipalities
                yield Open(place, record, seen_by(picture, caller.audience, own))


def _for_everybody(session: Session, caller: Caller, place: Place) -> list[PictureRecord]:
    """Of a municipality the newest whose figures are open to all, as its page has it."""
    if place.level is not Level.MUNICIPALITY:
        return []
    try:
        return [sharing.open_record(session, place.code, caller.reader)]
    except NotReleased:
        return []


def _is_open(session: Session, caller: Caller, picture: Picture) -> bool:
    """Whether the caller may read the release that a picture rests on."""
    try:
        find_release(session, picture.period.wave, caller.reader, int(picture.period.version))
    except NotReleased:
        return False
    return True


def _row(one: Open) -> tuple[Value, ...]:
    signed = clock.local(one.record.signed_at).date().isoformat() if one.record.signed_at else None
    return (
        *(one.record.id, one.place.level.value, one.place.code, one.place.name, one.record.wave_code),
        *(int(one.picture.period.version), signed, one.record.replaced_by, one.picture.synthetic),
    )
