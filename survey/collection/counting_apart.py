"""Counts the fieldwork in a process of its own, which lets everybody else go first (`going_last`)."""

from datetime import date
from multiprocessing.connection import Connection

from survey.collection.fieldwork import follow
from survey.config import Settings
from survey.database import Databases


def count(answer: Connection, settings: Settings, wave_code: str, today: date) -> None:
    """Send how the fieldwork stands; whatever goes wrong ends the process, and no answer comes."""
    with Databases.connect(settings).reading() as session:
        answer.send(follow(session, wave_code, today))
