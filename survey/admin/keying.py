"""Paper forms keyed in: by the number of the form alone, and nothing else of a case is shown.

The number travels in forms, never in an address; there stands the random id of the keying, which dies with
it.
"""

from collections.abc import Iterable, Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.admin.room import blueprint
from survey.collection import keying, paper_reception
from survey.collection.keying import KeyingState, Step, UnknownKeying
from survey.database import reading, transaction
from survey.errors import UserError
from survey.permissions import Permission
from survey.questionnaire.definition import Page, Question
from survey.questionnaire.numbering import numbers

LONGEST_NUMBER = 60
LONGEST_MARKS = 60
DONE: dict[str, str] = {
    Step.KEY_AGAIN: "Inmatningen är klar. Nu ska en annan person mata in samma formulär.",
    Step.HANDED_IN: "De två inmatningarna stämmer överens. Formuläret är inlämnat.",
    Step.AFTER_WEB: "Personen har redan svarat på webben. Formuläret är noterat och ska inte matas in.",
    Step.NOT_WANTED: "Formuläret är noterat och ska inte matas in: personen är inte längre med.",
}


@blueprint.get("/inmatning")
@requires(Permission.KEY_FORMS)
def keying_start() -> ResponseReturnValue:
    return _start(DONE.get(request.args.get("klar", "")))


@blueprint.post("/inmatning")
@requires(Permission.KEY_FORMS)
def open_paper_form() -> ResponseReturnValue:
    number = request.form.get("number", "")[:LONGEST_NUMBER].strip()
    try:
        with transaction() as session:
            opened = paper_reception.open_form(session, number, clock.today(), own_email())
    except UserError as error:
        return _start(number=number, problem=str(error))
    return _go(opened.step, opened.keying_id)


@blueprint.get("/inmatning/<code:keying_id>/<code:page_id>")
@requires(Permission.KEY_FORMS)
def keying_page(keying_id: str, page_id: str) -> ResponseReturnValue:
    with reading() as session:
        try:
            state = keying.current(session, keying_id, own_email())
            page = _page(state, page_id)
        except UserError as error:
            return _gone(error)
    return _show(state, page, state.typed(page), {})


@blueprint.post("/inmatning/<code:keying_id>/<code:page_id>")
@requires(Permission.KEY_FORMS)
def save_keying_page(keying_id: str, page_id: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            page = _page(keying.current(session, keying_id, own_email()), page_id)
            typed = _typed(page.questions)
            faults = keying.save_page(session, keying_id, page_id, typed, own_email())
            state = keying.current(session, keying_id, own_email())
    except UserError as error:
        return _gone(error)
    if faults:
        return _show(state, page, typed, faults)
    pages = state.questionnaire.pages
    after = pages.index(page) + 1
    if after < len(pages):
        return redirect(url_for("admin.keying_page", keying_id=keying_id, page_id=pages[after].id), 303)
    return redirect(url_for("admin.keying_end", keying_id=keying_id), 303)


@blueprint.get("/inmatning/<code:keying_id>")
@requires(Permission.KEY_FORMS)
def keying_end(keying_id: str) -> ResponseReturnValue:
    with reading() as session:
        try:
            state = keying.current(session, keying_id, own_email())
        except UserError as error:
            return _gone(error)
    if state.next_page is not None:
        return redirect(url_for("admin.keying_page", keying_id=keying_id, page_id=state.next_page.id), 303)
    return render_template("admin/keying_end.html", state=state, synthetic=state.synthetic)


@blueprint.post("/inmatning/<code:keying_id>")
@requires(Permission.KEY_FORMS)
def finish_keying(keying_id: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            step = keying.finish(session, keying_id, clock.today(), own_email())
    except UserError as error:
        return _gone(error)
    return _go(step, keying_id)


@blueprint.get("/inmatning/<code:keying_id>/skillnader")
@requires(Permission.KEY_FORMS)
def keying_differences(keying_id: str) -> ResponseReturnValue:
    return _differences(keying_id, {}, {})


@blueprint.post("/inmatning/<code:keying_id>/skillnader")
@requires(Permission.KEY_FORMS)
def decide_differences(keying_id: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            _, differing = keying.differences(session, keying_id)
            typed = _typed(one.question for one in differing)
            faults = keying.decide(session, keying_id, typed, clock.today(), own_email())
    except UserError as error:
        return _gone(error)
    return _differences(keying_id, typed, faults) if faults else _go(Step.HANDED_IN, keying_id)


def _typed(questions: Iterable[Question]) -> dict[str, str]:
    return {
        question.id: request.form.get(question.id, "")[: 4 * question.free_text or LONGEST_MARKS]
        for question in questions
    }


def _page(state: KeyingState, page_id: str) -> Page:
    page = state.questionnaire.page(page_id)
    if page is None:
        raise UnknownKeying
    return page


def _go(step: Step, keying_id: str) -> ResponseReturnValue:
    if step is Step.KEY:
        return redirect(url_for("admin.keying_end", keying_id=keying_id), 303)  # it knows the next page
    if step is Step.DECIDE:
        return redirect(url_for("admin.keying_differences", keying_id=keying_id), 303)
    return redirect(url_for("admin.keying_start", klar=step), 303)


def _start(done: str | None = None, *, number: str = "", problem: str = "") -> ResponseReturnValue:
    with reading() as session:
        begun = keying.unfinished(session, own_email())
    return render_template(
        "admin/keying_start.html", begun=begun, done=done, number=number, problem=problem
    ), 422 if problem else 200


def _gone(error: UserError) -> ResponseReturnValue:
    found = 404 if isinstance(error, UnknownKeying) else 409
    return render_template("errors/message.html", message=str(error)), found


def _problems(state: KeyingState, faults: Mapping[str, str]) -> list[tuple[str, str]]:
    number = numbers(state.questionnaire)
    return [(question, f"Fråga {number[question]}: {fault}") for question, fault in faults.items()]


def _show(
    state: KeyingState, page: Page, typed: Mapping[str, str], faults: Mapping[str, str]
) -> ResponseReturnValue:
    pages = state.questionnaire.pages
    return render_template(
        "admin/keying_page.html",
        state=state,
        page=page,
        place=pages.index(page) + 1,
        before=pages[pages.index(page) - 1] if page != pages[0] else None,
        numbers=numbers(state.questionnaire),
        typed=typed,
        faults=faults,
        problems=_problems(state, faults),
        synthetic=state.synthetic,
    ), 422 if faults else 200


def _differences(keying_id: str, typed: Mapping[str, str], faults: Mapping[str, str]) -> ResponseReturnValue:
    with reading() as session:
        try:
            state, differing = keying.differences(session, keying_id)
        except UserError as error:
            return _gone(error)
    return render_template(
        "admin/keying_differences.html",
        state=state,
        differing=differing,
        numbers=numbers(state.questionnaire),
        typed=typed,
        faults=faults,
        problems=_problems(state, faults),
        synthetic=state.synthetic,
    ), 422 if faults else 200
