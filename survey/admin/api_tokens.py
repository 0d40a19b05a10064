"""Keys for other systems: made, shown once, and withdrawn."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.admin.forms import ApiTokenForm
from survey.admin.room import blueprint
from survey.database import reading, transaction
from survey.errors import Faults, UserError
from survey.permissions import Permission
from survey.preparation import api_tokens
from survey.preparation.api_tokens import Wanted

FIELDS = {"name": "token_name"}  # WTForms keeps `name` to itself


@blueprint.get("/api-nycklar")
@requires(Permission.MANAGE_ACCOUNTS)
def api_token_list() -> ResponseReturnValue:
    return _page(ApiTokenForm(formdata=None))


@blueprint.post("/api-nycklar")
@requires(Permission.MANAGE_ACCOUNTS)
def create_api_token() -> ResponseReturnValue:
    """Show the key once, on the answer to the form: it is nowhere else in clear text."""
    form = ApiTokenForm()
    if not form.validate():
        return _page(form, status=422)
    wanted = Wanted(form.token_name.data, form.scope.data, form.place_code.data or None, form.expires_on.data)
    try:
        with transaction() as session:
            secret = api_tokens.create(session, wanted, own_email(), clock.today())
    except Faults as faults:
        for field, text in faults.by_field.items():
            form[FIELDS.get(field, field)].errors = [text]
        return _page(form, status=422)
    return _page(ApiTokenForm(formdata=None), made=(wanted.name, secret))


@blueprint.post("/api-nycklar/dra-in")
@requires(Permission.MANAGE_ACCOUNTS)
def withdraw_api_token() -> ResponseReturnValue:
    number = request.form.get("token_id", "")
    try:
        with transaction() as session:
            wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
            api_tokens.withdraw(session, wanted, own_email(), clock.today())
    except UserError as error:
        return _page(ApiTokenForm(formdata=None), str(error), 422)
    return redirect(url_for("admin.api_token_list"), 303)


def _page(
    form: ApiTokenForm, problem: str | None = None, status: int = 200, made: tuple[str, str] | None = None
) -> ResponseReturnValue:
    with reading() as session:
        return render_template(
            "admin/api_tokens.html",
            form=form,
            problem=problem,
            made=made,
            tokens=api_tokens.list_tokens(session),
            words=api_tokens.SCOPE_WORDS,
            today=clock.today(),
        ), status
