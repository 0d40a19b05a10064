"""Finds every fault in the indicators of a questionnaire: wrong keys, items and codes that do not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from survey.questionnaire.definition import OptionKind, Question, Questionnaire
from survey.questionnaire.places import at, is_list, is_text, mappings

TOP_KEYS = {"questionnaire", "topics", "indicators"}
TOPIC_KEYS = {"id", "title"}
INDEX_TEXTS = ("id", "version", "label", "measure", "base_text", "minimum_share")
INDEX_REQUIRED = {"items", "levels", "direction", *INDEX_TEXTS}
INDEX_OPTIONAL = {"comparable_since"}
TEXTS = ("label", "verb", "rest", "measure", "base_text")
REQUIRED = {"id", "topic", "yes", "levels", "direction", *TEXTS}
OPTIONAL_TEXTS = ("adverb", "of")
OPTIONAL = {"type", "item", "items", "outside", "base", "unit", "headline", "sensitive"}
OPTIONAL |= {"comparable_since", *OPTIONAL_TEXTS}
CHOICES = {
    "type": ("binary", "any"),
    "direction": ("up", "down"),
    "unit": ("person", "household"),
    "headline": (True, False),
    "sensitive": (True, False),
}
# Holm's correction covers at most this many indicators declared before the results are seen.
MOST_HEADLINES = 5


def find_indicator_faults(source: Mapping[str, Any], questionnaire: Questionnaire) -> list[str]:
    """Every fault of the file, in the order of the file; an empty list means that it can be used."""
    return list(_library(source, questionnaire))


def _library(source: Mapping[str, Any], questionnaire: Questionnaire) -> Iterator[str]:
    yield from _keys(source, "indicators", TOP_KEYS, TOP_KEYS | {"indices"})
    for number, topic in enumerate(mappings(source.get("topics")), start=1):
        yield from _keys(topic, at(topic, f"topic {number}"), TOPIC_KEYS, TOPIC_KEYS)
    topics = [str(topic.get("id")) for topic in mappings(source.get("topics"))]
    entries = mappings(source.get("indicators"))
    if not topics or not entries:
        yield "needs at least one topic and one indicator"
    yield from _doubled(topics, "topic")
    yield from _doubled([str(entry.get("id")) for entry in entries], "indicator")
    for name in topics:
        if not any(entry.get("topic") == name for entry in entries):
            yield f"topic '{name}': has no indicator"
    if sum(entry.get("headline") is True for entry in entries) > MOST_HEADLINES:
        yield f"more than {MOST_HEADLINES} indicators are headlines"
    for number, entry in enumerate(entries, start=1):
        place = at(entry, f"indicator '{entry['id']}'" if "id" in entry else f"indicator {number}")
        faults = list(_shape(entry, place, topics))
        yield from faults or _recipe(entry, place, questionnaire)
    yield from _indices(mappings(source.get("indices")), entries, questionnaire)


def _indices(
    indices: list[Mapping[str, Any]], indicators: list[Mapping[str, Any]], questionnaire: Questionnaire
) -> Iterator[str]:
    taken = [str(entry.get("id")) for entry in indicators]
    yield from _doubled([*dict.fromkeys(taken), *(str(entry.get("id")) for entry in indices)], "index")
    for number, entry in enumerate(indices, start=1):
        place = at(entry, f"index '{entry['id']}'" if "id" in entry else f"index {number}")
        faults = list(_index_shape(entry, place))
        yield from faults
        for item in () if faults else entry["items"]:
            question = questionnaire.question(item)
            if question is None:
                yield f"{place}: the item {item!r} does not exist in the questionnaire {questionnaire.name!r}"
            else:
                yield from _codes(entry, place, question)


def _index_shape(entry: Mapping[str, Any], place: str) -> Iterator[str]:
    yield from _keys(entry, place, INDEX_REQUIRED, INDEX_REQUIRED | INDEX_OPTIONAL)
    for key in INDEX_TEXTS:
        if key in entry and not is_text(entry[key]):
            yield f"{place}: the text {key!r} is missing"
    for key in ("items", "levels"):
        if key in entry and not (is_list(entry[key]) and all(isinstance(code, str) for code in entry[key])):
            yield f"{place}: {key!r} must be a list of quoted texts"
    if "direction" in entry and entry["direction"] not in CHOICES["direction"]:
        yield f"{place}: 'direction' is {entry['direction']!r} but must be one of up, down"


def _shape(entry: Mapping[str, Any], place: str, topics: list[str]) -> Iterator[str]:
    yield from _keys(entry, place, REQUIRED, REQUIRED | OPTIONAL)
    for key in (*TEXTS, *OPTIONAL_TEXTS):
        if key in entry and not is_text(entry[key]):
            yield f"{place}: the text {key!r} is missing"
    for key, choices in CHOICES.items():
        if key in entry and entry[key] not in choices:
            yield f"{place}: {key!r} is {entry[key]!r} but must be one of {', '.join(map(str, choices))}"
    for key in ("yes", "levels", "items", "outside"):
        if key in entry and not (is_list(entry[key]) and all(isinstance(code, str) for code in entry[key])):
            yield f"{place}: {key!r} must be a list of quoted texts"
    if "topic" in entry and entry["topic"] not in topics:
        yield f"{place}: the topic {entry['topic']!r} does not exist"
    if (entry.get("type") == "any") != ("items" in entry):
        yield f"{place}: 'items' belongs to the type any and to no other"


def _recipe(entry: Mapping[str, Any], place: str, questionnaire: Questionnaire) -> Iterator[str]:
    for code in entry["yes"]:
        if code not in entry["levels"]:
            yield f"{place}: the code {code!r} is in 'yes' but not in 'levels'"
    for item in entry.get("items") or [entry.get("item", entry["id"])]:
        question = questionnaire.question(item)
        if question is None:
            yield f"{place}: the item {item!r} does not exist in the questionnaire {questionnaire.name!r}"
        else:
            yield from _codes(entry, place, question)
    yield from _base(str(entry.get("base", "")), place, questionnaire)


def _codes(entry: Mapping[str, Any], place: str, question: Question) -> Iterator[str]:
    for key in ("levels", "outside"):
        for code in entry.get(key, ()):
            if code not in question.codes:
                yield f"{place}, {key}: the item {question.id!r} has no option with the code {code!r}"
    counted = [*entry["levels"], *entry.get("outside", ())]
    for option in question.options:
        if option.kind is OptionKind.REGULAR and option.code not in counted:
            yield f"{place}: says nothing about the code {option.code!r} of the item {question.id!r}"
    if entry.get("unit", "person") != question.unit:
        yield f"{place}: the unit differs from the {question.unit} of the item {question.id!r}"


def _base(base: str, place: str, questionnaire: Questionnaire) -> Iterator[str]:
    for condition in filter(None, base.split("|")):
        item, _, code = condition.partition("=")
        question = questionnaire.question(item)
        if question is None:
            yield f"{place}, base: the item {item!r} does not exist"
        elif code not in question.codes:
            yield f"{place}, base: the item {item!r} has no option with the code {code!r}"


def _keys(entry: Mapping[str, Any], place: str, required: set[str], allowed: set[str]) -> Iterator[str]:
    for key in entry:
        if key not in allowed:
            yield f"{place}: the key {key!r} is unknown"
    for key in sorted(required - set(entry)):
        yield f"{place}: the key {key!r} is missing"


def _doubled(names: list[str], kind: str) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{kind} '{name}': the id is used twice"
