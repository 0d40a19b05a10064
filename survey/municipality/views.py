"""A municipality's released results: on a page, as PDF, as csv."""

from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import current_staff, note, requires
from survey.config import Settings
from survey.database import reading
from survey.downloads import as_file
from survey.followup.promises.overviews import waiting_for
from survey.followup.promises.receipt import receipts, report_receipts
from survey.followup.signing_parties import Party
from survey.permissions import Permission
from survey.preparation import participation
from survey.publication import field_days, releases, results
from survey.publication.content import MunicipalityReport
from survey.publication.downloads import codebooks, decks, exports, tables, workbooks
from survey.publication.drawings.area_maps import chosen_map
from survey.publication.drawings.curves import days_curve
from survey.publication.pages import corrections
from survey.publication.pages.indicator_page import read_indicator_page
from survey.publication.pages.overview import read_overview
from survey.publication.payload import build_payload
from survey.publication.printed_tables import list_approved
from survey.publication.releases import NotReleased
from survey.publication.report import reports
from survey.publication.report.editions import find_edition
from survey.publication.requested_tables import TableWithdrawn
from survey.readers import own_reader

blueprint = Blueprint("municipality", __name__, url_prefix="/kommun")


@blueprint.get("/")
@requires(Permission.SEE_MUNICIPALITY)
def overview() -> ResponseReturnValue:
    """The own municipality's invitations, and its released waves, newest first."""
    staff = current_staff()
    if staff is not None and staff.may(Permission.SEE_DISTRICT):
        return redirect(url_for("municipality.district"), 303)
    if staff is None or staff.municipality_code is None:
        return redirect(url_for("analyst.overview"), 303)
    with reading() as session:
        waves = releases.released_waves(session, own_reader(), staff.municipality_code)
        coming = releases.coming_waves(session, own_reader(), staff.municipality_code)
        invitations = participation.invitations_of(session, staff.municipality_code)
        in_field = field_days.waves_in_field(session, staff.municipality_code)
        promised = receipts(session, staff.municipality_code, "municipality", clock.now())
        waiting = waiting_for(session, Party.MUNICIPALITY, staff.municipality_code)
    return render_template(
        "municipality/overview.html",
        waves=waves,
        coming=coming,
        invitations=invitations,
        answers=participation.ANSWER_WORDS,
        in_field=in_field,
        receipts=promised,
        waiting=waiting,
        code=staff.municipality_code,
    )


@blueprint.get("/<code:municipality_code>/<code:wave_code>/")
@requires(Permission.SEE_MUNICIPALITY)
def result(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """What matters, what changed, what stands out, where, and what cannot be known; then every measure."""
    settings: Settings = current_app.extensions["settings"]
    with reading() as session:
        found = read_overview(session, wave_code, municipality_code, own_reader())
        has_pdf = find_report(session, wave_code, municipality_code) is not None
        english = find_edition(session, wave_code, municipality_code, settings.output, own_reader(), "en")
        sizes = exports.sizes(session, wave_code, settings.output, own_reader(), municipality_code)
        approved = list_approved(session, wave_code, municipality_code, own_reader())
    report = found.report
    return render_template(
        "municipality/result.html",
        overview=found,
        report=report,
        synthetic=report.synthetic,
        has_pdf=has_pdf,
        has_english=english is not None,
        sizes=sizes,
        approved=approved,
        has_areas=_has_areas(report),
    )


@blueprint.get("/<code:municipality_code>/<code:wave_code>/matt/<code:indicator_id>")
@requires(Permission.SEE_MUNICIPALITY)
def indicator(municipality_code: str, wave_code: str, indicator_id: str) -> ResponseReturnValue:
    """One measure: over time, by group and area, beside other municipalities, and how it was asked."""
    with reading() as session:
        page = read_indicator_page(session, wave_code, municipality_code, indicator_id, own_reader())
        approved = list_approved(session, wave_code, municipality_code, own_reader(), indicator_id)
    if page is None:
        abort(404)
    return render_template(
        "municipality/indicator.html",
        page=page,
        report=page.report,
        approved=approved,
        synthetic=page.report.synthetic,
    )


@blueprint.get("/<code:municipality_code>/<code:wave_code>/delomraden")
@requires(Permission.SEE_MUNICIPALITY)
def areas(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """A map, and every measure in every area: a page of its own, since there may be a hundred areas."""
    with reading() as session:
        released = results.read_released(session, wave_code, municipality_code, own_reader())
        report = build_payload(released)
        if not _has_areas(report):
            abort(404)
        chosen = chosen_map(report, request.args.get("matt"))
    return render_template(
        "municipality/areas.html", report=report, chosen=chosen, synthetic=report.synthetic
    )


@blueprint.get("/<code:municipality_code>/<code:wave_code>/versioner")
@requires(Permission.SEE_MUNICIPALITY)
def versions(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """Every version with its files, and what the newest one corrected."""
    with reading() as session:
        report = results.municipality_report(session, wave_code, municipality_code, own_reader())
        listed = corrections.versions(session, wave_code, own_reader())
        with_pdf = {
            one.version
            for one in listed
            if find_report(session, wave_code, municipality_code, one.version) is not None
        }
        corrected = corrections.corrections(session, wave_code, municipality_code, own_reader())
    return render_template(
        "municipality/versions.html",
        report=report,
        versions=listed,
        with_pdf=with_pdf,
        corrections=corrected,
        synthetic=report.synthetic,
    )


@blueprint.get("/<code:municipality_code>/<code:wave_code>/faltarbete")
@requires(Permission.FOLLOW_FIELDWORK)
def fieldwork(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    """How many have answered so far, in whole tens; after the fieldwork, how it went."""
    settings: Settings = current_app.extensions["settings"]
    with reading() as session:
        so_far = field_days.fieldwork_so_far(session, wave_code, municipality_code)
        released = releases.released_waves(session, own_reader(), municipality_code)
    return render_template(
        "municipality/fieldwork.html",
        field=so_far,
        municipality_code=municipality_code,
        has_result=any(wave.code == wave_code for wave in released),
        curve=days_curve([day.submitted for day in so_far.days]) if len(so_far.days) > 1 else None,
        synthetic=so_far.wave.synthetic,
        help_phone=settings.help_phone,
    )


@blueprint.get("/<code:municipality_code>/<code:wave_code>/resultat.csv")
@requires(Permission.SEE_MUNICIPALITY)
def table(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    with reading() as session:
        download = tables.municipality_table(
            session, wave_code, municipality_code, own_reader(), asked_version()
        )
        replaced = corrections.replaced_version(session, wave_code, own_reader(), asked_version())
    name = corrections.marked_name(download.file_name, replaced)
    note("download", name)
    return as_file(name, download.content, "text/csv")


@blueprint.get("/<code:municipality_code>/<code:wave_code>/resultat.xlsx")
@requires(Permission.SEE_MUNICIPALITY)
def workbook(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    with reading() as session:
        download = workbooks.municipality_workbook(session, wave_code, municipality_code, own_reader())
    note("download", download.file_name)
    return as_file(download.file_name, download.content, workbooks.MIMETYPE)


@blueprint.get("/<code:municipality_code>/<code:wave_code>/resultat.pptx")
@requires(Permission.SEE_MUNICIPALITY)
def deck(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    with reading() as session:
        reader = own_reader()
        told = partial(report_receipts, reader=reader)
        download = decks.municipality_deck(session, wave_code, municipality_code, reader, told)
    note("download", download.file_name)
    return as_file(download.file_name, download.content, decks.MIMETYPE)


@blueprint.get("/<code:municipality_code>/<code:wave_code>/kodbok.<any(csv, json):form>")
@requires(Permission.SEE_MUNICIPALITY)
def codebook(municipality_code: str, wave_code: str, form: str) -> ResponseReturnValue:
    with reading() as session:
        download = codebooks.municipality_codebook(session, wave_code, municipality_code, own_reader(), form)
    note("download", download.file_name)
    return as_file(download.file_name, download.content, codebooks.MIMETYPES[form])


@blueprint.errorhandler(NotReleased)
def not_released(_error: NotReleased) -> ResponseReturnValue:
    """When it opens, where a moment is set; nothing is said of what else may exist."""
    asked = request.view_args or {}
    with reading() as session:
        coming = releases.coming_waves(session, own_reader(), asked.get("municipality_code", ""))
    found = next((wave for wave in coming if wave.code == asked.get("wave_code")), None)
    return render_template("municipality/not_released.html", coming=found), 404


@blueprint.errorhandler(TableWithdrawn)
def withdrawn(error: TableWithdrawn) -> ResponseReturnValue:
    return render_template("errors/message.html", title=error.title, message=str(error)), 410


def _has_areas(report: MunicipalityReport) -> bool:
    return any(indicator.areas for indicator in report.headlines)


def asked_version() -> int | None:
    """The version that an address asks for; without one the newest, and one beyond all numbers is none."""
    asked = request.args.get("version", type=int)
    return asked if asked is None or 0 < asked < 10**6 else 0


def find_report(
    session: Any, wave_code: str, municipality_code: str, version: int | None = None
) -> Path | None:
    """The Swedish report as PDF, when it is written."""
    settings: Settings = current_app.extensions["settings"]
    return reports.find_report(session, wave_code, municipality_code, settings.output, own_reader(), version)
