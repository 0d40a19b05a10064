"""Whether the page at hand must say that answers are simulated."""

from flask import Flask, request

from survey.database import databases
from survey.notice import NOTICE
from survey.preparation import waves
from survey.translation import DRAFTS, STAFF_ROOMS


def init_app(app: Flask) -> None:
    """Give templates the warning; a page about one wave overrides it with that wave's own flag."""
    app.extensions[DRAFTS] = only_simulated_waves
    app.context_processor(lambda: {"has_simulated_waves": has_simulated_waves, "simulation_banner": NOTICE})


def has_simulated_waves() -> bool:
    """For residents, whether an open wave is simulated; for staff, whether any wave is."""
    with databases().look() as connection:
        return waves.any_simulated(connection, only_open=request.blueprint not in STAFF_ROOMS)


def only_simulated_waves() -> bool:
    """Whether every wave open now is simulated, so that translations nobody has reviewed can do no harm."""
    with databases().look() as connection:
        return waves.only_simulated_open(connection)
