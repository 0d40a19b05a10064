"""What stays with an answer when nothing ties it to a person any more, and how alone that leaves it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey.models.area import Area
from survey.models.response import Response
from survey.models.wave import Wave

FEWEST_OF_A_LANGUAGE = 5  # answers of a municipality
UNTOLD = ""  # in place of a language


def coarsen(session: Session, wave: Wave) -> None:
    """Take from the answers what tells persons apart and no figure needs: the day, and a rare language.

    Every answer gets the last day of the wave, as those of imported waves have.
    """
    of_wave = Response.wave_code == wave.code
    session.execute(update(Response).where(of_wave).values(submitted_on=wave.field_end))
    for municipality, counts in _languages(session, wave.code).items():
        areas = select(Area.code).where(Area.municipality_code == municipality)
        rare = Response.language.in_(_rare(counts))
        session.execute(
            update(Response)
            .where(of_wave, rare, Response.area_code.in_(areas))
            .values(language=UNTOLD)
            .execution_options(synchronize_session=False)
        )


def count_kept(session: Session, wave_code: str) -> dict[str, int]:
    """What remains, and how much somebody who knows who was drawn could still tell from it.

    An answer alone in its cell of area, register sex and age group is that person's for whoever knows that
    the person was drawn and answered; nobody finds that out here, but an insider who kept the register might.
    How the person answered, and in which language, such a one can know as well.
    """
    cell = (Response.area_code, Response.legal_gender, Response.age_group)
    sizes = _sizes(session, wave_code, *cell)
    return {
        "answers_kept": sum(sizes),
        "answers_alone_in_their_cell": sizes.count(1),
        "answers_alone_by_all_that_is_kept": _sizes(
            session, wave_code, *cell, Response.mode, Response.language
        ).count(1),
    }


def _sizes(session: Session, wave_code: str, *cell: InstrumentedAttribute[Any]) -> list[int]:
    counted = select(func.count()).where(Response.wave_code == wave_code).group_by(*cell)
    return list(session.scalars(counted))


def _languages(session: Session, wave_code: str) -> dict[str, Counter[str]]:
    """Answers by municipality and language."""
    rows = session.execute(
        select(Area.municipality_code, Response.language, func.count())
        .join(Area, Area.code == Response.area_code)
        .where(Response.wave_code == wave_code)
        .group_by(Area.municipality_code, Response.language)
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for municipality, language, answers in rows:
        found[municipality][language] += answers
    return found


def _rare(counts: Counter[str]) -> Iterable[str]:
    """The languages to leave untold: those of few, and further ones until the untold are not few either."""
    rare = [language for language, answers in counts.items() if answers < FEWEST_OF_A_LANGUAGE]
    for language, _ in sorted(counts.items(), key=lambda one: (one[1], one[0])):
        if not rare or sum(counts[one] for one in rare) >= FEWEST_OF_A_LANGUAGE:
            break
        if language not in rare:
            rare.append(language)
    return rare
