"""The figures that the article on the method tells, out of a release that everybody may read."""

import json
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.models.release import Diagnostic, Release
from survey.models.wave import Wave
from survey.publication import numbers
from survey.publication.embargo import Reader
from survey.publication.released import ALL
from survey.publication.releases import ReleasedWave, wave_or_newest


@dataclass(frozen=True)
class MethodFacts:
    """Who was asked and by which rules figures are shown, in an open release."""

    wave: ReleasedWave
    age_min: int
    age_max: int
    municipalities: int
    sampled: int
    responded: int
    confidence: int  # percent
    fewest: int  # answers behind a figure that is shown
    few: int  # below it a figure is marked as resting on few answers

    @property
    def rate(self) -> int | None:
        """Whole percent of those asked who answered."""
        return numbers.whole_percent(self.responded / self.sampled) if self.sampled else None


def method_facts(session: Session, reader: Reader, wave_code: str = "") -> MethodFacts | None:
    """Of a wave, else of the newest; None before anything is open, and of a release without settings."""
    wave = wave_or_newest(session, reader, wave_code)
    if wave is None:
        return None
    settings = json.loads(session.get_one(Release, wave.release_id).manifest).get("settings")
    if not settings:
        return None
    municipalities, sampled, responded = session.execute(
        select(func.count(), func.sum(Diagnostic.sampled), func.sum(Diagnostic.responded)).where(
            Diagnostic.release_id == wave.release_id,
            Diagnostic.wave == wave.code,
            Diagnostic.municipality_code != ALL,
        )
    ).one()
    row = session.get_one(Wave, wave.code)
    limits = settings["thresholds"]
    return MethodFacts(
        wave=wave,
        age_min=row.age_min,
        age_max=row.age_max,
        municipalities=municipalities,
        sampled=sampled or 0,
        responded=responded or 0,
        confidence=numbers.whole_percent(settings["confidence"]),
        fewest=limits["minimum_n"],
        few=limits["small_base_below"],
    )
