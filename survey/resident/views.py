"""The pages between the code and the receipt: what to know first, the questions, the review."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from survey.access import requires
from survey.collection import written_texts
from survey.collection.response_state import Saved
from survey.collection.responses import (
    AlreadySubmitted,
    NotBegun,
    NotFinished,
    PageNotOpen,
    ResponseState,
    WaveClosed,
)
from survey.database import reading, statements
from survey.errors import Conflict
from survey.form_tokens import form_token
from survey.languages import LANGUAGES
from survey.permissions import Permission
from survey.questionnaire.definition import Page
from survey.questionnaire.path import next_page
from survey.resident import pages
from survey.resident.door import (
    OPEN_KEY,
    RECEIPT_KEY,
    SIMULATED_KEY,
    UNSAVED_KEY,
    answering,
    blueprint,
    by_open_link,
    closed_page,
    forget_visit,
    giver,
    remember_page,
    response,
    seen_pages,
    to_receipt,
    today,
)
from survey.resident.form_state import FIELD, seal, unseal
from survey.resident.kept_pages import kept_page
from survey.resident.question_page import question_page
from survey.simulation import has_simulated_waves
from survey.translation import current_language

UNKNOWN_VERSION = -1
REVIEW = "resident/review.html"
SECOND_WINDOW = (
    "Du har svarat i ett annat fönster sedan du öppnade den här sidan. "
    "Titta igenom svaren här och tryck på Spara och fortsätt igen."
)
TOO_LATE = "Sidan hade varit öppen för länge. Dina val finns kvar här. Tryck på Spara och fortsätt igen."


@blueprint.get("/fortsatt")
@requires(Permission.ANSWER)
def go_on() -> ResponseReturnValue:
    """Lead to where the person is: the first information, the next page, the review."""
    return redirect(next_address(_state()), 303)


@blueprint.get("/om")
@requires(Permission.ANSWER)
def about() -> ResponseReturnValue:
    state = _state()
    if state.submitted:
        return to_receipt(response())
    if by_open_link():
        return redirect(next_address(state), 303)
    words = {
        "field_end": state.field_end,
        "links_until": state.links_until,
        "own_words": bool(state.questionnaire.free_texts),
    }
    own = {"token": form_token()}
    if state.synthetic:
        return render_template("resident/about.html", synthetic=True, **words, **own)
    return kept_page("resident/about.html", own, tuple(words.values()), **words)


@blueprint.post("/om")
@requires(Permission.ANSWER)
def begin() -> ResponseReturnValue:
    try:
        with statements() as connection:
            answering().begin(connection, giver(), current_language().code, today())
            state = _known(answering().current(connection, giver()))
    except AlreadySubmitted:
        return to_receipt(response())
    except WaveClosed as closed:
        return closed_page(closed)
    return redirect(next_address(state), 303)


@blueprint.get("/fraga/<code:page_id>")
@requires(Permission.ANSWER)
def question(page_id: str) -> ResponseReturnValue:
    state = _state()
    if state.submitted:
        return to_receipt(response())
    page = _page(state, page_id)
    if not state.begun or not pages.is_open(state, page, seen_pages()):
        return redirect(next_address(state), 303)
    return _question_page(state, page, _given(state, page) if page.id in seen_pages() else {})


@blueprint.post("/fraga/<code:page_id>")
@requires(Permission.ANSWER)
def save(page_id: str) -> ResponseReturnValue:
    try:
        before, saved = _save(page_id)
    except Conflict:
        return _after_conflict(page_id)
    except (PageNotOpen, NotBegun):
        return redirect(url_for("resident.go_on"), 303)
    except AlreadySubmitted:
        return to_receipt(response(), unsaved=True)
    except WaveClosed as closed:
        return closed_page(closed, unsaved=True)
    if saved.faults:
        page = _page(before, page_id)
        return _question_page(before, page, pages.chosen(request.form, page), saved.faults, status=422)
    return redirect(_after_saving(_known(saved.state), page_id), 303)


@blueprint.get("/granska")
@requires(Permission.ANSWER)
def review() -> ResponseReturnValue:
    state = _state()
    if state.submitted:
        return to_receipt(response())
    if next_page(state.questionnaire, state.answers) is not None:
        return redirect(next_address(state), 303)
    return _review_page(state)


@blueprint.post("/granska")
@requires(Permission.ANSWER)
def submit() -> ResponseReturnValue:
    try:
        state = _state()
        if not state.submitted and next_page(state.questionnaire, state.answers) is not None:
            raise NotFinished
        with statements() as connection:
            answering().resume(connection, response(), seen_pages())
            answering().submit(connection, giver(), _version_of_form(state), today())
    except Conflict:
        forget_visit()
        return _review_page(_state(), changed=True, status=409)
    except (NotFinished, NotBegun):
        return redirect(url_for("resident.go_on"), 303)
    except WaveClosed as closed:
        return closed_page(closed, unsaved=True)
    return to_receipt(response())


@blueprint.get("/tack")
@requires(Permission.PUBLIC)
def receipt() -> ResponseReturnValue:
    if RECEIPT_KEY not in session:
        return redirect(url_for("resident.start"), 303)
    openly, unsaved = session[RECEIPT_KEY] == OPEN_KEY, UNSAVED_KEY in session
    simulated = {"synthetic": True} if SIMULATED_KEY in session else {}
    if simulated or unsaved or has_simulated_waves():
        return render_template("resident/receipt.html", by_open_link=openly, unsaved=unsaved, **simulated)
    return kept_page("resident/receipt.html", {}, openly, by_open_link=openly)


def next_address(state: ResponseState) -> str:
    """Where the person goes on: the first information, the next page, the review."""
    if not state.begun:
        return url_for("resident.about")
    page = next_page(state.questionnaire, state.answers)
    return url_for("resident.review") if page is None else url_for("resident.question", page_id=page.id)


def page_again(page_id: str, status: int) -> ResponseReturnValue:
    """The page with what was just filled in, ready to send again, after a form that had become too old."""
    state = _state()
    page = _page(state, page_id)
    if not pages.is_open(state, page, seen_pages()):
        return redirect(next_address(state), 303)
    chosen = pages.chosen(request.form, page)
    return _question_page(state, page, chosen, notice=TOO_LATE, status=status)


def _save(page_id: str) -> tuple[ResponseState, Saved]:
    """Store a page: the answers as they were shown before, and what came of it.

    What stands was read with the visit, before the transaction: nobody waits while it is judged, and
    the version sees to it that nothing is stored on top of anything newer.
    """
    before = _state()
    page = _page(before, page_id)
    seen = seen_pages()
    if before.submitted:
        raise AlreadySubmitted
    if not pages.is_open(before, page, seen):
        raise PageNotOpen
    version, language = _version_of_form(before), current_language().code
    sent, complete = pages.read_form(request.form, before, page, page_id in seen)
    with statements() as connection:
        # Another browser may have answered since this visit began.
        stands = answering().resume(connection, response(), seen)
        saved = answering().save_page(connection, stands, page_id, sent, version, language, today())
        if complete and not saved.faults:
            remember_page(connection, page_id)
    return before, saved


def _given(state: ResponseState, page: Page) -> dict[str, str]:
    """The answers of a page as this visit gave them, with what was written in the person's own words."""
    if not any(question.free_text for question in page.questions):
        return state.answers
    with reading() as session:
        return state.answers | written_texts.written(session, state.response_id)


def _version_of_form(state: ResponseState) -> int:
    form_state = unseal(request.form.get(FIELD, ""))
    current = form_state is not None and form_state.shows(giver(), state.version)
    return state.version if current else UNKNOWN_VERSION


def _after_conflict(page_id: str) -> ResponseReturnValue:
    forget_visit()
    state = _state()
    page = _page(state, page_id)
    if state.submitted:
        return to_receipt(response(), unsaved=True)
    # Only of a page that this visit has answered: otherwise a guess at the answers could be tried.
    if page_id in seen_pages() and pages.is_stored(request.form, state, page):
        return redirect(_after_saving(state, page_id), 303)  # the same form sent twice
    if not pages.is_open(state, page, seen_pages()):
        return redirect(next_address(state), 303)
    return _question_page(state, page, pages.chosen(request.form, page), notice=SECOND_WINDOW, status=409)


def _after_saving(state: ResponseState, page_id: str) -> str:
    language = request.form.get("language", "")
    if language in LANGUAGES:
        return url_for("resident.question", page_id=page_id, language=language)
    following = pages.following(state, _page(state, page_id), seen_pages())
    if following is None or next_page(state.questionnaire, state.answers) is None:
        return next_address(state)
    return url_for("resident.question", page_id=following.id)


def _state() -> ResponseState:
    """The response as far as this visit may know it; nothing else reaches a page."""
    return _known(response())


def _known(state: ResponseState) -> ResponseState:
    return pages.known(state, seen_pages())


def _page(state: ResponseState, page_id: str) -> Page:
    page = state.questionnaire.page(page_id)
    if page is None:
        raise NotFound
    return page


def _question_page(
    state: ResponseState,
    page: Page,
    chosen: dict[str, str],
    faults: dict[str, str] | None = None,
    notice: str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    view = pages.page_view(state, page, chosen, faults or {}, seen_pages())
    form_state = seal(giver(), state.version)
    return question_page(view, state.questionnaire.hash, form_state, state.synthetic, notice), status


def _review_page(state: ResponseState, changed: bool = False, status: int = 200) -> ResponseReturnValue:
    reviewed = pages.review_parts(state, seen_pages())
    parts = render_template("resident/review_parts.html", parts=reviewed)
    own = {"token": form_token(), "state": seal(giver(), state.version), "parts": parts}
    if changed or state.synthetic:
        hidden = not all(part.questions for part in reviewed)
        words = {"synthetic": state.synthetic, "changed": changed, "hidden": hidden}
        return render_template(REVIEW, **words, **own), status
    return kept_page(REVIEW, own, changed=False), status
