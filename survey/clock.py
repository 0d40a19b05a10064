"""What day it is where the survey takes place."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")


def today() -> date:
    """The date in Sweden: a wave opens and closes at midnight there, wherever the server stands."""
    return datetime.now(SWEDEN).date()


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def utc(moment: datetime) -> datetime:
    """A stored moment with its zone; SQLite keeps no time zone, and what it keeps is UTC."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def local(moment: datetime) -> datetime:
    """A stored moment by the clocks in Sweden."""
    return utc(moment).astimezone(SWEDEN)
