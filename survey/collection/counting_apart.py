"""Counts the fieldwork in a process of its own, which lets everybody else go first."""

import os
from datetime import date
from multiprocessing.connection import Connection

from survey.collection.fieldwork import follow
from survey.config import Settings
from survey.database import Databases

LAST = 19  # of the priorities a process can give itself


def count(answer: Connection, settings: Settings, wave_code: str, today: date) -> None:
    """Send how the fieldwork stands; whatever goes wrong ends the process, and no answer comes."""
    os.nice(LAST)
    with Databases.connect(settings).reading() as session:
        answer.send(follow(session, wave_code, today))
