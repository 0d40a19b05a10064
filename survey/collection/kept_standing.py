"""The fieldwork as it stood a moment ago, where counting it takes long: residents need the processor more."""

import time
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from sqlalchemy.orm import Session

from survey import clock
from survey.collection.fieldwork import Standing, follow

LONG = 0.3  # seconds of work; what takes less is counted anew for everybody who looks
KEPT_FOR = 60.0  # seconds
KEPT_AT_MOST = 20  # waves


@dataclass(frozen=True)
class Counted:
    """How the fieldwork stood when it was counted."""

    standing: Standing
    at: datetime
    took: float
    since: float

    @property
    def holds(self) -> bool:
        return self.took >= LONG and time.monotonic() - self.since < KEPT_FOR


_KEPT: dict[tuple[str, str, date], Counted] = {}
_COUNTING = Lock()


def follow_lately(session: Session, wave_code: str, today: date) -> Counted:
    """The fieldwork of a wave, at most a minute old; one in a process counts, the others wait for it."""
    key = str(session.connection().engine.url), wave_code, today
    with _COUNTING:
        found = _KEPT.get(key)
        if found is None or not found.holds:
            began, at = time.monotonic(), clock.now()
            standing = follow(session, wave_code, today)
            found = Counted(standing, at, time.monotonic() - began, time.monotonic())
            if len(_KEPT) >= KEPT_AT_MOST:
                _KEPT.clear()
            _KEPT[key] = found
    return found
