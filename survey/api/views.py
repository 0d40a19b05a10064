"""The addresses: every list, and the document that describes them."""

import orjson
from flask import Response, request
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.api import answers
from survey.api.openapi import document
from survey.api.parameters import read_question
from survey.api.resources import RESOURCES
from survey.api.room import blueprint, let_be_kept, viewer
from survey.database import reading
from survey.permissions import Permission
from survey.publication.formats import files


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
    if form in files.FORMS or wanted.read is None:
        answers.refuse_pages(question, form)
        with reading() as session:
            file = files.write_file(session, viewer(), question.filters, form)
            let_be_kept(session)
        return answers.as_whole(file, form)
    with reading() as session:
        found = wanted.read(session, viewer(), question.filters, (question.offset, question.limit))
        let_be_kept(session)
    return answers.as_rows(resource, question, found, form)
