"""Lets some invented residents answer through the real pages of a real server on this machine."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from werkzeug.serving import WSGIRequestHandler, make_server

from survey import create_app
from survey.collection import invitations
from survey.config import Settings
from survey.database import Databases
from survey.demo.browser import Browser, Page
from survey.demo.fieldwork import Respondent
from survey.progress import Progress

RECEIPT = "/tack"
_PAGES_AT_MOST = 30


@dataclass
class Calendar:
    """The day it is for the server: the days of a wave that is over can be lived again."""

    day: date

    def __call__(self) -> date:
        return self.day


def hand_in_by_browser(
    databases: Databases, settings: Settings, people: Sequence[Respondent], progress: Progress | None = None
) -> int:
    """Give each person a code, and answer page by page in a browser each; the number handed in."""
    if not people:
        return 0
    first_day = min(person.day for person in people)
    with databases.transaction() as session:
        issued = invitations.issue(session, [person.case_id for person in people], first_day, progress)
    calendar = Calendar(first_day)
    with running_server(settings, calendar) as address:
        for done, (person, credentials) in enumerate(zip(people, issued, strict=True), start=1):
            calendar.day = person.day
            answer_in_browser(address, str(credentials.code), person.language, person.answers)
            if progress is not None:
                progress("svar i webbläsare", done, len(people))
    return len(people)


@contextmanager
def running_server(settings: Settings, calendar: Calendar | None = None) -> Iterator[str]:
    """The web application on a free port of this machine, in a thread; its address."""
    app = create_app(settings)
    if calendar is not None:
        app.extensions["clock"] = calendar
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["databases"].dispose()


def answer_in_browser(address: str, code: str, language: str, answers: Mapping[str, str]) -> Page:
    """Type the code, choose a language, fill in page after page and hand in; the receipt."""
    browser = Browser(address)
    page = browser.open(f"/?language={language}")
    page = browser.submit(page, page.main_form(), {"code": code})
    for _ in range(_PAGES_AT_MOST):
        if page.path == RECEIPT:
            return page
        page = browser.submit(page, page.main_form(), answers)
    raise RuntimeError(f"no receipt after {_PAGES_AT_MOST} pages; the last was {page.path}")


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: addresses do not belong on the screen."""
