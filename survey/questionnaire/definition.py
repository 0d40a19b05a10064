"""A questionnaire as frozen data: pages of questions with options, named by the hash of its content."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from survey.questionnaire.additions import find_addition_faults, merge
from survey.questionnaire.locking import find_unlocked
from survey.questionnaire.validation import find_faults
from survey.questionnaire.yaml_source import Located, QuestionnaireError, read_source

LIBRARY = Path(__file__).parent / "library"
ADDITIONS = LIBRARY / "local"
NO_QUESTIONNAIRES = ("indicators", "locked")
JOIN = "+"  # between the name of the core and that of the questions added to it
Answers = Mapping[str, str]


class OptionKind(StrEnum):
    """Whether an option answers the question or says why it is not answered."""

    REGULAR = "regular"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"


class Unit(StrEnum):
    """Who a question is about: the person answering or the household."""

    PERSON = "person"
    HOUSEHOLD = "household"


@dataclass(frozen=True)
class Option:
    code: str
    text: str
    kind: OptionKind = OptionKind.REGULAR


@dataclass(frozen=True)
class Condition:
    """Holds when an earlier question was answered with one of these codes."""

    question: str
    codes: tuple[str, ...]

    def holds(self, answers: Answers) -> bool:
        return answers.get(self.question, "") in self.codes


@dataclass(frozen=True)
class Question:
    """One question with one answer; `stem` is the sentence that several questions in a row complete.

    A question that is answered in one's own words has no options, and room for so many signs.
    """

    id: str
    text: str
    options: tuple[Option, ...]
    stem: str = ""
    help: str = ""
    unit: Unit = Unit.PERSON
    conditions: tuple[Condition, ...] = ()
    free_text: int = 0

    @cached_property
    def hash(self) -> str:
        """Names the content: two questions with the same hash ask the same of the same persons."""
        return _content_hash(self)

    def option(self, code: str) -> Option | None:
        return next((option for option in self.options if option.code == code), None)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.options)

    def codes_of_kind(self, kind: OptionKind) -> tuple[str, ...]:
        return tuple(option.code for option in self.options if option.kind is kind)


@dataclass(frozen=True)
class Page:
    """One topic; `continues` joins it to the part before, `support` ends it with where to get help."""

    id: str
    title: str
    questions: tuple[Question, ...]
    intro: str = ""
    period: str = ""
    support: bool = False
    continues: bool = False
    conditions: tuple[Condition, ...] = ()

    @cached_property
    def question_ids(self) -> frozenset[str]:
        return frozenset(question.id for question in self.questions)

    @cached_property
    def asked_of_all(self) -> bool:
        """Whether every question is asked whatever was answered before."""
        return not any(question.conditions for question in self.questions)


@dataclass(frozen=True)
class Questionnaire:
    name: str
    title: str
    pages: tuple[Page, ...]

    @cached_property
    def hash(self) -> str:
        """Names the content: the same for any layout of the file, another for any changed word or code."""
        return _content_hash(self)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for page in self.pages for question in page.questions)

    @cached_property
    def coded(self) -> tuple[Question, ...]:
        """The questions with options: those that are ever counted."""
        return tuple(question for question in self.questions if not question.free_text)

    @cached_property
    def free_texts(self) -> tuple[Question, ...]:
        """The questions that are answered in one's own words."""
        return tuple(question for question in self.questions if question.free_text)

    @cached_property
    def without_free_texts(self) -> Questionnaire:
        """The same without the questions that are answered in one's own words, and without emptied pages."""
        if not self.free_texts:
            return self
        pages = (
            replace(page, questions=tuple(one for one in page.questions if not one.free_text))
            for page in self.pages
        )
        return replace(self, pages=tuple(page for page in pages if page.questions))

    @cached_property
    def conditional_pages(self) -> tuple[Page, ...]:
        """The pages that ask nothing unless something was answered before."""
        return tuple(page for page in self.pages if all(question.conditions for question in page.questions))

    def page(self, page_id: str) -> Page | None:
        return next((page for page in self.pages if page.id == page_id), None)

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)

    def texts(self) -> Iterator[str]:
        """Every text a resident reads, in reading order, for the translators."""
        yield self.title
        for page in self.pages:
            yield from filter(None, (page.title, page.intro, page.period))
            for question in page.questions:
                yield from filter(None, (question.stem, question.text, question.help))
                yield from (option.text for option in question.options)


@cache
def load(name: str) -> Questionnaire:
    """The questionnaire of this name in the library, as in "trygghet" or "trygghet+skargard".

    A file with faults is refused with all of them.
    """
    core, _, addition = name.partition(JOIN)
    if not addition:
        return parse_core(_read(LIBRARY, core, "questionnaire"), f"{core}.yaml")
    load(core)  # local questions are judged against a core that has no faults of its own
    own = _read(ADDITIONS, addition, "set of local questions")
    return parse_addition(own, f"{addition}.yaml", core_source(core))


def cores() -> tuple[str, ...]:
    """The names of the questionnaires in the library."""
    return _names(LIBRARY)


def additions(core: str) -> tuple[str, ...]:
    """The names of the sets of local questions that belong to a core."""
    return tuple(name for name in _names(ADDITIONS) if addition_source(name).get("core") == core)


@cache
def core_source(name: str) -> Located:
    """The file of a questionnaire as it stands."""
    return read_source(_read(LIBRARY, name, "questionnaire"), f"{name}.yaml")


@cache
def addition_source(name: str) -> Located:
    """The file of a set of local questions as it stands."""
    return read_source(_read(ADDITIONS, name, "set of local questions"), f"{name}.yaml")


def parse(text: str, file: str) -> Questionnaire:
    """A questionnaire from the text of its file; `file` is the name that faults are reported under."""
    source = read_source(text, file)
    faults = [*source.doubled, *find_faults(source)]
    if faults:
        raise QuestionnaireError(file, faults)
    return _build(source)


def parse_core(text: str, file: str) -> Questionnaire:
    """A questionnaire that waves may use: besides without faults, its locked questions are as they were."""
    questionnaire = parse(text, file)
    hashes = {question.id: question.hash for question in questionnaire.questions}
    unlocked = list(find_unlocked(questionnaire.name, hashes, read_source(text, file)))
    if unlocked:
        raise QuestionnaireError(file, unlocked)
    return questionnaire


def parse_addition(text: str, file: str, core: Located) -> Questionnaire:
    """The core and the local questions of a file as one questionnaire, named by both."""
    source = read_source(text, file)
    faults = [*source.doubled, *find_addition_faults(source, core)]
    if source.get("core") != core["name"]:
        faults.append(f"line {source.line}: the core is {source.get('core')!r}, not {core['name']!r}")
    if faults:
        raise QuestionnaireError(file, faults)
    merged = _build(merge(core, source))
    return replace(merged, name=f"{core['name']}{JOIN}{source['name']}")


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in folder.glob("*.yaml") if file.stem not in NO_QUESTIONNAIRES))


def _read(folder: Path, name: str, kind: str) -> str:
    known = _names(folder)
    if name not in known:
        raise QuestionnaireError(
            f"{name}.yaml", [f"no {kind} is called {name!r}; the library has: {', '.join(known)}"]
        )
    return (folder / f"{name}.yaml").read_text(encoding="utf-8")


def _build(source: Mapping[str, Any]) -> Questionnaire:
    scales = source.get("scales") or {}
    inherited: dict[str, tuple[Condition, ...]] = {}
    pages = []
    for page in source["pages"]:
        conditions = _conditions(page, inherited)
        questions = []
        for entry in page["questions"]:
            # A question carries the conditions of its page and of every question it depends on, so that
            # an answer left behind on a path no longer taken can never open it.
            inherited[entry["id"]] = _merge(conditions, _conditions(entry, inherited))
            questions.append(_question(entry, scales, inherited[entry["id"]]))
        pages.append(_page(page, tuple(questions), conditions))
    return Questionnaire(source["name"], _words(source["title"]), tuple(pages))


def _page(
    page: Mapping[str, Any], questions: tuple[Question, ...], conditions: tuple[Condition, ...]
) -> Page:
    return Page(
        id=page["id"],
        title=_words(page["title"]),
        questions=questions,
        intro=_words(page.get("intro")),
        period=_words(page.get("period")),
        support=page.get("support", False),
        continues=page.get("continues", False),
        conditions=conditions,
    )


def _question(
    entry: Mapping[str, Any], scales: Mapping[str, Any], conditions: tuple[Condition, ...]
) -> Question:
    options = entry["options"] if "options" in entry else scales[entry["scale"]] if "scale" in entry else ()
    return Question(
        id=entry["id"],
        text=_words(entry["text"]),
        options=tuple(
            Option(option["code"], _words(option["text"]), OptionKind(option.get("kind", "regular")))
            for option in options
        ),
        stem=_words(entry.get("stem")),
        help=_words(entry.get("help")),
        unit=Unit(entry.get("unit", "person")),
        conditions=conditions,
        free_text=entry.get("free_text", 0),
    )


def _conditions(
    entry: Mapping[str, Any], inherited: Mapping[str, tuple[Condition, ...]]
) -> tuple[Condition, ...]:
    own: tuple[Condition, ...] = ()
    for target, codes in (entry.get("show_if") or {}).items():
        own = _merge(own, inherited[target], (Condition(target, tuple(codes)),))
    return own


def _merge(*groups: tuple[Condition, ...]) -> tuple[Condition, ...]:
    return tuple(dict.fromkeys(condition for group in groups for condition in group))


def _content_hash(content: Question | Questionnaire) -> str:
    found = asdict(content, dict_factory=_as_asked)
    canonical = json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def _as_asked(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """A question that has options is named as it was before there were others."""
    return {name: value for name, value in fields if (name, value) != ("free_text", 0)}


def _words(text: str | None) -> str:
    """The text without the line breaks and spaces that only lay out the file."""
    return " ".join((text or "").split())
