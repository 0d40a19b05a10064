"""What people write in their own words, kept apart from their coded answers from the first page on.

A text knows its answer only as long as that can be taken back, and goes with it; when the links are destroyed
the texts are parted from the answers, and those that were never handed in are gone.
"""

import secrets
from collections.abc import Collection, Mapping
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from survey.models.free_text import FreeText, TextState
from survey.models.wave import Stratum
from survey.prepared import Prepared, Statements

_texts = cast(Table, FreeText.__table__)
_of_response = _texts.c.response_id == bindparam("of_response")
_WRITTEN = Prepared(select(_texts.c.question_id, _texts.c.text).where(_of_response))
_TAKE_AWAY = Prepared(delete(_texts).where(_of_response, _texts.c.question_id == bindparam("question")))
_ADD = Prepared(insert(_texts))
_HAND_IN = Prepared(
    update(_texts)
    .where(_of_response)
    .values(
        municipality_code=select(Stratum.municipality_code)
        .where(Stratum.wave_code == bindparam("of_wave"), Stratum.area_code == bindparam("of_area"))
        .scalar_subquery()
    )
)


def keep(session: Statements, response_id: int, wave_code: str, texts: Mapping[str, str]) -> None:
    """Put what was written in the place of what these questions held before; nothing where it is empty."""
    for question_id, text in texts.items():
        _TAKE_AWAY.change(session, of_response=response_id, question=question_id)
        if text:
            _ADD.change(
                session,
                # A random id, so that neither order nor number ties a text to an answer.
                id=secrets.randbits(63),
                wave_code=wave_code,
                question_id=question_id,
                response_id=response_id,
                municipality_code=None,
                text=text,
                state=TextState.WAITING.value,
            )


def written(session: Statements, response_id: int) -> dict[str, str]:
    """What has been written so far, by question."""
    return {row.question_id: row.text for row in _WRITTEN.all(session, of_response=response_id)}


def hand_in(
    session: Statements, response_id: int, wave_code: str, area_code: str, asked: Collection[str]
) -> None:
    """Keep what was written to the questions that were asked, as that of somebody in the municipality."""
    for question_id in written(session, response_id).keys() - set(asked):
        _TAKE_AWAY.change(session, of_response=response_id, question=question_id)
    _HAND_IN.change(session, of_response=response_id, of_wave=wave_code, of_area=area_code)


def any_written(session: Session, wave_code: str) -> bool:
    """Whether anybody in a wave has written anything."""
    return session.scalar(select(_texts.c.id).where(_texts.c.wave_code == wave_code).limit(1)) is not None


def part_from_answers(session: Session, wave_code: str) -> int:
    """Forget which answer each text came with; how many there were."""
    session.execute(
        delete(_texts).where(_texts.c.wave_code == wave_code, _texts.c.municipality_code.is_(None))
    )
    tied = (_texts.c.wave_code == wave_code) & _texts.c.response_id.is_not(None)
    return _count(session, update(_texts).where(tied).values(response_id=None))


def forget_all(session: Session, wave_code: str) -> int:
    """Destroy every text of a wave, and what was passed of it; how many there were."""
    return _count(session, delete(_texts).where(_texts.c.wave_code == wave_code))


def _count(session: Session, statement: Executable) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
