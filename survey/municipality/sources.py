"""What stands beside the survey for a municipality: other sources' series, vulnerable areas, events."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import requires
from survey.database import reading
from survey.errors import Faults, UserError
from survey.followup import overview
from survey.followup.audiences import AUDIENCE_WORDS, readable_by
from survey.followup.event_forms import place_given, text_given
from survey.followup.events import KIND_WORDS, withdraw_event, write_event
from survey.followup.places import Level, Place, children, place
from survey.followup.pointing_out import pointed_out_by_events
from survey.followup.text_check import NOTHING_OF
from survey.followup.vulnerable import NOT_READ
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.readers import own_audience
from survey.submissions import field, hand_in

BASE = "/<code:municipality_code>/kallor"
FIELDS = ("place", "starts_on", "ends_on", "kind", "text", "source", "audience")


@blueprint.get(f"{BASE}/")
@requires(Permission.SEE_MUNICIPALITY)
def sources(municipality_code: str) -> ResponseReturnValue:
    today = clock.today()
    with reading() as session:
        try:
            own = place(session, Level.MUNICIPALITY, municipality_code, today)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        shown = overview.shown_series(session, own, today, own_audience())
        return render_template(
            "municipality/sources.html",
            place=own,
            code=municipality_code,
            shown=shown,
            vulnerable=overview.vulnerable_years(session, own),
            not_read=NOT_READ,
            audiences=AUDIENCE_WORDS,
            synthetic=any(one.series.synthetic for one in shown),
        )


@blueprint.get(f"{BASE}/handelser/")
@requires(Permission.SEE_MUNICIPALITY)
def events(municipality_code: str) -> ResponseReturnValue:
    return _events(municipality_code, {})


@blueprint.post(f"{BASE}/handelser/")
@requires(Permission.WRITE_EVENTS)
def write_down_event(municipality_code: str) -> ResponseReturnValue:
    given = {name: field(name) for name in FIELDS}

    def change(session: Any, by: str) -> None:
        at = place_given(session, given, clock.today())
        if at not in _own_places(session, municipality_code):
            raise Faults({"place": "Välj kommunen eller ett av dess delområden."})
        write_event(session, at, text_given(given), by, clock.now(), own_audience())

    return _hand_in(municipality_code, change)


@blueprint.post(f"{BASE}/handelser/<int(max=2147483647):event_id>/ta-bort")
@requires(Permission.WRITE_EVENTS)
def take_event_away(municipality_code: str, event_id: int) -> ResponseReturnValue:
    def change(session: Any, by: str) -> None:
        withdraw_event(session, event_id, by, clock.now(), municipality_code, own_audience())

    return _hand_in(municipality_code, change)


def _hand_in(municipality_code: str, change: Any) -> ResponseReturnValue:
    return hand_in(
        change,
        lambda faults: _events(municipality_code, faults),
        url_for("municipality.events", municipality_code=municipality_code),
    )


def _own_places(session: Any, municipality_code: str) -> list[Place]:
    own = place(session, Level.MUNICIPALITY, municipality_code, clock.today())
    return [own, *children(session, own, clock.today())]


def _events(municipality_code: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    today, audience = clock.today(), own_audience()
    with reading() as session:
        try:
            places = _own_places(session, municipality_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        waves = overview.waves_of(session, municipality_code, today)
        found = overview.all_events(session, places[0], audience)
        page = render_template(
            "municipality/events.html",
            place=places[0],
            places=places,
            code=municipality_code,
            waves=overview.wave_events(session, places[0], waves[-3:], audience),
            found=found,
            pointed_out=pointed_out_by_events(session, found, today),
            given=request.form,
            faults=faults,
            kinds=KIND_WORDS,
            all_audiences=AUDIENCE_WORDS,
            audiences={key: words for key, words in AUDIENCE_WORDS.items() if key in readable_by(audience)},
            warning=NOTHING_OF,
        )
    return page, 422 if faults else 200
