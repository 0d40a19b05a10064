"""Pages for what goes wrong: they say what happened and what to do, in the reader's language."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from errno import ENOSPC
from typing import Any

from flask import Flask, current_app, render_template, request, url_for
from flask.sansio.app import App
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from survey import unsaved
from survey.errors import TooLarge, UserError
from survey.receiving import ReceivingRequest
from survey.translation import STAFF_ROOMS, gettext

Tell = Callable[[Any], ResponseReturnValue]


@dataclass(frozen=True)
class Explanation:
    """A heading and what to do, as Swedish texts to translate."""

    title: str
    advice: str


EXPLANATIONS = {
    400: Explanation("Sidan kunde inte läsa det som skickades", "Gå tillbaka och försök igen."),
    403: Explanation(
        "Du har inte tillgång till den här sidan",
        "Kontrollera att du är inloggad med rätt konto. "
        "Behöver du tillgång? Hör av dig till den som bjöd in dig.",
    ),
    404: Explanation(
        "Sidan finns inte", "Kontrollera adressen. Har du fått ett brev? Börja på första sidan med din kod."
    ),
    405: Explanation("Så kan sidan inte öppnas", "Gå till första sidan och börja därifrån."),
    413: Explanation(
        "Det som skickades var för stort", "Ingenting har sparats av det. Gå tillbaka och försök igen."
    ),
    429: Explanation("Det blev många försök på kort tid", "Vänta en minut och försök igen."),
    500: Explanation(
        "Något gick fel hos oss", "Det du redan har sparat finns kvar. Vänta en stund och försök igen."
    ),
}
TOKEN = Explanation(
    "Sidan hade varit öppen för länge",
    "Ingenting har gått förlorat av det som redan var sparat. Försök igen.",
)
DISK_FULL = "53100"  # of PostgreSQL


class Service(Flask):
    """The web application; its log names what failed by the rule of the address.

    The address itself may hold the secret of a letter or an activation.
    """

    request_class = ReceivingRequest

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """None of ours is a coroutine, which is otherwise asked of a dozen functions for each page."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error("failure at %s %s", request.method, request.url_rule, exc_info=exc_info)


def init_app(app: Flask) -> None:
    """Answer every failure with a page; the last resort is a page too."""
    app.jinja_env.globals["problems_of"] = problems_of
    app.register_error_handler(CSRFError, _told(token_page))
    app.register_error_handler(HTTPException, _told(http_page))
    app.register_error_handler(UserError, _told(user_page))
    app.register_error_handler(Exception, _told(failure_page))


def tell_otherwise(app: App, prefix: str, tell: Tell) -> None:
    """Let a room tell by itself what went wrong under its addresses, those that lead nowhere included."""
    app.extensions.setdefault("told otherwise", {})[prefix] = tell


def _told(page: Tell) -> Tell:
    def answer(error: Any) -> ResponseReturnValue:
        for prefix, tell in current_app.extensions.get("told otherwise", {}).items():
            if request.path.startswith(prefix):
                told: ResponseReturnValue = tell(error)
                return told
        return page(error)

    return answer


def problems_of(form: FlaskForm) -> list[tuple[str, str]]:
    """Every field of a form to put right with what to do, for the summary above it."""
    return [(name or "", gettext(str(texts[0]))) for name, texts in form.errors.items() if texts]


def http_page(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if isinstance(error, SecurityError):
        # The name of the server is not ours: no address can be made from it.
        return _render_alone(EXPLANATIONS[404], status)
    if status < 400 and error.response is not None:
        return error.response  # the router's redirects are exceptions too
    page = EXPLANATIONS.get(status) or EXPLANATIONS[400 if status < 500 else 500]
    return _render(page, status)


def token_page(_error: CSRFError) -> ResponseReturnValue:
    if texts := unsaved.written_texts():
        return unsaved.page(unsaved.OTHER_LOGIN, texts, url_for("login.login")), 400
    return _render(TOKEN, 400)


def user_page(error: UserError) -> ResponseReturnValue:
    """What a stage refused, in its own words."""
    return render_template("errors/message.html", message=str(error)), 413 if isinstance(
        error, TooLarge
    ) else 409


def failure_page(error: Exception) -> ResponseReturnValue:
    current_app.log_exception(sys.exc_info())
    try:
        # Who works here can tell somebody; a resident can only come back.
        if _disk_is_full(error) and request.blueprint in STAFF_ROOMS:
            return render_template("login/full_disk.html"), 507
        return _render(EXPLANATIONS[500], 500)
    except Exception:
        # The page itself asks the database who is reading: without a database there is still an answer.
        current_app.logger.exception("no page for the failure")
        return _render_alone(EXPLANATIONS[500], 500)


def _disk_is_full(error: Exception) -> bool:
    """Of files the system says so, of PostgreSQL its code, of SQLite its words."""
    if isinstance(error, OSError):
        return error.errno == ENOSPC
    told = getattr(error, "orig", error)
    return getattr(told, "sqlstate", None) == DISK_FULL or "disk is full" in str(told)


def _render_alone(page: Explanation, status: int) -> ResponseReturnValue:
    """A page that needs neither the database nor an address."""
    return render_template("errors/last_resort.html", page=page), status


def _render(page: Explanation, status: int) -> ResponseReturnValue:
    return render_template("errors/error.html", page=page), status
