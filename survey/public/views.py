"""Results for everybody, from the public moment on: the list of municipalities, and each place's page."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.database import reading
from survey.downloads import as_file
from survey.permissions import Permission
from survey.public import words
from survey.public.open_waves import open_waves
from survey.public.room import blueprint, everybody, let_be_kept
from survey.publication import releases
from survey.publication.downloads.workbooks import MIMETYPE
from survey.publication.pages import public_results
from survey.publication.releases import NotReleased

LONGEST_SEARCH = 60


@blueprint.get("/resultat/")
@requires(Permission.PUBLIC)
def overview() -> ResponseReturnValue:
    """Every municipality with open results, or those a search finds."""
    searched = request.args.get("sok", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    reader = everybody()
    with reading() as session:
        found = public_results.open_municipalities(session, reader)
        let_be_kept(session, reader)
    known = {"synthetic": any(one.wave.synthetic for one in found)} if found else {}
    return render_template(
        "public/overview.html",
        searched=searched,
        total=len(found),
        found=public_results.find(found, searched),
        month=words.month,
        **known,
    )


@blueprint.get("/resultat/<code:municipality_code>")
@requires(Permission.PUBLIC)
def municipality(municipality_code: str) -> ResponseReturnValue:
    """The newest open wave of a municipality."""
    with reading() as session:
        return open_waves(session, municipality_code).page().content


@blueprint.get("/resultat/<code:municipality_code>/<code:part>")
@requires(Permission.PUBLIC)
def part(municipality_code: str, part: str) -> ResponseReturnValue:
    """An area in the newest open wave, or an older wave."""
    with reading() as session:
        found = open_waves(session, municipality_code)
        # The code of an area begins with its municipality's.
        return (found.area(part) if part.startswith(f"{municipality_code}-") else found.page(part)).content


@blueprint.get("/resultat/<code:municipality_code>/<code:wave_code>/resultat.csv")
@requires(Permission.PUBLIC)
def table(municipality_code: str, wave_code: str) -> Response:
    with reading() as session:
        file = open_waves(session, municipality_code).file(wave_code)
    return as_file(file.file_name, file.content, "text/csv")


@blueprint.get("/resultat/<code:municipality_code>/<code:wave_code>/resultat.xlsx")
@requires(Permission.PUBLIC)
def workbook(municipality_code: str, wave_code: str) -> Response:
    with reading() as session:
        file = open_waves(session, municipality_code).workbook(wave_code)
    return as_file(file.file_name, file.content, MIMETYPE)


@blueprint.get("/resultat/<code:municipality_code>/<code:wave_code>/kodbok.csv")
@requires(Permission.PUBLIC)
def codebook(municipality_code: str, wave_code: str) -> Response:
    with reading() as session:
        file = open_waves(session, municipality_code).codebook(wave_code)
    return as_file(file.file_name, file.content, "text/csv")


@blueprint.errorhandler(NotReleased)
def no_results_yet(_error: NotReleased) -> ResponseReturnValue:
    """The same for every place without open results, real or not; when they open, where that is set."""
    asked = (request.view_args or {}).get("municipality_code", "")
    with reading() as session:
        coming = releases.coming_waves(session, everybody(), asked)
    known = {"synthetic": coming[0].synthetic} if coming else {}
    return render_template("public/no_results.html", coming=coming, **known), 404
