"""The promises of a municipality and its police: listed, written, read."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock, submissions
from survey.access import current_staff, own_email, requires
from survey.database import reading, transaction
from survey.errors import Faults, UserError
from survey.followup.promises import overviews, promise_form, promise_page, writing
from survey.followup.promises.records import NoSuchPromise
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.readers import own_reader
from survey.submissions import fields

BASE = "/<code:municipality_code>/loften"
ONE = f"{BASE}/<int(max=2147483647):promise_id>"


@blueprint.errorhandler(NoSuchPromise)
def no_such_promise(error: NoSuchPromise) -> ResponseReturnValue:
    return render_template("errors/message.html", message=str(error)), 404


@blueprint.get(f"{BASE}/")
@requires(Permission.SEE_MUNICIPALITY)
def promise_list(municipality_code: str) -> ResponseReturnValue:
    """Every promise with its state, and the areas in which one is lacking."""
    with reading() as session:
        found = overviews.municipality_promises(session, municipality_code, own_reader(), clock.today())
    return render_template("municipality/promise_list.html", found=found, code=municipality_code)


@blueprint.get(f"{BASE}/nytt")
@requires(Permission.WRITE_PROMISES)
def new_promise(municipality_code: str) -> ResponseReturnValue:
    """First what is to tell how it went; with that in the address, the form."""
    return _form(municipality_code, None, request.args)


@blueprint.post(f"{BASE}/nytt")
@requires(Permission.WRITE_PROMISES)
def write_promise(municipality_code: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            number = writing.write_promise(
                session, municipality_code, fields(), by=own_email(), now=clock.now()
            )
    except UserError as error:
        return _form(municipality_code, None, fields(), _faults(error))
    return redirect(url_for(".promise", municipality_code=municipality_code, promise_id=number), 303)


@blueprint.get(f"{ONE}/andra")
@requires(Permission.WRITE_PROMISES)
def change_promise(municipality_code: str, promise_id: int) -> ResponseReturnValue:
    return _form(municipality_code, promise_id, request.args)


@blueprint.post(f"{ONE}/andra")
@requires(Permission.WRITE_PROMISES)
def rewrite_promise(municipality_code: str, promise_id: int) -> ResponseReturnValue:
    def change(session: Any, by: str) -> None:
        writing.rewrite_promise(session, municipality_code, promise_id, fields(), by=by, now=clock.now())

    return submissions.hand_in(
        change,
        lambda faults: _form(municipality_code, promise_id, fields(), faults),
        url_for(".promise", municipality_code=municipality_code, promise_id=promise_id),
        (NoSuchPromise,),
    )


@blueprint.get(f"{ONE}/")
@requires(Permission.SEE_MUNICIPALITY)
def promise(municipality_code: str, promise_id: int) -> ResponseReturnValue:
    return show_promise(municipality_code, promise_id)


def show_promise(
    municipality_code: str, promise_id: int, faults: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    """One promise; with faults, what was written stays in the fields."""
    staff = current_staff()
    with reading() as session:
        page = promise_page.read_promise_page(
            session,
            municipality_code,
            promise_id,
            own_reader(),
            clock.today(),
            staff.role if staff else "",
        )
    answer = render_template(
        "municipality/promise.html",
        page=page,
        code=municipality_code,
        note_words=promise_page.NOTE_WORDS,
        faults=faults or {},
        given=request.form,
        today=clock.today(),
    )
    return answer, 422 if faults else 200


def _form(
    municipality_code: str,
    promise_id: int | None,
    given: Mapping[str, str],
    faults: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    here: dict[str, Any] = {"municipality_code": municipality_code}
    if promise_id is not None:
        here["promise_id"] = promise_id
    with reading() as session:
        if not faults and "kind" not in given and (promise_id is None or "mal" in given):
            choices = promise_form.goal_choices(
                session, municipality_code, promise_id, clock.now(), clock.today()
            )
            return render_template(
                "municipality/promise_goal.html", choices=choices, here=here, words=promise_form
            )
        found = promise_form.read_form(
            session, municipality_code, promise_id, given, clock.now(), clock.today()
        )
    answer = render_template(
        "municipality/promise_form.html",
        form=found,
        here=here,
        faults=faults or {},
        kinds=promise_form.KIND_WORDS,
    )
    return answer, 422 if faults else 200


def _faults(error: UserError) -> Mapping[str, str]:
    return error.by_field if isinstance(error, Faults) else {submissions.WHOLE_PAGE: str(error)}
