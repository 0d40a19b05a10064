"""The analyst's bench: released figures in a view with an address, as page and file; views that are kept."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from survey.access import note, own_email, requires
from survey.analyst.views import blueprint
from survey.database import reading
from survey.downloads import as_file
from survey.errors import Faults
from survey.permissions import Permission
from survey.publication.bench import files, pictures, saved_views
from survey.publication.bench.choice import FUNNEL, PICTURES, Choice, read_choice
from survey.publication.bench.options import read_options
from survey.publication.bench.view import MOST_ROWS, View, read_view
from survey.publication.drawings.chart_rows import Chart
from survey.publication.drawings.funnel_plot import STANDING_WORDS
from survey.publication.drawings.narrow_charts import narrow
from survey.publication.extracts import Viewer
from survey.readers import own_reader
from survey.submissions import hand_in


@blueprint.get("/bank/")
@requires(Permission.SEE_EVERY_MUNICIPALITY)
def bench() -> ResponseReturnValue:
    """A view: the choices, its picture, its rows and how much they can bear."""
    return _page(request.args)


@blueprint.get("/bank/vy.<any(csv, xlsx, json):form>")
@requires(Permission.DOWNLOAD_TABLES)
def bench_file(form: str) -> ResponseReturnValue:
    """The rows of a view."""
    viewer = Viewer(own_reader())
    with reading() as session:
        options = read_options(session, viewer)
        try:
            choice = read_choice(request.args.to_dict(flat=False), options)
        except Faults:
            return _page(request.args)
        if not options.measures or not choice.waves:
            return _page(request.args)
        download = files.write(session, viewer, options, read_view(session, viewer, options, choice), form)
    note("download", download.file_name)
    return as_file(download.file_name, download.content, files.MIMETYPES[form])


@blueprint.post("/bank/vyer")
@requires(Permission.SEE_EVERY_MUNICIPALITY)
def save_view() -> ResponseReturnValue:
    """Keep the view at hand under a name."""
    with reading() as session:
        try:
            query = read_choice(
                request.form.to_dict(flat=False), read_options(session, Viewer(own_reader()))
            ).query
        except Faults as faults:
            return _page(request.form, faults.by_field)

    def change(session: Any, by: str) -> None:
        saved_views.save_view(
            session, request.form.get("namn", ""), query, shared="delad" in request.form, by=by
        )

    return hand_in(
        change, lambda faults: _page(request.form, faults), f"{url_for('analyst.bench')}?{query}#sparade"
    )


@blueprint.post("/bank/vyer/<int(max=2147483647):view_id>/ta-bort")
@requires(Permission.SEE_EVERY_MUNICIPALITY)
def delete_view(view_id: int) -> ResponseReturnValue:
    """Take away one of one's own views."""
    return hand_in(
        lambda session, by: saved_views.delete_view(session, view_id, by=by),
        lambda faults: _page(request.args, faults),
        f"{url_for('analyst.bench')}#sparade",
    )


def _page(args: "MultiDict[str, str]", faults: Mapping[str, str] | None = None) -> ResponseReturnValue:
    viewer, given = Viewer(own_reader()), args.to_dict(flat=False)
    with reading() as session:
        options = read_options(session, viewer)
        kept = saved_views.list_views(session, own_email())
        try:
            choice = read_choice(given, options)
        except Faults as found:
            choice, faults = read_choice({}, options), {**found.by_field, **(faults or {})}
        view = read_view(session, viewer, options, choice) if choice.waves and options.places else None
    return render_template(
        "analyst/bench.html",
        options=options,
        choice=choice,
        view=view,
        kept=kept,
        pictures=PICTURES,
        most_rows=MOST_ROWS,
        written=args,
        faults=faults or {},
        synthetic=view.synthetic if view else False,
        **_drawn(view, choice),
    ), 422 if faults else 200


def _drawn(view: View | None, choice: Choice) -> dict[str, Any]:
    """The picture of a view, or why there is none; of a funnel also its places in words."""
    found: dict[str, Any] = {"picture": None, "narrow": None, "no_picture": "", "points": ()}
    if view is None or not view.rows:
        return found
    try:
        found["picture"] = pictures.draw(view)
        if choice.picture == FUNNEL:
            found["points"] = pictures.funnel_points(view)[0]
            found["standing_words"] = STANDING_WORDS
    except pictures.NoPicture as error:
        found["no_picture"] = str(error)
    if isinstance(found["picture"], Chart):
        found["narrow"] = narrow(found["picture"])
    return found
