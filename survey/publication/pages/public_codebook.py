"""How every measure is made, for everybody: the questions as asked, what counts, of whom, and where it broke.

In Swedish alone, as the measures' recipes are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models.release import Change
from survey.preparation.waves import find_wave
from survey.publication import wording
from survey.publication.embargo import Reader
from survey.publication.pages.indicator_page import MeasureQuestion, asked
from survey.publication.questions import questionnaire_of
from survey.publication.releases import ReleasedWave, wave_facts, wave_or_newest
from survey.publication.wave_series import BROKEN
from survey.questionnaire import indicators as library
from survey.questionnaire.indicators import Indicator

LEAD = "Så löd frågorna, och så räknas svaren. Sidan finns bara på svenska."
GONE = "Frågornas ordalydelse finns inte kvar här."
COUNTED: Mapping[str, str] = {
    "yes": "räknas i andelen",
    "base": "räknas bland alla som svarade",
    "outside": "räknas inte med",
}


@dataclass(frozen=True)
class MeasureRecipe:
    """A measure in words: what is counted, of whom, out of which questions, and whether it has changed."""

    id: str
    label: str
    meaning: str
    base: str
    questions: tuple[MeasureQuestion, ...]
    breaks: tuple[str, ...]


@dataclass(frozen=True)
class PublicCodebook:
    """The measures of a survey that everybody may read, topic by topic."""

    wave: ReleasedWave
    topics: tuple[tuple[str, tuple[MeasureRecipe, ...]], ...]


def public_codebook(session: Session, reader: Reader, wave_code: str = "") -> PublicCodebook | None:
    """Of a wave, else of the newest; None before anything is open."""
    wave = wave_or_newest(session, reader, wave_code)
    if wave is None:
        return None
    questionnaire = questionnaire_of(wave_facts(find_wave(session, wave.code)))
    breaks = _breaks(session, wave.release_id)

    def recipe(measure: Indicator) -> MeasureRecipe:
        questions = asked(measure, questionnaire)
        told = breaks.get(measure.id, ())
        return MeasureRecipe(measure.id, measure.label, measure.measure, measure.base_text, questions, told)

    return PublicCodebook(
        wave,
        tuple(
            (topic.title, tuple(recipe(one) for one in library.indicators() if one.topic == topic.id))
            for topic in library.topics()
        ),
    )


def _breaks(session: Session, release_id: int) -> dict[str, tuple[str, ...]]:
    """By measure, since which waves the question, the measure or the method has changed."""
    query = (
        select(Change.indicator, Change.previous_wave, Change.reason)
        .where(Change.release_id == release_id, Change.reason.in_(BROKEN))
        .distinct()
        .order_by(Change.indicator, Change.previous_wave, Change.reason)
    )
    found: dict[str, tuple[str, ...]] = {}
    for indicator, previous, reason in session.execute(query):
        told = f"Sedan {previous}: {wording.reason(reason)}."
        found[indicator] = (*found.get(indicator, ()), told)
    return found
