"""Forms handed in without one answer: to the statistics their persons have not answered."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

import orjson
from sqlalchemy.orm import Session

from survey.models.imported_wave import ImportedWave
from survey.models.local_questions import LocalQuestions
from survey.models.wave import Wave
from survey.preparation.waves import if_unchanged
from survey.questionnaire.answers import SKIPPED
from survey.questionnaire.definition import OptionKind, Questionnaire

IsBlank = Callable[[str], bool]


def blank_test(session: Session, wave_code: str) -> IsBlank:
    """Tells of packed answers whether none of them is one: skipped, not known or refused throughout.

    Of a wave collected elsewhere its own files say who answered.
    """
    if session.get(ImportedWave, wave_code) is not None:
        return lambda packed: False
    passed = _passing_codes(_asked(session, wave_code))
    # Nearly everybody has answered something: one look at the text, which ends at the first answer, says so.
    codes = "|".join(sorted({re.escape(code) for one in passed.values() for code in one}))
    looks_blank = re.compile(rf'\{{(?:"[^"]*":"(?:{codes})",?)*\}}')

    def is_blank(packed: str) -> bool:
        return looks_blank.fullmatch(packed) is not None and all(
            code in passed[question] for question, code in orjson.loads(packed).items()
        )

    return is_blank


def _passing_codes(asked: Iterable[Questionnaire]) -> dict[str, set[str]]:
    """By question, what passes it by."""
    found: dict[str, set[str]] = defaultdict(lambda: {SKIPPED})
    for questionnaire in asked:
        for question in questionnaire.coded:
            for kind in (OptionKind.DONT_KNOW, OptionKind.REFUSED):
                found[question.id] |= {*question.codes_of_kind(kind)}
    return found


def _asked(session: Session, wave_code: str) -> list[Questionnaire]:
    """What was asked in the wave, as far as the library still has it; of the rest every code is an answer."""
    wave = session.get_one(Wave, wave_code)
    own = session.query(LocalQuestions).where(LocalQuestions.wave_code == wave_code)
    kept = [if_unchanged(one.questionnaire, one.questionnaire_hash) for one in (wave, *own)]
    return [questionnaire for questionnaire in kept if questionnaire is not None]
