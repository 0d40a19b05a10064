"""What day it is where the survey takes place."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def today() -> date:
    """The date in Sweden: a wave opens and closes at midnight there, wherever the server stands."""
    return datetime.now(ZoneInfo("Europe/Stockholm")).date()
