"""A municipality's report as it would read if the draft were released: read before the decision."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.analyst.views import blueprint
from survey.database import reading
from survey.permissions import Permission
from survey.processing.releasable import find_draft
from survey.publication.releases import NotReleased
from survey.publication.report.web_edition import web_body
from survey.publication.results import draft_report as compose


@blueprint.get("/<code:wave_code>/granska/rapport/<code:municipality_code>")
@requires(Permission.RELEASE_RESULTS)
def draft_report(wave_code: str, municipality_code: str) -> ResponseReturnValue:
    with reading() as session:
        draft = find_draft(session, wave_code)
        if draft is None:
            abort(404)
        try:
            report = compose(session, draft, municipality_code)
        except NotReleased as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template(
        "analyst/draft_report.html",
        report=report,
        body=web_body(report),
        wave_code=wave_code,
        synthetic=report.synthetic,
    )
