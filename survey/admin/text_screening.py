"""Where texts in people's own words are screened, one by one; nobody else reads them before."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.admin.room import blueprint
from survey.collection import text_screening
from survey.collection.text_screening import STATE_WORDS
from survey.database import reading
from survey.errors import UserError
from survey.permissions import Permission
from survey.submissions import WHOLE_PAGE, hand_in

LONGEST = 8000  # signs of a text that is sent back: the longest answer with everything in it taken away
FIRST = "waiting"


@blueprint.get("/fritext")
@requires(Permission.SCREEN_TEXTS)
def screening_start() -> ResponseReturnValue:
    with reading() as session:
        waves = text_screening.waves_with_texts(session)
    return render_template("admin/screening_start.html", waves=waves, words=STATE_WORDS)


@blueprint.get("/<code:wave_code>/fritext")
@requires(Permission.SCREEN_TEXTS)
def screening(wave_code: str) -> ResponseReturnValue:
    return _show(wave_code)


@blueprint.post("/<code:wave_code>/fritext/<int(max=9223372036854775807):text_id>")
@requires(Permission.SCREEN_TEXTS)
def screen_text(wave_code: str, text_id: int) -> ResponseReturnValue:
    state, position = _asked()
    decision, redacted = request.form.get("decision", ""), request.form.get("text", "")[:LONGEST]

    return hand_in(
        lambda session, by: text_screening.decide(session, wave_code, text_id, decision, redacted, by),
        lambda faults: _show(wave_code, faults[WHOLE_PAGE], redacted),
        url_for("admin.screening", wave_code=wave_code, lage=state, nr=position),
    )


def _show(wave_code: str, problem: str = "", redacted: str = "") -> ResponseReturnValue:
    state, position = _asked()
    with reading() as session:
        try:
            wave = text_screening.screened_wave(session, wave_code)
            text = text_screening.text_at(session, wave_code, state, position - 1)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template(
        "admin/screening.html",
        wave=wave,
        text=text,
        state=state,
        position=position,
        words=STATE_WORDS,
        problem=problem,
        redacted=redacted,
        synthetic=wave.synthetic,
    ), 422 if problem else 200


def _asked() -> tuple[str, int]:
    """Which texts are looked through, and which of them is shown, from 1."""
    state = request.args.get("lage", FIRST)
    if state not in STATE_WORDS:
        abort(404)
    position = request.args.get("nr", 1, type=int)
    return state, position if 0 < position < 10**6 else 1
