"""The sampling plan of a wave: what it promises, other plans beside it, and the decision."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from survey.access import own_email, requires
from survey.admin.room import blueprint
from survey.admin.wave_forms import PlanForm, add_faults, plan_data
from survey.database import reading, transaction
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation import mailing_costs, waves
from survey.preparation.plan_checks import PlanSettings, faults_of, plan_of
from survey.preparation.population import AGE_GROUPS, bounds
from survey.processing import planning
from survey.publication import numbers


@blueprint.get("/<code:wave_code>/urval")
@requires(Permission.PLAN_WAVES)
def sampling_plan(wave_code: str) -> ResponseReturnValue:
    return _page(wave_code)


@blueprint.post("/<code:wave_code>/urval")
@requires(Permission.PLAN_WAVES)
def try_or_decide_sampling_plan(wave_code: str) -> ResponseReturnValue:
    """Show what the plan of the form would promise; with the word to decide, make it the wave's."""
    form = _form()
    if not _valid(wave_code, form):
        return _page(wave_code, form, status=422)
    if request.form.get("act") != "decide":
        return _page(wave_code, form, tried=form.plan())
    try:
        with transaction() as session:
            planning.decide(session, wave_code, form.plan(), own_email())
            mailing_costs.set_prices(session, wave_code, form.prices(), own_email())
    except UserError as error:
        return _page(wave_code, form, str(error), 422)
    return redirect(url_for("admin.sampling_plan", wave_code=wave_code), 303)


def _form(**given: object) -> PlanForm:
    form = PlanForm(**given)
    form.young_until.choices = [SelectChoice(age, f"{age} år") for age in _oldest()]
    return form


def _oldest() -> list[int]:
    return [bounds(group)[1] for group in AGE_GROUPS[:-1]]


def _valid(wave_code: str, form: PlanForm) -> bool:
    """Whether the plan of a form can be followed in a wave; what is wrong stands at its field."""
    if not form.validate():
        return False
    with reading() as session:
        try:
            faults = faults_of(form.plan(), waves.find_wave(session, wave_code))
            faults |= mailing_costs.faults_of(form.prices())
        except UserError:
            return True  # the page itself tells that there is no such wave
    add_faults(form, faults)
    return not faults


def _page(
    wave_code: str,
    form: PlanForm | None = None,
    problem: str = "",
    status: int = 200,
    tried: PlanSettings | None = None,
) -> ResponseReturnValue:
    with reading() as session:
        try:
            found = waves.wave_status(session, wave_code)
            plan = plan_of(session, waves.find_wave(session, wave_code))
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        compared = planning.compare(session, wave_code, tried or plan)
        prices, own_prices = mailing_costs.prices_of(session, wave_code)
        form = form or _form(data=plan_data(plan, prices))
        used, without = form.prices(), mailing_costs.left_out(session, wave_code)
        return render_template(
            "admin/sampling_plan.html",
            wave=found,
            form=form,
            decided=compared.decided,
            others=compared.others,
            chosen=compared.by(tried.rule) if tried else compared.decided,
            tried=tried,
            cost_of=lambda region: mailing_costs.costs(used, region.sampled, region.answers, without),
            total=mailing_costs.total,
            own_prices=own_prices,
            before=mailing_costs.ANSWERED_BEFORE.values(),
            reason=compared.reason,
            problem=problem,
            points=lambda share: numbers.number(100 * share, 1),
            in_words=lambda share: numbers.points_in_words(numbers.points(share)),
            synthetic=found.synthetic,
        ), status
