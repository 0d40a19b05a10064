"""Which questions are the same in two waves: only they are compared."""

from collections.abc import Mapping

from survey.errors import UserError
from survey.models.wave import Wave
from survey.preparation.waves import load_unchanged
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.indicators import Indicator, ScoreIndex


def questionnaires(waves: list[Wave]) -> dict[str, Questionnaire | None]:
    """The questionnaire of each wave by wave code; None when its file is no longer the one that was used."""
    found: dict[str, Questionnaire | None] = {}
    for wave in waves:
        try:
            found[wave.code] = load_unchanged(wave.questionnaire, wave.questionnaire_hash)
        except UserError:
            found[wave.code] = None
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
