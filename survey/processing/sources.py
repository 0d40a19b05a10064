"""What the database holds of a wave, read as plain rows: counts of the drawn, answers without their cases."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.case import Case
from survey.models.population import PopulationCount
from survey.models.wave import FrameCount, SampleCount, Stratum, Wave
from survey.processing.answers import Answers, answers_fingerprint, read_answers

Cell = tuple[str, str, str]  # area, register sex, age group
Place = tuple[str, str, int, int]  # area, municipality, population, sampled
Counted = tuple[str, str, str, int]  # area or municipality, register sex, age group, population


@dataclass(frozen=True)
class Source:
    """One wave in some municipalities."""

    wave: Wave
    places: tuple[Place, ...]
    frame: tuple[Counted, ...]  # by area
    totals: tuple[Counted, ...]  # official, by municipality
    drawn: Mapping[Cell, int]
    submitted: Answers

    @property
    def municipalities(self) -> frozenset[str]:
        return frozenset(municipality for _, municipality, _, _ in self.places)

    @cached_property
    def answered(self) -> dict[Cell, int]:
        """Answers by area, register sex and age group, however they were given."""
        numbers = np.bincount(self.submitted.place, minlength=len(self.submitted.places)).tolist()
        found = Counter[Cell]()
        for (*cell, _), number in zip(self.submitted.places, numbers, strict=True):
            found[cell[0], cell[1], cell[2]] += number
        return found

    def fingerprints(self) -> dict[str, str]:
        """What the figures rest on, each as one SHA-256."""
        return {
            "answers": self.submitted.sha256,
            "frame": _fingerprint([*self.places, *self.frame]),
            "population": _fingerprint(self.totals),
            "register": self.wave.frame_hash or "",
            "questionnaire": self.wave.questionnaire_hash,
        }


def read_source(
    session: Session, wave: Wave, municipalities: Iterable[str], questions: Sequence[str]
) -> Source:
    """Read a wave and its answers to some questions; refused when answers and counts disagree."""
    wanted = frozenset(municipalities)
    places = _places(session, wave.code, wanted)
    areas = frozenset(place[0] for place in places)
    frame = _frame(session, wave.code, areas)
    source = Source(
        wave=wave,
        places=places,
        frame=frame,
        totals=_totals(session, wave, wanted, {age_group for _, _, age_group, _ in frame}),
        drawn=_drawn(session, wave.code, areas),
        submitted=read_answers(session, wave.code, areas, questions),
    )
    _check(source)
    _check_places(session, source)
    return source


def answers_sha256(session: Session, wave_code: str, municipalities: Iterable[str]) -> str:
    """Fingerprint of the answers handed in, the same whatever order they came in."""
    places = _places(session, wave_code, frozenset(municipalities))
    return answers_fingerprint(session, wave_code, frozenset(place[0] for place in places))


def _check(source: Source) -> None:
    drawn = Counter[str]()
    for (area, _, _), number in source.drawn.items():
        drawn[area] += number
    code = source.wave.code
    for area, _, _, sampled in source.places:
        if drawn[area] != sampled:
            raise UserError(
                f"Omgång {code}, område {area}: urvalet är {sampled} personer men {drawn[area]} finns i "
                "registret över urvalet."
            )
    for (area, sex, age_group), number in source.answered.items():
        if number > source.drawn.get((area, sex, age_group), 0):
            raise UserError(
                f"Omgång {code}, område {area}: fler svar än dragna personer bland {sex} {age_group}."
            )


def _check_places(session: Session, source: Source) -> None:
    """Nobody's answer is left out in silence because its area is not one of the wave's."""
    code = source.wave.code
    known = select(Stratum.area_code).where(Stratum.wave_code == code, Stratum.population > 0)
    stray = source.submitted.outside - set(session.scalars(known))
    if stray:
        areas = ", ".join(sorted(stray))
        raise UserError(f"Omgång {code}: det finns svar från område {areas}, som inte hör till omgången.")


def _places(session: Session, wave_code: str, municipalities: frozenset[str]) -> tuple[Place, ...]:
    rows = session.execute(
        select(Stratum.area_code, Stratum.municipality_code, Stratum.population, Stratum.sampled)
        .where(Stratum.wave_code == wave_code, Stratum.population > 0)
        .order_by(Stratum.area_code)
    )
    return tuple((area, owner, size, n) for area, owner, size, n in rows if owner in municipalities)


def _frame(session: Session, wave_code: str, areas: frozenset[str]) -> tuple[Counted, ...]:
    rows = session.execute(
        select(FrameCount.area_code, FrameCount.legal_gender, FrameCount.age_group, FrameCount.population)
        .where(FrameCount.wave_code == wave_code)
        .order_by(FrameCount.area_code, FrameCount.legal_gender, FrameCount.age_group)
    )
    return tuple((area, sex, age_group, n) for area, sex, age_group, n in rows if area in areas)


def _totals(
    session: Session, wave: Wave, municipalities: frozenset[str], age_groups: set[str]
) -> tuple[Counted, ...]:
    counted = PopulationCount
    rows = session.execute(
        select(counted.municipality_code, counted.legal_gender, counted.age_group, counted.population)
        .where(counted.reference_date == wave.population_date)
        .order_by(counted.municipality_code, counted.legal_gender, counted.age_group)
    )
    return tuple(
        (code, sex, age_group, n)
        for code, sex, age_group, n in rows
        if code in municipalities and age_group in age_groups
    )


def _drawn(session: Session, wave_code: str, areas: frozenset[str]) -> dict[Cell, int]:
    """Counts of the drawn: kept as such for a wave collected elsewhere, else counted from the cases."""
    kept = SampleCount
    rows = session.execute(
        select(kept.area_code, kept.legal_gender, kept.age_group, kept.sampled).where(
            kept.wave_code == wave_code
        )
    ).all() or session.execute(
        select(Case.area_code, Case.legal_gender, Case.age_group, func.count())
        .where(Case.wave_code == wave_code)
        .group_by(Case.area_code, Case.legal_gender, Case.age_group)
    )
    return {(area, sex, age_group): n for area, sex, age_group, n in rows if area in areas}


def _fingerprint(rows: Iterable[tuple[object, ...]]) -> str:
    digest = sha256()
    for row in rows:
        digest.update("\x1f".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()
