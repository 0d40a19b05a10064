"""The application as the web server runs it: several requests at once in one process."""

import sys

from flask import Flask

from survey import create_app
from survey.config import Settings

# After each look at the database or the network a request waits for its turn to compute. Beside one that
# computes for seconds, as the page of the fieldwork does, every turn is this long, and a page needs many.
LONGEST_TURN = 0.0005  # seconds


def served() -> Flask:
    """The application, in a process where nobody computes for long while others wait."""
    sys.setswitchinterval(LONGEST_TURN)
    app = create_app()
    settings: Settings = app.extensions["settings"]
    if missing := settings.missing_facts():
        app.logger.warning(
            "%s saknas: sidorna om personuppgifter och tillgänglighet säger inte vem som ansvarar.",
            ", ".join(missing),
        )
    return app
