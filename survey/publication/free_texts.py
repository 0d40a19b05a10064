"""What a municipality may read of its residents' own words: passed texts alone, many enough, in no order."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models.passed_text import PassedText
from survey.preparation.waves import find_wave
from survey.publication.embargo import Reader
from survey.publication.local_questions import local_measures
from survey.publication.questions import questionnaire_of
from survey.publication.released import Wave
from survey.publication.releases import NotReleased, find_release, municipalities_of, wave_facts

FEWEST = 10  # fewer texts than this are not shown: whoever wrote one could be told by the others


@dataclass(frozen=True)
class QuestionTexts:
    """A question and what was answered in people's own words; no texts where they are too few to be shown."""

    question: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class FreeTexts:
    """The questions of a wave that a municipality's residents answered in their own words."""

    municipality: str
    wave: Wave
    synthetic: bool
    questions: tuple[QuestionTexts, ...]


def read_texts(session: Session, wave_code: str, municipality_code: str, reader: Reader) -> FreeTexts:
    """The passed texts of one municipality once its results are open to the reader."""
    release = find_release(session, wave_code, reader)
    participants = dict(municipalities_of(session, release))
    if municipality_code not in participants:
        raise NotReleased(f"Mätningen {wave_code} har inget resultat för kommunen {municipality_code}.")
    wave = wave_facts(find_wave(session, wave_code))
    own = local_measures(session, wave_code, municipality_code, reader).questionnaire
    asked = own or questionnaire_of(wave)
    # The ids are random and newly drawn for what is passed: their order is no order.
    rows = session.execute(
        select(PassedText.question_id, PassedText.text)
        .where(PassedText.wave_code == wave_code, PassedText.municipality_code == municipality_code)
        .order_by(PassedText.id)
    ).all()
    questions = tuple(
        QuestionTexts(question.text, _enough([text for name, text in rows if name == question.id]))
        for question in (asked.free_texts if asked else ())
    )
    return FreeTexts(participants[municipality_code], wave, release.synthetic, questions)


def _enough(texts: list[str]) -> tuple[str, ...]:
    return tuple(texts) if len(texts) >= FEWEST else ()
