"""Charts that a municipality saves: as drawing (svg) or picture (png), each with its source."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from survey.access import note, requires
from survey.database import reading
from survey.downloads import as_file
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.publication.content import MunicipalityReport
from survey.publication.drawings import chart_files
from survey.publication.pages import indicator_page, overview
from survey.readers import own_reader


@blueprint.get("/<code:municipality_code>/<code:wave_code>/diagram/<code:chart>.<any(svg, png):picture>")
@requires(Permission.SEE_MUNICIPALITY)
def chart(municipality_code: str, wave_code: str, chart: str, picture: str) -> ResponseReturnValue:
    """A chart of the overview."""
    with reading() as session:
        found = overview.read_overview(session, wave_code, municipality_code, own_reader())
    if chart not in found.charts:
        abort(404)
    return _saved(found.charts[chart], found.report, (chart,), picture)


@blueprint.get(
    "/<code:municipality_code>/<code:wave_code>/matt/<code:indicator_id>/<code:chart>.<any(svg, png):picture>"
)
@requires(Permission.SEE_MUNICIPALITY)
def indicator_chart(
    municipality_code: str, wave_code: str, indicator_id: str, chart: str, picture: str
) -> ResponseReturnValue:
    """A chart or a map of one measure."""
    with reading() as session:
        page = indicator_page.read_indicator_page(
            session, wave_code, municipality_code, indicator_id, own_reader()
        )
    if page is None or chart not in page.drawings:
        abort(404)
    return _saved(page.drawings[chart], page.report, (indicator_id, chart), picture)


def _saved(
    chart: chart_files.Drawn, report: MunicipalityReport, parts: tuple[str, ...], picture: str
) -> ResponseReturnValue:
    sheet = chart_files.lay_out(chart)
    svg = render_template("municipality/chart_file.svg", sheet=sheet)
    content = svg.encode() if picture == "svg" else chart_files.as_png(svg, sheet)
    name = chart_files.file_name(report, parts, picture)
    note("download", name)
    return as_file(name, content, chart_files.MIMETYPES[picture])
