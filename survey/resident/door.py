"""The door of the resident room: who is in, who has been away too long, who has already answered."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Protocol

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey import clock
from survey.access import keep_door
from survey.collection import open_answers, responses, visits
from survey.collection.open_answers import OpenVisit
from survey.collection.response_state import PageAnswers, ResponseState, Saved
from survey.collection.responses import NotBegun, UsedCode, WaveClosed
from survey.collection.visits import Visit
from survey.config import Settings
from survey.database import databases, reading
from survey.errors import UserError
from survey.permissions import Permission
from survey.questionnaire.free_text import cleaned
from survey.resident.code_entry import typed_code
from survey.resident.form_state import FIELD, FormState, unseal
from survey.translation import phone_link

blueprint = Blueprint("resident", __name__)

CODE_EXAMPLE = "ABCD-1234-EFGH"
# Numbers and codes are written from left to right in every language.
NUMBER = Markup('<span class="number" dir="ltr">{}</span>')
VISIT_KEY = "visit"
OPEN_KEY = "open visit"
RECEIPT_KEY = "receipt"
UNSAVED_KEY = "unsaved page"
SIMULATED_KEY = "simulated"  # told also when the wave is closed
# What may be carried over a new login: names of the questionnaire look like this.
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
CARRIED_AT_MOST = 60


class Answering(Protocol):
    """What the pages need of a stage that takes answers: of the sample, or by an open link."""

    def begin(self, session: Any, giver: int, language: str, today: date, /) -> None: ...
    def resume(self, session: Any, state: ResponseState, seen_pages: Collection[str], /) -> ResponseState: ...
    def current(self, session: Any, giver: int, /) -> ResponseState: ...
    def visited(
        self, session: Any, key: str, now: datetime, /
    ) -> tuple[Visit | OpenVisit, ResponseState] | None: ...
    def submit(self, session: Any, giver: int, version: int, today: date, /) -> None: ...
    def save_page(
        self,
        session: Any,
        state: ResponseState,
        page_id: str,
        sent: PageAnswers,
        version: int,
        language: str,
        today: date,
        /,
    ) -> Saved: ...


@blueprint.record_once
def _keep_own_door(state: BlueprintSetupState) -> None:
    keep_door(state.app, Permission.ANSWER, check_visit)


@blueprint.context_processor
def _words() -> dict[str, object]:
    settings: Settings = current_app.extensions["settings"]
    return {
        "help_phone": phone_link(settings.help_phone),
        "help_hours": _number(settings.help_hours),
        "code_example": _number(CODE_EXAMPLE),
        "site": settings.base_url.split("://", 1)[1],
        "by_open_link": by_open_link(),
    }


@cache
def _number(text: str) -> Markup:
    return NUMBER.format(text)


def today() -> date:
    """The date by the survey's clock; a simulation of the past brings its own."""
    simulated: Callable[[], date] | None = current_app.extensions.get("clock")
    return simulated() if simulated else clock.today()


def by_open_link() -> bool:
    """Whether this browser came by an open link, without a letter."""
    return OPEN_KEY in session


def answering() -> Answering:
    """The stage that keeps the answers of this browser."""
    return open_answers if by_open_link() else responses


def current_visit() -> Visit | OpenVisit | None:
    """The visit this browser is on, asked once a request."""
    found = _visited()
    return found[0] if found else None


def response() -> ResponseState:
    """The whole response as it stood when the request came; a page is told only what its visit may know."""
    found = _visited()
    if found is None:  # the door has seen to it that there is one
        raise UserError("Skriv koden i brevet för att fortsätta.")
    return found[1]


def giver() -> int:
    """Whose answers they are: the case of the visit, or the answers by open link themselves."""
    return response().giver


def check_visit() -> ResponseReturnValue | None:
    """Let a visit in; without one, lead to where the person can go on and keep what was just filled in."""
    if current_visit() is not None:
        return None
    form_state = unseal(request.form.get(FIELD, "")) if request.method == "POST" else None
    if form_state and (submitted := _submitted(form_state)):
        return to_receipt(submitted, unsaved=request.endpoint == "resident.save")
    if by_open_link():
        return render_template("resident/open_over.html"), 403
    if request.method == "POST":
        return what_is_over() or come_back_page()
    if RECEIPT_KEY in session:
        return redirect(url_for("resident.receipt"), 303)
    # Who has left quickly brings no visit, and Back must not tell that there ever was one.
    paused = 1 if VISIT_KEY in session else None
    return redirect(url_for("resident.start", paus=paused), 303)


def seen_pages() -> tuple[str, ...]:
    """The pages this visit has answered by itself."""
    visit = current_visit()
    return visit.seen_pages if visit else ()


def forget_visit() -> None:
    """Have the visit and its response asked for anew, after they have changed."""
    g.pop("visited", None)


def remember_page(open_session: Any, page_id: str) -> None:
    """Note that this visit has answered a page; what came by an open link is all its own anyhow."""
    visit, state = g.visited
    if isinstance(visit, Visit):
        visits.mark_seen(open_session, session[VISIT_KEY], page_id, last=visit)
    g.visited = replace(visit, seen_pages=(*visit.seen_pages, page_id)), state


def begin_visit(key: str, kind: str = VISIT_KEY) -> None:
    """Bind the browser to the visit; nothing from before it is carried over."""
    session.clear()
    session[kind] = key
    forget_visit()


def end_visit(open_session: Any) -> None:
    """End the visit of this browser on the server."""
    if VISIT_KEY in session:
        visits.end_visit(open_session, session[VISIT_KEY])
    if OPEN_KEY in session:
        open_answers.end_visit(open_session, session[OPEN_KEY])


def to_receipt(state: ResponseState, *, unsaved: bool = False) -> ResponseReturnValue:
    """The receipt, which this browser may show again but which says nothing of who or what.

    A page that came after the response had been handed in is `unsaved`, and the receipt says so.
    """
    kind = OPEN_KEY if by_open_link() else VISIT_KEY
    session.clear()
    session[RECEIPT_KEY] = kind
    session.update(
        {key: True for key, holds in ((UNSAVED_KEY, unsaved), (SIMULATED_KEY, state.synthetic)) if holds}
    )
    return redirect(url_for("resident.receipt"), 303)


def closed_page(closed: WaveClosed, *, unsaved: bool = False) -> ResponseReturnValue:
    """Nobody may answer any more; whether that came between a page and its being saved."""
    return render_template("resident/closed.html", unsaved=unsaved, **simulated_by(closed)), 409


def simulated_by(refusal: UserError) -> dict[str, bool]:
    """For the page that tells a refusal: whether the wave that is closed was simulated, where that is known.

    The banner of other pages follows the waves that are open.
    """
    if not isinstance(refusal, WaveClosed) or refusal.synthetic is None:
        return {}
    return {"synthetic": refusal.synthetic}


def come_back_page(problem: str | None = None, status: int = 403) -> ResponseReturnValue:
    """Ask for the code again, with the answers of the page that could not be saved.

    That they are saved then is promised only of a form of ours, and not beside a code that was refused.
    """
    return render_template(
        "resident/come_back.html",
        problem=problem,
        saves=problem is None and unseal(request.form.get(FIELD, "")) is not None,
        typed=typed_code() if request.endpoint == "resident.come_back" else "",
        page_id=(request.view_args or {}).get("page_id") or request.form.get("page_id", ""),
        state=request.form.get(FIELD, ""),
        carried=carried_answers(),
    ), status


def carried_answers() -> dict[str, str]:
    """The answers in a form, for keeping them while the person shows the code again; also in own words."""
    own = {"page_id", "code", "language", "csrf_token", FIELD}
    pairs = [
        (name, cleaned(value))
        for name, value in request.form.items()
        if name not in own and NAME.fullmatch(name)
    ]
    return dict(pairs[:CARRIED_AT_MOST])


def _visited() -> tuple[Visit | OpenVisit, ResponseState] | None:
    found: tuple[Visit | OpenVisit, ResponseState] | None = g.get("visited")
    if found is None:
        found = g.visited = _find_visited()
    return found


def _find_visited() -> tuple[Visit | OpenVisit, ResponseState] | None:
    kind = OPEN_KEY if by_open_link() else VISIT_KEY
    if kind not in session:
        return None
    with databases().look() as connection:
        return answering().visited(connection, session[kind], datetime.now(UTC))


def what_is_over() -> ResponseReturnValue | None:
    """What to tell when no code saves the page that was sent any more; None when the code will."""
    form_state = unseal(request.form.get(FIELD, ""))
    if form_state is None:
        return None
    try:
        with reading() as open_session:
            responses.require_return(open_session, form_state.case_id, today())
    except WaveClosed as closed:
        return closed_page(closed, unsaved=True)
    except (NotBegun, UsedCode) as error:
        gone = isinstance(error, NotBegun)
        return render_template("resident/code_over.html", gone=gone), 403
    return None


def _submitted(form_state: FormState) -> ResponseState | None:
    """The response that a form belongs to, when it has been handed in."""
    try:
        with reading() as open_session:
            state = answering().current(open_session, form_state.case_id)
    except UserError:
        return None
    return state if state.submitted else None
