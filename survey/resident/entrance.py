"""The ways in and out: the typed code, the QR code, coming back after a pause, leaving quickly."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from flask import current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import MultiDict

from survey.access import requires
from survey.collection import responses, visits
from survey.collection.response_state import ResponseState
from survey.database import statements, transaction
from survey.errors import UserError
from survey.form_tokens import form_token, without_token
from survey.headers import NEUTRAL_PAGE
from survey.permissions import Permission
from survey.resident import pages
from survey.resident.code_entry import status_of, typed_code, with_code
from survey.resident.door import (
    begin_visit,
    blueprint,
    carried_answers,
    closed_page,
    come_back_page,
    end_visit,
    simulated_by,
    today,
    what_is_over,
)
from survey.resident.form_state import FIELD, unseal
from survey.resident.kept_pages import kept_page
from survey.resident.views import next_address, page_again
from survey.simulation import has_simulated_waves
from survey.translation import current_language, forget_language, offered_languages

LATE = "Sidan hade varit öppen för länge. Tryck på Fortsätt en gång till."
NO_COOKIE = (
    "Webbläsaren skickade ingen kaka (cookie), och den behövs här. Försök en gång till. "
    "Blir det likadant: tillåt kakor för den här webbplatsen i webbläsarens inställningar."
)
NO_ANSWER_YET = "Skriv koden som står i brevet."


@dataclass(frozen=True)
class Entered:
    """A visit that begins: the key for the browser, and the response as far as the visit may know it."""

    key: str
    state: ResponseState
    to_correct: str = ""
    """The page whose answers were carried here and could not be saved as they are."""


@blueprint.get("/")
@requires(Permission.PUBLIC)
def start() -> ResponseReturnValue:
    return _start_page()


@blueprint.post("/")
@requires(Permission.PUBLIC)
def enter() -> ResponseReturnValue:
    typed = typed_code()
    if not typed.strip():
        return _start_page(NO_ANSWER_YET, status=422)
    try:
        entered = with_code(_admit, _open_visit)
    except UserError as error:
        return _start_page(str(error), typed, status_of(error), simulated_by(error))
    begin_visit(entered.key)
    return redirect(url_for("resident.go_on"), 303)


@blueprint.get("/s/<code:token>")
@requires(Permission.PUBLIC)
def landing(token: str) -> ResponseReturnValue:
    # Nothing is looked up: a preview of the link must not tell a living code from a dead one.
    own = {"letter": token, "token": form_token()}
    if has_simulated_waves():
        return render_template("resident/landing.html", **own)
    return kept_page("resident/landing.html", own)


@blueprint.post("/s/<code:token>")
@requires(Permission.PUBLIC)
def enter_by_letter(token: str) -> ResponseReturnValue:
    try:
        with statements() as connection:
            entered = _open_visit(connection, responses.enter_by_qr(connection, token, today()))
    except UserError as error:
        return _start_page(str(error), status=422, simulated=simulated_by(error))
    begin_visit(entered.key)
    return redirect(next_address(entered.state), 303)


@blueprint.post("/fortsatt")
@requires(Permission.PUBLIC)
def come_back() -> ResponseReturnValue:
    """The code again after a pause: what was filled in but not saved is saved now."""
    if "language" in request.args:
        return what_is_over() or come_back_page(status=200)
    try:
        entered = with_code(_admit, _continue_visit)
    except responses.WaveClosed as closed:
        return closed_page(closed, unsaved=True)
    except UserError as error:
        return come_back_page(str(error), status_of(error))
    begin_visit(entered.key)
    if entered.to_correct:
        return page_again(entered.to_correct, 422)
    return redirect(url_for("resident.go_on"), 303)


@blueprint.post("/lamna")
@without_token  # leaving must always work, and nobody gains by making somebody else leave
@requires(Permission.PUBLIC)
def leave() -> ResponseReturnValue:
    try:
        with transaction() as open_session:
            end_visit(open_session)
    except Exception:  # a screen that somebody else may see is left even when the database is away
        current_app.logger.exception("a visit could not be ended")
    session.clear()
    response = redirect(NEUTRAL_PAGE, 303)
    forget_language(response)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@blueprint.errorhandler(CSRFError)
def try_again(_error: CSRFError) -> ResponseReturnValue:
    """A form that was open too long: the same page with what was filled in, ready to send again."""
    from survey.resident import open_entrance, withdrawing

    late = LATE if request.cookies.get(current_app.config["SESSION_COOKIE_NAME"]) else NO_COOKIE
    if request.endpoint == "resident.enter_openly":
        return open_entrance.open_page(**(request.view_args or {}), status=400)
    if request.endpoint in ("resident.withdraw", "resident.withdraw_by_letter"):
        return withdrawing.ask_for_code(late, typed_code(), 400)
    if request.endpoint == "resident.come_back":
        return come_back_page(late, 400)
    if request.endpoint == "resident.enter" or late == NO_COOKIE:  # also by the QR code
        return _start_page(late, typed_code(), 400)
    if request.endpoint == "resident.save":
        return page_again((request.view_args or {})["page_id"], 400)
    return render_template("resident/try_again.html"), 400


def _admit(open_session: Any, typed: str) -> int:
    return responses.enter_by_code(open_session, typed, today())


def _continue_visit(open_session: Any, case_id: int) -> Entered:
    answered, to_correct = _save_carried(open_session, case_id)
    return replace(_open_visit(open_session, case_id, answered), to_correct=to_correct)


def _open_visit(open_session: Any, case_id: int, answered: str | None = None) -> Entered:
    """Begin a visit that can tell nothing of the visits before it."""
    now = datetime.now(UTC)
    key = visits.open_visit(open_session, case_id, now)
    seen = () if answered is None else (answered,)
    for page_id in seen:
        visits.mark_seen(open_session, key, page_id, now)
    state = responses.resume(open_session, responses.current(open_session, case_id), seen)
    return Entered(key, pages.known(state, seen))


def _save_carried(open_session: Any, case_id: int) -> tuple[str | None, str]:
    """Save the page filled in when the visit ended.

    Its id when all its answers are this person's, and its id when something in it must be put right first.
    """
    form_state = unseal(request.form.get(FIELD, ""))
    # Another person's code on the same device must never receive these answers.
    if form_state is None or form_state.case_id != case_id:
        return None, ""
    stands = responses.current(open_session, case_id)
    state = pages.known(stands, ())
    page = state.questionnaire.page(request.form.get("page_id", ""))
    if page is None or not form_state.shows(case_id, state.version):
        return None, ""  # answered further elsewhere meanwhile: what is saved there stands
    sent, complete = pages.read_form(MultiDict(carried_answers()), state, page, seen=False)
    language = current_language().code
    try:
        saved = responses.save_page(open_session, stands, page.id, sent, state.version, language, today())
    except UserError:
        return None, ""
    if saved.faults:
        return None, page.id
    return page.id if complete else None, ""


def _start_page(
    problem: str | None = None,
    typed: str = "",
    status: int = 200,
    simulated: Mapping[str, bool] = MappingProxyType({}),
) -> ResponseReturnValue:
    paused = "paus" in request.args
    spoken = [language.code for language in offered_languages()]
    preferred = request.accept_languages.best_match(spoken)
    words = {"problem": problem, "typed": typed, "paused": paused, "preferred": preferred}
    return render_template("resident/start.html", **words, **simulated), status
