"""Where the entries of a library file stand, and what counts as a text or a list in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# XML, and so every file the words end up in, has no place for half characters and most control characters.
UNREADABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PAGE_TEXTS = ("title", "intro", "period")
QUESTION_TEXTS = ("stem", "text", "help")


def at(entry: Mapping[str, Any], what: str) -> str:
    """The place of an entry: what it is and the line of the file it starts on."""
    line = getattr(entry, "line", 0)
    return f"line {line}, {what}" if line else what


def is_text(value: Any) -> bool:
    """Whether this is a text with something to read in it, and nothing that cannot be read or stored."""
    return isinstance(value, str) and bool(value.strip()) and not UNREADABLE.search(value)


def is_list(value: Any) -> bool:
    """Whether this is a list with something in it."""
    return isinstance(value, list) and bool(value)


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The entries of a list that have keys and values; none when it is no list."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def question_name(question: Mapping[str, Any], page: Mapping[str, Any], position: int) -> str:
    """What a question is called in a fault; its number on the page when it has no id."""
    named = f"question '{question['id']}'" if "id" in question else f"question {position}"
    return f"page '{page.get('id')}', {named}"


def questions(source: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any], str]]:
    """Every question of a file with its page and its name, in order."""
    for page in mappings(source.get("pages")):
        for position, question in enumerate(mappings(page.get("questions")), start=1):
            yield page, question, question_name(question, page, position)


def option_lists(source: Mapping[str, Any]) -> Iterator[tuple[list[Mapping[str, Any]], str]]:
    """Every list of options of a file with the name of its scale or question."""
    scales = source.get("scales")
    for name, options in scales.items() if isinstance(scales, Mapping) else ():
        yield mappings(options), f"scale '{name}'"
    for _, question, name in questions(source):
        if "options" in question:
            yield mappings(question["options"]), name


def texts(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text that is shown to residents, with its place; line breaks of the file are no part of it."""
    # Local questions have a title for staff; residents read that of the core.
    title = () if "core" in source else ("title",)
    found: list[tuple[Mapping[str, Any], str, tuple[str, ...]]] = [(source, "questionnaire", title)]
    found += [(page, f"page '{page.get('id')}'", PAGE_TEXTS) for page in mappings(source.get("pages"))]
    found += [(question, name, QUESTION_TEXTS) for _, question, name in questions(source)]
    for options, name in option_lists(source):
        found += [
            (option, f"{name}, option {number}", ("text",)) for number, option in enumerate(options, start=1)
        ]
    for entry, name, keys in found:
        for key in keys:
            if is_text(entry.get(key)):
                yield " ".join(entry[key].split()), at(entry, name)
