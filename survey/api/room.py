"""What every answer under /api/v1 has: a reader by its token, a pace, an ETag, errors as JSON."""

import sys
import time
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from survey import clock, error_pages, headers
from survey.api.parameters import BadQuestion, Clash
from survey.database import transaction
from survey.errors import UserError
from survey.followup.feeds.callers import PUBLIC, Caller, caller_of
from survey.preparation import api_tokens
from survey.preparation.api_tokens import TooManyRequests, UnknownToken
from survey.publication.embargo import next_opening
from survey.publication.formats.cube import TooManyCells
from survey.publication.releases import NotReleased
from survey.publication.requested_tables import TableWithdrawn

PREFIX = "/api/"
PROBLEM = "application/problem+json"
KEPT_AT_MOST = 60  # seconds; a correction is seen by everybody within so long
STATUS: dict[type[UserError], int] = {
    BadQuestion: 400,
    UnknownToken: 401,
    TableWithdrawn: 410,
    NotReleased: 404,
    TooManyRequests: 429,
    Clash: 409,
    TooManyCells: 409,
}
TITLES = {
    400: "Frågan går inte att besvara",
    401: "Nyckeln gäller inte",
    403: "Det här får nyckeln inte läsa",
    404: "Det finns inte, eller inte än",
    405: "Här går det bara att läsa, med GET",
    406: "Svaret finns inte i den formen",
    409: "Uppgifterna i frågan går inte ihop",
    410: "Det gäller inte längre",
    413: "Det som skickades är för stort",
    429: "För många frågor på kort tid",
    500: "Något gick fel hos oss",
}
# What everybody may read may be fetched by anybody's page. A token is for servers: no other site's page may
# send one, nor read what it gives.
FROM_ANY_PAGE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
    "Access-Control-Max-Age": "86400",
}
ADVICE = {
    404: "Kontrollera adressen. Vad som finns står i /api/v1/openapi.json.",
    405: "Fråga med GET.",
    500: "Vänta en stund och fråga igen.",
}

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.record_once(lambda state: error_pages.tell_otherwise(state.app, PREFIX, problem))


@blueprint.before_request
def recognise() -> None:
    """Find out who reads, at the pace of its token or network; no cookie counts here."""
    today, secret = clock.today(), _bearer()
    with transaction() as session:
        token = None if secret is None else api_tokens.find(session, secret, today)
        key = str(current_app.config["SECRET_KEY"])
        api_tokens.begin_request(session, token.id if token else None, request.remote_addr, key, time.time())
        if token is not None and token.last_used_on != today:
            token.last_used_on = today
        scope, code = (token.scope, token.code) if token else (PUBLIC, None)
        g.caller, g.with_token = caller_of(session, scope, code, clock.now()), secret is not None


@blueprint.after_request
def make_conditional(response: Response) -> Response:
    """Answer "not changed" where that is so; the answer depends on who asks and in which form."""
    response.vary.update(("Accept", "Authorization"))
    if "Authorization" not in request.headers:
        response.headers.extend(FROM_ANY_PAGE)
    if response.status_code == 200:
        response.add_etag()
        response.make_conditional(request)
    return response


def caller() -> Caller:
    """Who reads."""
    found: Caller = g.caller
    return found


def let_be_kept(session: Any) -> None:
    """What everybody may read may be kept for a while, never past the moment when something opens."""
    if g.with_token:
        headers.let_be_asked_again()
        return
    reader = caller().reader
    opening = next_opening(session, reader)
    left = KEPT_AT_MOST if opening is None else int((opening - reader.now).total_seconds())
    headers.let_be_kept(min(KEPT_AT_MOST, left))


def problem(error: Exception) -> ResponseReturnValue:
    """What went wrong, as RFC 9457 has it."""
    if isinstance(error, HTTPException):
        if error.response is not None and (error.code or 500) < 400:
            return error.response  # the router's redirects are exceptions too
        status = error.code or 500
        detail = ADVICE.get(status, TITLES.get(status, str(error.description)))
    elif isinstance(error, UserError):
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 409)
        detail = str(error)
    else:
        current_app.log_exception(sys.exc_info())
        status, detail = 500, ADVICE[500]
    told = {"type": "about:blank", "title": TITLES.get(status, ""), "status": status, "detail": detail}
    response = Response(orjson.dumps(told), status, mimetype=PROBLEM)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="trygg"'
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(max(1, round(error.wait)))
    if isinstance(error, HTTPException) and status == 405:
        response.headers["Allow"] = "GET, HEAD, OPTIONS"
    return response


def _bearer() -> str | None:
    """The token of the request; none is shown by who reads what everybody may."""
    if "Authorization" not in request.headers:
        return None
    kind, _, secret = request.headers["Authorization"].partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise UnknownToken
    return secret.strip()
