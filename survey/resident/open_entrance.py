"""The way in by an open link, for who has no letter: what to know first, and the beginning."""

import time
from datetime import UTC, datetime

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound, TooManyRequests

from survey.access import requires
from survey.collection import attempts, open_answers, open_links
from survey.collection.responses import WaveClosed
from survey.database import reading, transaction
from survey.error_pages import http_page
from survey.permissions import Permission
from survey.resident.door import OPEN_KEY, begin_visit, blueprint, closed_page, today
from survey.translation import current_language


@blueprint.get("/oppen/<code:wave_code>/<code:municipality_code>")
@requires(Permission.PUBLIC)
def open_landing(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    return open_page(wave_code, municipality_code)


@blueprint.post("/oppen/<code:wave_code>/<code:municipality_code>")
@requires(Permission.PUBLIC)
def enter_openly(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    secret, language = str(current_app.config["SECRET_KEY"]), current_language().code
    try:
        with transaction() as open_session:
            if open_links.find_open_door(open_session, wave_code, municipality_code, today()) is None:
                raise NotFound
            if not attempts.begin_open(open_session, request.remote_addr, secret, time.time()):
                raise TooManyRequests
            key = open_answers.open_visit(
                open_session, wave_code, municipality_code, language, datetime.now(UTC)
            )
    except WaveClosed as closed:
        return closed_page(closed)
    begin_visit(key, OPEN_KEY)
    return redirect(url_for("resident.go_on"), 303)


def open_page(wave_code: str, municipality_code: str, status: int = 200) -> ResponseReturnValue:
    """What to know before the first question; the same for every link that is not open: no page."""
    try:
        with reading() as open_session:
            door = open_links.find_open_door(open_session, wave_code, municipality_code, today())
    except WaveClosed as closed:
        return closed_page(closed)
    if door is None:
        return http_page(
            NotFound()
        )  # also from within the handling of another error, where raising would fail
    return render_template("resident/open.html", door=door, synthetic=door.synthetic), status
