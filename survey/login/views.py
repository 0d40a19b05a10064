from datetime import UTC, datetime

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from survey import access
from survey.access import requires
from survey.database import reading, transaction
from survey.errors import UserError
from survey.login.forms import LoginForm, NewPasswordForm
from survey.permissions import Permission
from survey.preparation import accounts
from survey.preparation.login_attempts import TooManyLogins
from survey.preparation.passwords import SHORTEST_PASSWORD

blueprint = Blueprint("login", __name__)

HOMES = (
    (Permission.SEE_EVERY_MUNICIPALITY, "analyst.overview"),
    (Permission.SEE_DISTRICT, "municipality.district"),
    (Permission.SEE_MUNICIPALITY, "municipality.overview"),
    (Permission.HELP_RESIDENTS, "admin.help_start"),
    (Permission.SEE_WAVES, "admin.overview"),
    (Permission.FETCH_LETTERS, "admin.letter_waves"),
    (Permission.KEY_FORMS, "admin.keying_start"),
    (Permission.SCREEN_TEXTS, "admin.screening_start"),
)
WRONG = "E-postadressen och lösenordet hör inte ihop. Kontrollera båda och försök igen."
LATE = "Sidan hade varit öppen för länge. Skriv dina uppgifter igen."


@blueprint.get("/inloggning")
@requires(Permission.PUBLIC)
def login() -> ResponseReturnValue:
    staff = access.current_staff()
    if staff is not None:
        return redirect(home(staff), 303)
    return _login_page(LoginForm())


@blueprint.post("/inloggning")
@requires(Permission.PUBLIC)
def enter() -> ResponseReturnValue:
    form = LoginForm()
    if not form.validate():
        return _login_page(form, status=422)
    if "\0" in form.email.data + form.password.data:
        return _login_page(form, WRONG, 422)
    try:
        staff = access.log_in(form.email.data.strip(), form.password.data)
    except TooManyLogins as error:
        return _login_page(form, str(error), 429)
    if staff is None:
        return _login_page(form, WRONG, 422)
    target = own_address(request.args.get("next", ""))
    if not staff.inside:
        return redirect(url_for("login.second_factor", next=target), 303)
    return redirect(target or home(staff), 303)


@blueprint.post("/utloggning")
@requires(Permission.PUBLIC)
def logout() -> ResponseReturnValue:
    access.log_out()
    response = redirect(url_for("login.login"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "cookies"'
    return response


@blueprint.get("/aktivera/<code:token>")
@requires(Permission.PUBLIC)
def activation(token: str) -> ResponseReturnValue:
    return _activation_page(token, NewPasswordForm())


@blueprint.post("/aktivera/<code:token>")
@requires(Permission.PUBLIC)
def activate(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    if not form.validate():
        return _activation_page(token, form), 422
    try:
        with transaction() as session:
            accounts.activate(session, token, form.password.data, datetime.now(UTC))
    except UserError as error:
        return _activation_page(token, form, str(error)), 422
    return redirect(url_for("login.login", klar=1), 303)


@blueprint.errorhandler(CSRFError)
def start_over(_error: CSRFError) -> ResponseReturnValue:
    """A form that was open too long: the same page again, with a new token."""
    if request.endpoint in ("login.give_second_factor", "login.set_second_factor"):
        return redirect(url_for("login.second_factor"), 303)
    if request.endpoint == "login.change_password":
        return redirect(url_for("login.password"), 303)
    if request.endpoint == "login.activate":
        return _activation_page((request.view_args or {})["token"], NewPasswordForm(), LATE), 400
    return _login_page(LoginForm(), LATE, 400)


@blueprint.context_processor
def _words_about_passwords() -> dict[str, object]:
    return {"shortest_password": SHORTEST_PASSWORD}


def _activation_page(token: str, form: NewPasswordForm, problem: str | None = None) -> str:
    """The page says what the account is for, as long as its link is valid."""
    with reading() as session:
        purpose = accounts.purpose_of(session, token, datetime.now(UTC))
    return render_template("login/activate.html", form=form, problem=problem, purpose=purpose)


def _login_page(form: LoginForm, problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    activated = "klar" in request.args
    return render_template("login/login.html", form=form, problem=problem, activated=activated), status


def home(staff: access.Staff) -> str:
    """The first page of ours that the role may open."""
    if not staff.inside:
        return url_for("login.second_factor")
    return url_for(next(page for permission, page in HOMES if staff.may(permission)))


def own_address(target: str) -> str | None:
    """The page asked for before the login, when it is a page of ours that can be opened."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return None
    adapter = current_app.url_map.bind_to_environ(request.environ)
    return target if adapter.test(target.split("?")[0], "GET") else None
