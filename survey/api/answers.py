"""An extract in the form that is asked for."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

import orjson
from flask import Response, request, url_for
from werkzeug.exceptions import NotAcceptable

from survey.api.parameters import Clash, Question
from survey.notice import NOTICE
from survey.publication.downloads.tables import Download, cell
from survey.publication.extract_columns import Value
from survey.publication.extracts import Extract
from survey.publication.formats import files

MIMETYPES = {"json": "application/json", "csv": "text/csv", **files.MIMETYPES}


def form_of(question: Question, forms: Sequence[str]) -> str:
    """The form that the address names, else the one that the header Accept likes best."""
    if question.form:
        return question.form
    by_type = {MIMETYPES[form]: form for form in forms}
    if not request.accept_mimetypes:
        return forms[0]
    best = request.accept_mimetypes.best_match(by_type)
    if best is None:
        raise NotAcceptable
    return by_type[best]


def as_rows(resource: str, question: Question, extract: Extract, form: str) -> Response:
    """A page of rows, with the address of the next one."""
    following = _next(resource, question, extract)
    content = _csv(extract) if form == "csv" else _json(question, extract, following)
    response = Response(content, mimetype=MIMETYPES[form])
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def refuse_pages(question: Question, form: str) -> None:
    """A file holds everything the question finds."""
    if question.paged:
        raise Clash(f"limit och offset går inte att ange med formen {form}: den har alla tal.")


def require_one(question: Question, name: str, form: str) -> None:
    """A file is about one of what the filter names."""
    if name and len(question.filters.get(name, ())) != 1:
        raise Clash(f"{name}: ange en. Formen {form} har en åt gången.")


def as_whole(file: Download, form: str) -> Response:
    response = Response(file.content, mimetype=MIMETYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{file.file_name}"'
    return response


def _json(question: Question, extract: Extract, following: str | None) -> bytes:
    told = {
        "notice": NOTICE if extract.synthetic else None,
        "total": extract.total,
        "limit": question.limit,
        "offset": question.offset,
        "next": following,
        "releases": [
            {
                "wave": one.code,
                "version": one.version,
                "released_on": one.released_on,
                "synthetic": one.synthetic,
            }
            for one in extract.releases
        ],
        "rows": [dict(zip(extract.columns, row, strict=True)) for row in extract.rows],
    }
    return orjson.dumps(told)


def _csv(extract: Extract) -> bytes:
    """As the downloads are: missing is empty, and the first field says when answers are simulated."""
    first = {"notice": NOTICE} if extract.synthetic else {}
    target = StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([*first, *extract.columns])
    for row in extract.rows:
        writer.writerow([*first.values(), *map(_plain, row)])
    return target.getvalue().encode("utf-8")


def _plain(value: Value) -> str:
    return cell(int(value) if isinstance(value, bool) else value)


def _next(resource: str, question: Question, extract: Extract) -> str | None:
    end = question.offset + len(extract.rows)
    if end >= extract.total or not extract.rows:
        return None
    asked: dict[str, Any] = {name: ",".join(values) for name, values in question.filters.items()}
    if question.form:
        asked["format"] = question.form
    return url_for("api.rows", resource=resource, **asked, limit=question.limit, offset=end)
