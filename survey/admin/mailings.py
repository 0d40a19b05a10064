"""What is sent to the sample and when; what came back."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.admin.room import blueprint
from survey.collection import mailings as calendar
from survey.collection import returns as returned
from survey.collection.usual_mailings import STATE_WORDS, USUAL
from survey.database import reading, transaction
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation.waves import wave_status
from survey.receiving import accepts_files

WORKBOOK = b"PK\x03\x04"  # an xlsx is a zip


@blueprint.get("/<code:wave_code>/utskick")
@requires(Permission.PLAN_MAILINGS)
def mailings(wave_code: str) -> ResponseReturnValue:
    return _calendar_page(wave_code)


@blueprint.post("/<code:wave_code>/utskick")
@requires(Permission.PLAN_MAILINGS)
def plan_mailings(wave_code: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            calendar.plan_by_form(session, wave_code, request.form, clock.today(), own_email())
    except UserError as error:
        return _calendar_page(wave_code, str(error))
    return redirect(url_for("admin.mailings", wave_code=wave_code, _anchor="innehall"), 303)


@blueprint.get("/<code:wave_code>/returer")
@requires(Permission.RECORD_RETURNS)
def returns(wave_code: str) -> ResponseReturnValue:
    return _returns_page(wave_code)


@blueprint.post("/<code:wave_code>/returer")
@accepts_files(returned.LARGEST_LIST)
@requires(Permission.RECORD_RETURNS)
def record_returns(wave_code: str) -> ResponseReturnValue:
    kind, whole = request.form.get("kind", ""), "whole" in request.form
    try:
        with transaction() as session:
            found = returned.record_returns(
                session, wave_code, _list(), kind, clock.today(), own_email(), whole=whole
            )
    except UserError as error:
        return _returns_page(wave_code, problem=str(error))
    return _returns_page(wave_code, found=found)


def _list() -> str:
    """What stands in the file or what was pasted: of one of them, so that its lines keep their numbers."""
    file, pasted = request.files.get("file"), request.form.get("list", "")
    content = file.read() if file else b""
    if not content:
        return pasted
    if pasted.strip():
        raise UserError("Skicka antingen filen eller den inklistrade listan, inte båda på en gång.")
    if content.startswith(WORKBOOK) or b"\0" in content:
        raise UserError(
            "Filen är ingen textfil, utan ser ut att vara en kalkylbok eller ett annat slags dokument. "
            "Spara den som csv i UTF-8 och försök igen."
        )
    return content.decode("utf-8-sig", errors="replace")


def _calendar_page(wave_code: str, problem: str | None = None) -> ResponseReturnValue:
    with reading() as session:
        try:
            wave = wave_status(session, wave_code)
            planned = calendar.calendar(session, wave_code, clock.today())
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template(
        "admin/mailings.html",
        wave=wave,
        mailings=planned,
        usual=USUAL,
        states=STATE_WORDS,
        fields=request.form,
        problem=problem,
        synthetic=wave.synthetic,
    ), 422 if problem else 200


def _returns_page(
    wave_code: str, problem: str | None = None, found: returned.Returns | None = None
) -> ResponseReturnValue:
    with reading() as session:
        try:
            wave = wave_status(session, wave_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template(
        "admin/returns.html",
        wave=wave,
        kinds=returned.KINDS,
        found=found,
        fields=request.form,
        problem=problem,
        synthetic=wave.synthetic,
    ), 422 if problem else 200
