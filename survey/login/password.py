"""A member of staff changes the own password."""

from flask import render_template, session
from flask.typing import ResponseReturnValue

from survey import access
from survey.access import requires
from survey.database import transaction
from survey.errors import UserError
from survey.login.forms import ChangePasswordForm
from survey.login.views import blueprint
from survey.permissions import Permission
from survey.preparation import accounts
from survey.preparation.login_attempts import TooManyLogins

WRONG = "Det nuvarande lösenordet stämmer inte."


@blueprint.get("/losenord", endpoint="password")
@requires(Permission.KEEP_OWN_ACCOUNT)
def password_page() -> ResponseReturnValue:
    return _page(ChangePasswordForm())


@blueprint.post("/losenord")
@requires(Permission.KEEP_OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Every login ends, this one too: whoever knows the new password comes in again."""
    form, staff = ChangePasswordForm(), access.current_staff()
    assert staff is not None  # noqa: S101 - only staff hold the permission
    if not form.validate():
        return _page(form, status=422)
    try:
        if access.prove_password(staff.email, form.current.data) is None:
            return _page(form, WRONG, 422)
        with transaction() as open_session:
            accounts.change_password(open_session, staff.email, form.password.data)
    except TooManyLogins as error:
        return _page(form, str(error), 429)
    except UserError as error:
        return _page(form, str(error), 422)
    session.clear()
    access.forget_staff()
    return render_template("login/password_changed.html")


def _page(form: ChangePasswordForm, problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    return render_template("login/password.html", form=form, problem=problem), status
