"""The follow-up clock: a tertial of a place."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import requires
from survey.database import reading
from survey.followup.audiences import readable_by
from survey.followup.pictures import tertials
from survey.partners.room import BASE, blueprint, open_place, partner
from survey.permissions import Permission
from survey.readers import own_reader


@blueprint.get(f"{BASE}/tertial/<code:period>")
@requires(Permission.READ_PICTURES)
def tertial(level: str, place_code: str, period: str) -> ResponseReturnValue:
    """Series so far, promises to note, events, and the newest survey with how old it is."""
    today, readable = clock.today(), readable_by(partner().audience)
    found = tertials.find_tertial(period, today)
    if found is None:
        abort(404)
    with reading() as session:
        place = open_place(session, level, place_code)
        told = tertials.read_tertial(session, place, found, own_reader(), today, partner().own)
    return render_template(
        "partners/tertial.html",
        place=place,
        tertial=told,
        **({"synthetic": told.survey.synthetic} if told.survey else {}),
        series=[one for one in told.series if one.audience in readable],
        events=[one for one in told.events if one.audience in readable],
    )
