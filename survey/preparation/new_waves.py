"""A wave is planned: what it holds from its settings, and what no two waves share."""

import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.imported_wave import ImportedWave
from survey.models.wave import Wave, WaveStatus
from survey.preparation.wave_settings import (
    HIGHEST_SEED,
    WaveSettings,
    code_faults,
    faults_of,
    title_and_day_faults,
)
from survey.preparation.waves import load_questionnaire

# From the last answer day until names, and then links, are to be destroyed, when nothing else is decided.
DAYS_AFTER = {"contacts_until": 30, "links_until": 90, "texts_until": 180}  # the last answer day


def create_wave(session: Session, settings: WaveSettings, by: str) -> Wave:
    """Plan a wave with its settings and the questionnaire as it stands now."""
    require_new_code(session, settings.code)
    values = wave_values(session, settings)
    wave = Wave(**values, status=WaveStatus.PLANNED.value)
    session.add(wave)
    session.flush()
    audit.record(session, by, "create wave", wave.code, **values)
    return wave


def wave_values(session: Session, settings: WaveSettings) -> dict[str, Any]:
    """What a wave with these settings holds; what is left out of them is filled in."""
    _require(faults_of(settings))
    values = {**settings.__dict__, "questionnaire_hash": load_questionnaire(settings.questionnaire).hash}
    for name, days in DAYS_AFTER.items():
        values[name] = values[name] or settings.field_end + timedelta(days=days)
    _require(faults_of(WaveSettings(**{name: values[name] for name in settings.__dict__})))
    if settings.seed is None:
        values["seed"] = _unused_seed(session)
    elif not settings.synthetic:
        _require_own_seed(session, settings.code, settings.seed)
    return values


def _unused_seed(session: Session) -> int:
    taken = set(session.scalars(select(Wave.seed)))
    while (seed := secrets.randbelow(HIGHEST_SEED + 1)) in taken:
        pass
    return seed


def _require_own_seed(session: Session, code: str, seed: int) -> None:
    """The same seed draws the same places of the register again, and with them mostly the same persons."""
    drawn = (
        Wave.seed == seed,
        Wave.code != code,
        ~Wave.synthetic,
        Wave.code.not_in(select(ImportedWave.wave_code)),
    )
    other = session.scalar(select(Wave.code).where(*drawn).limit(1))
    if other is not None:
        raise UserError(
            f"Slumpfröet {seed} är omgången {other}:s. Samma frö skulle dra samma personer igen. "
            "Välj ett annat."
        )


def require_new_code(session: Session, code: str) -> None:
    """Stop a wave whose code is malformed or taken."""
    _require(code_faults(code))
    if session.get(Wave, code) is not None:
        raise UserError(f"Omgången {code} finns redan.")


def require_title_and_days(title: str, field_start: date, field_end: date) -> None:
    """Stop a wave without a printable title or with a field period that ends before it begins."""
    _require(title_and_day_faults(title, field_start, field_end))


def _require(faults: Mapping[str, str]) -> None:
    if faults:
        raise UserError("\n".join(faults.values()))
