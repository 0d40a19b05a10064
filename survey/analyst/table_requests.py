"""Tables that no release holds: asked for by one analyst, computed by the worker, approved by another."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.access import note, own_email, requires
from survey.analyst.request_words import as_csv, figures_of, headings
from survey.analyst.views import blueprint
from survey.database import reading
from survey.downloads import as_file
from survey.errors import Faults, UserError
from survey.permissions import Permission
from survey.preparation.waves import wave_status
from survey.processing import request_questions, table_requests, table_withdrawals
from survey.processing.embargoes import AUDIENCE_WORDS
from survey.processing.request_questions import Choices, Question
from survey.processing.request_size import Size, size_of
from survey.processing.table_requests import RequestEntry
from survey.publication import releases
from survey.publication.bench.fishing import count_comparisons
from survey.publication.wording import enumeration
from survey.readers import own_reader
from survey.submissions import Change, hand_in

VARIABLES = 5  # fields to divide by; a table takes two of them


@blueprint.get("/bank/tabeller/")
@requires(Permission.REQUEST_TABLES)
def table_requests_page() -> ResponseReturnValue:
    """Every request, and the waves that can be asked."""
    with reading() as session:
        entries = table_requests.list_requests(session)
        known = {
            code: request_questions.choices(session, code) for code in {one.wave_code for one in entries}
        }
        return render_template(
            "analyst/table_requests.html",
            entries=entries,
            sentences={one.id: known[one.wave_code].sentence(one.question) for one in entries},
            waves=releases.released_waves(session, own_reader()),
        )


@blueprint.get("/bank/tabeller/ny/<code:wave_code>")
@requires(Permission.REQUEST_TABLES)
def new_table_request(wave_code: str) -> ResponseReturnValue:
    return _form(wave_code)


@blueprint.post("/bank/tabeller/ny/<code:wave_code>")
@requires(Permission.REQUEST_TABLES)
def ask_for_table(wave_code: str) -> ResponseReturnValue:
    """Say how large the table would be, or keep the question and have the worker compute it.

    Of a table that would mostly be hidden it is said first, once.
    """
    try:
        with reading() as session:
            known = request_questions.choices(session, wave_code)
            question = _asked(known)
            size = size_of(session, wave_code, known, question)
    except Faults as faults:
        return _form(wave_code, faults.by_field)
    except UserError as error:
        return render_template("errors/message.html", message=str(error)), 404
    warned = request.form.get("anda") == question.as_text()
    if "storlek" in request.form or (size.mostly_hidden and not warned):
        return _form(wave_code, weighed=(question.as_text(), size))

    def change(session: Any, by: str) -> None:
        table_requests.ask(session, wave_code, question, request.form.get("syfte", ""), by=by)
        table_requests.order_computing(session, wave_code, by, datetime.now(UTC))

    return hand_in(change, lambda faults: _form(wave_code, faults), url_for("analyst.table_requests_page"))


def _asked(known: Choices) -> Question:
    """What the form asks for."""
    written = request.form
    where = [("municipality", [written["kommun"]])] if written.get("kommun") else []
    return request_questions.read_question(
        known, written.get("slag", ""), written.get("matt", ""), written.getlist("efter"), where
    )


@blueprint.get("/bank/tabeller/<int(max=2147483647):request_id>/")
@requires(Permission.REQUEST_TABLES)
def table_request(request_id: int) -> ResponseReturnValue:
    return _page(request_id)


@blueprint.get("/bank/tabeller/<int(max=2147483647):request_id>/tabell.csv")
@requires(Permission.DOWNLOAD_TABLES)
def requested_table(request_id: int) -> ResponseReturnValue:
    """The released rows of an approved request, in whole percent."""
    with reading() as session:
        try:
            entry = table_requests.find_request(session, request_id)
            rows = table_requests.released_rows(session, request_id)
            known = request_questions.choices(session, entry.wave_code)
            synthetic = wave_status(session, entry.wave_code).synthetic
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    if not rows:
        abort(404)
    name, content = as_csv(entry, rows, known, synthetic=synthetic)
    note("download", name)
    return as_file(name, content, "text/csv")


@blueprint.post("/bank/tabeller/<int(max=2147483647):request_id>/godkann")
@requires(Permission.REQUEST_TABLES)
def approve_table(request_id: int) -> ResponseReturnValue:
    audience = request.form.get("lasare", "")

    def change(session: Any, by: str) -> None:
        table_requests.approve(session, request_id, by=by, audience=audience)

    return _hand_in(request_id, change)


@blueprint.post("/bank/tabeller/<int(max=2147483647):request_id>/avsla")
@requires(Permission.REQUEST_TABLES)
def refuse_table(request_id: int) -> ResponseReturnValue:
    reason = request.form.get("skal", "")
    return _hand_in(request_id, lambda session, by: table_requests.refuse(session, request_id, reason, by=by))


@blueprint.post("/bank/tabeller/<int(max=2147483647):request_id>/dra-tillbaka")
@requires(Permission.REQUEST_TABLES)
def withdraw_table(request_id: int) -> ResponseReturnValue:
    """Withdraw an approved table at once, or ask another person to."""
    reason = request.form.get("skal_tillbaka", "")

    def change(session: Any, by: str) -> None:
        two_persons = current_app.extensions["settings"].release_approval
        table_withdrawals.ask(session, request_id, reason, by=by, two_persons=two_persons)

    return _hand_in(request_id, change)


@blueprint.post("/bank/tabeller/<int(max=2147483647):request_id>/bekrafta")
@requires(Permission.REQUEST_TABLES)
def confirm_withdrawal(request_id: int) -> ResponseReturnValue:
    asked = request.form.get("begard", "")
    return _hand_in(
        request_id, lambda session, by: table_withdrawals.approve(session, request_id, by=by, asked=asked)
    )


@blueprint.post("/bank/tabeller/<int(max=2147483647):request_id>/lat-sta")
@requires(Permission.REQUEST_TABLES)
def keep_table(request_id: int) -> ResponseReturnValue:
    asked = request.form.get("begard", "")
    return _hand_in(
        request_id, lambda session, by: table_withdrawals.decline(session, request_id, by=by, asked=asked)
    )


@blueprint.post("/bank/tabeller/<int(max=2147483647):request_id>/rakna-om")
@requires(Permission.REQUEST_TABLES)
def compute_table_again(request_id: int) -> ResponseReturnValue:
    """Compute beside what has been released since."""

    def change(session: Any, by: str) -> None:
        wave_code = table_requests.compute_again(session, request_id, by=by)
        table_requests.order_computing(session, wave_code, by, datetime.now(UTC))

    return _hand_in(request_id, change)


def _hand_in(request_id: int, change: Change) -> ResponseReturnValue:
    return hand_in(
        change,
        lambda faults: _page(request_id, faults),
        url_for("analyst.table_request", request_id=request_id),
    )


def _form(
    wave_code: str, faults: Mapping[str, str] | None = None, weighed: tuple[str, Size] | None = None
) -> ResponseReturnValue:
    with reading() as session:
        try:
            wave = wave_status(session, wave_code)
            known = request_questions.choices(session, wave_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template(
        "analyst/new_table_request.html",
        wave=wave,
        known=known,
        fields=VARIABLES,
        written=request.form,
        faults=faults or {},
        weighed=weighed,
        synthetic=wave.synthetic,
    ), 422 if faults else 200


def _page(request_id: int, faults: Mapping[str, str] | None = None) -> ResponseReturnValue:
    with reading() as session:
        try:
            entry = table_requests.find_request(session, request_id)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        wave = wave_status(session, entry.wave_code)
        known = request_questions.choices(session, entry.wave_code)
    return render_template(
        "analyst/table_request.html",
        entry=entry,
        wave=wave,
        sentence=known.sentence(entry.question),
        figures=figures_of(entry.result.get("rows", ()), known, entry.question),
        fishing=_fishing(entry),
        own=_is_own(entry.asked_by),
        own_wish=entry.withdrawal is not None and _is_own(entry.withdrawal.asked_by),
        written=request.form,
        faults=faults or {},
        audiences=AUDIENCE_WORDS,
        readers=_readers(entry),
        headings=headings(known, entry.question),
        two_persons=current_app.extensions["settings"].release_approval and not wave.synthetic,
        synthetic=wave.synthetic,
    ), 422 if faults else 200


def _readers(entry: RequestEntry) -> str:
    """Who may read an approved table: its audience and those nearer."""
    if entry.audience is None:
        return ""
    nearer = list(AUDIENCE_WORDS)[: list(AUDIENCE_WORDS).index(entry.audience) + 1]
    return enumeration([AUDIENCE_WORDS[one] for one in nearer])


def _is_own(asked_by: str) -> bool:
    return own_email().casefold() == asked_by.casefold()


def _fishing(entry: RequestEntry) -> tuple[str, ...]:
    """How many comparisons the table holds, and what is left of them."""
    rows = entry.result.get("rows", ())
    found = count_comparisons([row["p"] for row in rows if row["released"]], 0)
    return found.of_table() if found.tests else ()
