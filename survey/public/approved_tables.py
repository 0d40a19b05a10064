"""Tables on request that everybody may read, in Swedish as they were approved."""

from flask import Response, g, render_template
from flask.typing import ResponseReturnValue

from survey import languages
from survey.access import requires
from survey.database import reading
from survey.downloads import as_file
from survey.permissions import Permission
from survey.public.room import blueprint, everybody, let_be_kept
from survey.publication.downloads.approved_files import MIMETYPES, write_file
from survey.publication.printed_tables import ApprovedPage, read_approved
from survey.publication.releases import NotReleased
from survey.publication.requested_tables import TableWithdrawn

PLACE = "/resultat/<code:municipality_code>/<code:wave_code>/tabeller/<int(max=2147483647):table_id>"


@blueprint.get(f"{PLACE}/")
@requires(Permission.PUBLIC)
def approved_table(municipality_code: str, wave_code: str, table_id: int) -> ResponseReturnValue:
    page = _found(municipality_code, wave_code, table_id)
    g.language = languages.SOURCE
    return render_template(
        "partners/open_table.html",
        page=page,
        municipality_code=municipality_code,
        synthetic=page.synthetic,
    )


@blueprint.get(f"{PLACE}/tabell.<any(csv, xlsx):table_form>")
@requires(Permission.PUBLIC)
def approved_table_file(municipality_code: str, wave_code: str, table_id: int, table_form: str) -> Response:
    download = write_file(_found(municipality_code, wave_code, table_id), table_form)
    return as_file(download.file_name, download.content, MIMETYPES[table_form])


@blueprint.errorhandler(TableWithdrawn)
def withdrawn(error: TableWithdrawn) -> ResponseReturnValue:
    g.language = languages.SOURCE
    return render_template("errors/message.html", title=error.title, message=str(error)), 410


def _found(municipality_code: str, wave_code: str, table_id: int) -> ApprovedPage:
    """A table, kept as long as the result that it stands beside."""
    reader = everybody()
    with reading() as session:
        page = read_approved(session, wave_code, municipality_code, table_id, reader)
        if page is None:
            raise NotReleased(str(table_id))
        let_be_kept(session, reader)
    return page
