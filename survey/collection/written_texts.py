"""What people write in their own words, kept apart from their coded answers from the first page on.

A text knows its answer only as long as that can be taken back, and goes with it; when the links are destroyed
the texts are parted from the answers, and those that were never handed in are gone.
"""

import secrets
from collections.abc import Collection, Mapping
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, Table, delete, insert, select, update
from sqlalchemy.orm import Session

from survey.database import Statements
from survey.models.free_text import FreeText
from survey.models.wave import Stratum

_texts = cast(Table, FreeText.__table__)


def keep(session: Statements, response_id: int, wave_code: str, texts: Mapping[str, str]) -> None:
    """Put what was written in the place of what these questions held before; nothing where it is empty."""
    if not texts:
        return
    session.execute(
        delete(_texts).where(_texts.c.response_id == response_id, _texts.c.question_id.in_(texts))
    )
    rows = [
        {
            # A random id, so that neither order nor number ties a text to an answer.
            "id": secrets.randbits(63),
            "wave_code": wave_code,
            "question_id": question_id,
            "response_id": response_id,
            "text": text,
            "state": "waiting",
        }
        for question_id, text in texts.items()
        if text
    ]
    if rows:
        session.execute(insert(_texts), rows)


def written(session: Statements, response_id: int) -> dict[str, str]:
    """What has been written so far, by question."""
    found = session.execute(
        select(_texts.c.question_id, _texts.c.text).where(_texts.c.response_id == response_id)
    )
    return {question_id: text for question_id, text in found}


def hand_in(
    session: Statements, response_id: int, wave_code: str, area_code: str, asked: Collection[str]
) -> None:
    """Keep what was written to the questions that were asked, as that of somebody in the municipality."""
    own = _texts.c.response_id == response_id
    session.execute(delete(_texts).where(own, _texts.c.question_id.not_in(asked)))
    municipality = (
        select(Stratum.municipality_code)
        .where(Stratum.wave_code == wave_code, Stratum.area_code == area_code)
        .scalar_subquery()
    )
    session.execute(update(_texts).where(own).values(municipality_code=municipality))


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
