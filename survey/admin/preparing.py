"""From the register file to the ordered letters: each long step is asked of the worker."""

from datetime import UTC, datetime
from pathlib import Path

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.admin.room import blueprint
from survey.collection import orders, uploads
from survey.collection.register_layout import EXAMPLE
from survey.collection.usual_mailings import USUAL
from survey.database import reading, transaction
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation import jobs
from survey.preparation.waves import wave_status
from survey.receiving import takes_file


@blueprint.get("/<code:wave_code>/arbete")
@requires(Permission.PREPARE_SAMPLE)
def preparing(wave_code: str) -> ResponseReturnValue:
    return _page(wave_code)


@blueprint.post("/<code:wave_code>/arbete/register")
@requires(Permission.PREPARE_SAMPLE)
@takes_file
def upload_register(wave_code: str) -> ResponseReturnValue:
    """Keep the file and have it checked; what its sender calls it is not even read."""
    sent = request.files.get("register")
    now = datetime.now(UTC)
    try:
        if sent is None or not sent.filename:
            raise UserError("Välj registerfilen först.")
        sent.stream.flush()
        with transaction() as session:
            uploads.receive(session, _output(), wave_code, Path(sent.stream.name), own_email(), now)
            orders.order(session, _output(), wave_code, "check", "", own_email(), now)
    except UserError as error:
        return _page(wave_code, str(error), 422)
    return redirect(url_for("admin.preparing", wave_code=wave_code), 303)


@blueprint.post("/<code:wave_code>/arbete/ta-bort")
@requires(Permission.PREPARE_SAMPLE)
def discard_register(wave_code: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            uploads.take_back(session, _output(), wave_code, own_email())
    except UserError as error:
        return _page(wave_code, str(error), 422)
    return redirect(url_for("admin.preparing", wave_code=wave_code), 303)


@blueprint.post("/<code:wave_code>/arbete")
@requires(Permission.PREPARE_SAMPLE)
def order_step(wave_code: str) -> ResponseReturnValue:
    step, area = request.form.get("step", ""), request.form.get("area", "").strip()
    forced = request.form.get("forced") == "yes"
    try:
        with transaction() as session:
            orders.order(
                session, _output(), wave_code, step, area, own_email(), datetime.now(UTC), forced=forced
            )
    except UserError as error:
        return _page(wave_code, str(error), 422)
    return redirect(url_for("admin.preparing", wave_code=wave_code), 303)


def _output() -> Path:
    output: Path = current_app.extensions["settings"].output
    return output


def _page(wave_code: str, problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        try:
            wave = wave_status(session, wave_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        upload, found = (
            uploads.find_upload(session, wave_code),
            jobs.recent(session, wave_code, datetime.now(UTC)),
        )
        printable = orders.printable(session, wave_code, wave.step, clock.today())
    return render_template(
        "admin/preparing.html",
        wave=wave,
        upload=upload,
        checked=orders.check_of(upload, found),
        jobs=found,
        busy=any(job.unfinished for job in found),
        printable=printable,
        mailing_words={kind.value: usual.words for kind, usual in USUAL.items()},
        register_columns=EXAMPLE,
        largest=current_app.extensions["settings"].largest_register,
        local=clock.local,
        problem=problem,
        synthetic=wave.synthetic,
    ), status
