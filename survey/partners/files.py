"""A picture as files for other programs, and the document that the law on crime prevention asks for."""

import orjson
from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from survey.access import note, requires
from survey.database import reading
from survey.downloads import as_file
from survey.followup.pictures import sheets, stored
from survey.followup.pictures.drafts import LAW_PARTS, PARTS
from survey.followup.pictures.law_document import MIMETYPE, law_document
from survey.followup.places import Level
from survey.partners.room import OF_WAVE, Opened, asked_number, blueprint, open_picture, open_place
from survey.permissions import Permission
from survey.publication.downloads import workbooks

FORMS = {"json": "application/json", "xlsx": workbooks.MIMETYPE}


@blueprint.get("/schema.json")
@requires(Permission.READ_PICTURES)
def schema() -> Response:
    """What every field of the json file is."""
    return Response(orjson.dumps(stored.schema(), option=orjson.OPT_INDENT_2), mimetype="application/json")


@blueprint.get(f"{OF_WAVE}/lagesbild.<any({', '.join(FORMS)}):picture_form>")
@requires(Permission.READ_PICTURES)
def file(level: str, place_code: str, wave_code: str, picture_form: str) -> ResponseReturnValue:
    with reading() as session:
        picture = open_picture(
            session, open_place(session, level, place_code, asked_number()), wave_code
        ).picture
    content = stored.as_json(picture) if picture_form == "json" else sheets.workbook(picture)
    name = sheets.file_name(picture, picture_form)
    note("download", name)
    return as_file(name, content, FORMS[picture_form])


@blueprint.get(f"{OF_WAVE}/lag")
@requires(Permission.READ_PICTURES)
def law(level: str, place_code: str, wave_code: str) -> ResponseReturnValue:
    """A municipality's picture in the parts of the law (2023:196), for print; empty parts say so."""
    opened = _of_municipality(level, place_code, wave_code)
    return render_template(
        "partners/law.html",
        opened=opened,
        picture=opened.picture,
        parts={part: PARTS[part][0] for part in LAW_PARTS},
        empty=sheets.EMPTY_PART,
        synthetic=opened.picture.synthetic,
    )


@blueprint.get(f"{OF_WAVE}/lag.docx")
@requires(Permission.READ_PICTURES)
def law_file(level: str, place_code: str, wave_code: str) -> ResponseReturnValue:
    """The same as a document to go on writing in."""
    opened = _of_municipality(level, place_code, wave_code)
    name = sheets.file_name(opened.picture, "docx")
    note("download", name)
    content = law_document(opened.picture, signed=opened.signed)
    return as_file(name, content, MIMETYPE)


def _of_municipality(level: str, place_code: str, wave_code: str) -> Opened:
    """A municipality's picture: the law asks nothing of the other levels."""
    with reading() as session:
        opened = open_picture(session, open_place(session, level, place_code, asked_number()), wave_code)
    if opened.place.level is not Level.MUNICIPALITY:
        abort(404)
    return opened
