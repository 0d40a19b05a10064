"""Loads the sampling frame of a wave from a register file: counts are kept, persons are not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from pandas.util import hash_array
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from survey import audit
from survey.collection.register import Block, RegisterFile
from survey.collection.screening import Faults, Screen, without_address
from survey.errors import UserError
from survey.models.wave import FrameCount, Stratum, Wave, WaveStatus
from survey.preparation.geography import areas_on, municipality_names
from survey.preparation.population import GENDERS, Cell, population_on
from survey.preparation.recuts import register_keys
from survey.preparation.waves import accepted_municipalities, lock_wave, require_status
from survey.progress import Progress

# A frame lacks persons with protected identity and is a few weeks older or younger than the statistics:
# per cent, not tens of per cent.
LARGEST_DEVIATION = 0.05  # of a municipality's total: more stops the load
NOTED_DEVIATION = 0.10  # of a cell with at least NOTED_CELL persons: more is told
NOTED_CELL = 100


@dataclass(frozen=True)
class FrameReport:
    """What the register file held, for the one who loads it: numbers only."""

    wave_code: str
    file: str
    sha256: str
    rows: int
    persons: int
    protected: int
    elsewhere: Mapping[str, int]  # persons of municipalities that do not take part, by name
    without_address: int
    municipalities: int
    areas: int
    population: int
    deviations: tuple[str, ...]


@dataclass
class _Count:
    """What is gathered while the file streams by."""

    cells: npt.NDArray[np.int64]
    elsewhere: Counter[int]
    rows: int = 0
    protected: int = 0
    without_address: int = 0


def load_frame(
    session: Session, wave_code: str, path: Path, by: str, progress: Progress | None = None
) -> FrameReport:
    """Check the whole file, then store its counts and its hash; one fault and nothing is stored.

    Persons of municipalities that have not accepted the wave and persons with protected identity are left out
    and counted.
    """
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED)
    screen = screen_of(session, wave)
    names = municipality_names(session)
    population = _population(session, wave, screen)
    file = RegisterFile(path)
    count = _read(file, screen, progress)
    _require_persons_everywhere(screen, count.cells)
    frame = _by_municipality(screen, count.cells)
    _require_coverage(frame, population, names, wave)
    _require_agreement(frame, population, names)
    _store(session, wave, screen, count.cells, file.sha256)
    report = FrameReport(
        wave_code=wave_code,
        file=path.name,
        sha256=file.sha256,
        rows=count.rows,
        persons=int(count.cells.sum()),
        protected=count.protected,
        elsewhere={names[screen.municipalities[i]]: n for i, n in sorted(count.elsewhere.items())},
        without_address=count.without_address,
        municipalities=len(_totals(frame)),
        areas=len(screen.areas),
        population=sum(population.values()),
        deviations=tuple(_deviations(frame, population, names)),
    )
    audit.record(session, by, "load frame", wave_code, **report.__dict__)
    return report


def screen_of(session: Session, wave: Wave) -> Screen:
    """What a register file of this wave is checked against."""
    accepted = accepted_municipalities(session, wave.code)
    if not accepted:
        raise UserError(
            f"Ingen kommun har tackat ja till omgången {wave.code}. "
            "Anteckna svaren med: trygg wave participation"
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
    count = _Count(np.zeros(screen.shape, dtype=np.int64), Counter())
    faults = Faults()
    persons: list[npt.NDArray[np.uint64]] = []
    for block in file.blocks("läser registerfilen", progress):
        screened = screen.screen(block, faults)
        count.rows += len(screened.area)
        count.cells += screen.cells(screened)
        count.protected += int(screened.protected.sum())
        count.without_address += without_address(block, screened)
        count.elsewhere.update(screened.elsewhere[screened.elsewhere >= 0].tolist())
        persons.append(_fingerprints(block))
    if not count.rows:
        raise UserError(f"Registerfilen {file.path.name} har en rubrik men inga rader. Inget har sparats.")
    faults.stop_if_any(file.path.name)
    _require_unique(file, persons)
    return count


def _require_unique(file: RegisterFile, persons: list[npt.NDArray[np.uint64]]) -> None:
    number = np.concatenate(persons) if persons else np.empty(0, dtype=np.uint64)
    order = np.argsort(number, kind="stable")
    again = np.flatnonzero(number[order][1:] == number[order][:-1]) + 1
    if not len(again):
        return
    place = again[np.argmin(order[again])]  # the first line of the file that repeats an earlier one
    raise UserError(
        f"Registerfilen {file.path.name} har samma personid mer än en gång: rad {order[place] + 2} är "
        f"densamma som rad {order[place - 1] + 2}; {len(again)} rader för mycket i hela filen. "
        "Inget har sparats."
    )


def _fingerprints(block: Block) -> npt.NDArray[np.uint64]:
    # Eight bytes a person instead of the number itself. That two of two million differ and look the same
    # happens once in ten million files.
    trimmed = pc.utf8_trim_whitespace(block.column("personid"))
    return hash_array(trimmed.to_numpy(zero_copy_only=False), categorize=False)


def _require_persons_everywhere(screen: Screen, cells: npt.NDArray[np.int64]) -> None:
    empty = [code for code, persons in zip(screen.areas, cells.sum(axis=(1, 2)), strict=True) if not persons]
    if empty:
        raise UserError(
            f"Registerfilen har ingen person i delområde {_some(empty)}. "
            "Är leveransen komplett? Inget har sparats."
        )


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


def _require_coverage(
    frame: Mapping[Cell, int], population: Mapping[Cell, int], names: Mapping[str, str], wave: Wave
) -> None:
    uncovered = [cell for cell, persons in frame.items() if persons and not population.get(cell)]
    if uncovered:
        cells = _some(
            [f"{names[code]} ({code}) {gender} {age_group}" for code, gender, age_group in uncovered]
        )
        raise UserError(
            f"Befolkningen den {wave.population_date} täcker inte urvalsramen: den saknar {cells}. "
            "Inget har sparats."
        )


def _require_agreement(
    frame: Mapping[Cell, int], population: Mapping[Cell, int], names: Mapping[str, str]
) -> None:
    expected = _totals(population)
    wrong = [
        f"{names[code]} ({code}): {persons} personer i registerfilen, {expected[code]} i befolkningen"
        for code, persons in _totals(frame).items()
        if abs(persons - expected[code]) > LARGEST_DEVIATION * expected[code]
    ]
    if wrong:
        raise UserError(
            f"Registerfilen avviker mer än {LARGEST_DEVIATION:.0%} från den officiella befolkningen. "
            "Inget har sparats.\n" + "\n".join(f"– {line}" for line in wrong)
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


def _store(session: Session, wave: Wave, screen: Screen, cells: npt.NDArray[np.int64], sha256: str) -> None:
    for table in (Stratum, FrameCount):
        session.execute(delete(table).where(table.wave_code == wave.code))
    session.execute(
        insert(Stratum),
        [
            {
                "wave_code": wave.code,
                "area_code": area,
                "municipality_code": area.split("-")[0],
                "population": int(persons.sum()),
                "sampled": 0,
            }
            for area, persons in zip(screen.areas, cells, strict=True)
        ],
    )
    session.execute(
        insert(FrameCount),
        [
            {
                "wave_code": wave.code,
                "area_code": area,
                "legal_gender": GENDERS[g],
                "age_group": screen.age_groups[k],
                "population": int(cells[a, g, k]),
            }
            for a, area in enumerate(screen.areas)
            for g, k in np.ndindex(cells.shape[1:])
        ],
    )
    wave.status = WaveStatus.FRAMED.value
    wave.frame_hash = sha256
    session.flush()


def _some(things: list[str], shown: int = 5) -> str:
    more = f" och {len(things) - shown} till" if len(things) > shown else ""
    return ", ".join(things[:shown]) + more
