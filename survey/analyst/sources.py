"""Other sources than the survey: what has been read in, a file checked and read in, a series by place."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import requires
from survey.analyst.views import blueprint
from survey.database import reading
from survey.errors import Faults, UserError
from survey.followup import overview, source_files
from survey.followup.audiences import AUDIENCE_WORDS
from survey.followup.places import LEVEL_WORDS
from survey.followup.series import opening
from survey.followup.series.chart import value_text
from survey.followup.series.invented import resting_on, unmark_invented
from survey.permissions import Permission
from survey.readers import own_audience
from survey.receiving import accepts_files
from survey.submissions import WHOLE_PAGE, fields, hand_in

KINDS = {"nivaer": "levels", "utsatta-omraden": "vulnerable", "serie": "series"}
ADDRESS = f"<any({', '.join(map(repr, KINDS))}):source_kind>"


@blueprint.get("/kallor/")
@requires(Permission.MANAGE_SOURCES)
def sources() -> ResponseReturnValue:
    with reading() as session:
        return render_template(
            "analyst/sources.html",
            inventory=overview.inventory(session, clock.today(), own_audience()),
            files=source_files.files(session),
            levels=LEVEL_WORDS,
            audiences=AUDIENCE_WORDS,
        )


@blueprint.get(f"/kallor/ny/{ADDRESS}")
@requires(Permission.MANAGE_SOURCES)
def new_source(source_kind: str) -> ResponseReturnValue:
    return _form(source_kind, {})


@blueprint.post(f"/kallor/ny/{ADDRESS}")
@requires(Permission.MANAGE_SOURCES)
@accepts_files(source_files.LARGEST_FILE)
def send_source(source_kind: str) -> ResponseReturnValue:
    """Keep the file if it can be read, and show what it would give."""
    arrived = request.files.get("fil")
    name = (arrived.filename or "") if arrived else ""
    content = arrived.read() if arrived else b""
    settings = {name: value for name, value in fields().items() if name != "csrf_token"}
    kept: list[int] = []

    def change(session: Any, by: str) -> None:
        if not name:
            raise Faults({"fil": "Välj en fil."})
        sent = source_files.sent_file(KINDS[source_kind], name, content, settings)
        kept.append(source_files.receive(session, sent, by, clock.now()))

    return hand_in(
        change,
        lambda faults: _form(source_kind, faults),
        lambda: url_for("analyst.source_file", file_id=kept[-1]),
    )


@blueprint.get("/kallor/fil/<int(max=2147483647):file_id>/")
@requires(Permission.MANAGE_SOURCES)
def source_file(file_id: int) -> ResponseReturnValue:
    return _file(file_id, {})


@blueprint.post("/kallor/fil/<int(max=2147483647):file_id>/las-in")
@requires(Permission.MANAGE_SOURCES)
def read_source(file_id: int) -> ResponseReturnValue:
    return hand_in(
        lambda session, by: source_files.accept(session, file_id, by, clock.now()),
        lambda faults: _file(file_id, faults),
        url_for("analyst.source_file", file_id=file_id),
    )


@blueprint.post("/kallor/fil/<int(max=2147483647):file_id>/ta-bort")
@requires(Permission.MANAGE_SOURCES)
def discard_source(file_id: int) -> ResponseReturnValue:
    return hand_in(
        lambda session, by: source_files.discard(session, file_id, by),
        lambda faults: _file(file_id, faults),
        url_for("analyst.sources"),
    )


@blueprint.get("/kallor/serie/<code:series_code>/")
@requires(Permission.MANAGE_SOURCES)
def series(series_code: str) -> ResponseReturnValue:
    """A series at one of its places, with what it said before."""
    return _series(series_code, {})


@blueprint.post("/kallor/serie/<code:series_code>/oppna")
@requires(Permission.MANAGE_SOURCES)
def open_series(series_code: str) -> ResponseReturnValue:
    """Let more people read a series, with all its values."""

    def change(session: Any, by: str) -> None:
        opening.open_series(
            session,
            series_code,
            request.form.get("seen", ""),
            request.form.get("audience", ""),
            confirmed=request.form.get("confirmed") == "yes",
            reads_as=own_audience(),
            by=by,
        )

    return hand_in(
        change,
        lambda faults: _series(series_code, faults),
        url_for("analyst.series", series_code=series_code),
    )


@blueprint.post("/kallor/serie/<code:series_code>/inte-pahittad")
@requires(Permission.MANAGE_SOURCES)
def unmark_series(series_code: str) -> ResponseReturnValue:
    """Take away the mark of the invented, when it was a mistake."""

    def change(session: Any, by: str) -> None:
        unmark_invented(
            session,
            series_code,
            request.form.get("reason", ""),
            confirmed=request.form.get("real") == "yes",
            reads_as=own_audience(),
            by=by,
        )

    return hand_in(
        change,
        lambda faults: _series(series_code, faults),
        url_for("analyst.series", series_code=series_code),
    )


def _series(series_code: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    chosen = request.args.get("plats", "")
    with reading() as session:
        try:
            shown, places, former = overview.one_series(
                session, series_code, chosen, clock.today(), own_audience()
            )
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        count = opening.values_held(session, series_code)
        invented = shown.series.synthetic
        resting = resting_on(session, series_code) if invented else ()
    page = render_template(
        "analyst/series.html",
        shown=shown,
        places=places,
        former=former,
        value_text=value_text,
        levels=LEVEL_WORDS,
        audiences=AUDIENCE_WORDS,
        wider=opening.wider_than(shown.series.audience),
        count=count,
        resting=resting,
        given=request.form,
        faults=faults,
        synthetic=shown.series.synthetic,
    )
    return page, 422 if faults else 200


def _form(source_kind: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    """The form; after a fault, what was written stays in the fields. A file must be chosen again."""
    given: Mapping[str, str] = request.form
    known = request.args.get("serie", "")
    if known and not given:
        with reading() as session:
            given = overview.series_fields(session, known, own_audience())
    page = render_template(
        "analyst/source_form.html",
        source_kind=source_kind,
        kind=KINDS[source_kind],
        given=given,
        faults=faults,
        audiences=AUDIENCE_WORDS,
        largest=source_files.LARGEST_FILE // 1024**2,
    )
    return page, 422 if faults else 200


def _file(file_id: int, faults: Mapping[str, str]) -> ResponseReturnValue:
    """What a file has given; one that waits is checked again, since what it rests on may have changed."""
    with reading() as session:
        try:
            status = source_files.find_file(session, file_id)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
        checked = None
        if status.accepted_at is None:
            try:
                checked = source_files.check_again(session, file_id)
            except UserError as error:
                faults = {WHOLE_PAGE: str(error)}
    page = render_template("analyst/source_file.html", file=status, checked=checked, faults=faults)
    return page, 422 if faults else 200
