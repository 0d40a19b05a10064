"""Which questions are the same in two waves: only they are compared."""

import json
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from survey.models.imported_wave import ImportedWave
from survey.models.wave import Wave
from survey.preparation.waves import if_unchanged
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.indicators import Indicator, ScoreIndex


def unchanged_by_wave(
    session: Session, waves: Iterable[Wave], now: Wave, asked: Questionnaire
) -> dict[str, frozenset[str]]:
    """By wave code, the questions asked now that were asked in the same way then; none of other ages."""
    found = {}
    for wave in waves:
        imported = session.get(ImportedWave, wave.code)
        if not same_ages(wave, now):
            found[wave.code] = frozenset[str]()
        elif imported is not None:
            found[wave.code] = declared_items(asked, imported)
        else:
            found[wave.code] = unchanged_items(
                asked, if_unchanged(wave.questionnaire, wave.questionnaire_hash)
            )
    return found


def same_ages(wave: Wave, other: Wave) -> bool:
    """Whether two waves ask persons of the same ages: otherwise not even their totals are about the same."""
    return (wave.age_min, wave.age_max) == (other.age_min, other.age_max)


def unchanged_items(current: Questionnaire, earlier: Questionnaire | None) -> frozenset[str]:
    """Questions that read the same, with the same options and conditions, in both questionnaires."""
    if earlier is None:
        return frozenset()
    return frozenset(
        question.id for question in current.questions if earlier.question(question.id) == question
    )


def declared_items(current: Questionnaire, imported: ImportedWave) -> frozenset[str]:
    """Questions declared comparable when the wave was imported, and that still ask what they asked then."""
    declared = {
        item["question"]: item["question_hash"] for item in json.loads(imported.items) if item["comparable"]
    }
    return frozenset(
        question.id for question in current.questions if declared.get(question.id) == question.hash
    )


def comparable_since(
    indicator: Indicator | ScoreIndex, unchanged: Mapping[str, frozenset[str]], current: str
) -> str:
    """The earliest wave from which every question behind the indicator has stayed the same.

    The questions of the base count too: who is asked is part of what is asked.
    """
    items = {*indicator.items, *(part.split("=")[0] for part in indicator.base.split("|") if part)}
    since = current
    for wave in sorted(unchanged, reverse=True):
        if not items <= unchanged[wave]:
            break
        since = wave
    return max(since, indicator.comparable_since)
