"""Looks a whole register file through before anything is written: every fault together, every count."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from pandas.util import hash_array
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.collection.register import RegisterFile
from survey.collection.register_layout import Block
from survey.collection.screening import Faults, Screen, without_address
from survey.errors import UserError
from survey.models.area import Area
from survey.models.wave import Wave, WaveStatus
from survey.preparation.geography import areas_on, municipality_names
from survey.preparation.plan_checks import plan_of
from survey.preparation.population import GENDERS, Cell, population_on
from survey.preparation.recuts import register_keys
from survey.preparation.waves import accepted_municipalities, find_wave, require_status
from survey.progress import Progress

# A frame lacks persons with protected identity and is a few weeks older or younger than the statistics:
# per cent, not tens of per cent.
LARGEST_DEVIATION = 0.05  # of a municipality's total: more stops the load
NOTED_DEVIATION = 0.10  # of a cell with at least NOTED_CELL persons: more is told
NOTED_CELL = 100


@dataclass(frozen=True)
class FrameReport:
    """What the register file held, for the one who loads it: numbers, and names of areas, only."""

    wave_code: str
    file: str
    kind: str  # what kind of file, and in which encoding it was read
    sha256: str
    rows: int
    persons: int
    repeated: int  # rows of a person who stands in an earlier row
    protected: int
    elsewhere: Mapping[str, int]  # persons of municipalities that do not take part, by name
    without_address: int
    unknown_areas: Mapping[str, int]  # persons by a code that is no area of the wave
    municipalities: int
    areas: int
    population: int
    deviations: tuple[str, ...]
    small_areas: tuple[str, ...]  # have fewer persons than are to be drawn
    faults: tuple[str, ...]  # what stops the load


@dataclass(frozen=True)
class FrameCheck:
    """A register file that has been looked through: what to tell, and the counts to keep."""

    report: FrameReport
    screen: Screen
    cells: npt.NDArray[np.int64]  # areas x sexes x age groups

    def require_sound(self) -> None:
        """Stop when anything is wrong, and tell all of it."""
        if self.report.faults:
            lines = "\n".join(f"– {fault}" for fault in self.report.faults)
            raise UserError(
                f"Registerfilen {self.report.file} kan inte användas. Inget har sparats.\n{lines}"
            )


@dataclass
class _Count:
    """What is gathered while the file streams by."""

    cells: npt.NDArray[np.int64]
    elsewhere: Counter[int] = field(default_factory=Counter)
    faults: Faults = field(default_factory=Faults)
    persons: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    rows: int = 0
    protected: int = 0
    without_address: int = 0


def check_frame(session: Session, wave_code: str, path: Path, progress: Progress | None = None) -> FrameCheck:
    """Read the whole file against the wave and the official population; nothing is written.

    Persons of municipalities that have not accepted the wave and persons with protected identity are left out
    and counted. What makes the file unreadable altogether is raised; other faults stand in the report.
    """
    wave = find_wave(session, wave_code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED)
    file = RegisterFile(path)
    file.require_readable()  # first, so that whoever sends it is told at once what it should hold
    screen = screen_of(session, wave)
    names = municipality_names(session)
    population = _population(session, wave, screen)
    count = _read(file, screen, progress)
    frame = _by_municipality(screen, count.cells)
    repeated, first_repeat = _repeated(count.persons)
    faults = [*count.faults.lines(), *first_repeat, *_empty_areas(screen, count.cells)]
    faults += [*_uncovered(frame, population, names, wave), *_disagreements(frame, population, names)]
    report = FrameReport(
        wave_code=wave_code,
        file=path.name,
        kind=file.kind,
        sha256=file.sha256,
        rows=count.rows,
        persons=int(count.cells.sum()),
        repeated=repeated,
        protected=count.protected,
        elsewhere={names[screen.municipalities[i]]: n for i, n in sorted(count.elsewhere.items())},
        without_address=count.without_address,
        unknown_areas=dict(count.faults.unknown_areas.most_common()),
        municipalities=len(_totals(frame)),
        areas=len(screen.areas),
        population=sum(population.values()),
        deviations=tuple(_deviations(frame, population, names)),
        small_areas=tuple(_small_areas(session, wave, screen, count.cells)),
        faults=tuple(faults),
    )
    return FrameCheck(report, screen, count.cells)


def screen_of(session: Session, wave: Wave) -> Screen:
    """What a register file of this wave is checked against."""
    accepted = accepted_municipalities(session, wave.code)
    if not accepted:
        raise UserError(
            f"Ingen kommun har tackat ja till omgången {wave.code}. "
            "Anteckna svaren på omgångens sida om kommunerna, eller med: trygg wave participation"
        )
    areas = areas_on(session, wave.population_date)
    bare = sorted(set(accepted) - set(areas.values()))
    if bare:
        raise UserError(
            f"Kommun {', '.join(bare)} har inga delområden som gäller den {wave.population_date}."
        )
    keys = register_keys(session, tuple(areas))
    return Screen(tuple(municipality_names(session)), accepted, areas, wave.age_min, wave.age_max, keys)


def _read(file: RegisterFile, screen: Screen, progress: Progress | None) -> _Count:
    count = _Count(np.zeros(screen.shape, dtype=np.int64))
    for block in file.blocks("läser registerfilen", progress):
        screened = screen.screen(block, count.faults)
        count.rows += len(screened.area)
        count.cells += screen.cells(screened)
        count.protected += int(screened.protected.sum())
        count.without_address += without_address(block, screened)
        count.elsewhere.update(screened.elsewhere[screened.elsewhere >= 0].tolist())
        count.persons.append(_fingerprints(block))
    if not count.rows:
        raise UserError(f"Registerfilen {file.path.name} har en rubrik men inga rader. Inget har sparats.")
    return count


def _repeated(persons: list[npt.NDArray[np.uint64]]) -> tuple[int, list[str]]:
    """How many rows repeat a person, and where the first of them is."""
    number = np.concatenate(persons)
    order = np.argsort(number, kind="stable")
    again = np.flatnonzero(number[order][1:] == number[order][:-1]) + 1
    if not len(again):
        return 0, []
    place = again[np.argmin(order[again])]  # the first line of the file that repeats an earlier one
    return len(again), [
        f"samma personid mer än en gång: rad {order[place] + 2} är densamma som rad {order[place - 1] + 2}; "
        f"{len(again)} rader för mycket i hela filen"
    ]


def _fingerprints(block: Block) -> npt.NDArray[np.uint64]:
    # Eight bytes a person instead of the number itself. That two of two million differ and look the same
    # happens once in ten million files.
    trimmed = pc.utf8_trim_whitespace(block.column("personid"))
    return hash_array(trimmed.to_numpy(zero_copy_only=False), categorize=False)


def _population(session: Session, wave: Wave, screen: Screen) -> dict[Cell, int]:
    everything = population_on(session, wave.population_date)
    if not everything:
        raise UserError(
            f"Befolkningen den {wave.population_date} är inte inläst. Läs in den med: trygg population load"
        )
    owners = {area.split("-")[0] for area in screen.areas}
    return {cell: n for cell, n in everything.items() if cell[0] in owners and cell[2] in screen.age_groups}


def _by_municipality(screen: Screen, cells: npt.NDArray[np.int64]) -> dict[Cell, int]:
    frame: Counter[Cell] = Counter()
    for a, area in enumerate(screen.areas):
        for g, gender in enumerate(GENDERS):
            for k, age_group in enumerate(screen.age_groups):
                frame[area.split("-")[0], gender, age_group] += int(cells[a, g, k])
    return dict(frame)


def _empty_areas(screen: Screen, cells: npt.NDArray[np.int64]) -> Iterator[str]:
    empty = [code for code, persons in zip(screen.areas, cells.sum(axis=(1, 2)), strict=True) if not persons]
    if empty:
        yield f"ingen person i delområde {_some(empty)}; är leveransen komplett?"


def _small_areas(session: Session, wave: Wave, screen: Screen, cells: npt.NDArray[np.int64]) -> Iterator[str]:
    names = {code: name for code, name in session.execute(select(Area.code, Area.name))}
    if not plan_of(session, wave).equal:
        return  # by other plans no area is given more than it has
    for code, persons in zip(screen.areas, cells.sum(axis=(1, 2)).tolist(), strict=True):
        if 0 < persons < wave.sample_per_area:
            yield f"{names[code]} ({code}): {persons} personer, {wave.sample_per_area} ska dras"


def _uncovered(
    frame: Mapping[Cell, int], population: Mapping[Cell, int], names: Mapping[str, str], wave: Wave
) -> Iterator[str]:
    cells = [
        f"{names[code]} ({code}) {gender} {age_group}"
        for (code, gender, age_group), persons in frame.items()
        if persons and not population.get((code, gender, age_group))
    ]
    if cells:
        yield (f"befolkningen den {wave.population_date} täcker inte urvalsramen: den saknar {_some(cells)}")


def _disagreements(
    frame: Mapping[Cell, int], population: Mapping[Cell, int], names: Mapping[str, str]
) -> Iterator[str]:
    expected = _totals(population)
    for code, persons in _totals(frame).items():
        if abs(persons - expected[code]) > LARGEST_DEVIATION * expected[code]:
            yield (
                f"avviker mer än {LARGEST_DEVIATION:.0%} från den officiella befolkningen: "
                f"{names[code]} ({code}): {persons} personer i registerfilen, {expected[code]} i befolkningen"
            )


def _deviations(
    frame: Mapping[Cell, int], population: Mapping[Cell, int], names: Mapping[str, str]
) -> list[str]:
    return [
        f"{names[cell[0]]} {cell[1]} {cell[2]}: {frame[cell]} i ramen, {expected} i befolkningen"
        for cell, expected in population.items()
        if expected >= NOTED_CELL and abs(frame[cell] - expected) > NOTED_DEVIATION * expected
    ]


def _totals(cells: Mapping[Cell, int]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for (code, _, _), persons in cells.items():
        totals[code] += persons
    return totals


def _some(things: list[str], shown: int = 5) -> str:
    more = f" och {len(things) - shown} till" if len(things) > shown else ""
    return ", ".join(things[:shown]) + more
