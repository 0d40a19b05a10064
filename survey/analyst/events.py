"""Events anywhere, beside the field periods: written and taken away by the analyst or the owner."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import requires
from survey.analyst.views import blueprint
from survey.database import reading
from survey.errors import UserError
from survey.followup import overview
from survey.followup.audiences import AUDIENCE_WORDS
from survey.followup.event_forms import place_given, text_given
from survey.followup.events import KIND_WORDS, withdraw_event, write_event
from survey.followup.places import LEVEL_WORDS, Level, Place
from survey.followup.pointing_out import pointed_out_by_events
from survey.followup.text_check import NOTHING_OF
from survey.permissions import Permission
from survey.readers import own_audience
from survey.submissions import fields, hand_in

WHOLE = "nation:SE"


@blueprint.get("/handelser/")
@requires(Permission.MANAGE_SOURCES)
def events() -> ResponseReturnValue:
    return _page({})


@blueprint.post("/handelser/")
@requires(Permission.MANAGE_SOURCES)
def write_down_event() -> ResponseReturnValue:
    given = fields()

    def change(session: Any, by: str) -> None:
        place = place_given(session, given, clock.today())
        write_event(session, place, text_given(given), by, clock.now(), own_audience())

    return hand_in(change, _page, url_for("analyst.events"))


@blueprint.post("/handelser/<int(max=2147483647):event_id>/ta-bort")
@requires(Permission.MANAGE_SOURCES)
def take_event_away(event_id: int) -> ResponseReturnValue:
    return hand_in(
        lambda session, by: withdraw_event(session, event_id, by, clock.now()),
        _page,
        url_for("analyst.events"),
    )


def _page(faults: Mapping[str, str]) -> ResponseReturnValue:
    today = clock.today()
    chosen = request.args.get("plats", WHOLE)
    with reading() as session:
        try:
            place = place_given(session, {"place": chosen}, today)
        except UserError:
            place = Place(Level.NATION, "SE", "Sverige")
        waves = overview.waves_of(session, None, today)
        found = overview.all_events(session, place, own_audience())
        page = render_template(
            "analyst/events.html",
            place=place,
            waves=overview.wave_events(session, place, waves[-3:], own_audience()),
            found=found,
            pointed_out=pointed_out_by_events(session, found, today),
            given=request.form,
            faults=faults,
            kinds=KIND_WORDS,
            audiences=AUDIENCE_WORDS,
            levels=LEVEL_WORDS,
            warning=NOTHING_OF,
        )
    return page, 422 if faults else 200
