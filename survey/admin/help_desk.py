"""The help desk: a case by its reference number, a new code, what somebody told. Never an answer.

The reference number travels in forms, never in an address.
"""

from collections.abc import Callable
from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.admin.room import blueprint
from survey.collection import help_desk
from survey.database import databases, transaction
from survey.errors import UserError
from survey.permissions import Permission

LONGEST_REFERENCE = 60  # ten digits, with whatever a person writes between them
LONGEST_LINE = 200
RECORDED = "Det är antecknat."
ADDRESS = ("street", "postal_code", "city")


@blueprint.get("/stod")
@requires(Permission.HELP_RESIDENTS)
def help_start() -> ResponseReturnValue:
    return _help_page("")


@blueprint.post("/stod")
@requires(Permission.HELP_RESIDENTS)
def find_case() -> ResponseReturnValue:
    return _help_page(_reference())


@blueprint.post("/stod/kod")
@requires(Permission.HELP_RESIDENTS)
def new_code() -> ResponseReturnValue:
    try:
        with transaction() as session:
            code = help_desk.new_code(session, _reference(), clock.today(), own_email())
    except UserError as error:
        return _help_page(_reference(), problem=str(error))
    return _help_page(_reference(), code=code)


@blueprint.post("/stod/formular")
@requires(Permission.HELP_RESIDENTS)
def send_paper_form() -> ResponseReturnValue:
    settings = current_app.extensions["settings"]
    language = request.form.get("language", "")[:LONGEST_LINE]
    return _told(
        lambda session, identity: help_desk.send_form(
            session, identity, _reference(), language, settings, clock.today(), own_email()
        )
    )


@blueprint.post("/stod/handelse")
@requires(Permission.HELP_RESIDENTS)
def record_event() -> ResponseReturnValue:
    kind = request.form.get("kind", "")
    try:
        with transaction() as session:
            help_desk.record(session, _reference(), kind, clock.today(), own_email())
    except UserError as error:
        return _help_page(_reference(), problem=str(error))
    return _help_page(_reference(), recorded=RECORDED)


@blueprint.post("/stod/angra")
@requires(Permission.HELP_RESIDENTS)
def undo_event() -> ResponseReturnValue:
    kind = request.form.get("kind", "")
    return _told(
        lambda session, identity: help_desk.undo(session, identity, _reference(), kind, own_email()),
        "Anteckningen är borttagen.",
    )


@blueprint.post("/stod/aldrig")
@requires(Permission.HELP_RESIDENTS)
def never_contact() -> ResponseReturnValue:
    key = current_app.extensions["settings"].do_not_contact_key
    return _told(
        lambda session, identity: help_desk.never_contact(
            session, identity, _reference(), key, clock.today(), own_email()
        )
    )


@blueprint.post("/stod/kontakta-igen")
@requires(Permission.HELP_RESIDENTS)
def contact_again() -> ResponseReturnValue:
    return _told(
        lambda session, identity: help_desk.contact_again(session, identity, _reference(), own_email()),
        "Personen står inte längre på listan.",
    )


@blueprint.post("/stod/ta-tillbaka")
@requires(Permission.HELP_RESIDENTS)
def withdraw_answers() -> ResponseReturnValue:
    def act(session: Any, _identity: Any) -> None:
        if request.form.get("confirmed") != "yes":
            raise UserError("Kryssa i att personen har bett om det. Det går inte att ångra.")
        help_desk.withdraw(session, _reference(), clock.today(), own_email())

    return _told(act)


@blueprint.post("/stod/adress")
@requires(Permission.HELP_RESIDENTS)
def change_address() -> ResponseReturnValue:
    address = help_desk.NewAddress(*(request.form.get(name, "")[:LONGEST_LINE] for name in ADDRESS))
    return _told(
        lambda session, identity: help_desk.change_address(
            session, identity, _reference(), address, own_email()
        )
    )


def _told(act: Callable[[Any, Any], None], done: str = RECORDED) -> ResponseReturnValue:
    """Do something that needs the contact too, and show the case as it then stands."""
    stores = databases()
    try:
        # The contacts, innermost, are committed first: a list entry without its refusal does no harm.
        with stores.transaction() as session, stores.identity_transaction() as identity:
            act(session, identity)
    except UserError as error:
        return _help_page(_reference(), problem=str(error))
    return _help_page(_reference(), recorded=done)


def _reference() -> str:
    return request.form.get("reference", "")[:LONGEST_REFERENCE].strip()


def _help_page(
    reference: str, *, problem: str | None = None, code: str | None = None, recorded: str = ""
) -> ResponseReturnValue:
    case = None
    if reference or request.method == "POST":
        try:
            stores = databases()
            with stores.transaction() as session, stores.identity_transaction() as identity:
                case = help_desk.look_up(session, identity, reference, clock.today(), own_email())
        except UserError as error:
            problem = problem or str(error)
    return render_template(
        "admin/help_desk.html",
        reference=reference,
        case=case,
        code=code,
        recorded=recorded,
        events=help_desk.RECORDED,
        problem=problem,
        wrong_address=problem and request.endpoint == "admin.change_address",
        wrong_consent=problem and request.endpoint == "admin.withdraw_answers",
        fields={name: request.form.get(name, "")[:LONGEST_LINE] if problem else "" for name in ADDRESS},
    ), 422 if problem else 200
