"""As whom somebody reads results and what stands beside them, and how fast everybody may."""

import time

from flask import Response, after_this_request, current_app, request
from werkzeug.exceptions import TooManyRequests

from survey import clock
from survey.access import current_staff
from survey.database import transaction
from survey.followup.audiences import audience_of
from survey.models.source import SourceAudience
from survey.pace import Pace, book, forget_past, key_of, network_of
from survey.publication.embargo import Reader, reader_of

OF_NETWORK = Pace(300, 0.5)


def own_reader() -> Reader:
    """Whoever is logged in, now; nobody in particular reads what everybody may read."""
    staff = current_staff()
    return reader_of(staff.role if staff else "", clock.now())


def own_audience() -> SourceAudience:
    """As which audience whoever is logged in reads other sources and events."""
    staff = current_staff()
    return audience_of(staff.role if staff else "")


def keep_pace_of_network() -> None:
    """What everybody may read is read at the pace of a network: a school class at once, then slower."""
    secret, now = str(current_app.config["SECRET_KEY"]), time.time()
    with transaction() as session:
        key = key_of(secret, f"results network {network_of(request.remote_addr)}")
        let_through = book(session, key, OF_NETWORK, now)
        if let_through:
            forget_past(session, now)
    if not let_through:
        after_this_request(_tell_when_again)
        raise TooManyRequests


def _tell_when_again(response: Response) -> Response:
    response.headers["Retry-After"] = str(max(1, round(OF_NETWORK.seconds)))
    return response
