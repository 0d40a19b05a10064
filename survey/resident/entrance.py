"""The ways in and out: the typed code, the QR code, coming back after a pause, leaving quickly."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from survey.access import Permission, requires, without_token
from survey.collection import responses, visits
from survey.database import transaction
from survey.errors import UserError
from survey.headers import NEUTRAL_PAGE
from survey.resident.door import (
    VISIT_KEY,
    begin_visit,
    blueprint,
    carried_answers,
    come_back_page,
    today,
)
from survey.resident.form_state import FIELD, unseal
from survey.translation import COOKIE, current_language

CODE_AT_MOST = 100
LATE = "Sidan hade varit öppen för länge. Tryck på Fortsätt en gång till."
NO_ANSWER_YET = "Skriv koden som står i brevet."


@blueprint.get("/")
@requires(Permission.PUBLIC)
def start() -> ResponseReturnValue:
    return _start_page()


@blueprint.post("/")
@requires(Permission.PUBLIC)
def enter() -> ResponseReturnValue:
    typed = _typed_code()
    if not typed.strip():
        return _start_page(NO_ANSWER_YET, status=422)
    try:
        _enter(lambda open_session: responses.enter_by_code(open_session, typed, today()))
    except UserError as error:
        return _start_page(str(error), typed, 422)
    return redirect(url_for("resident.go_on"), 303)


@blueprint.get("/s/<code:token>")
@requires(Permission.PUBLIC)
def landing(token: str) -> ResponseReturnValue:
    # Nothing is looked up: a preview of the link must not tell a living code from a dead one.
    return render_template("resident/landing.html")


@blueprint.post("/s/<code:token>")
@requires(Permission.PUBLIC)
def enter_by_letter(token: str) -> ResponseReturnValue:
    try:
        _enter(lambda open_session: responses.enter_by_qr(open_session, token, today()))
    except UserError as error:
        return _start_page(str(error), status=422)
    return redirect(url_for("resident.go_on"), 303)


@blueprint.post("/fortsatt")
@requires(Permission.PUBLIC)
def come_back() -> ResponseReturnValue:
    """The code again after a pause: what was filled in but not saved is saved now."""
    typed = _typed_code()
    try:
        case_id = _enter(lambda open_session: responses.enter_by_code(open_session, typed, today()))
    except UserError as error:
        return come_back_page(str(error), 422)
    _save_carried(case_id)
    return redirect(url_for("resident.go_on"), 303)


@blueprint.post("/lamna")
@without_token  # leaving must always work, and nobody gains by making somebody else leave
@requires(Permission.PUBLIC)
def leave() -> ResponseReturnValue:
    key = session.get(VISIT_KEY)
    if key:
        with transaction() as open_session:
            visits.end_visit(open_session, key)
    session.clear()
    response = redirect(NEUTRAL_PAGE, 303)
    response.delete_cookie(COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@blueprint.errorhandler(CSRFError)
def try_again(_error: CSRFError) -> ResponseReturnValue:
    """A form that was open too long: the same page with what was filled in, ready to send again."""
    from survey.resident import views

    if request.endpoint == "resident.enter":
        return _start_page(LATE, _typed_code(), 400)
    if request.endpoint == "resident.come_back":
        return come_back_page(LATE, 400)
    if request.endpoint == "resident.save":
        return views.page_again((request.view_args or {})["page_id"], 400)
    return render_template("resident/try_again.html"), 400


def _enter(find_case: Callable[[Any], int]) -> int:
    with transaction() as open_session:
        case_id = find_case(open_session)
        key = visits.open_visit(open_session, case_id, datetime.now(UTC))
    begin_visit(case_id, key)
    return case_id


def _save_carried(case_id: int) -> None:
    state = unseal(request.form.get(FIELD, ""))
    # Another person's code on the same device must never receive these answers.
    if state is None or state.case_id != case_id:
        return
    sent = {name: [value] for name, value in carried_answers().items()}
    try:
        with transaction() as open_session:
            responses.save_page(
                open_session,
                case_id,
                request.form.get("page_id", ""),
                sent,
                state.version,
                current_language().code,
                today(),
            )
    except UserError:
        return  # answered further elsewhere meanwhile: what is saved there stands


def _typed_code() -> str:
    return request.form.get("code", "")[:CODE_AT_MOST].replace("\0", "")


def _start_page(problem: str | None = None, typed: str = "", status: int = 200) -> ResponseReturnValue:
    paused = "paus" in request.args
    return render_template("resident/start.html", problem=problem, typed=typed, paused=paused), status
