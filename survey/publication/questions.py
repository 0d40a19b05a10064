"""The questions as they were asked, with the recipe of each measure: which answers count, of which base."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from survey.publication.content import AskedQuestion, QuestionBlock, QuestionTopic
from survey.publication.released import Wave
from survey.publication.speech import say
from survey.publication.wording import lower
from survey.questionnaire import definition
from survey.questionnaire import indicators as library
from survey.questionnaire.definition import Page, Question, Questionnaire
from survey.questionnaire.indicators import Indicator
from survey.questionnaire.yaml_source import QuestionnaireError


def build_questions(wave: Wave, unanswered: Mapping[str, str] | None = None) -> tuple[QuestionTopic, ...]:
    """The questions behind the measures; none when the library no longer asks what the wave asked.

    `unanswered` says by question how those who were asked passed it by.
    """
    questionnaire = questionnaire_of(wave)
    if questionnaire is None:
        return ()
    topics = (_topic(page, unanswered or {}) for page in questionnaire.pages)
    return tuple(topic for topic in topics if topic.blocks)


def questionnaire_of(wave: Wave) -> Questionnaire | None:
    """What the wave asked; None when the library no longer has it as it was."""
    return as_asked(wave.questionnaire, wave.questionnaire_hash)


def as_asked(name: str, content_hash: str) -> Questionnaire | None:
    """A questionnaire out of the library; None when it is gone from there, or asks something else now."""
    try:
        questionnaire = definition.load(name)
    except QuestionnaireError:
        return None
    return questionnaire if questionnaire.hash == content_hash else None


def _topic(page: Page, unanswered: Mapping[str, str]) -> QuestionTopic:
    asked = [question for question in page.questions if _measures_with(question)]
    blocks = [
        _block(list(questions), unanswered)
        for _, questions in groupby(asked, key=lambda question: (question.stem, _recipe(question)))
    ]
    recipes = [
        (
            say(indicator.label),
            say(
                "%(measure)s Bas: %(base)s",
                measure=say(indicator.measure),
                base=lower(say(indicator.base_text)),
            ),
        )
        for indicator in library.indicators()
        if indicator.items[0] in page.question_ids and not _is_plain(indicator)
    ]
    intro = " ".join(say(text) for text in (page.intro, page.period) if text)
    return QuestionTopic(say(page.title), intro, tuple(blocks), tuple(recipes))


def _is_plain(indicator: Indicator) -> bool:
    """Whether the answers named beside its one question are its whole recipe."""
    return len(indicator.items) == 1 and _alone_of(indicator.items[0])[0] is indicator


def _measures_with(question: Question) -> list[Indicator]:
    return [indicator for indicator in library.indicators() if question.id in indicator.items]


def _alone_of(question_id: str) -> list[Indicator]:
    return [indicator for indicator in library.indicators() if indicator.items == (question_id,)]


def _recipe(question: Question) -> tuple[str, str, str]:
    """Which answers count, which others are in the base, and which are outside it: in the words asked."""
    first = (_alone_of(question.id) or _measures_with(question))[0]
    counted = [say(option.text) for option in question.options if option.code in first.yes]
    base = [
        say(option.text)
        for option in question.options
        if option.code in first.levels and option.code not in first.yes
    ]
    outside = [say(option.text) for option in question.options if option.code not in first.levels]
    return _listed(counted), _listed(base), _listed(outside)


def _block(questions: Sequence[Question], unanswered: Mapping[str, str]) -> QuestionBlock:
    counted, base, outside = _recipe(questions[0])
    asked = [
        AskedQuestion(
            _words(question),
            ", ".join(say(one.label) for one in _alone_of(question.id)),
            unanswered.get(question.id, ""),
        )
        for question in questions
    ]
    return QuestionBlock(say(questions[0].stem), counted, base, outside, tuple(asked))


def _words(question: Question) -> str:
    return f"{say(question.text)} ({say(question.help)})" if question.help else say(question.text)


def _listed(texts: Sequence[str]) -> str:
    """Answers in a row; one with a comma of its own is kept together by quotation marks."""
    return ", ".join(f"”{text}”" if "," in text else text for text in texts)
