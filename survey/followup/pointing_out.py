"""What in a text may point somebody out, for its writer to look at: never refused, since much is harmless."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from sqlalchemy.orm import Session

from survey.followup.events import Event
from survey.followup.places import Level, places
from survey.questionnaire.text_flags import FlagKind, find_flags

# A street with a house number; a street alone is nobody's address, and "åtgärdsplan 2026" is none.
_HOUSE = re.compile(r"\s\d{1,3}(?:\s?[A-Za-z])?$")
_WORD = re.compile(r"\w+")
PARTING = "\n\n"  # between texts of different fields, and paragraphs of one: no name goes on over it


def pointed_out(session: Session, texts: Mapping[str, str], today: date) -> dict[str, tuple[str, ...]]:
    """By text what looks like names of persons or addresses; the names of places are known."""
    known = {word for level in Level for one in places(session, level, today) for word in _words(one.name)}
    found = {title: tuple(dict.fromkeys(_looks_like(text, known))) for title, text in texts.items()}
    return {title: seen for title, seen in found.items() if seen}


def pointed_out_by_events(
    session: Session, shown: Iterable[Event], today: date
) -> dict[str, tuple[str, ...]]:
    """The same of events, each by its days and what kind it is."""
    texts: dict[str, str] = {}
    for one in shown:
        title = f"{one.days}, {one.words}"
        texts[title] = PARTING.join(filter(None, (texts.get(title), one.text, one.source)))
    return pointed_out(session, texts, today)


def _looks_like(text: str, known: set[str]) -> Iterator[str]:
    for part in text.split(PARTING):
        yield from _looks_like_in(part, known)


def _looks_like_in(text: str, known: set[str]) -> Iterator[str]:
    for flag in find_flags(text):
        seen = " ".join(text[flag.start : flag.end].split())
        if flag.kind is FlagKind.ADDRESS and _HOUSE.search(seen):
            yield seen
        if flag.kind is FlagKind.NAME and not seen.isupper() and not _words(seen) <= known:
            yield seen


def _words(name: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(name)}
