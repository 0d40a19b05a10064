"""Waves and how far they have come, accounts of staff, the record of who did what."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import audit, clock
from survey.access import Permission, current_staff, requires
from survey.admin.forms import InvitationForm
from survey.database import reading, transaction
from survey.errors import UserError
from survey.preparation import accounts, waves

blueprint = Blueprint("admin", __name__, url_prefix="/drift")

EVENTS_A_PAGE = 100


@blueprint.get("/")
@requires(Permission.SEE_WAVES)
def overview() -> ResponseReturnValue:
    """Every wave and how far it has come."""
    with reading() as session:
        return render_template("admin/overview.html", waves=waves.list_waves(session)[::-1])


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
    try:
        with transaction() as session:
            token = accounts.invite(
                session, email, form.role.data, municipality_code, own_email(), datetime.now(UTC)
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


@blueprint.get("/logg")
@requires(Permission.READ_AUDIT_LOG)
def audit_log() -> ResponseReturnValue:
    """Who did what, the newest first, a page at a time."""
    before = request.args.get("fore", type=int)
    with reading() as session:
        events = audit.events(session, EVENTS_A_PAGE, before)
    older = events[-1].id if len(events) == EVENTS_A_PAGE else None
    return render_template("admin/audit_log.html", events=events, older=older)


def own_email() -> str:
    """Who acts, for the audit log; the door has seen to it that somebody is logged in."""
    staff = current_staff()
    if staff is None:
        raise UserError("Logga in för att fortsätta.")
    return staff.email


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
            words=accounts.ROLE_WORDS,
            days=accounts.ACTIVATION_DAYS,
            own=own_email(),
        ), status
