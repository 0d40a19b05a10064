"""Tables made for the region beside its results, as far as they concern the municipality and are let out."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from survey.access import note, requires
from survey.database import reading
from survey.downloads import as_file
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.publication.downloads.approved_files import MIMETYPES, write_file
from survey.publication.printed_tables import ApprovedPage, read_approved
from survey.readers import own_reader

PLACE = "/<code:municipality_code>/<code:wave_code>/tabeller/<int(max=2147483647):table_id>"


@blueprint.get(f"{PLACE}/")
@requires(Permission.SEE_MUNICIPALITY)
def approved_table(municipality_code: str, wave_code: str, table_id: int) -> ResponseReturnValue:
    return render_template(
        "municipality/approved_table.html",
        page=(page := _found(municipality_code, wave_code, table_id)),
        municipality_code=municipality_code,
        synthetic=page.synthetic,
    )


@blueprint.get(f"{PLACE}/tabell.<any(csv, xlsx):table_form>")
@requires(Permission.SEE_MUNICIPALITY)
def approved_table_file(
    municipality_code: str, wave_code: str, table_id: int, table_form: str
) -> ResponseReturnValue:
    download = write_file(_found(municipality_code, wave_code, table_id), table_form)
    note("download", download.file_name)
    return as_file(download.file_name, download.content, MIMETYPES[table_form])


def _found(municipality_code: str, wave_code: str, table_id: int) -> ApprovedPage:
    with reading() as session:
        page = read_approved(session, wave_code, municipality_code, table_id, own_reader())
    if page is None:
        abort(404)
    return page
