"""Accounts of staff: whom to let in, and as what."""

from datetime import UTC, datetime

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.admin.forms import InvitationForm
from survey.admin.room import blueprint
from survey.database import reading, transaction
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation import accounts
from survey.preparation.districts import district_names
from survey.preparation.geography import municipality_names
from survey.preparation.two_persons import SETTLED


@blueprint.get("/konton")
@requires(Permission.MANAGE_ACCOUNTS)
def account_list() -> ResponseReturnValue:
    return _account_page(InvitationForm())


@blueprint.post("/konton")
@requires(Permission.MANAGE_ACCOUNTS)
def invite() -> ResponseReturnValue:
    """Show the link once, on the answer to the form: it is nowhere else in clear text."""
    form = InvitationForm()
    if not form.validate():
        return _account_page(form, status=422)
    email, municipality_code = form.email.data.strip(), form.municipality_code.data or None
    district_code = form.district_code.data or None
    try:
        with transaction() as session:
            token = accounts.invite(
                session,
                email,
                form.role.data,
                municipality_code,
                own_email(),
                datetime.now(UTC),
                district_code,
            )
    except UserError as error:
        return _account_page(form, str(error), 422)
    base = current_app.extensions["settings"].base_url
    link = base + url_for("login.activation", token=token)
    return _account_page(InvitationForm(formdata=None), invited=(email, link))


@blueprint.post("/konton/stang")
@requires(Permission.MANAGE_ACCOUNTS)
def close_account() -> ResponseReturnValue:
    try:
        with transaction() as session:
            accounts.close(session, request.form.get("email", "")[:254], own_email(), clock.today())
    except UserError as error:
        return _account_page(InvitationForm(formdata=None), str(error), 422)
    return redirect(url_for("admin.account_list"), 303)


def _account_page(
    form: InvitationForm,
    problem: str | None = None,
    status: int = 200,
    invited: tuple[str, str] | None = None,
) -> ResponseReturnValue:
    with reading() as session:
        return render_template(
            "admin/accounts.html",
            form=form,
            problem=problem,
            invited=invited,
            accounts=accounts.list_accounts(session),
            municipalities=municipality_names(session),
            districts=district_names(session),
            words=accounts.ROLE_WORDS,
            days=accounts.ACTIVATION_DAYS,
            settled=SETTLED.days,
            own=own_email(),
        ), status
