"""What a table is asked about: a measure or question, by whom it is divided, and where."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answer_states import TableQuestion
from analysis.keys import AREA, MUNICIPALITY
from survey.errors import Faults
from survey.models.area import Area
from survey.models.table_request import RequestKind
from survey.models.wave import Stratum, Wave
from survey.preparation.geography import municipality_names
from survey.preparation.local_questions import local_questionnaires, unchanged_questionnaires
from survey.preparation.one_line import one_line
from survey.preparation.waves import find_wave, questionnaire_of
from survey.questionnaire import indicators as library
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.local_shares import local_shares

MOST_VARIABLES = {RequestKind.TABLE: 2, RequestKind.REGRESSION: 5}
LONGEST_PURPOSE = 500
LONGEST_WORDS = 90
PLACES = (MUNICIPALITY, AREA)
MEASURES, OWN = "Mått", "Kommunernas egna frågor"
DESIGN = {
    "municipality": "Kommun",
    "area": "Delområde",
    "gender": "Kön",
    "legal_gender": "Kön enligt folkbokföringen",
    "age_group": "Åldersgrupp",
    "mode": "Svarssätt (webb eller papper)",
}
CATEGORIES = {
    "all": "Alla",
    "not_stated": "Ej svar på frågan",
    "woman": "Kvinnor",
    "man": "Män",
    "other": "Annat kön",
    "undisclosed": "Kön inte angivet",
    "web": "Webb",
    "paper": "Papper",
}


def names_in(table: TableQuestion) -> tuple[str, ...]:
    """Every variable of a table."""
    return (table.item, *table.by, *(name for name, _ in table.where))


@dataclass(frozen=True)
class Question:
    """A table or a regression, as it is asked for."""

    kind: RequestKind
    table: TableQuestion

    def as_text(self) -> str:
        """As it is kept."""
        one = self.table
        return json.dumps({"item": one.item, "by": one.by, "where": one.where}, ensure_ascii=False)

    @property
    def is_regression(self) -> bool:
        return self.kind is RequestKind.REGRESSION

    @property
    def tables(self) -> tuple[TableQuestion, ...]:
        """The tables that it tells: of a regression one for each variable."""
        if not self.is_regression:
            return (self.table,)
        return tuple(TableQuestion(self.table.item, (name,), self.table.where) for name in self.table.by)


def from_text(kind: str, text: str) -> Question:
    """The question that was kept."""
    return Question(RequestKind(kind), table_of(json.loads(text)))


def table_of(kept: Mapping[str, Any]) -> TableQuestion:
    """A table as it was kept: item, by and where."""
    where = tuple((str(name), tuple(map(str, values))) for name, values in kept["where"])
    return TableQuestion(str(kept["item"]), tuple(map(str, kept["by"])), where)


@dataclass(frozen=True)
class Choices:
    """What can be asked of a wave, each by its words."""

    indicators: Mapping[str, str]
    questions: Mapping[str, str]
    design: Mapping[str, str]
    municipalities: Mapping[str, str]
    areas: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]]  # the codes of each question, in words
    asked_in: Mapping[str, frozenset[str]]  # of a municipality's own question or measure, where it was asked

    @property
    def words(self) -> Mapping[str, str]:
        """What a table is divided by or limited to; a question that names a measure too, by its answers."""
        return {**self.indicators, **self.questions, **self.design}

    @property
    def measures(self) -> Mapping[str, Mapping[str, str]]:
        """What can be counted, by kind; a question that names a measure is counted as the measure."""
        items = {name: words for name, words in self.questions.items() if name not in self.indicators}
        return self._by_kind({MEASURES: self.indicators, "Frågor, varje svar för sig": items})

    @property
    def divisions(self) -> Mapping[str, Mapping[str, str]]:
        """What can be divided by, by kind."""
        others = {name: words for name, words in self.indicators.items() if name not in self.questions}
        kinds = {"Plats och person": self.design, MEASURES: others, "Frågor": self.questions}
        return self._by_kind(kinds)

    def _by_kind(self, kinds: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
        """Municipalities' own questions as a kind for themselves, each with where it was asked."""
        common = {
            kind: {name: words for name, words in some.items() if name not in self.asked_in}
            for kind, some in kinds.items()
        }
        own = {
            name: f"{words} ({', '.join(self._asked_in(name))})"
            for some in kinds.values()
            for name, words in some.items()
            if name in self.asked_in
        }
        return {**common, OWN: own} if own else common

    def _asked_in(self, name: str) -> list[str]:
        return [self.municipalities.get(code, code) for code in sorted(self.asked_in[name])]

    def asked_elsewhere(self, names: Iterable[str], ground: Sequence[str]) -> str:
        """Why a municipality's own question cannot be asked of a ground; empty when it can."""
        for name in names:
            where = self.asked_in.get(name)
            if where is not None and (len(ground) != 1 or ground[0] not in where):
                return (
                    f"Frågan ”{self.words[name]}” är en kommuns egen. Den kan bara redovisas för en kommun "
                    f"som ställde den: {', '.join(self._asked_in(name))}."
                )
        return ""

    def category(self, variable: str, category: str) -> str:
        """A category in words."""
        found = self.options.get(variable, {}).get(category)
        if variable in ("municipality", "area"):
            found = {"municipality": self.municipalities, "area": self.areas}[variable].get(category)
        if found is None and variable in self.indicators:
            found = {"1": "Ja", "0": "Nej"}.get(category)
        if found is None and variable.startswith("age") and category[:1].isdigit():
            found = f"{category.replace('-', '–')} år"
        return found or CATEGORIES.get(category, category)

    def sentence(self, question: Question) -> str:
        """What is asked, in words."""
        one = question.table
        named = [self._named(name) for name in one.by]
        by = " och ".join((", ".join(named[:-1]), named[-1])) if len(named) > 1 else named[0]
        conditions = [
            ("i" if name in PLACES else self._named(name), [self.category(name, value) for value in values])
            for name, values in one.where
        ]
        where = ", ".join(f"{within} {' eller '.join(values)}" for within, values in conditions)
        kind = "Regression: " if question.is_regression else ""
        item = (
            f"”{self.questions[one.item]}”" if one.item not in self.indicators else self.indicators[one.item]
        )
        return f"{kind}{item} efter {by}{f', bara {where}' if where else ''}"

    def _named(self, variable: str) -> str:
        """A variable inside a sentence; a question as it was put."""
        if variable in self.words and variable not in self.questions:
            return self.words[variable].lower()
        return f"svar på ”{self.words.get(variable, variable)}”"


def choices(session: Session, wave_code: str) -> Choices:
    """The measures, questions and groups of a wave."""
    wave = find_wave(session, wave_code)
    questionnaire, own = questionnaire_of(wave), unchanged_questionnaires(session, wave_code)
    core = [question for question in questionnaire.questions if question.id != "gender"]
    there = {question.id for question in core}
    added = {question.id: question for one in own.values() for question in one.questions}
    asked = [*core, *(question for name, question in added.items() if not questionnaire.question(name))]
    shares = {share.id: share.label for one in own.values() for share in local_shares(one)}
    names = municipality_names(session)
    drawn = select(Stratum.municipality_code).where(Stratum.wave_code == wave_code, Stratum.sampled > 0)
    here = sorted(set(session.scalars(drawn)))
    return Choices(
        {one.id: one.label for one in library.indicators() if there.issuperset(one.items)} | shares,
        {
            question.id: _short(f"{question.stem} {question.text}".strip())
            for question in asked
            if question.options
        },
        DESIGN,
        {code: names.get(code, code) for code in here},
        _area_names(session, wave_code, names),
        {question.id: {option.code: option.text for option in question.options} for question in asked},
        {
            question.id: frozenset(code for code, one in own.items() if one.question(question.id))
            for question in asked[len(core) :]
            if question.options
        },
    )


def read_question(
    known: Choices, kind: str, item: str, by: Iterable[str], where: Iterable[tuple[str, Sequence[str]]]
) -> Question:
    """What is asked for, when all of it is there; the same question is always written the same way.

    Raises:
        Faults: by field what is missing or unknown.
    """
    faults: dict[str, str] = {}
    if kind not in list(RequestKind):
        raise Faults({"slag": "Välj tabell eller regression."})
    chosen, most = [name for name in by if name], MOST_VARIABLES[RequestKind(kind)]
    conditions = sorted((name, tuple(sorted({*values} - {""}))) for name, values in where if any(values))
    limited = [name for name, _ in conditions]
    measures = known.indicators if kind == RequestKind.REGRESSION else {**known.questions, **known.indicators}
    if item not in measures:
        faults["matt"] = "Välj ett mått eller en fråga i listan. En regression behöver ett mått (andel)."
    if stray := next((name for name in (*chosen, *limited) if name not in known.words), None):
        faults["efter"] = f"”{stray[:60]}” går inte att dela upp efter. Välj i listan."
    elif not 1 <= len(chosen) <= most or len(set(chosen)) < len(chosen) or item in chosen:
        faults["efter"] = f"Välj högst {most} olika uppdelningar, minst en, och inte måttet självt."
    elif twice := next((name for name in limited if limited.count(name) > 1), None):
        faults["efter"] = f"{twice} står i flera villkor. Skriv alla värden i ett, som {twice}=värde,värde."
    elif said := known.asked_elsewhere((item, *chosen, *limited), dict(conditions).get("municipality", ())):
        faults["kommun"] = said
    if faults:
        raise Faults(faults)
    # A regression is about its first variable; otherwise the order says nothing.
    first = 1 if kind == RequestKind.REGRESSION else 0
    by = (*chosen[:first], *sorted(chosen[first:]))
    return Question(RequestKind(kind), TableQuestion(item, by, tuple(conditions)))


def stated(text: str, field: str, asked: str) -> str:
    """A purpose or a reason, on one line.

    Raises:
        Faults: there is none that can be kept; what was asked for, at its field.
    """
    line = one_line(text, LONGEST_PURPOSE)
    if not line:
        raise Faults({field: f"{asked}, högst {LONGEST_PURPOSE} tecken och inga styrtecken."})
    return line


def further_questions(asked: Iterable[Questionnaire], questions: Iterable[Question]) -> list[str]:
    """Answers to fetch that no measure is made of."""
    known = {question.id for one in asked for question in one.questions}
    return sorted(known & _named(questions))


def asked_of_own(session: Session, wave: Wave, questions: Iterable[Question]) -> list[Questionnaire]:
    """The municipalities' own questionnaires that some questions are about, each once."""
    strange = _named(questions) - DESIGN.keys() - {one.id for one in library.indicators()}
    strange -= {question.id for question in questionnaire_of(wave).questions}
    if not strange:
        return []
    there = {one.name: one for one in local_questionnaires(session, wave.code).values()}
    return [one for one in there.values() if any(one.question(name) for name in strange)]


def _named(questions: Iterable[Question]) -> set[str]:
    return {name for question in questions for name in names_in(question.table)}


def _area_names(session: Session, wave_code: str, municipalities: Mapping[str, str]) -> dict[str, str]:
    """Areas by name, with the municipality: two may have areas of one name."""
    rows = session.execute(
        select(Area.code, Area.name, Area.municipality_code)
        .join(Stratum, Stratum.area_code == Area.code)
        .where(Stratum.wave_code == wave_code)
    )
    return {code: f"{name}, {municipalities.get(of, of)}" for code, name, of in rows}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_WORDS else f"{text[: LONGEST_WORDS - 1].rstrip()}…"
