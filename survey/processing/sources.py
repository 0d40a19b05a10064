"""What the database holds of a wave, read as plain rows: counts of the drawn, answers without their cases."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.strata import Strata
from survey.errors import UserError
from survey.models.population import PopulationCount
from survey.models.wave import FrameCount, Stratum, Wave
from survey.preparation.drawn import Cell, drawn_by_cell
from survey.preparation.plans import divided_strata
from survey.processing.answers import Answers, answers_fingerprint, read_answers
from survey.processing.remarks import SEXES

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
    divided: Strata | None  # where the young were drawn more densely: areas x age classes

    @property
    def municipalities(self) -> frozenset[str]:
        return frozenset(municipality for _, municipality, _, _ in self.places)

    def stratum(self, area: str, age_group: str) -> str:
        """The stratum that a person of an area and an age group was drawn from."""
        return self.divided.of_cell[area, age_group] if self.divided else area

    def area_name(self, area: str) -> str:
        """An area as the dataset names it: by its own code; when strata share areas, within its municipality.

        The statistics then join municipality and area to the code of an area of several strata.
        """
        return area.partition("-")[2] if self.divided else area

    @property
    def strata(self) -> list[tuple[str, Place]]:
        """Each stratum, and its area, municipality, population and number drawn."""
        if self.divided is None:
            return [(place[0], place) for place in self.places]
        owner = {area: municipality for area, municipality, _, _ in self.places}
        drawn = Counter[str]()
        for (area, _, age_group), number in self.drawn.items():
            drawn[self.stratum(area, age_group)] += number
        return [
            (code, (area, owner[area], self.divided.population[code], drawn[code]))
            for code, area in self.divided.area.items()
            if area in owner
        ]

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
            "frame": _fingerprint([*((code, *rest[1:]) for code, rest in self.strata), *self.frame]),
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
        drawn={cell: n for cell, n in drawn_by_cell(session, wave.code).items() if cell[0] in areas},
        submitted=read_answers(session, wave.code, areas, questions),
        divided=divided_strata(session, wave),
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
                f"Omgång {code}, område {area}: fler svar än dragna personer bland "
                f"{SEXES[sex]} {age_group.replace('-', '–')} år."
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


def _fingerprint(rows: Iterable[tuple[object, ...]]) -> str:
    digest = sha256()
    for row in rows:
        digest.update("\x1f".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()
