"""Loads the sampling frame of a wave from a register file: counts are kept, persons are not."""

import numpy as np
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from survey import audit
from survey.collection.frame_check import FrameCheck, FrameReport, screen_of
from survey.errors import Conflict
from survey.models.wave import FrameCount, Stratum, Wave, WaveStatus
from survey.preparation.population import GENDERS
from survey.preparation.waves import lock_wave, require_status


def keep_frame(session: Session, check: FrameCheck, by: str) -> FrameReport:
    """Store what a check has counted and its hash; one fault and nothing is stored.

    The check is made outside the transaction, which would keep residents of an open wave waiting.
    """
    check.require_sound()
    report = check.report
    wave = lock_wave(session, report.wave_code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED)
    if screen_of(session, wave).areas != check.screen.areas:
        raise Conflict("Deltagandet eller delområdena ändrades medan filen lästes. Läs in den igen.")
    _store(session, wave, check)
    audit.record(session, by, "load frame", report.wave_code, **report.__dict__)
    return report


def _store(session: Session, wave: Wave, check: FrameCheck) -> None:
    screen, cells = check.screen, check.cells
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
    wave.frame_hash = check.report.sha256
    session.flush()
