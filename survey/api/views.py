"""The addresses: every list, and the document that describes them."""

import orjson
from flask import Response, request
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.api import answers
from survey.api.openapi import document
from survey.api.parameters import read_question
from survey.api.resources import RESOURCES, ROWS
from survey.api.room import blueprint, caller, let_be_kept
from survey.database import reading
from survey.followup.feeds import pictures
from survey.followup.pictures.stored import as_json
from survey.permissions import Permission


@blueprint.get("/openapi.json")
@requires(Permission.PUBLIC)
def description() -> ResponseReturnValue:
    """What can be asked, as OpenAPI 3.1."""
    with reading() as session:
        let_be_kept(session)
    return Response(orjson.dumps(document()), mimetype="application/json")


@blueprint.get(f"/<any({', '.join(map(repr, RESOURCES))}):resource>")
@requires(Permission.PUBLIC)
def rows(resource: str) -> ResponseReturnValue:
    """A page of a list, as far as the reader may see it."""
    wanted = RESOURCES[resource]
    question = read_question(request.args, wanted.filters, wanted.forms)
    form = answers.form_of(question, wanted.forms)
    if wanted.read is not None and form in ROWS:
        with reading() as session:
            found = wanted.read(session, caller(), question.filters, (question.offset, question.limit))
            let_be_kept(session)
        return answers.as_rows(resource, question, found, form)
    answers.refuse_pages(question, form)
    answers.require_one(question, wanted.file_of, form)
    with reading() as session:
        file = wanted.write(session, caller().viewer, question.filters, form)
        let_be_kept(session)
    return answers.as_whole(file, form)


@blueprint.get("/pictures/<int(max=2147483647):picture_id>")
@requires(Permission.PUBLIC)
def picture(picture_id: int) -> ResponseReturnValue:
    """A signed situation picture, less what was meant for narrower circles than the reader's."""
    with reading() as session:
        found = pictures.find_open(session, caller(), picture_id)
        let_be_kept(session)
    return Response(as_json(found), mimetype="application/json")
