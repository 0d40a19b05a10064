"""A municipality's report before it is printed: sentences left out, comments added, every step kept."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.analyst.views import blueprint
from survey.database import reading
from survey.errors import UserError
from survey.permissions import Permission
from survey.publication.report import report_editing
from survey.submissions import Change, field, hand_in

BASE = "/<code:wave_code>/rapport/<code:municipality_code>"


@blueprint.get(f"{BASE}/")
@requires(Permission.RELEASE_RESULTS)
def report_notes(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    return _page(wave_code, municipality_code)


@blueprint.post(f"{BASE}/mening")
@requires(Permission.RELEASE_RESULTS)
def choose_sentence(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    """Leave a made sentence out, or take it in again."""
    number, hide = request.form.get("mening", ""), request.form.get("val") == "utelamna"

    def change(session: Any, by: str) -> None:
        report_editing.choose_sentence(session, wave_code, municipality_code, number, hide, by=by)

    return _hand_in(wave_code, municipality_code, change)


@blueprint.post(f"{BASE}/kommentar")
@requires(Permission.RELEASE_RESULTS)
def write_comment(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    place, text = request.form.get("plats", ""), field("kommentar")

    def change(session: Any, by: str) -> None:
        report_editing.write_comment(session, wave_code, municipality_code, place, text, by=by)

    return _hand_in(wave_code, municipality_code, change)


def _hand_in(wave_code: str, municipality_code: str, change: Change) -> ResponseReturnValue:
    return hand_in(
        change,
        lambda faults: _page(wave_code, municipality_code, " ".join(faults.values()), 422),
        url_for("analyst.report_notes", wave_code=wave_code, municipality_code=municipality_code),
    )


def _page(
    wave_code: str, municipality_code: str, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    """The page; after a fault, what was written stays in its field."""
    with reading() as session:
        try:
            editing = report_editing.report_editing(session, wave_code, municipality_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template(
        "analyst/report_notes.html",
        editing=editing,
        report=editing.report,
        longest=report_editing.LONGEST,
        given=request.form if problem else {},
        problem=problem,
        synthetic=editing.report.synthetic,
    ), status
