"""Changes of a wave's settings, until its sample is drawn."""

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.local_questions import LocalQuestions
from survey.models.wave import FrameCount, Stratum, Wave, WaveStatus
from survey.preparation.new_waves import wave_values
from survey.preparation.plan_checks import plan_of, require_possible
from survey.preparation.population import loaded_days
from survey.preparation.wave_settings import WaveSettings
from survey.preparation.waves import find_wave, lock_wave, require_status

OF_THE_FRAME = ("population_date", "age_min", "age_max")


def settings_of(session: Session, wave_code: str) -> WaveSettings:
    """The settings of a wave as they are."""
    wave = find_wave(session, wave_code)
    return WaveSettings(**{name: getattr(wave, name) for name in WaveSettings.__dataclass_fields__})


def unloaded_population(session: Session, wave_code: str) -> str:
    """That the population of a wave's day is not loaded, and which days are; empty when it is."""
    day, loaded = find_wave(session, wave_code).population_date, loaded_days(session)
    if day in loaded:
        return ""
    days = ", ".join(map(str, loaded)) or "ingen dag"
    return f"Befolkningen den {day} är inte inläst. Inläst är {days}. Läs in den, eller ändra datumet."


def change_wave(session: Session, settings: WaveSettings, by: str) -> bool:
    """Give a wave other settings; whether its sampling frame has to be loaded anew.

    A frame of other ages or of another day would be another population: its counts are then removed.
    """
    wave = lock_wave(session, settings.code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED)
    values = wave_values(session, settings)
    changed = {name: value for name, value in values.items() if getattr(wave, name) != value}
    _require_allowed(session, wave, changed)
    before = {name: getattr(wave, name) for name in changed}
    for name, value in changed.items():
        setattr(wave, name, value)
    require_possible(plan_of(session, wave), wave)
    anew = wave.status == WaveStatus.FRAMED and not changed.keys().isdisjoint(OF_THE_FRAME)
    if anew:
        _remove_frame(session, wave)
    session.flush()
    if changed:
        audit.record(session, by, "change wave", wave.code, before=before, after=changed, frame_removed=anew)
    return anew


def _require_allowed(session: Session, wave: Wave, changed: dict[str, object]) -> None:
    if "synthetic" in changed:
        raise UserError("Om svaren är simulerade kan aldrig ändras. Skapa en annan omgång.")
    chosen = exists().where(LocalQuestions.wave_code == wave.code)
    if "questionnaire_hash" in changed and session.scalar(select(chosen)):
        raise UserError(
            "Kommuner har redan valt egna frågor till omgångens formulär. Ta bort dem innan formuläret byts."
        )


def _remove_frame(session: Session, wave: Wave) -> None:
    for table in (Stratum, FrameCount):
        session.execute(delete(table).where(table.wave_code == wave.code))
    wave.status, wave.frame_hash = WaveStatus.PLANNED.value, None
