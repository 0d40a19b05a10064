"""Taking one's answers back with the code or the QR code of the letter; no page tells if there were any."""

from typing import Any

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.collection import responses, withdrawal
from survey.database import transaction
from survey.errors import UserError
from survey.permissions import Permission
from survey.resident.code_entry import status_of, typed_code, with_code
from survey.resident.door import blueprint, today

WITHDRAWN_KEY = "withdrawn"


@blueprint.get("/angra")
@requires(Permission.PUBLIC)
def withdrawal_page() -> ResponseReturnValue:
    return ask_for_code()


@blueprint.post("/angra")
@requires(Permission.PUBLIC)
def withdraw() -> ResponseReturnValue:
    try:
        with_code(responses.case_of_code, _withdraw)
    except UserError as error:
        return ask_for_code(str(error), typed_code(), status_of(error))
    return _to_receipt()


@blueprint.get("/s/<code:token>/angra")
@requires(Permission.PUBLIC)
def withdrawal_by_letter_page(token: str) -> ResponseReturnValue:
    # Nothing is looked up, as on the page the QR code leads to.
    return _page(by_letter=True)


@blueprint.post("/s/<code:token>/angra")
@requires(Permission.PUBLIC)
def withdraw_by_letter(token: str) -> ResponseReturnValue:
    try:
        with transaction() as open_session:
            _withdraw(open_session, responses.case_of_qr(open_session, token))
    except UserError as error:
        return ask_for_code(str(error), status=422)
    return _to_receipt()


@blueprint.get("/angra/klart")
@requires(Permission.PUBLIC)
def withdrawn() -> ResponseReturnValue:
    if WITHDRAWN_KEY not in session:
        return redirect(url_for("resident.withdrawal_page"), 303)
    return render_template("resident/withdrawn.html")


def ask_for_code(problem: str | None = None, typed: str = "", status: int = 200) -> ResponseReturnValue:
    """The page with the code field; from a QR code that is not known, too."""
    return _page(problem, typed), status


def _page(problem: str | None = None, typed: str = "", *, by_letter: bool = False) -> str:
    return render_template("resident/withdraw.html", problem=problem, typed=typed, by_letter=by_letter)


def _withdraw(open_session: Any, case_id: int) -> None:
    withdrawal.withdraw(open_session, case_id, today(), withdrawal.BY_RESIDENT)


def _to_receipt() -> ResponseReturnValue:
    session.clear()
    session[WITHDRAWN_KEY] = True
    return redirect(url_for("resident.withdrawn"), 303)
