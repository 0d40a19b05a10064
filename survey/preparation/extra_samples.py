"""Persons that a municipality pays for beyond what everybody gets, and what they let it see."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analysis.precision import Precision, expected_precision
from survey import audit
from survey.errors import Faults
from survey.models.participation import ExtraSample
from survey.preparation.geography import areas_on
from survey.preparation.participation import OPEN, lock_accepting
from survey.preparation.recuts import KnownArea, current_areas
from survey.preparation.waves import accepted_municipalities, find_wave

LARGEST_EXTRA = 5000
# A share such as that of the unsafe, the response of the last years, the loss to weighting: cautious, and
# the same everywhere, since it is for comparing sizes with each other.
PROPORTION, RESPONSE_RATE, DEFF = 0.3, 0.45, 1.3
STEPS = (0, 100, 200, 300, 600)


@dataclass(frozen=True)
class AreaSize:
    """An area's sample as it is and as the municipality has ordered it."""

    area: KnownArea
    planned: int
    extra: int
    now: Precision
    then: Precision


def area_sizes(session: Session, wave_code: str, municipality_code: str) -> list[AreaSize]:
    """What each area of the municipality can show without and with the extra sample."""
    planned = find_wave(session, wave_code).sample_per_area
    ordered = _ordered(session, wave_code)
    return [
        AreaSize(
            area,
            planned,
            extra := ordered.get(area.code, 0),
            _precision(planned, area.population),
            _precision(planned + extra, area.population),
        )
        for area in current_areas(session, wave_code, municipality_code)
    ]


def steps(session: Session, wave_code: str) -> list[tuple[int, Precision]]:
    """What some sizes of extra sample let an area of no particular size see."""
    planned = find_wave(session, wave_code).sample_per_area
    return [(extra, _precision(planned + extra, None)) for extra in STEPS]


def set_extra(
    session: Session, wave_code: str, municipality_code: str, wanted: Mapping[str, str], by: str
) -> None:
    """Order extra persons by area; what is left empty is none. Areas not named keep none."""
    lock_accepting(session, wave_code, municipality_code, *OPEN)
    areas = current_areas(session, wave_code, municipality_code)
    persons, faults = _read(session, wave_code, areas, wanted)
    if faults:
        raise Faults(faults)
    session.execute(
        delete(ExtraSample).where(
            ExtraSample.wave_code == wave_code, ExtraSample.area_code.in_([area.code for area in areas])
        )
    )
    session.add_all(
        ExtraSample(wave_code=wave_code, area_code=code, persons=n) for code, n in persons.items() if n
    )
    session.flush()
    audit.record(session, by, "extra sample", f"{wave_code} {municipality_code}", persons=persons)


def extra_per_area(session: Session, wave_code: str) -> dict[str, int]:
    """The extra persons of those that take part, by area, in order of code."""
    accepted = accepted_municipalities(session, wave_code)
    valid = areas_on(session, find_wave(session, wave_code).population_date)
    ordered = _ordered(session, wave_code)
    return {code: ordered[code] for code, owner in valid.items() if owner in accepted and code in ordered}


def _ordered(session: Session, wave_code: str) -> dict[str, int]:
    rows = select(ExtraSample.area_code, ExtraSample.persons).where(ExtraSample.wave_code == wave_code)
    return {code: persons for code, persons in session.execute(rows)}


def _read(
    session: Session, wave_code: str, areas: list[KnownArea], wanted: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, str]]:
    planned = find_wave(session, wave_code).sample_per_area
    persons, faults = {}, {}
    for area in areas:
        given = wanted.get(area.code, "").strip() or "0"
        if not (given.isascii() and given.isdigit() and len(given) <= 6 and int(given) <= LARGEST_EXTRA):
            faults[area.code] = f"{area.name}: skriv ett heltal från 0 till {LARGEST_EXTRA}."
        elif area.population is not None and int(given) > max(area.population - planned, 0):
            faults[area.code] = (
                f"{area.name}: där bor {area.population} personer i åldrarna, och {planned} dras redan."
            )
        else:
            persons[area.code] = int(given)
    return persons, faults


def _precision(sampled: int, population: int | None) -> Precision:
    drawn = min(sampled, population) if population else sampled
    return expected_precision(drawn, RESPONSE_RATE, PROPORTION, DEFF, population or None)
