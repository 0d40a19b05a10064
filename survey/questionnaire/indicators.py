"""What is counted on the questionnaire: each indicator with its recipe and the words reports use for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from survey.questionnaire import definition
from survey.questionnaire.definition import LIBRARY, OptionKind, Question, Questionnaire, Unit
from survey.questionnaire.indicator_validation import find_indicator_faults
from survey.questionnaire.yaml_source import QuestionnaireError, read_source

INDICATORS = LIBRARY / "indicators.yaml"


@dataclass(frozen=True)
class Topic:
    id: str
    title: str
    order: int


@dataclass(frozen=True)
class Indicator:
    """A proportion: the answers in `yes` among those in `levels`, asked of `base`.

    `verb`, `adverb`, `of` and `rest` build sentences round a share; `direction` is the way that is good.
    """

    id: str
    topic: str
    label: str
    verb: str
    adverb: str
    of: str
    rest: str
    measure: str
    base_text: str
    type: str
    items: tuple[str, ...]
    yes: tuple[str, ...]
    levels: tuple[str, ...]
    dont_know: tuple[str, ...]
    refused: tuple[str, ...]
    base: str
    unit: Unit
    direction: str
    headline: bool
    sensitive: bool
    comparable_since: str

    @property
    def item(self) -> str:
        """The one question a binary indicator is made of; empty for one made of several."""
        return self.items[0] if self.type == "binary" else ""

    def sentence(self, place: str, share: str) -> str:
        """A full sentence, as in "I Nacka känner sig 37 procent otrygga ute sent på kvällen."."""
        return f"{_join(place, self.verb, share, self.of, self.adverb, self.rest)}."

    def in_hundred(self) -> str:
        """A sentence to translate, as in "%(count)s av 100 oroar sig ofta för inbrott i hemmet."."""
        count = "%(count)s av 100"
        if not self.of:
            return f"{_join(count, self.verb, self.adverb, self.rest)}."
        of = self.of[:1].upper() + self.of[1:]
        return f"{_join(of, self.verb, count, self.adverb, self.rest)}."

    def share_phrase(self) -> str:
        """The share as a thing that can rise or fall, as in "andelen som ofta oroar sig för inbrott"."""
        return _join("andelen", self.of, "som", self.adverb, self.verb, self.rest)

    def row(self) -> dict[str, str]:
        """The recipe as one row of the table indicators.csv that the analysis reads."""
        return {
            "indicator": self.id,
            "item": self.item,
            "type": self.type,
            "yes": " ".join(self.yes),
            "levels": " ".join(self.levels),
            "items": "" if self.item else " ".join(self.items),
            "base": self.base,
            "dont_know": " ".join(self.dont_know),
            "refused": " ".join(self.refused),
            "sensitive": str(int(self.sensitive)),
            "headline": str(int(self.headline)),
            "direction": self.direction,
            "comparable_since": self.comparable_since,
        }


@dataclass(frozen=True)
class ScoreIndex:
    """A mean score of several questions from 0 to 100, by the recipe that `measure` tells in words.

    It is in the tables, not in the report, whose sentences and charts are about shares. Another recipe is
    another `version`.
    """

    id: str
    version: str
    label: str
    measure: str
    base_text: str
    items: tuple[str, ...]
    levels: tuple[str, ...]
    minimum_share: str
    direction: str
    dont_know: tuple[str, ...]
    refused: tuple[str, ...]
    comparable_since: str = ""
    base: str = ""

    def row(self) -> dict[str, str]:
        """The recipe as one row of the table indicators.csv that the analysis reads."""
        return {
            "indicator": self.id,
            "item": "",
            "type": "index",
            "yes": "",
            "levels": " ".join(self.levels),
            "items": " ".join(self.items),
            "dont_know": " ".join(self.dont_know),
            "refused": " ".join(self.refused),
            "sensitive": "0",
            "headline": "0",
            "direction": self.direction,
            "comparable_since": self.comparable_since,
            "version": self.version,
            "minimum_share": self.minimum_share,
            "range": "0 100",
        }


@dataclass(frozen=True)
class IndicatorLibrary:
    """All indicators of a questionnaire in the order of the report, under their topics; and its indices."""

    questionnaire: str
    topics: tuple[Topic, ...]
    indicators: tuple[Indicator, ...]
    indices: tuple[ScoreIndex, ...] = ()

    def indicator(self, indicator_id: str) -> Indicator | None:
        return next((entry for entry in self.indicators if entry.id == indicator_id), None)

    def rows(self) -> list[dict[str, str]]:
        return [entry.row() for entry in self.indicators]


@cache
def load() -> IndicatorLibrary:
    """The indicators in the library, checked against the questionnaire they are made of."""
    return parse(INDICATORS.read_text(encoding="utf-8"), INDICATORS.name)


def parse(text: str, file: str, questionnaire: Questionnaire | None = None) -> IndicatorLibrary:
    """Indicators from the text of their file; every fault stops it, named with file and place."""
    source = read_source(text, file)
    questionnaire = questionnaire or definition.load(str(source.get("questionnaire")))
    faults = [*source.doubled, *find_indicator_faults(source, questionnaire)]
    if faults:
        raise QuestionnaireError(file, faults)
    topics = tuple(
        Topic(entry["id"], entry["title"], order) for order, entry in enumerate(source["topics"], start=1)
    )
    indicators = tuple(_indicator(entry, questionnaire) for entry in source["indicators"])
    indices = tuple(_index(entry, questionnaire) for entry in source.get("indices", ()))
    return IndicatorLibrary(questionnaire.name, topics, indicators, indices)


def topics() -> tuple[Topic, ...]:
    """The topics of the report in order."""
    return load().topics


def indicators() -> tuple[Indicator, ...]:
    """Every indicator in the order of the report."""
    return load().indicators


def indices() -> tuple[ScoreIndex, ...]:
    """Every index of the library."""
    return load().indices


def indicator(indicator_id: str) -> Indicator | None:
    """The indicator with this id; None when the library has no such indicator."""
    return load().indicator(indicator_id)


def rows() -> list[dict[str, str]]:
    """The shares in the table indicators.csv of the analysis, one row per indicator, all values as text."""
    return load().rows()


def _indicator(entry: Mapping[str, Any], questionnaire: Questionnaire) -> Indicator:
    items = tuple(entry.get("items") or (entry.get("item", entry["id"]),))
    questions = [question for item in items if (question := questionnaire.question(item))]
    derived = {
        "items": items,
        "type": entry.get("type", "binary"),
        "dont_know": _codes(questions, OptionKind.DONT_KNOW, entry) + tuple(entry.get("outside", ())),
        "refused": _codes(questions, OptionKind.REFUSED, entry),
        "yes": tuple(entry["yes"]),
        "levels": tuple(entry["levels"]),
        "unit": Unit(entry.get("unit", "person")),
    }
    defaults = {
        "adverb": "",
        "of": "",
        "base": "",
        "headline": False,
        "sensitive": False,
        "comparable_since": "",
    }
    known = {field.name for field in fields(Indicator)}
    written = {key: value for key, value in entry.items() if key in known}
    return Indicator(**{**defaults, **written, **derived})


def _index(entry: Mapping[str, Any], questionnaire: Questionnaire) -> ScoreIndex:
    questions = [question for item in entry["items"] if (question := questionnaire.question(item))]
    derived = {
        "items": tuple(entry["items"]),
        "levels": tuple(entry["levels"]),
        "dont_know": _codes(questions, OptionKind.DONT_KNOW, entry),
        "refused": _codes(questions, OptionKind.REFUSED, entry),
    }
    return ScoreIndex(**{**entry, **derived})


def _codes(questions: list[Question], kind: OptionKind, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Codes of this kind that the indicator keeps out of its base; "vet inte" may count in it."""
    codes = dict.fromkeys(code for question in questions for code in question.codes_of_kind(kind))
    return tuple(code for code in codes if code not in entry["levels"])


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)
