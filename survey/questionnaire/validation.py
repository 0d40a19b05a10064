"""Finds every fault in a questionnaire file before it is used, and says where each one is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from survey.questionnaire.consistency import find_contradictions
from survey.questionnaire.places import at, is_list, is_text, mappings, question_name

NAME = re.compile(r"[a-z][a-z0-9_]*")
CODE = re.compile(r"[a-z0-9_]+")
KINDS = ("regular", "dont_know", "refused")
UNITS = ("person", "household")
REQUIRED = {
    "questionnaire": {"name", "title", "pages"},
    "page": {"id", "title", "questions"},
    "question": {"id", "text"},
    "option": {"code", "text"},
}
ANSWERED_BY = ("options", "scale", "free_text")
ROOM = range(50, 2001)  # signs for an answer in one's own words
ALLOWED = {
    "questionnaire": REQUIRED["questionnaire"] | {"scales", "additions_after"},
    "page": REQUIRED["page"] | {"intro", "period", "support", "continues", "show_if"},
    "question": REQUIRED["question"] | {"stem", "help", "unit", "show_if", *ANSWERED_BY},
    "option": REQUIRED["option"] | {"kind"},
}
TEXTS = ("title", "text", "intro", "period", "stem", "help")
CHOICES = {"kind": KINDS, "unit": UNITS, "support": (True, False), "continues": (True, False)}


@dataclass
class _Known:
    """What a filter may point at: for each question the page it stands on and the codes it offers."""

    pages: dict[str, int] = field(default_factory=dict)
    codes: dict[str, set[str]] = field(default_factory=dict)


def find_faults(source: Mapping[str, Any]) -> list[str]:
    """Every fault of the file, in the order of the file; an empty list means that it can be used."""
    return list(_questionnaire(source))


def _questionnaire(source: Mapping[str, Any]) -> Iterator[str]:
    yield from _entry(source, "questionnaire", "questionnaire")
    scales = source.get("scales") or {}
    if not isinstance(scales, Mapping):
        yield f"{at(source, 'scales')}: must be a mapping of names to lists of options"
        scales = {}
    for name, options in scales.items():
        yield from _options(options, source, f"scale '{name}'")
    pages = source.get("pages")
    if "pages" in source and not is_list(pages):
        yield f"{at(source, 'pages')}: must be a list with at least one page"
    known = _look_up(pages, scales)
    yield from _doubled_names(pages)
    yield from _additions(source, mappings(pages))
    for number, page in enumerate(mappings(pages), start=1):
        yield from _page(page, number, scales, known)
    for number, page in enumerate(pages if isinstance(pages, list) else [], start=1):
        if not isinstance(page, Mapping):
            yield f"page {number}: must be a mapping with keys and values"
    yield from find_contradictions(source)


def _additions(source: Mapping[str, Any], pages: list[Mapping[str, Any]]) -> Iterator[str]:
    """The declared place of local questions: after a page, and never inside a part of several pages."""
    if "additions_after" not in source:
        return
    place, wanted = at(source, "additions_after"), source["additions_after"]
    names = [page.get("id") for page in pages]
    if wanted not in names:
        yield f"{place}: the page {wanted!r} does not exist"
    elif any(page.get("continues") is True for page in pages[names.index(wanted) + 1 :][:1]):
        yield f"{place}: the page after {wanted!r} continues it, local questions would part them"


def _look_up(pages: Any, scales: Mapping[str, Any]) -> _Known:
    known = _Known()
    for number, page in enumerate(mappings(pages), start=1):
        for question in mappings(page.get("questions")):
            name = str(question.get("id"))
            known.pages.setdefault(name, number)
            options = question.get("options", scales.get(str(question.get("scale"))))
            known.codes.setdefault(name, {str(option.get("code")) for option in mappings(options)})
    return known


def _doubled_names(pages: Any) -> Iterator[str]:
    places: dict[tuple[str, str], str] = {}
    for page in mappings(pages):
        named = [("page", page)] + [("question", question) for question in mappings(page.get("questions"))]
        for kind, entry in named:
            name = entry.get("id")
            place = at(entry, f"{kind} '{name}'")
            first = places.setdefault((kind, str(name)), place)
            if name is not None and first is not place:
                yield f"{place}: this {kind} id is already used at {first}"


def _page(page: Mapping[str, Any], number: int, scales: Mapping[str, Any], known: _Known) -> Iterator[str]:
    place = at(page, f"page '{page['id']}'" if "id" in page else f"page {number}")
    yield from _entry(page, "page", place)
    if number == 1 and page.get("continues") is True:
        yield f"{place}: the first page has no page before it to continue"
    yield from _filter(page, place, number, known)
    questions = page.get("questions")
    if "questions" in page and not is_list(questions):
        yield f"{place}: an empty page, it needs at least one question"
        return
    for position, question in enumerate(questions or [], start=1):
        if isinstance(question, Mapping):
            here = question_name(question, page, position)
            yield from _question(question, here, scales)
            yield from _filter(question, at(question, here), number, known)
        else:
            yield f"{place}, question {position}: must be a mapping with keys and values"


def _question(question: Mapping[str, Any], name: str, scales: Mapping[str, Any]) -> Iterator[str]:
    place = at(question, name)
    yield from _entry(question, "question", place)
    if sum(key in question for key in ANSWERED_BY) != 1:
        yield f"{place}: needs one of 'options', 'scale' and 'free_text', and only one"
    elif "free_text" in question:
        yield from _free_text(question, place)
    elif "options" in question:
        yield from _options(question["options"], question, name)
    elif not (isinstance(question["scale"], str) and question["scale"] in scales):
        yield f"{place}: the scale {question['scale']!r} does not exist"


def _free_text(question: Mapping[str, Any], place: str) -> Iterator[str]:
    """A question answered in one's own words: room for some lines, and a sentence that is whole by itself."""
    room = question["free_text"]
    if isinstance(room, bool) or room not in ROOM:
        yield f"{place}: 'free_text' is {room!r} but must be a number of signs from {ROOM[0]} to {ROOM[-1]}"
    if "stem" in question:
        yield f"{place}: an answer in one's own words completes no shared question, it takes no 'stem'"


def _options(options: Any, owner: Mapping[str, Any], name: str) -> Iterator[str]:
    place = at(owner, name)
    if not is_list(options) or len(options) < 2:
        yield f"{place}: needs a list of at least two options"
        return
    codes: set[str] = set()
    for position, option in enumerate(options, start=1):
        if not isinstance(option, Mapping):
            yield f"{place}, option {position}: must be a mapping with keys and values"
            continue
        here = at(option, f"{name}, option {position}")
        yield from _entry(option, "option", here)
        code = option.get("code")
        # A code that is a number in YAML would never equal the text that a browser sends back.
        if "code" in option and not (isinstance(code, str) and CODE.fullmatch(code)):
            yield f"{here}: the code {code!r} must be a quoted text of a-z, 0-9 and _"
        elif code in codes:
            yield f"{here}: the code {code!r} is used twice"
        codes.add(str(code))
    if all(option.get("kind", "regular") != "regular" for option in mappings(options)):
        yield f"{place}: needs at least one option of the kind 'regular'"


def _filter(entry: Mapping[str, Any], place: str, number: int, known: _Known) -> Iterator[str]:
    if "show_if" not in entry:
        return
    conditions = entry["show_if"]
    if not isinstance(conditions, Mapping) or not conditions:
        yield f"{place}, show_if: must be a mapping of question ids to lists of codes"
        return
    for target, codes in conditions.items():
        here = f"{place}, show_if"
        if target not in known.pages:
            yield f"{here}: the question {target!r} does not exist"
        elif known.pages[target] == number:
            yield f"{here}: the question {target!r} stands on the same page"
        elif known.pages[target] > number:
            yield f"{here}: the question {target!r} comes later"
        elif not is_list(codes):
            yield f"{here}: {target!r} needs a list with at least one code"
        else:
            for code in codes:
                if not (isinstance(code, str) and code in known.codes[target]):
                    yield f"{here}: the question {target!r} has no option with the code {code!r}"


def _entry(entry: Mapping[str, Any], kind: str, place: str) -> Iterator[str]:
    """What holds for every kind of entry: its keys, its name, its texts and its fixed choices."""
    for key in entry:
        if key not in ALLOWED[kind]:
            yield f"{place}: the key {key!r} is unknown"
    for key in sorted(REQUIRED[kind] - set(entry)):
        yield f"{place}: the key {key!r} is missing"
    for key in ("id", "name"):
        if key in entry and not (isinstance(entry[key], str) and NAME.fullmatch(entry[key])):
            yield f"{place}: the {key} {entry[key]!r} must be a-z, 0-9 and _, starting with a letter"
    for key in TEXTS:
        if key in entry and not is_text(entry[key]):
            yield f"{place}: the text {key!r} is missing"
    for key, choices in CHOICES.items():
        if key in entry and entry[key] not in choices:
            yield f"{place}: {key!r} is {entry[key]!r} but must be one of {', '.join(map(str, choices))}"
