"""A response as it stands, and a page added to it: the same for everybody who answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import orjson

from survey.collection.refusals import PageNotOpen
from survey.questionnaire.answers import validate
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.path import is_reachable

PageAnswers = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class ResponseState:
    """A response as it stands: what to ask, what has been answered, and the version a form must carry."""

    giver: int
    """Whose it is: the case, or by an open link the answers themselves."""
    response_id: int
    wave_code: str
    wave_title: str
    wave_status: str
    synthetic: bool
    field_start: date
    field_end: date
    links_until: date | None
    """Last day of the link to the person, when there is one: until then the answers can be taken back."""
    questionnaire: Questionnaire
    answers: dict[str, str]
    version: int
    begun: bool
    submitted: bool
    language: str


@dataclass(frozen=True)
class Saved:
    """What came of a page that was sent: the response as it stands now, and what is wrong by question."""

    state: ResponseState
    faults: dict[str, str]


def add_page(
    questionnaire: Questionnaire, answers: dict[str, str], page_id: str, sent: PageAnswers
) -> dict[str, str]:
    """Add a page's answers to those before it; or the faults by question, and nothing is added."""
    page = questionnaire.page(page_id)
    if page is None or not is_reachable(questionnaire, page, answers):
        raise PageNotOpen
    values, faults = validate(page, answers, sent)
    if not faults:
        answers.update(values)
    return {question: str(fault) for question, fault in faults.items()}


def packed(answers: Mapping[str, str]) -> str:
    """The answers as they are stored."""
    return orjson.dumps(answers).decode()
