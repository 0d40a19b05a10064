"""The second step of a login: the code of the app, or, the first time, setting the app up."""

from datetime import UTC, datetime

import segno
from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey import access, audit, pace
from survey.access import requires
from survey.database import reading, transaction
from survey.errors import UserError
from survey.login.views import blueprint, home, own_address
from survey.permissions import Permission
from survey.preparation import accounts, second_factor
from survey.preparation.login_attempts import TooManyLogins, begin_second_factor

LONGEST_CODE, LONGEST_SEAL = 40, 400


@blueprint.get("/inloggning/kod", endpoint="second_factor")
@requires(Permission.PUBLIC)
def second_factor_page() -> ResponseReturnValue:
    return _ask()


@blueprint.post("/inloggning/kod")
@requires(Permission.PUBLIC)
def give_second_factor() -> ResponseReturnValue:
    key, now = access.session_key() or "", datetime.now(UTC)
    with transaction() as session:
        found = accounts.find_staff_session(session, key, now)
        if found is None:
            return redirect(url_for("login.login"), 303)
        account_id = found[0].id
        try:
            attempt = begin_second_factor(session, account_id, _secret_key(), now.timestamp())
        except TooManyLogins as error:
            return _ask(str(error), status=429)
        right = second_factor.check(session, found[0], _code(), _secret_key(), now)
        audit.record(
            session, found[0].email, "give second factor" if right else "failed second factor", found[0].email
        )
        if right:
            pace.succeed(session, attempt)
            second_factor.mark_given(session, key)
    return _go_in() if right else _ask(second_factor.WRONG)


@blueprint.post("/inloggning/ny-kod")
@requires(Permission.PUBLIC)
def set_second_factor() -> ResponseReturnValue:
    """Confirm the app, and show the codes to keep: once, on the answer to the form."""
    key, now, sealed = access.session_key() or "", datetime.now(UTC), request.form.get("sealed", "")
    try:
        with transaction() as session:
            found = accounts.find_staff_session(session, key, now)
            # Who has a second factor gets a new one by a new invitation, never by a password alone.
            if found is None or found[0].second_factor is not None:
                return redirect(url_for("login.login"), 303)
            codes = second_factor.confirm(
                session, found[0], sealed[:LONGEST_SEAL], _code(), _secret_key(), now
            )
            second_factor.mark_given(session, key)
    except UserError as error:
        return _ask(str(error), sealed[:LONGEST_SEAL] if str(error) == second_factor.WRONG else None)
    access.forget_staff()
    return render_template("login/recovery_codes.html", codes=codes, home=_home())


def _ask(
    problem: str | None = None, sealed: str | None = None, status: int | None = None
) -> ResponseReturnValue:
    """The code of the app; or the QR code that sets the app up, the same again after a slip."""
    status = status or (422 if problem else 200)
    with reading() as session:
        found = accounts.find_staff_session(session, access.session_key() or "", datetime.now(UTC))
        if found is None or found[1] or not current_app.extensions["settings"].second_factor:
            return redirect(url_for("login.login"), 303)
        account = found[0]
        if account.second_factor is not None:
            return render_template("login/second_factor.html", problem=problem), status
        if sealed is None:
            sealed, address = second_factor.offer(account, _secret_key())
        else:
            address = second_factor.address_of(account, sealed, _secret_key())
    drawing = segno.make_qr(address, error="m").svg_inline(scale=4, border=4, svgclass=None, lineclass=None)
    return render_template(
        "login/new_second_factor.html",
        problem=problem,
        sealed=sealed,
        drawing=Markup(drawing),  # noqa: S704 - drawn by us from letters and digits of our own
        secret=address.split("secret=")[1].split("&")[0],
    ), status


def _go_in() -> ResponseReturnValue:
    access.forget_staff()
    return redirect(own_address(request.args.get("next", "")) or _home(), 303)


def _home() -> str:
    staff = access.current_staff()
    return home(staff) if staff else url_for("login.login")


def _code() -> str:
    return request.form.get("code", "")[:LONGEST_CODE].strip()


def _secret_key() -> str:
    key: str = current_app.extensions["settings"].secret_key
    return key
