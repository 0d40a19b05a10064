"""How large a table would be and how much of it can be shown: by what is released, not by the answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from analysis.answer_states import TableQuestion
from analysis.keys import AREA, MUNICIPALITY, TOTAL
from analysis.settings import Settings
from survey.models.area import Area
from survey.models.release import Estimate
from survey.processing.request_questions import Choices, Question
from survey.processing.told_so_far import newest_release
from survey.questionnaire import indicators as library

TWO = 2  # register sex, mode; yes and no
PLACES, PERSON = (AREA, MUNICIPALITY), ("gender", "age_group")
Domain = tuple[str, str, str]  # code of the place, gender, age group


@dataclass(frozen=True)
class Size:
    """About how many cells a table has, and at most how many of them the answers are enough for."""

    cells: int
    enough_for: int
    least: int  # answers that a cell must have

    @property
    def mostly_hidden(self) -> bool:
        return 2 * self.enough_for < self.cells


def size_of(session: Session, wave_code: str, known: Choices, question: Question) -> Size:
    """The size of what is asked for; of a regression all its groups together."""
    release = newest_release(session, wave_code)
    least = Settings.default().thresholds.minimum_n
    cells = enough_for = 0
    if release is not None:
        for table in question.tables:
            for answers, parts in _margins(session, release.id, known, table):
                cells += parts
                # However they are divided, so many groups of the least size is the most there can be.
                enough_for += min(parts, answers // least)
    return Size(cells, enough_for, least)


def _margins(
    session: Session, release_id: int, known: Choices, table: TableQuestion
) -> Iterable[tuple[int, int]]:
    """Released margins of a table: the answers in each, and into how many cells the table divides it."""
    where = dict(table.where)
    geography, places = _places(session, known, table.by, where)
    counts = _counts(session, release_id, geography, table.item)
    genders = {gender for _, gender, _ in counts} - {TOTAL}
    ages = {age for _, _, age in counts} - {TOTAL}
    named = {*table.by, *where}
    crossed = dict(zip(PERSON, _crossed(counts, PERSON[0] in named, PERSON[1] in named), strict=True))
    released = {"gender": sorted(genders), "age_group": sorted(ages)}
    groups = [
        _groups(released[name], where.get(name, ()), apart=name in table.by) if crossed[name] else [(TOTAL,)]
        for name in PERSON
    ]
    within = [name for name in table.by if name not in PLACES and not crossed.get(name)]
    parts = prod((len(released.get(name, ())) or _categories(known, name) for name in within), start=1)
    for within_one in product(places, *groups):
        yield sum(counts.get((code, gender, age), 0) for code, gender, age in product(*within_one)), parts


def _places(
    session: Session, known: Choices, by: Sequence[str], where: Mapping[str, Sequence[str]]
) -> tuple[str, list[Sequence[str]]]:
    """The geography of the margins, and the places of each: one, or all that the table is limited to."""
    geography = next((name for name in PLACES if name in by or name in where), TOTAL)
    if geography == TOTAL:
        return TOTAL, [(TOTAL,)]
    codes = list(where.get(geography) or (known.areas if geography == AREA else known.municipalities))
    if geography == AREA and MUNICIPALITY in where:
        owned = select(Area.code).where(Area.municipality_code.in_(where[MUNICIPALITY]))
        inside = set(session.scalars(owned))
        codes = [code for code in codes if code in inside]
    return geography, [(code,) for code in codes] if geography in by else [codes]


def _counts(session: Session, release_id: int, geography: str, item: str) -> dict[Domain, int]:
    """Answers to the measure in each released domain; where that is hidden or none, to any measure."""
    columns = (Estimate.code, Estimate.gender, Estimate.age_group)
    own = func.max(case((Estimate.indicator == item, Estimate.n)))
    query = (
        select(*columns, func.coalesce(own, func.max(Estimate.n), 0))
        .where(Estimate.release_id == release_id, Estimate.geography == geography)
        .group_by(*columns)
    )
    return {(code, gender, age): n for code, gender, age, n in session.execute(query)}


def _crossed(counts: Iterable[Domain], gender: bool, age: bool) -> tuple[bool, bool]:
    """Which of gender and age group the release divides its domains by together."""
    there = {(one != TOTAL, other != TOTAL) for _, one, other in counts}
    wanted = [(gender, age), (gender, False), (False, age)]
    return next((pair for pair in wanted if pair in there), (False, False))


def _groups(every: Sequence[str], limited: Sequence[str], *, apart: bool) -> list[Sequence[str]]:
    """Groups that a table divides by, each apart; or all that it is limited to as one."""
    chosen = [one for one in every if one in limited or not limited]
    return [(one,) for one in chosen] if apart else [chosen]


def _categories(known: Choices, name: str) -> int:
    """Categories of a variable that the release does not divide by, with those who did not answer."""
    if name in known.options:
        return len(known.options[name]) + 1
    found = library.indicator(name)
    if found is None:
        return TWO
    return (TWO if found.type != "ordinal" else len(found.levels)) + 1
