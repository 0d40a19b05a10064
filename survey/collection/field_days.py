"""The field days one by one: answers so far, and how representative they are.

Representativity needs the sample and who answered, never an answer (METHODS.md M-27).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.arrays import Floats, Ints
from analysis.drawing import Drawn, Factor
from analysis.representativity import Indicator, indicators, r_indicator
from survey.collection.outcomes import has
from survey.models.case import Case, CaseEvent, CaseEventKind
from survey.models.wave import Stratum
from survey.preparation.drawn import Cell
from survey.preparation.plans import divided_strata
from survey.preparation.waves import find_wave

CONFIDENCE = 0.95
FEWEST_ANSWERS = 100  # an R-indicator of fewer says nothing
Answered = Mapping[date, Counter[Cell]]


@dataclass(frozen=True)
class Day:
    """A field day: answers so far and how representative they were."""

    day: date
    invited: int
    submitted: int
    r: Indicator | None


@dataclass(frozen=True)
class Sample:
    """The drawn by cell, ready for representativity."""

    cells: tuple[Cell, ...]
    sampled: Floats
    weight: Floats
    factors: tuple[Factor, ...]
    strata: Ints

    def indicators(self, answered: Counter[Cell]) -> list[Indicator]:
        """All that the answers of some cells say; nothing while there are few."""
        drawn = self._drawn(answered)
        return (indicators(drawn, self.factors, CONFIDENCE) or []) if drawn else []

    def r(self, answered: Counter[Cell]) -> Indicator | None:
        """Of that the R-indicator alone."""
        drawn = self._drawn(answered)
        return r_indicator(drawn, self.factors, CONFIDENCE) if drawn else None

    def _drawn(self, answered: Counter[Cell]) -> Drawn | None:
        if answered.total() < FEWEST_ANSWERS:
            return None
        respondents = np.array([answered.get(cell, 0) for cell in self.cells], dtype=np.float64)
        return Drawn(self.sampled, respondents, self.weight, self.strata)


def sample_of(
    session: Session, wave_code: str, drawn: Mapping[Cell, int], owners: Mapping[str, str]
) -> Sample:
    """The sample of a wave from the number drawn in each cell and the municipality of each area."""
    cells = tuple(sorted(drawn))
    stratum, weight = _design(session, wave_code, drawn)
    columns = {
        "municipality": [owners.get(area, "") for area, _, _ in cells],
        "gender": [sex for _, sex, _ in cells],
        "age_group": [age_group for _, _, age_group in cells],
    }
    return Sample(
        cells,
        np.array([drawn[cell] for cell in cells], dtype=np.float64),
        np.array([weight.get(stratum[cell], 1.0) for cell in cells]),
        tuple(_factor(name, values) for name, values in columns.items()),
        _factor("stratum", [stratum[cell] for cell in cells]).of_cell,
    )


def _design(
    session: Session, wave_code: str, drawn: Mapping[Cell, int]
) -> tuple[dict[Cell, str], dict[str, float]]:
    """The stratum of each cell, and the design weight of each stratum."""
    divided = divided_strata(session, find_wave(session, wave_code))
    if divided is None:
        sizes = select(Stratum.area_code, Stratum.population, Stratum.sampled)
        rows = session.execute(sizes.where(Stratum.wave_code == wave_code))
        weight = {area: population / max(sampled, 1) for area, population, sampled in rows}
        return {cell: cell[0] for cell in drawn}, weight
    stratum = {cell: divided.of_cell.get((cell[0], cell[2]), cell[0]) for cell in drawn}
    sampled_of = Counter[str]()
    for cell, number in drawn.items():
        sampled_of[stratum[cell]] += number
    return stratum, {code: divided.population.get(code, n) / n for code, n in sampled_of.items() if n}


def days(
    session: Session, wave_code: str, sample: Sample, first: date, last: date, answered: Answered
) -> Iterable[Day]:
    """Every day from the first to the last."""
    invited = _invited_by_day(session, wave_code)
    letters, so_far = sum(number for day, number in invited.items() if day < first), Counter[Cell]()
    day = first
    while day <= last:
        letters += invited.get(day, 0)
        so_far.update(answered.get(day, Counter()))
        yield Day(day, letters, so_far.total(), sample.r(so_far))
        day += timedelta(days=1)


def until(answered: Answered, last: date) -> Counter[Cell]:
    """Answers handed in until a day, by cell."""
    so_far = Counter[Cell]()
    for day, cells in answered.items():
        if day <= last:
            so_far.update(cells)
    return so_far


def last_answer(answered: Answered) -> date | None:
    """The day of the latest answer handed in; None when there is none."""
    return max(answered, default=None)


def submitted_by_day(session: Session, wave_code: str) -> Answered:
    """Answers handed in by day and cell, from the cases: an answer taken back is none."""
    rows = session.execute(
        select(CaseEvent.happened_on, Case.area_code, Case.legal_gender, Case.age_group, func.count())
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            Case.wave_code == wave_code,
            CaseEvent.kind == CaseEventKind.SUBMITTED.value,
            ~has(CaseEventKind.WITHDRAWN),
        )
        .group_by(CaseEvent.happened_on, Case.area_code, Case.legal_gender, Case.age_group)
    )
    found: dict[date, Counter[Cell]] = defaultdict(Counter)
    for day, area, sex, age_group, number in rows:
        found[day][area, sex, age_group] = number
    return found


def _invited_by_day(session: Session, wave_code: str) -> dict[date, int]:
    rows = session.execute(
        select(CaseEvent.happened_on, func.count())
        .join(Case, Case.id == CaseEvent.case_id)
        .where(Case.wave_code == wave_code, CaseEvent.kind == CaseEventKind.INVITED.value)
        .group_by(CaseEvent.happened_on)
    )
    return {day: number for day, number in rows}


def _factor(name: str, values: Sequence[str]) -> Factor:
    categories, place = np.unique(np.array(values), return_inverse=True)
    return Factor(name, tuple(map(str, categories)), place.astype(np.int64))
