"""Persons that a municipality pays for beyond what everybody gets, and what they let it see."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analysis.precision import Precision, expected_precision
from survey import audit
from survey.errors import Faults
from survey.models.participation import ExtraSample
from survey.preparation.geography import areas_on
from survey.preparation.participation import OPEN, lock_accepting
from survey.preparation.plan_checks import plan_of
from survey.preparation.recuts import KnownArea, current_areas
from survey.preparation.waves import accepted_municipalities, find_wave

LARGEST_EXTRA = 5000
PROPORTION = 0.3  # a share such as that of the unsafe
STEPS = (0, 100, 200, 300, 600)


@dataclass(frozen=True)
class Expected:
    """What to count on: response rates and design effects, and the wave that had them; None when assumed."""

    wave: str | None
    rate: float
    deff: float
    rates: Mapping[str, float] = field(default_factory=dict)  # of areas that have one of their own
    deffs: Mapping[str, float] = field(default_factory=dict)

    def precision(self, sampled: int, area: KnownArea | None = None) -> Precision:
        """What so many drawn let an area, or one of no particular size, see."""
        code, population = (area.code, area.population) if area else ("", None)
        drawn = min(sampled, population) if population else sampled
        rate, deff = self.rates.get(code, self.rate), self.deffs.get(code, self.deff)
        return expected_precision(drawn, rate, PROPORTION, deff, population or None)


# Where no wave of the municipality has been released: the response of the last years elsewhere, and a
# cautious loss to weighting.
ASSUMED = Expected(None, rate=0.45, deff=1.3)


@dataclass(frozen=True)
class AreaSize:
    """An area's sample as it is and as the municipality has ordered it; no precision before that is known."""

    area: KnownArea
    planned: int | None
    extra: int
    now: Precision | None = None
    then: Precision | None = None


def area_sizes(
    session: Session, wave_code: str, municipality_code: str, expected: Expected = ASSUMED
) -> list[AreaSize]:
    """What each area of the municipality can show without and with the extra sample."""
    planned = drawn_in_each(session, wave_code)
    ordered = _ordered(session, wave_code)
    sizes = []
    for area in current_areas(session, wave_code, municipality_code):
        extra = ordered.get(area.code, 0)
        if planned is None:
            sizes.append(AreaSize(area, planned, extra))
            continue
        seen = expected.precision(planned, area), expected.precision(planned + extra, area)
        sizes.append(AreaSize(area, planned, extra, *seen))
    return sizes


def steps(session: Session, wave_code: str, expected: Expected = ASSUMED) -> list[tuple[int, Precision]]:
    """What some sizes of extra sample let an area of no particular size see; nothing before that is known."""
    planned = drawn_in_each(session, wave_code)
    return [] if planned is None else [(extra, expected.precision(planned + extra)) for extra in STEPS]


def drawn_in_each(session: Session, wave_code: str) -> int | None:
    """How many the plan draws in every area; None when it draws more in some, as the frame then decides."""
    plan = plan_of(session, find_wave(session, wave_code))
    return plan.sample_per_area if plan.equal else None


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
    planned = drawn_in_each(session, wave_code) or 0
    persons, faults = {}, {}
    for area in areas:
        given = wanted.get(area.code, "").strip() or "0"
        if not (given.isascii() and given.isdigit() and len(given) <= 6 and int(given) <= LARGEST_EXTRA):
            faults[area.code] = f"{area.name}: skriv ett heltal från 0 till {LARGEST_EXTRA}."
        elif area.population is not None and int(given) > max(area.population - planned, 0):
            faults[area.code] = f"{area.name}: där bor {area.population} personer i åldrarna" + (
                f", och {planned} dras redan." if planned else "."
            )
        else:
            persons[area.code] = int(given)
    return persons, faults
