"""A wave made and changed in the browser, until its sample is drawn."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from survey.access import own_email, requires
from survey.admin.room import blueprint
from survey.admin.wave_forms import WaveForm, add_faults
from survey.database import reading, transaction
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation import geography, new_waves, population, previews, waves
from survey.preparation.wave_changes import change_wave, settings_of, unloaded_population
from survey.preparation.wave_settings import WaveSettings, faults_of

CHANGEABLE = ("planned", "framed")


@blueprint.get("/ny")
@requires(Permission.PLAN_WAVES)
def new_wave() -> ResponseReturnValue:
    return _page(_form(data={"sample_per_area": 300, "age_min": 16, "age_max": 84}))


@blueprint.post("/ny")
@requires(Permission.PLAN_WAVES)
def create_wave() -> ResponseReturnValue:
    form = _form()
    settings = _settings(form)
    if settings is None:
        return _page(form, status=422)
    try:
        with transaction() as session:
            new_waves.create_wave(session, settings, own_email())
    except UserError as error:
        return _page(form, problem=str(error), status=422)
    return redirect(url_for("admin.wave", wave_code=settings.code), 303)


@blueprint.get("/<code:wave_code>/installningar")
@requires(Permission.PLAN_WAVES)
def wave_settings(wave_code: str) -> ResponseReturnValue:
    with reading() as session:
        try:
            form = _form(data=settings_of(session, wave_code).__dict__)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return _page(form, wave_code)


@blueprint.post("/<code:wave_code>/installningar")
@requires(Permission.PLAN_WAVES)
def save_wave_settings(wave_code: str) -> ResponseReturnValue:
    form = _form()
    with reading() as session:
        try:
            kept = settings_of(session, wave_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    # What cannot be changed is not asked for again.
    form.code.data, form.synthetic.data = kept.code, kept.synthetic
    form.seed.data = kept.seed if form.seed.data is None else form.seed.data
    settings = _settings(form)
    if settings is None:
        return _page(form, wave_code, status=422)
    try:
        with transaction() as session:
            change_wave(session, settings, own_email())
    except UserError as error:
        return _page(form, wave_code, str(error), 422)
    return redirect(url_for("admin.wave", wave_code=wave_code), 303)


def _form(**given: object) -> WaveForm:
    form = WaveForm(**given)
    listed = [one.questionnaire for one in previews.questionnaires()]
    form.questionnaire.choices = [SelectChoice(one.name, one.title) for one in listed]
    return form


def _settings(form: WaveForm) -> WaveSettings | None:
    """The settings of a form without faults; None when there are some, which the form then tells."""
    if not form.validate():
        return None
    settings = form.settings()
    faults = faults_of(settings)
    add_faults(form, faults)
    return None if faults else settings


def _page(
    form: WaveForm, wave_code: str = "", problem: str | None = None, status: int = 200
) -> ResponseReturnValue:
    with reading() as session:
        wave = waves.wave_status(session, wave_code) if wave_code else None
        return render_template(
            "admin/wave_settings.html",
            form=form,
            wave=wave,
            changeable=wave is None or wave.step.value in CHANGEABLE,
            unloaded=unloaded_population(session, wave_code) if wave_code else "",
            loaded_days=population.loaded_days(session),
            names=geography.municipality_names(session),
            problem=problem,
            synthetic=bool(wave and wave.synthetic),
        ), status
