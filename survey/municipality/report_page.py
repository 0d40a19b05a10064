"""The report to read in the browser, and as one file to keep."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from flask import abort, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue

from survey.access import note, requires
from survey.config import Settings
from survey.database import reading
from survey.downloads import as_file
from survey.followup.promises.receipt import report_receipts
from survey.languages import SOURCE
from survey.municipality.views import asked_version, blueprint, find_report
from survey.permissions import Permission
from survey.publication import results
from survey.publication.content import MunicipalityReport
from survey.publication.pages import corrections
from survey.publication.pages.corrections import VersionText
from survey.publication.report import editions, web_edition
from survey.publication.speech import REPORTED, speaking
from survey.readers import own_reader


@blueprint.get("/<code:municipality_code>/<code:wave_code>/rapport")
@requires(Permission.SEE_MUNICIPALITY)
def report_page(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    report, replaced = _report(municipality_code, wave_code)
    with reading() as session:
        has_pdf = _find_file(session, municipality_code, wave_code, report.language) is not None
    return render_template(
        "municipality/report.html",
        report=report,
        other="sv" if report.language == "en" else "en",
        has_pdf=has_pdf,
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


@blueprint.get("/<code:municipality_code>/<code:wave_code>/rapport.pdf")
@requires(Permission.SEE_MUNICIPALITY)
def report_file(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    with reading() as session:
        path = _find_file(session, municipality_code, wave_code, asked_language())
        replaced = corrections.replaced_version(session, wave_code, own_reader(), asked_version())
    if path is None:
        abort(404)
    name = corrections.marked_name(path.name, replaced)
    note("download", name)
    return send_file(path.resolve(), "application/pdf", as_attachment=True, download_name=name)


def asked_language() -> str:
    """The language of the report asked for in the address; Swedish when none is."""
    asked = request.args.get("sprak", SOURCE.code)
    if asked not in REPORTED:
        abort(404)
    return asked


def _find_file(session: Any, municipality_code: str, wave_code: str, language: str) -> Path | None:
    """The report as PDF in a language, when it is written."""
    if language == SOURCE.code:
        return find_report(session, wave_code, municipality_code, asked_version())
    settings: Settings = current_app.extensions["settings"]
    return editions.find_edition(
        session, wave_code, municipality_code, settings.output, own_reader(), language, asked_version()
    )


def _report(municipality_code: str, wave_code: str) -> tuple[MunicipalityReport, VersionText | None]:
    """The version that is asked for, and what took its place."""
    version = asked_version()
    with reading() as session:
        reader = own_reader()
        report = results.municipality_report(
            session, wave_code, municipality_code, reader, version, asked_language()
        )
        until = date.fromisoformat(report.wave.field_start)
        with speaking(report.language):
            report = replace(report, receipts=report_receipts(session, municipality_code, until, reader))
        return report, corrections.replaced_version(session, wave_code, own_reader(), version)
