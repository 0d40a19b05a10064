"""The pictures of one's own places: the list, a picture, what has changed since the last one."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import requires
from survey.database import reading
from survey.followup import area_history, places
from survey.followup.pictures import records, sharing, signing
from survey.followup.pictures.content import Picture
from survey.followup.pictures.differences import differences
from survey.followup.pictures.drafts import PARTS
from survey.followup.pictures.records import PictureRecord
from survey.followup.places import Level, Place
from survey.followup.promises.tertials import tertial_of
from survey.partners.room import (
    BASE,
    OF_WAVE,
    asked_number,
    blueprint,
    open_picture,
    open_place,
    partner,
    signed_picture,
)
from survey.permissions import Permission
from survey.publication import releases
from survey.publication.releases import ReleasedWave
from survey.readers import own_reader


@dataclass(frozen=True)
class OfWave:
    """A wave of a place, with its draft and its signed pictures."""

    wave: ReleasedWave
    draft: PictureRecord | None
    signed: tuple[PictureRecord, ...]


@blueprint.get("/")
@requires(Permission.READ_PICTURES)
def start() -> ResponseReturnValue:
    """The places whose pictures one may open, level by level."""
    with reading() as session:
        found = sharing.own_places(session, partner(), clock.today())
    levels = [(level, [one for one in found if one.level is level]) for level in reversed(Level)]
    return render_template(
        "partners/start.html",
        levels=[(level, ours) for level, ours in levels if ours],
    )


@blueprint.get(f"{BASE}/")
@requires(Permission.READ_PICTURES)
def place(level: str, place_code: str) -> ResponseReturnValue:
    """Every wave with a result for the place, its pictures, and the place's neighbours in the levels."""
    today = clock.today()
    with reading() as session:
        here = open_place(session, level, place_code)
        kept = records.pictures_of(session, here)
        held = area_history.validity(session, here)
        former = area_history.former_areas(session, here, today)
        waves = [one for one in _waves(session, here) if held is None or held.holds(one.field_start)]
        above = places.parents(session, here, today)
        below = places.children(session, here, today)
        states = _states(session, below, waves[0].code) if waves else {}
        opened = [one for one in (*above, *below) if sharing.may_open(session, partner(), one, today)]
    return render_template(
        "partners/place.html",
        place=here,
        waves=[
            OfWave(
                wave,
                next((one for one in kept if one.wave_code == wave.code and not one.signed), None),
                tuple(one for one in kept if one.wave_code == wave.code and one.signed),
            )
            for wave in waves
        ],
        above=[one for one in above if one in opened],
        below=[one for one in below if one in opened],
        states=states,
        held=held,
        former=former,
        ended=held is not None and not held.holds(today),
        tertial=tertial_of(today),
        local=clock.local,
    )


@blueprint.get(f"{OF_WAVE}/")
@requires(Permission.READ_PICTURES)
def picture(level: str, place_code: str, wave_code: str) -> ResponseReturnValue:
    """A picture: as signed, or as things stand now."""
    with reading() as session:
        opened = open_picture(session, open_place(session, level, place_code, asked_number()), wave_code)
        shown = opened.picture
        links = _links(session, shown, clock.today())
        kept = records.pictures_of(session, opened.place)
        earlier = _earlier(kept, opened.record)
        sides = signing.signers(session, opened.place, opened.record) if opened.record else ()
        held = area_history.validity(session, opened.place)
    return render_template(
        "partners/picture.html",
        sides=sides,
        ended_on=held.last_day if held and not held.holds(clock.today()) else None,
        opened=opened,
        picture=shown,
        links=links,
        earlier=earlier,
        signed_before=next((one for one in kept if one.signed and one.wave_code == wave_code), None),
        parts=PARTS,
        may_write=sharing.may_write(partner(), opened.place),
        local=clock.local,
        synthetic=shown.synthetic,
    )


@blueprint.get(f"{OF_WAVE}/andringar")
@requires(Permission.READ_PICTURES)
def changes(level: str, place_code: str, wave_code: str) -> ResponseReturnValue:
    """What the picture says otherwise than the signed one before it."""
    with reading() as session:
        opened = open_picture(session, open_place(session, level, place_code, asked_number()), wave_code)
        earlier = _earlier(records.pictures_of(session, opened.place), opened.record)
        found = None
        if earlier is not None:
            before = signed_picture(session, opened.place, earlier, own_reader(), partner())
            found = differences(before.picture, opened.picture)
    return render_template(
        "partners/changes.html",
        opened=opened,
        picture=opened.picture,
        earlier=earlier,
        found=found,
        local=clock.local,
        synthetic=opened.picture.synthetic,
    )


def _states(session: Any, found: list[Place], wave_code: str) -> dict[str, str]:
    """How far the pictures of some places after a wave have come, by their codes."""
    states = {}
    for one in found:
        kept = [record for record in records.pictures_of(session, one) if record.wave_code == wave_code]
        signed = any(record.signed for record in kept)
        states[one.code] = "undertecknad" if signed else "utkast" if kept else "inte påbörjad"
    return states


def _earlier(kept: list[PictureRecord], record: PictureRecord | None) -> PictureRecord | None:
    """The signed picture before this one; before what stands now, the latest."""
    if record is None or not record.signed:
        return records.latest_signed(kept)
    return next((one for one in kept if one.replaced_by == record.id), None)


def _waves(session: Any, place: Place) -> tuple[ReleasedWave, ...]:
    """The waves that the reader may see; of a municipality and its areas those it took part in."""
    inside = place.level in (Level.AREA, Level.MUNICIPALITY)
    return releases.released_waves(session, own_reader(), place.code.split("-")[0] if inside else None)


def _links(session: Any, picture: Picture, today: date) -> set[tuple[str, str]]:
    """The places in the picture that its reader may go to, by level and code."""
    refs = (*picture.parents, *picture.children, *(one.place for one in picture.parts))
    found = {(ref.level, ref.code) for ref in refs}
    return {
        (level, code)
        for level, code in found
        if sharing.may_open(session, partner(), places.place_ever(session, Level(level), code), today)
    }
