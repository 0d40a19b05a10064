"""The report to read in the browser, and as one file to keep."""

from dataclasses import replace
from datetime import date

from flask import render_template
from flask.typing import ResponseReturnValue

from survey.access import note, requires
from survey.database import reading
from survey.downloads import as_file
from survey.followup.promises.receipt import report_receipts
from survey.municipality.views import asked_version, blueprint
from survey.permissions import Permission
from survey.publication import results
from survey.publication.content import MunicipalityReport
from survey.publication.pages import corrections
from survey.publication.pages.corrections import VersionText
from survey.publication.report import web_edition
from survey.readers import own_reader


@blueprint.get("/<code:municipality_code>/<code:wave_code>/rapport")
@requires(Permission.SEE_MUNICIPALITY)
def report_page(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    report, replaced = _report(municipality_code, wave_code)
    return render_template(
        "municipality/report.html",
        report=report,
        body=web_edition.web_body(report),
        replaced=replaced,
        version=asked_version(),
        synthetic=report.synthetic,
    )


@blueprint.get("/<code:municipality_code>/<code:wave_code>/rapport.html")
@requires(Permission.SEE_MUNICIPALITY)
def report_page_file(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    report, replaced = _report(municipality_code, wave_code)
    download = web_edition.web_page(report, replaced)
    name = corrections.marked_name(download.file_name, replaced)
    note("download", name)
    return as_file(name, download.content, web_edition.MIMETYPE)


def _report(municipality_code: str, wave_code: str) -> tuple[MunicipalityReport, VersionText | None]:
    """The version that is asked for, and what took its place."""
    version = asked_version()
    with reading() as session:
        reader = own_reader()
        report = results.municipality_report(session, wave_code, municipality_code, reader, version)
        until = date.fromisoformat(report.wave.field_start)
        report = replace(report, receipts=report_receipts(session, municipality_code, until, reader))
        return report, corrections.replaced_version(session, wave_code, own_reader(), version)
