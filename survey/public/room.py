"""What the public pages share: whole languages only, pages light and kept for a short while."""

from typing import Any

from flask import Blueprint, Response, g, request

from survey import clock, headers, languages
from survey.public.kept_pages import pack
from survey.publication.embargo import Reader, next_opening, reader_of
from survey.readers import keep_pace_of_network
from survey.translation import current_language

blueprint = Blueprint("public", __name__)

# A correction is seen by everybody within so long.
KEPT_AT_MOST = 60
RESULTS = "/resultat/"


@blueprint.before_request
def keep_to_whole_languages() -> None:
    """A page half in another language reads badly aloud: a draft, or one with gaps, gives way to Swedish."""
    if not languages.is_offered(current_language()):
        g.language = languages.SOURCE


@blueprint.before_request
def keep_pace() -> None:
    if request.path.startswith(RESULTS):
        keep_pace_of_network()


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {"offered_languages": lambda _synthetic=True: languages.offered()}


@blueprint.after_request
def make_light(response: Response) -> Response:
    """Answer "not changed" where that is so, and pack what is sent: no page here holds a secret."""
    response.direct_passthrough = False
    response.vary.update(("Cookie", "Accept-Encoding"))
    if response.status_code == 200:
        body = response.get_data()
        response.add_etag(weak=True)
        response.make_conditional(request)
        if response.status_code == 200 and request.accept_encodings["gzip"] > 0:
            response.set_data(pack(body))
            response.headers["Content-Encoding"] = "gzip"
    return response


def everybody() -> Reader:
    """Nobody in particular, now; who is logged in reads here what everybody reads."""
    return reader_of("", clock.now())


def let_be_kept(session: Any, reader: Reader) -> None:
    """Let the page be shown again for a short while, never past the moment when something opens."""
    opening = next_opening(session, reader)
    longest = (
        KEPT_AT_MOST if opening is None else min(KEPT_AT_MOST, int((opening - reader.now).total_seconds()))
    )
    headers.let_be_kept(longest)
