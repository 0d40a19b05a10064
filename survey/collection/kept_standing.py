"""The fieldwork as it stood a moment ago, where counting it takes long: residents need the processor more.

A large wave is counted in a process of its own. What was counted last is shown meanwhile, and who comes first
is asked to come again.
"""

import logging
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime
from multiprocessing import get_context
from threading import Lock, Thread

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import clock
from survey.collection.counting_apart import count
from survey.collection.fieldwork import Standing, follow
from survey.config import Settings
from survey.errors import UserError
from survey.models.case import Case

LOG = logging.getLogger(__name__)

LARGE = 5000  # cases; fewer are counted at once, for everybody who looks
KEPT_FOR = 300.0  # seconds until it is counted anew
SHOWN_FOR = 600.0  # seconds that it is shown while it is counted anew
WAITED_FOR = 1.0  # seconds that somebody waits when there is nothing to show
LONGEST = 600.0  # seconds of a count, which takes what is left of a busy processor
NOT_COUNTED = (
    "Fältarbetet gick inte att räkna just nu. Svaren påverkas inte. Öppna sidan igen om en stund. "
    "Händer det flera gånger, hör av dig till den som driver tjänsten: orsaken står i loggen."
)


class StillCounting(Exception):
    """There is nothing to show yet."""


class NotCounted(UserError):
    """The count failed, and there is nothing to show."""


@dataclass(frozen=True, eq=False)
class Counted:
    """How the fieldwork stood when it was counted."""

    standing: Standing
    at: datetime
    day: date
    since: float = field(default_factory=time.monotonic)

    def is_younger(self, seconds: float, today: date) -> bool:
        return self.day == today and time.monotonic() - self.since < seconds


@dataclass
class _Wave:
    """A wave in this process: what was counted last, and the count that is under way."""

    last: Counted | None = None
    coming: Future[Counted] | None = None


_WAVES: dict[tuple[str, str], _Wave] = {}
_LOCK = Lock()
# Children come from a process with a single thread that goes last, has loaded what they need, and ends with
# this one.
_APART = get_context("forkserver")
_APART.set_forkserver_preload(["survey.collection.going_last", count.__module__])


def follow_lately(session: Session, settings: Settings, wave_code: str, today: date) -> Counted:
    """The fieldwork of a wave; of a large one as it was counted last, at most ten minutes ago.

    Raises:
        StillCounting: it is counted for the first time, or the first time in long.
        NotCounted: that did not work.
    """
    if not _is_large(session, wave_code):
        return Counted(follow(session, wave_code, today), clock.now(), today)
    with _LOCK:
        wave = _WAVES.setdefault((settings.survey_database, wave_code), _Wave())
        last = wave.last
        if last is not None and last.is_younger(KEPT_FOR, today):
            return last
        coming = wave.coming = wave.coming or _begin(wave, settings, wave_code, today)
    if last is not None and last.is_younger(SHOWN_FOR, today):
        return last
    try:
        return coming.result(WAITED_FOR)
    except TimeoutError:
        raise StillCounting from None


def _is_large(session: Session, wave_code: str) -> bool:
    cases = select(Case.id).where(Case.wave_code == wave_code)
    return session.scalar(cases.offset(LARGE).limit(1)) is not None


def _begin(wave: _Wave, settings: Settings, wave_code: str, today: date) -> Future[Counted]:
    """Count; a thread waits for it."""
    coming: Future[Counted] = Future()

    def wait() -> None:
        try:
            counted = _count_apart(settings, wave_code, today)
        except Exception:
            LOG.exception("the fieldwork of %s could not be counted", wave_code)
            with _LOCK:
                wave.coming = None
            coming.set_exception(NotCounted(NOT_COUNTED))
        else:
            with _LOCK:
                wave.last, wave.coming = counted, None
            coming.set_result(counted)

    Thread(target=wait, name="fieldwork", daemon=True).start()
    return coming


def _count_apart(settings: Settings, wave_code: str, today: date) -> Counted:
    began = clock.now()
    here, there = _APART.Pipe(duplex=False)
    child = _APART.Process(target=count, args=(there, settings, wave_code, today), daemon=True)
    child.start()
    there.close()  # the child alone holds its end, so that its end is noticed here
    try:
        if not here.poll(LONGEST):
            raise TimeoutError(f"no count within {LONGEST} seconds")
        return Counted(here.recv(), began, today)  # EOFError when the child ended without one
    finally:
        child.kill()
        child.join()
        here.close()
