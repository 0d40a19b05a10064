"""What the pages of situation pictures share: the place an address names, and whether it may be opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from survey import clock
from survey.access import current_staff, note
from survey.error_pages import http_page
from survey.errors import UserError
from survey.followup import area_history
from survey.followup.audiences import AUDIENCE_WORDS
from survey.followup.pictures import drafts, drawings, records, seen, sharing
from survey.followup.pictures.composing import compose
from survey.followup.pictures.content import Period, Picture, PlaceRef
from survey.followup.pictures.records import PictureRecord
from survey.followup.pictures.sharing import Partner
from survey.followup.places import LEVEL_WORDS, Level, Place
from survey.publication import numbers
from survey.publication.embargo import Reader
from survey.publication.releases import Embargoed, NotReleased, find_release
from survey.readers import own_reader

blueprint = Blueprint("partners", __name__, url_prefix="/lagesbild")

PATHS: Mapping[str, Level] = {
    "delomrade": Level.AREA,
    "kommun": Level.MUNICIPALITY,
    "lokalpolisomrade": Level.DISTRICT,
    "polisomrade": Level.POLICE_AREA,
    "region": Level.REGION,
    "land": Level.NATION,
}
BASE = f"/<any({', '.join(PATHS)}):level>/<code:place_code>"
OF_WAVE = f"{BASE}/<code:wave_code>"


@dataclass(frozen=True)
class Opened:
    """A picture as whoever opens it sees it: a signed one, or as things stand now."""

    place: Place
    picture: Picture
    record: PictureRecord | None  # None where nobody has begun a draft
    newer_version: int | None  # of the release, when a signed picture rests on one that was corrected

    @property
    def signed(self) -> bool:
        return self.record is not None and self.record.signed

    @property
    def number(self) -> int | None:
        """The number that the address of a signed picture carries."""
        return self.record.id if self.record and self.record.signed else None


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "picture_url": picture_url,
        "words": LEVEL_WORDS,
        "audiences": {one.value: words for one, words in AUDIENCE_WORDS.items()},
        "field_days": _field_days,
        "draw_series": drawings.draw_series,
        "draw_timeline": drawings.draw_timeline,
    }


def _field_days(period: Period) -> str:
    """The days of answers of a picture, in words."""
    return numbers.period(date.fromisoformat(period.first_day), date.fromisoformat(period.last_day))


@blueprint.errorhandler(NotReleased)
def not_released(error: NotReleased) -> ResponseReturnValue:
    """When it opens, where a moment is set; nothing is said of what else may exist."""
    opens_at = error.opens_at if isinstance(error, Embargoed) else None
    return render_template("partners/not_released.html", opens_at=opens_at), 404


@blueprint.errorhandler(UserError)
def cannot(error: UserError) -> ResponseReturnValue:
    return render_template("errors/message.html", message=str(error)), 404


def partner() -> Partner:
    """Who is at the page; the door has seen to it that somebody is logged in."""
    staff = current_staff()
    if staff is None:
        abort(403)
    return Partner(staff.role, staff.municipality_code, staff.district_code, staff.covered)


def open_place(session: Any, level: str, place_code: str, number: int | None = None) -> Place:
    """The place of an address, for somebody who may open it; or who has signed the picture of that number."""
    today, who = clock.today(), partner()
    place = area_history.lasting_place(session, PATHS[level], place_code, today)
    signed = number is not None and sharing.has_signed(session, who, place, number)
    if not signed and not sharing.may_open(session, who, place, today):
        raise Refused(f"{LEVEL_WORDS[place.level]} {place.code}")
    return place


class Refused(Exception):
    """Somebody asked for a place that is not theirs."""


@blueprint.errorhandler(Refused)
def refused(error: Refused) -> ResponseReturnValue:
    """Kept in the audit log when what was begun is over: one writer waits for the other."""
    note("refused", f"{request.method} {request.endpoint} {error}")
    return http_page(Forbidden())


def open_picture(session: Any, place: Place, wave_code: str) -> Opened:
    """The signed picture whose number the address carries, else the place as it stands now."""
    reader, number = own_reader(), asked_number()
    if number is not None:
        record = records.find_picture(session, place, number)
        if record.wave_code != wave_code:
            raise UserError("Den undertecknade lägesbilden finns inte för den här platsen och mätningen.")
        return signed_picture(session, place, record, reader, partner())
    draft = records.draft_of(session, place, wave_code)
    texts = drafts.texts_of(session, draft.id) if draft else ()
    picture = compose(session, place, wave_code, reader, clock.today(), texts)
    return Opened(place, seen.seen_by(picture, partner().audience, partner().own), draft, None)


def signed_picture(session: Any, place: Place, record: PictureRecord, reader: Reader, who: Partner) -> Opened:
    """A signed picture; whoever may not read the release that it rests on may not read the picture either."""
    picture = records.signed_content(session, record)
    version = int(picture.period.version)
    find_release(session, record.wave_code, reader, version)
    newest = find_release(session, record.wave_code, reader).version
    return Opened(
        place, seen.seen_by(picture, who.audience, who.own), record, newest if newest != version else None
    )


def asked_number() -> int | None:
    """The number of a signed picture in the address; one beyond all numbers is none that exists."""
    if "nr" not in request.args:
        return None
    number = request.args.get("nr", type=int)
    return number if number is not None and 0 < number < 2**31 else 0


def picture_url(endpoint: str, ref: PlaceRef | Place, **more: Any) -> str:
    """The address of a page about a place."""
    return url_for(f"partners.{endpoint}", level=level_path(ref.level), place_code=ref.code, **more)


def level_path(level: str) -> str:
    return next(path for path, one in PATHS.items() if one == level)
