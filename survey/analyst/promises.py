"""The promises of every municipality, what is late and lacking, and the areas to have a promise in."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import note, requires
from survey.analyst.views import blueprint
from survey.database import reading
from survey.downloads import as_file
from survey.followup.promises import focus_areas, overviews
from survey.followup.promises.export import promises_csv
from survey.followup.promises.tertials import due
from survey.permissions import Permission
from survey.readers import own_reader
from survey.submissions import Change, hand_in


@blueprint.get("/loften/")
@requires(Permission.SEE_EVERY_MUNICIPALITY)
def promises() -> ResponseReturnValue:
    with reading() as session:
        found = overviews.region_promises(session, own_reader(), clock.today())
    lines = [line for one in found for line in one.lines]
    return render_template(
        "analyst/promises.html",
        municipalities=found,
        lines=lines,
        focus=list(dict.fromkeys(focus.name for one in found for focus in one.focus)),
        due=due(clock.today()),
    )


@blueprint.get("/loften/loften.csv")
@requires(Permission.DOWNLOAD_TABLES)
def promise_table() -> ResponseReturnValue:
    with reading() as session:
        download = promises_csv(session, own_reader(), clock.today())
    note("download", download.file_name)
    return as_file(download.file_name, download.content, "text/csv")


@blueprint.get("/loften/omraden")
@requires(Permission.SET_FOCUS_AREAS)
def focus_area_list() -> ResponseReturnValue:
    return _page()


@blueprint.post("/loften/omraden")
@requires(Permission.SET_FOCUS_AREAS)
def add_focus_area() -> ResponseReturnValue:
    region, name = request.form.get("police_region", ""), request.form.get("name", "")[:500]

    def change(session: Any, by: str) -> None:
        focus_areas.add_focus_area(session, region, name, by=by)

    return _hand_in(change)


@blueprint.post("/loften/omraden/ta-bort")
@requires(Permission.SET_FOCUS_AREAS)
def withdraw_focus_area() -> ResponseReturnValue:
    asked = request.form.get("focus", "")

    def change(session: Any, by: str) -> None:
        focus_areas.withdraw_focus_area(session, asked, by=by, today=clock.today())

    return _hand_in(change)


def _hand_in(change: Change) -> ResponseReturnValue:
    return hand_in(change, _page, url_for("analyst.focus_area_list"))


def _page(faults: Mapping[str, str] | None = None) -> ResponseReturnValue:
    with reading() as session:
        answer = render_template(
            "analyst/focus_areas.html",
            areas=focus_areas.list_focus_areas(session),
            regions=focus_areas.police_regions(session),
            faults=faults or {},
            given=request.form,
        )
    return answer, 422 if faults else 200
