"""Which municipalities are invited to a wave, what they have answered, who is missing; their areas."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.admin.room import blueprint
from survey.collection import open_links
from survey.database import reading, transaction
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation import completeness, participation, recuts, standings
from survey.preparation.participation import Answer, NotInvited
from survey.preparation.waves import wave_status
from survey.publication.drawings.border_maps import border_maps
from survey.submissions import field


@blueprint.get("/<code:wave_code>/kommuner")
@requires(Permission.PLAN_WAVES)
def participants(wave_code: str) -> ResponseReturnValue:
    """Every municipality with its answer, its contact person and what is missing."""
    return _list_page(wave_code)


@blueprint.post("/<code:wave_code>/kommuner/bjud-in")
@requires(Permission.PLAN_WAVES)
def invite_municipalities(wave_code: str) -> ResponseReturnValue:
    def change(session: Any) -> None:
        chosen = request.form.getlist("municipality")
        if request.form.get("whom") == "all":
            listed = participation.participants(session, wave_code)
            chosen = [one.municipality_code for one in listed]
        until, text = _day(request.form.get("answer_until", "")), field("text")
        participation.invite(session, wave_code, chosen, until, text, own_email(), clock.today())

    return _do(wave_code, change)


@blueprint.post("/<code:wave_code>/kommuner/<code:municipality_code>/ga-vidare")
@requires(Permission.PLAN_WAVES)
def allow_incomplete(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    """Have the sample drawn although something is missing."""
    reason = field("reason")

    def change(session: Any) -> None:
        completeness.allow_incomplete(session, wave_code, municipality_code, reason, own_email())

    return _do(wave_code, change)


@blueprint.post("/<code:wave_code>/kommuner/<code:municipality_code>/oppen-lank")
@requires(Permission.PLAN_WAVES)
def switch_open_link(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    """Let anybody answer for a municipality, beside the sample; or nobody any more."""
    opens = request.form.get("state") == "open"

    def change(session: Any) -> None:
        open_links.set_open_link(session, wave_code, municipality_code, opens, own_email())

    return _do(wave_code, change)


@blueprint.get("/<code:wave_code>/kommuner/<code:municipality_code>/delomraden")
@requires(Permission.PLAN_WAVES)
def proposed_areas(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    """What a municipality proposes beside what there is."""
    return _areas_page(wave_code, municipality_code)


@blueprint.post("/<code:wave_code>/kommuner/<code:municipality_code>/delomraden")
@requires(Permission.PLAN_WAVES)
def decide_areas(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    because = field("because")
    try:
        with transaction() as session:
            if request.form.get("decision") == "apply":
                read = request.form.get("read", "")
                recuts.apply(session, wave_code, municipality_code, own_email(), read)
            else:
                recuts.refuse(session, wave_code, municipality_code, because, own_email())
    except NotInvited as error:
        return render_template("errors/message.html", message=str(error)), 404
    except UserError as error:
        return _areas_page(wave_code, municipality_code, str(error), 422)
    return redirect(url_for("admin.participants", wave_code=wave_code), 303)


def _do(wave_code: str, change: Callable[[Any], None]) -> ResponseReturnValue:
    try:
        with transaction() as session:
            change(session)
    except UserError as error:
        return _list_page(wave_code, str(error), 422)
    return redirect(url_for("admin.participants", wave_code=wave_code), 303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UserError("Skriv sista dag för svar som 2026-11-30.") from None


def _list_page(wave_code: str, problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        try:
            found = standings.list_standings(session, wave_code)
            wave = wave_status(session, wave_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        links = {link.municipality_code: link for link in open_links.count_open_links(session, wave_code)}
    counts = {answer: sum(one.participant.answer is answer for one in found) for answer in Answer}
    return render_template(
        "admin/participants.html",
        wave=wave,
        standings=found,
        counts=counts,
        answers=participation.ANSWER_WORDS,
        open=wave.step in participation.OPEN,
        undrawn=wave.step in participation.UNDRAWN,
        links=links,
        base_url=current_app.extensions["settings"].base_url,
        given=request.form,
        chosen=request.form.getlist("municipality"),
        today=clock.today(),
        problem=problem,
        synthetic=wave.synthetic,
    ), status


def _areas_page(
    wave_code: str, municipality_code: str, problem: str | None = None, status: int = 200
) -> ResponseReturnValue:
    with reading() as session:
        try:
            standing = standings.find_standing(session, wave_code, municipality_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        areas = recuts.current_areas(session, wave_code, municipality_code)
        maps = border_maps(session, wave_code, municipality_code)
    return render_template(
        "admin/proposed_areas.html",
        standing=standing,
        areas=areas,
        maps=maps,
        problem=problem,
        synthetic=standing.wave.synthetic,
    ), status
