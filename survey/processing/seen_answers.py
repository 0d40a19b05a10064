"""What pages that are often looked at need of all answers: read anew when some have come or gone.

After the close answers can only be taken back, which takes their row away. A release reads every answer.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from survey.models.response import Response
from survey.processing.answers import count_answered
from survey.processing.sources import answers_sha256

REMAINDER = 1_000_003  # of the ids, which are random: their sum would be too large a number
_SEEN: WeakKeyDictionary[Engine, dict[Hashable, tuple[Any, Any]]] = WeakKeyDictionary()
Read = TypeVar("Read")


def seen_sha256(session: Session, wave_code: str, municipalities: Iterable[str]) -> str:
    """As `answers_sha256`, as long as the same responses are there."""
    wanted = frozenset(municipalities)
    return _seen(session, wave_code, wanted, lambda: answers_sha256(session, wave_code, wanted))


def seen_answered(session: Session, wave_code: str) -> Counter[tuple[str, str]]:
    """As `count_answered`, as long as the same responses are there."""
    return _seen(session, wave_code, "answered", lambda: count_answered(session, wave_code))


def _seen(session: Session, wave_code: str, what: Hashable, read: Callable[[], Read]) -> Read:
    there = session.execute(
        select(func.count(), func.sum(Response.id % REMAINDER)).where(
            Response.wave_code == wave_code, Response.submitted_on.is_not(None)
        )
    ).one()
    seen = _SEEN.setdefault(session.connection().engine, {})
    before, found = seen.get((wave_code, what), (None, None))
    if found is None or before != there:
        found = read()
        seen[wave_code, what] = there, found
    return found  # type: ignore[no-any-return]
