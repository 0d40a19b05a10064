"""From a closed wave to its release: computed by the worker, reviewed, asked for, approved."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.analyst.hidden_counts import hidden_by_words
from survey.analyst.views import blueprint
from survey.analyst.weight_chart import spread_chart
from survey.database import reading
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation import jobs
from survey.preparation.geography import municipality_names
from survey.preparation.waves import wave_status
from survey.processing import approval, checklist, embargoes, orders, review, review_quality, run_changes
from survey.publication.wording import group as group_words
from survey.publication.wording import reason as reason_words
from survey.questionnaire import indicators as library
from survey.submissions import Change, hand_in


@blueprint.get("/<code:wave_code>/granska")
@requires(Permission.RELEASE_RESULTS)
def reviewing(wave_code: str) -> ResponseReturnValue:
    return _page(wave_code)


@blueprint.get("/<code:wave_code>/granska/dolda")
@requires(Permission.RELEASE_RESULTS)
def hidden_rows(wave_code: str) -> ResponseReturnValue:
    """The rows that are not shown, a page at a time."""
    page = request.args.get("sida", 1, type=int)
    with reading() as session:
        try:
            wave = wave_status(session, wave_code)
            rows, pages = review.hidden_rows(session, wave_code, page)
            words = _row_words(session)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template(
        "analyst/hidden_rows.html",
        wave=wave,
        rows=rows,
        page=min(max(page, 1), pages),
        pages=pages,
        reason_words=reason_words,
        synthetic=wave.synthetic,
        **words,
    )


@blueprint.get("/<code:wave_code>/granska/kvalitet")
@requires(Permission.RELEASE_RESULTS)
def quality(wave_code: str) -> ResponseReturnValue:
    """The quality declaration of the region or of one municipality."""
    with reading() as session:
        try:
            wave = wave_status(session, wave_code)
            names, found = review_quality.of_draft(session, wave_code, request.args.get("kommun", "all"))
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template(
        "analyst/quality.html",
        wave=wave,
        names=names,
        declared=found,
        reason_words=reason_words,
        synthetic=wave.synthetic,
    )


@blueprint.post("/<code:wave_code>/berakna")
@requires(Permission.RELEASE_RESULTS)
def order_processing(wave_code: str) -> ResponseReturnValue:
    return _hand_in(
        wave_code,
        lambda session, by: orders.order_processing(session, wave_code, by, datetime.now(UTC)),
    )


@blueprint.post("/<code:wave_code>/slapp")
@requires(Permission.RELEASE_RESULTS)
def ask_for_release(wave_code: str) -> ResponseReturnValue:
    """Release at once, or ask another person to."""
    reason = request.form.get("reason", "").strip()[:500] or None
    two_persons = current_app.extensions["settings"].release_approval

    def change(session: Any, by: str) -> None:
        asked = approval.ask(
            session,
            wave_code,
            request.form,
            reason,
            by=by,
            two_persons=two_persons,
            ticked=request.form.getlist("ticked"),
        )
        if asked.released:
            orders.order_reports(session, wave_code, by, datetime.now(UTC))

    return _hand_in(wave_code, change)


@blueprint.post("/<code:wave_code>/godkann")
@requires(Permission.RELEASE_RESULTS)
def approve_release(wave_code: str) -> ResponseReturnValue:
    def change(session: Any, by: str) -> None:
        approval.approve(session, wave_code, by=by, asked=request.form.get("asked", ""))
        orders.order_reports(session, wave_code, by, datetime.now(UTC))

    return _hand_in(wave_code, change)


@blueprint.post("/<code:wave_code>/rapporter")
@requires(Permission.RELEASE_RESULTS)
def order_reports(wave_code: str) -> ResponseReturnValue:
    """Write the reports that are missing once more."""
    return _hand_in(
        wave_code, lambda session, by: orders.order_reports(session, wave_code, by, datetime.now(UTC))
    )


@blueprint.post("/<code:wave_code>/tider")
@requires(Permission.RELEASE_RESULTS)
def change_times(wave_code: str) -> ResponseReturnValue:
    return _hand_in(
        wave_code,
        lambda session, by: embargoes.change(session, wave_code, request.form, by=by, now=datetime.now(UTC)),
    )


def _hand_in(wave_code: str, change: Change) -> ResponseReturnValue:
    """Make a change and come back to the page, which tells what there is to put right."""
    return hand_in(
        change,
        lambda faults: _page(wave_code, faults),
        url_for("analyst.reviewing", wave_code=wave_code),
    )


def _page(wave_code: str, faults: Mapping[str, str] | None = None) -> ResponseReturnValue:
    with reading() as session:
        try:
            wave = wave_status(session, wave_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        found = jobs.recent(session, wave_code, datetime.now(UTC))
        draft = review.review(session, wave_code)
        weight_chart = spread_chart(draft.weights) if draft else None
        return render_template(
            "analyst/review.html",
            wave=wave,
            job=found[0] if found else None,
            draft=draft,
            versions=review.versions(session, wave_code),
            audiences=embargoes.AUDIENCE_WORDS,
            revisions=run_changes.REVISIONS,
            checklist=checklist.ITEMS,
            weight_chart=weight_chart,
            hidden=hidden_by_words(draft.hidden) if draft else None,
            two_persons=current_app.extensions["settings"].release_approval and not wave.synthetic,
            own=own_email().casefold(),
            now=clock.local(datetime.now(UTC)),
            written=request.form,
            faults=faults or {},
            synthetic=wave.synthetic,
            **_row_words(session),
        ), 422 if faults else 200


def _row_words(session: Any) -> dict[str, Any]:
    """What a table of rows needs to say whom and what each row is about."""
    return {
        "geographies": review.GEOGRAPHIES,
        "names": municipality_names(session),
        "group_words": group_words,
        "measure_words": _measure,
    }


def _measure(indicator_id: str) -> str:
    known = library.indicator(indicator_id)
    return known.label if known else indicator_id
