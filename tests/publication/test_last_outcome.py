"""What an extra sample counts on: the municipality's last released wave, or what is assumed without one."""

from datetime import date
from pathlib import Path

import pytest
from released_wave import RELEASED_AT, VAXHOLM, WAVE, add_release, open_to_all
from sqlalchemy.orm import Session

from analysis.precision import expected_precision
from survey.database import Databases
from survey.models.release import QualityFigure, Release
from survey.preparation import new_waves
from survey.preparation.extra_samples import ASSUMED, PROPORTION
from survey.preparation.recuts import KnownArea
from survey.preparation.wave_settings import WaveSettings
from survey.publication.embargo import SERVICE
from survey.publication.last_outcome import expected_of


def plan(session: Session, code: str, *, synthetic: bool) -> str:
    days = date(2026, 12, 31), date(2027, 2, 1), date(2027, 3, 15)
    new_waves.create_wave(session, WaveSettings(code, code, *days, synthetic=synthetic), "test")
    return code


def test_it_is_the_last_wave_of_the_same_kind_by_area_where_there_is_one(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    area, other = KnownArea(f"{VAXHOLM}-01", "Ett", None, None), KnownArea(f"{VAXHOLM}-09", "Ny", None, None)
    with sqlite_databases.transaction() as session:
        release = add_release(session, tmp_path, released=False)
        share = {"wave": WAVE, "municipality_code": VAXHOLM, "measure": "response_rate", "variable": "area"}
        for category, value in ((area.code, 0.4), (f"{VAXHOLM}-02", None)):
            session.add(QualityFigure(release_id=release, category=category, value=value, reason="", **share))
        session.flush()
        draft = session.get_one(Release, release)
        draft.released_at, draft.released_by = RELEASED_AT, "test"
        open_to_all(session, release, RELEASED_AT)
        real, simulated = plan(session, "2027", synthetic=False), plan(session, "2027-01", synthetic=True)
        assert expected_of(session, real, VAXHOLM, SERVICE) == ASSUMED
        found = expected_of(session, simulated, VAXHOLM, SERVICE)
    assert (found.wave, found.rate) == (WAVE, pytest.approx(900 / 1667))
    assert found.rates == {area.code: 0.4}
    assert found.precision(300, area) == expected_precision(
        300, 0.4, PROPORTION, found.deffs.get(area.code, found.deff)
    )
    assert found.precision(300, other) == expected_precision(300, 900 / 1667, PROPORTION, found.deff)
    assert all(effect >= 1.0 for effect in (found.deff, *found.deffs.values()))
