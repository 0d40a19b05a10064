"""A wave step by step, from opening to certified deletion."""

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.admin.room import blueprint
from survey.collection import closing, forgetting, text_screening, uploads
from survey.database import databases, reading, transaction
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation import wave_changes, waves
from survey.preparation.two_persons import hindrance


@blueprint.get("/")
@requires(Permission.SEE_WAVES)
def overview() -> ResponseReturnValue:
    """Every wave and how far it has come."""
    with reading() as session:
        return render_template("admin/overview.html", waves=waves.list_waves(session)[::-1])


@blueprint.get("/<code:wave_code>/")
@requires(Permission.SEE_WAVES)
def wave(wave_code: str) -> ResponseReturnValue:
    return _wave_page(wave_code)


@blueprint.post("/<code:wave_code>/oppna")
@requires(Permission.PLAN_WAVES)
def open_wave(wave_code: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            waves.open_wave(session, wave_code, own_email())
    except UserError as error:
        return _wave_page(wave_code, str(error), 422)
    return redirect(url_for("admin.wave", wave_code=wave_code), 303)


@blueprint.post("/<code:wave_code>/stang")
@requires(Permission.PLAN_WAVES)
def close_wave(wave_code: str) -> ResponseReturnValue:
    """For good: the form asks for the code of the wave, so that it is not done by mistake."""
    try:
        if request.form.get("confirmation", "").strip() != wave_code:
            raise UserError(f"Skriv {wave_code} för att stänga omgången. Det kan inte ångras.")
        with transaction() as session:
            if closing.days_too_early(session, wave_code) and "early" not in request.form:
                raise UserError("Sista svarsdagen har inte kommit. Kryssa för att du vill stänga ändå.")
            closing.close_wave(session, wave_code, own_email())
    except UserError as error:
        return _wave_page(wave_code, str(error), 422)
    return redirect(url_for("admin.wave", wave_code=wave_code), 303)


@blueprint.post("/<code:wave_code>/makulera")
@requires(Permission.PLAN_WAVES)
def void_wave(wave_code: str) -> ResponseReturnValue:
    """For good, with the reason: the form asks for the code of the wave."""
    output = current_app.extensions["settings"].output
    try:
        if request.form.get("void_confirmation", "").strip() != wave_code:
            raise UserError(f"Skriv {wave_code} för att makulera omgången. Det kan inte ångras.")
        with transaction() as session:
            closing.void_wave(session, wave_code, request.form.get("reason", ""), own_email())
            uploads.discard(session, output, wave_code, own_email())
    except UserError as error:
        return _wave_page(wave_code, str(error), 422)
    return redirect(url_for("admin.wave", wave_code=wave_code), 303)


@blueprint.post("/<code:wave_code>/gallring/begar")
@requires(Permission.PLAN_WAVES)
def request_deletion(wave_code: str) -> ResponseReturnValue:
    act, decision = request.form.get("act", ""), request.form.get("decision", "")
    try:
        with transaction() as session:
            forgetting.request(session, wave_code, act, decision, own_email())
    except UserError as error:
        return _wave_page(wave_code, str(error), 422)
    return redirect(url_for("admin.wave", wave_code=wave_code), 303)


@blueprint.post("/<code:wave_code>/gallring/utfor")
@requires(Permission.PLAN_WAVES)
def carry_out_deletion(wave_code: str) -> ResponseReturnValue:
    output = current_app.extensions["settings"].output
    act, read = request.form.get("act", ""), request.form.get("decision", "")
    try:
        forgetting.carry_out(databases(), wave_code, act, output, own_email(), read)
    except UserError as error:
        return _wave_page(wave_code, str(error), 422)
    return redirect(url_for("admin.wave", wave_code=wave_code), 303)


def _wave_page(wave_code: str, problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        try:
            found = waves.wave_status(session, wave_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        acts = forgetting.list_acts(session, wave_code)
        asked = {act.act: act.requested_by for act in acts if act.requested_by}
        return render_template(
            "admin/wave.html",
            wave=found,
            counts=closing.fieldwork(session, wave_code),
            unloaded=wave_changes.unloaded_population(session, wave_code),
            acts=acts,
            hindrances={act: hindrance(session, by, own_email()) for act, by in asked.items()},
            unread=text_screening.count_unread(session, wave_code),
            counted=forgetting.COUNT_WORDS,
            steps=waves.STATUS_WORDS,
            own=own_email(),
            today=clock.today(),
            early=closing.days_too_early(session, wave_code),
            local=clock.local,
            problem=problem,
            synthetic=found.synthetic,
        ), status
