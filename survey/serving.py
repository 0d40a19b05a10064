"""The application as the web server runs it: several requests at once in one process."""

import os
import sys
from threading import Lock

from flask import Flask, request

from survey import create_app
from survey.config import Settings

# Before numpy is loaded, here and in what is started from here: threads for small matrices take the
# processor from residents, several times over where it is busy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# After each look at the database or the network a request waits for its turn to compute. Beside one that
# computes for long every turn is as long as the interpreter lets it be, and a page needs many. Short turns
# for everybody at all times would cost residents, who compute for a moment only, a fifth of their speed.
SHORT_TURN = 0.0005  # seconds
QUICK_ROOM = "resident"
TAKES_LONG = "survey.takes_long"  # mark of a request that is counted


class Turns:
    """Short turns to compute as long as somebody makes a page that is not a resident's."""

    def __init__(self) -> None:
        self._usual = sys.getswitchinterval()
        self._long_pages = 0
        self._lock = Lock()

    def watch(self, app: Flask) -> None:
        """Follow every request that has been let in, until it ends."""
        app.before_request(self._begin)
        app.teardown_request(self._end)

    def _begin(self) -> None:
        if request.blueprint not in (QUICK_ROOM, None):
            request.environ[TAKES_LONG] = True
            self._count(1)

    def _end(self, _error: BaseException | None) -> None:
        if request.environ.pop(TAKES_LONG, False):
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._long_pages += change
            sys.setswitchinterval(SHORT_TURN if self._long_pages else self._usual)


def served() -> Flask:
    """The application, in a process where nobody computes for long while others wait."""
    app = create_app()
    Turns().watch(app)
    settings: Settings = app.extensions["settings"]
    if missing := settings.missing_facts():
        app.logger.warning(
            "%s saknas: sidorna om personuppgifter och tillgänglighet säger inte vem som ansvarar.",
            ", ".join(missing),
        )
    return app
