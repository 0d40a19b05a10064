"""Whether the page at hand must say that answers are simulated."""

from flask import Flask, request
from sqlalchemy import select

from survey.database import reading
from survey.models.wave import Wave, WaveStatus
from survey.translation import STAFF_ROOMS

BANNER = "SIMULERADE SVAR – INGET RESULTAT"


def init_app(app: Flask) -> None:
    """Give templates the warning; a page about one wave overrides it with that wave's own flag."""
    app.context_processor(lambda: {"has_simulated_waves": has_simulated_waves, "simulation_banner": BANNER})


def has_simulated_waves() -> bool:
    """For residents, whether an open wave is simulated; for staff, whether any wave is."""
    wanted = select(Wave.code).where(Wave.synthetic)
    if request.blueprint not in STAFF_ROOMS:
        wanted = wanted.where(Wave.status == WaveStatus.OPEN.value)
    with reading() as session:
        return session.scalar(wanted.limit(1)) is not None
