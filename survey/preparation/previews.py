"""The questionnaire as staff look it through: in any language, with what residents are not shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from survey import languages
from survey.languages import SOURCE, Language
from survey.questionnaire import definition
from survey.questionnaire.definition import JOIN, Page, Question, Questionnaire
from survey.questionnaire.locking import locked_items
from survey.questionnaire.numbering import numbers, wanted
from survey.questionnaire.wording import reworded


@dataclass(frozen=True)
class PreviewedQuestion:
    """A question in the language looked at; `asked_if` says in Swedish who gets it."""

    question: Question
    number: int
    stem: str
    locked: bool
    local: bool
    asked_if: str


@dataclass(frozen=True)
class PreviewedPage:
    page: Page
    questions: tuple[PreviewedQuestion, ...]


@dataclass(frozen=True)
class Addition:
    """A set of local questions, with its title for staff."""

    name: str
    title: str
    questions: int


@dataclass(frozen=True)
class Listed:
    """A questionnaire that can be looked at, with the sets of local questions that can be added to it."""

    questionnaire: Questionnaire
    additions: tuple[Addition, ...]


def questionnaires() -> list[Listed]:
    """Every questionnaire in the library."""
    return [
        Listed(definition.load(core), tuple(_addition(core, name) for name in definition.additions(core)))
        for core in definition.cores()
    ]


def _addition(core: str, name: str) -> Addition:
    whole = definition.load(f"{core}{JOIN}{name}")
    own = len(whole.questions) - len(definition.load(core).questions)
    return Addition(name, str(definition.addition_source(name)["title"]), own)


def find_questionnaire(core: str, addition: str = "") -> Questionnaire | None:
    """A questionnaire with or without local questions; None when the library has no such."""
    if core not in definition.cores() or (addition and addition not in definition.additions(core)):
        return None
    return definition.load(f"{core}{JOIN}{addition}" if addition else core)


def preview(questionnaire: Questionnaire, language: Language) -> tuple[PreviewedPage, ...]:
    """Every page with every question, whoever it is asked of."""
    shown = reworded(questionnaire, partial(languages.translate, language.code))
    return tuple(PreviewedPage(page, tuple(_questions(page, questionnaire))) for page in shown.pages)


def _questions(page: Page, questionnaire: Questionnaire) -> Iterator[PreviewedQuestion]:
    core = definition.load(questionnaire.name.partition(JOIN)[0])
    number, locked = numbers(questionnaire), locked_items().get(core.name, {})
    stem = ""
    for question in page.questions:
        yield PreviewedQuestion(
            question=question,
            number=number[question.id],
            stem=question.stem if question.stem != stem else "",
            locked=question.id in locked,
            local=core.question(question.id) is None,
            asked_if=_asked_if(questionnaire, question.id),
        )
        stem = question.stem


def _asked_if(questionnaire: Questionnaire, name: str) -> str:
    """Who gets a question, as in "Ja på fråga 10"; empty when everybody does."""
    question = questionnaire.question(name)
    if question is None:
        return ""
    told = []
    for answer in wanted(questionnaire, question):
        words = languages.either(SOURCE.code, (option.text for option in answer.options))
        told.append(f"{words} på fråga {answer.number}")
    return " och ".join(told)
