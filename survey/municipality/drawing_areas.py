"""Areas made in the browser: parts are chosen in a list or on a map, named, and handed in as a proposal.

What has been made so far is carried by the form: nothing is stored before it is handed in.
"""

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from survey import submissions
from survey.access import current_staff, requires
from survey.database import reading
from survey.errors import Faults, UserError
from survey.municipality.handing_in import BASE
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.preparation import area_listings, basic_areas, participation, standings
from survey.preparation.area_listings import ListedArea
from survey.preparation.basic_areas import Piece
from survey.preparation.participation import NotInvited
from survey.publication.drawings.piece_map import click_rules, piece_map

DRAW = f"{BASE}/delomraden/rita"


@dataclass(frozen=True)
class Attempt:
    """What the page shows: the areas made so far, what was typed and chosen, what is wrong."""

    listed: tuple[ListedArea, ...]
    name: str = ""
    chosen: frozenset[str] = frozenset()
    faults: tuple[tuple[str, str], ...] = ()


@blueprint.get(DRAW)
@requires(Permission.ANSWER_INVITATIONS)
def draw_areas(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """The parts of the municipality, and the areas of the proposal that waits, if any."""
    with reading() as session:
        proposal = standings.find_standing(session, wave_code, municipality_code).proposal
        pieces = basic_areas.pieces_of(session, municipality_code)
    listing = proposal.listing if proposal else ()
    known = all(key in pieces for area in listing for key in area.keys)
    return _page(municipality_code, wave_code, Attempt(listing if known else ()))


@blueprint.post(DRAW)
@requires(Permission.ANSWER_INVITATIONS)
def make_area(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """Put the chosen parts together, take an area apart, or hand in all of them."""
    if "hand_in" in request.form:
        return _hand_in(municipality_code, wave_code)
    name, chosen = request.form.get("name", "").strip(), request.form.getlist("key")
    text = request.form.get("listing", "")
    try:
        listed = area_listings.read_draft(text, municipality_code)
        if "remove" in request.form:
            listed = tuple(area for area in listed if area.name != request.form["remove"])
            return _page(municipality_code, wave_code, Attempt(listed, name, frozenset(chosen)))
        made = area_listings.with_area(listed, name, chosen, municipality_code)
    except UserError as error:
        kept = area_listings.readable(text, municipality_code)
        faults = tuple(error.by_field.items()) if isinstance(error, Faults) else (("pieces", str(error)),)
        return _page(municipality_code, wave_code, Attempt(kept, name, frozenset(chosen), faults))
    return _page(municipality_code, wave_code, Attempt(made))


@blueprint.get(f"{DRAW}/karta.css")
@requires(Permission.ANSWER_INVITATIONS)
def map_rules(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """Where each part can be clicked: a style sheet, since the pages have no scripts."""
    with reading() as session:
        participation.find_participant(session, wave_code, municipality_code)
        pieces = basic_areas.pieces_of(session, municipality_code)
    return Response(click_rules(_some(pieces)), mimetype="text/css")


def _hand_in(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    text = request.form.get("listing", "")

    def change(session: Any, by: str) -> None:
        participation.find_participant(session, wave_code, municipality_code)
        basic_areas.propose(session, wave_code, municipality_code, text, by)

    def again(faults: Any) -> ResponseReturnValue:
        kept = area_listings.readable(text, municipality_code)
        return _page(municipality_code, wave_code, Attempt(kept, faults=tuple(faults.items())))

    after = url_for("municipality.area_choice", municipality_code=municipality_code, wave_code=wave_code)
    return submissions.hand_in(change, again, after, (NotInvited,))


def _page(municipality_code: str, wave_code: str, attempt: Attempt) -> ResponseReturnValue:
    staff = current_staff()
    with reading() as session:
        standing = standings.find_standing(session, wave_code, municipality_code)
        pieces = _some(basic_areas.pieces_of(session, municipality_code))
    faults = dict(attempt.faults)
    try:
        left = basic_areas.left_over(attempt.listed, pieces)
    except Faults as error:
        faults |= error.by_field
        attempt, left = Attempt(()), list(pieces.values())
    answer = render_template(
        "participation/draw_areas.html",
        standing=standing,
        code=municipality_code,
        own=bool(staff and staff.municipality_code == municipality_code),
        listed=attempt.listed,
        listing=area_listings.as_text(attempt.listed),
        name=attempt.name,
        chosen=attempt.chosen,
        left=left,
        drawing=piece_map(pieces, attempt.listed),
        faults=faults,
        synthetic=standing.wave.synthetic,
    )
    return answer, 422 if faults else 200


def _some(pieces: dict[str, Piece]) -> dict[str, Piece]:
    """The municipality's parts; without them there is no such page."""
    if not pieces:
        raise NotFound
    return pieces
