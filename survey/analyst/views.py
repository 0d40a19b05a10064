"""Every wave and release, every municipality's page, and the released tables."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from survey.access import note, requires
from survey.database import reading
from survey.downloads import as_file
from survey.permissions import Permission
from survey.preparation import waves
from survey.publication import releases
from survey.publication.downloads import codebooks, exports, tables, workbooks
from survey.publication.downloads.tables import Download
from survey.publication.extracts import Viewer
from survey.publication.formats import files
from survey.publication.releases import NotReleased
from survey.publication.report import reports
from survey.readers import own_reader

blueprint = Blueprint("analyst", __name__, url_prefix="/analys")

TABLES = {
    "estimates": "Skattningar",
    "changes": "Förändringar",
    "diagnostics": "Svar och vikter",
    "response_rates": "Svarsfrekvens per kön och ålder",
}
# What a system or program for statistics reads, and what it is good for.
STATISTICS_FILES = {
    "px": ("PX", "skattningarna, för PxWeb och PX-Win."),
    "json-stat": ("JSON-stat", "skattningarna, för webbtjänster och R."),
    "parquet": ("Parquet", "skattningarna rad för rad, för datalager och programspråk."),
    "ddi": ("DDI-kodbok", "mätningen, metoden och varje kolumn, för arkiv och dataportaler."),
}


@blueprint.get("/")
@requires(Permission.SEE_EVERY_MUNICIPALITY)
def overview() -> ResponseReturnValue:
    """Every wave, and what has been released of it."""
    with reading() as session:
        released = {release.code: release for release in releases.released_waves(session, own_reader())}
        return render_template(
            "analyst/overview.html", waves=waves.list_waves(session)[::-1], released=released
        )


@blueprint.get("/<code:wave_code>/")
@requires(Permission.SEE_EVERY_MUNICIPALITY)
def wave(wave_code: str) -> ResponseReturnValue:
    """One released wave: its tables and its municipalities."""
    with reading() as session:
        release = next(
            (found for found in releases.released_waves(session, own_reader()) if found.code == wave_code),
            None,
        )
        if release is None:
            abort(404)
        municipalities = releases.released_municipalities(session, wave_code, own_reader())
        output = current_app.extensions["settings"].output
        with_pdf = {
            code
            for code, _ in municipalities
            if reports.find_report(session, wave_code, code, output, own_reader())
        }
        sizes = exports.sizes(session, wave_code, current_app.extensions["settings"].output, own_reader())
    return render_template(
        "analyst/wave.html",
        release=release,
        municipalities=municipalities,
        with_pdf=with_pdf,
        tables=TABLES,
        sizes=sizes,
        statistics_files=STATISTICS_FILES,
        synthetic=release.synthetic,
    )


@blueprint.get("/<code:wave_code>/resultat.xlsx")
@requires(Permission.DOWNLOAD_TABLES)
def workbook(wave_code: str) -> ResponseReturnValue:
    download = _written_or_made(wave_code, workbooks.NAME, workbooks.EXTENSION, workbooks.analyst_workbook)
    note("download", download.file_name)
    return as_file(download.file_name, download.content, workbooks.MIMETYPE)


@blueprint.get("/<code:wave_code>/kodbok.<any(csv, json):form>")
@requires(Permission.DOWNLOAD_TABLES)
def codebook(wave_code: str, form: str) -> ResponseReturnValue:
    make = partial(codebooks.analyst_codebook, form=form)
    download = _written_or_made(wave_code, codebooks.NAME, form, make)
    note("download", download.file_name)
    return as_file(download.file_name, download.content, codebooks.MIMETYPES[form])


@blueprint.get(f"/<code:wave_code>/statistik/<any({', '.join(map(repr, files.FORMS))}):file_form>")
@requires(Permission.DOWNLOAD_TABLES)
def statistics_file(wave_code: str, file_form: str) -> ResponseReturnValue:
    with reading() as session:
        try:
            download = files.write_file(session, Viewer(own_reader()), {"wave": [wave_code]}, file_form)
        except NotReleased:
            abort(404)
    note("download", download.file_name)
    return as_file(download.file_name, download.content, files.MIMETYPES[file_form])


@blueprint.get("/<code:wave_code>/<code:table>.csv")
@requires(Permission.DOWNLOAD_TABLES)
def table(wave_code: str, table: str) -> ResponseReturnValue:
    if table not in TABLES:
        abort(404)
    download = _written_or_made(wave_code, table, "csv", partial(tables.analyst_table, table=table))
    note("download", download.file_name)
    return as_file(download.file_name, download.content, "text/csv")


def _written_or_made(wave_code: str, name: str, extension: str, make: Callable[..., Download]) -> Download:
    """A file of the whole wave as the worker wrote it, which costs next to nothing; made now otherwise."""
    output = current_app.extensions["settings"].output
    with reading() as session:
        try:
            written = exports.written_for_analysts(session, wave_code, output, own_reader(), name, extension)
            return written or make(session, wave_code, reader=own_reader())
        except NotReleased:
            abort(404)
