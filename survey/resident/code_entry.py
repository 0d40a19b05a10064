"""A code typed on a page: tried at the pace that is allowed, and only then acted upon."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

from survey.collection import attempts
from survey.collection.responses import TooManyTries
from survey.database import reading, transaction
from survey.errors import UserError

CODE_AT_MOST = 100
Done = TypeVar("Done")


def typed_code() -> str:
    """What stands in the code field, as far as it can be a code."""
    return request.form.get("code", "")[:CODE_AT_MOST].replace("\0", "")


def with_code(find: Callable[[Any, str], int], act: Callable[[Any, int], Done]) -> Done:
    """Find the case by the typed code and act on it in a transaction of its own.

    The slow comparison of the secret runs between two transactions, so that nobody's writing waits for it.
    """
    typed, secret = typed_code(), str(current_app.config["SECRET_KEY"])
    with transaction() as open_session:
        attempt = attempts.begin_attempt(open_session, typed, request.remote_addr, secret, time.time())
    if attempt is None:
        raise TooManyTries
    with reading() as open_session:
        case_id = find(open_session, typed)
    with transaction() as open_session:
        attempts.succeed(open_session, attempt)
        return act(open_session, case_id)


def status_of(error: UserError) -> int:
    """The status of a page that shows why a code was not taken."""
    return 429 if isinstance(error, TooManyTries) else 422
