"""What in a text may show who somebody is: found by its form alone, for a person to look at.

Nothing is promised: a name that begins a sentence, or stands in letters that have no capitals, looks like any
other word. Whoever screens reads every text whole.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from survey.questionnaire.free_text import cleaned

REMOVED = "[borttaget]"
_CAPITAL = "A-ZÅÄÖÉÜØÆ"
_WORD = rf"[{_CAPITAL}][\w’'-]+"
_STREET = "gatan|gata|vägen|väg|gränden|gränd|stigen|torget|allén|backen|platsen|stråket|leden|plan"


class FlagKind(StrEnum):
    """What something in a text looks like."""

    EMAIL = "e-postadress"
    LINK = "länk"
    HANDLE = "användarnamn"
    PERSONAL_NUMBER = "personnummer"
    PHONE = "telefonnummer"
    PLATE = "registreringsnummer"
    ADDRESS = "adress"
    NUMBER = "långt nummer"
    NAME = "namn"


# In the order of what is surest: where two overlap the first is told.
_PATTERNS: tuple[tuple[FlagKind, re.Pattern[str]], ...] = (
    (FlagKind.EMAIL, re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (FlagKind.LINK, re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)),
    (FlagKind.HANDLE, re.compile(r"(?<!\w)@\w{2,}")),
    (FlagKind.PERSONAL_NUMBER, re.compile(r"(?<!\d)(?:19|20)?\d{6}[-+ ]?\d{4}(?!\d)")),
    (FlagKind.PHONE, re.compile(r"(?<!\d)(?:\+|00?)[1-9][\d\s/-]{5,14}\d(?!\d)")),
    (FlagKind.PLATE, re.compile(r"\b(?:[A-Z]{3} ?\d{2}[0-9A-Z]|[a-z]{3}\d{2}[0-9a-z])\b")),
    (FlagKind.ADDRESS, re.compile(rf"\b\w{{2,}}(?:{_STREET})\b(?:\s+\d+(?:\s?[A-Za-z])?\b)?", re.IGNORECASE)),
    (FlagKind.NUMBER, re.compile(r"(?<!\d)\d[\d -]{3,}\d(?!\d)")),
    # A capital within a sentence, or two words with capitals wherever they stand.
    (FlagKind.NAME, re.compile(rf"\b{_WORD}(?:\s+{_WORD})+")),
    (FlagKind.NAME, re.compile(rf"(?<=[\w,;:)’'-] ){_WORD}")),
    (FlagKind.NAME, re.compile(r"(?<=\bheter )\w+|(?<=\bkallas )\w+|(?<=\bgrannen )\w+", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Flag:
    """A part of a text, from `start` to before `end`, and what it looks like."""

    start: int
    end: int
    kind: FlagKind


@dataclass(frozen=True)
class Piece:
    """A part of a text as it is shown; without a kind it looks harmless."""

    text: str
    kind: FlagKind | None


def find_flags(text: str) -> tuple[Flag, ...]:
    """What looks like it could show who somebody is, in the order of the text; no two overlap."""
    found: list[Flag] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if all(match.end() <= flag.start or match.start() >= flag.end for flag in found):
                found.append(Flag(match.start(), match.end(), kind))
    return tuple(sorted(found, key=lambda flag: flag.start))


def pieces(text: str, flags: Sequence[Flag]) -> tuple[Piece, ...]:
    """The text cut at its flags."""
    return tuple(piece for piece in _pieces(text, flags) if piece.text)


def suggestion(text: str, flags: Sequence[Flag]) -> str:
    """The text with everything flagged taken away."""
    return "".join(REMOVED if piece.kind else piece.text for piece in pieces(text, flags))


def without_capitals(text: str) -> bool:
    """Whether it is written in letters of which none is a capital: names cannot be told by them."""
    letters = [sign for sign in text if sign.isalpha()]
    return bool(letters) and sum(unicodedata.category(sign) == "Lo" for sign in letters) * 2 > len(letters)


def is_only_shortened(original: str, redacted: str) -> bool:
    """Whether a text is the original with parts taken away where it says so, and nothing else changed."""
    first, *rest = [part.strip() for part in cleaned(redacted).split(REMOVED)]
    if not rest:
        return first == original
    if not original.startswith(first):
        return False
    at = len(first)
    *between, last = rest
    for part in between:
        place = original.find(part, at)
        if place < 0:
            return False
        at = place + len(part)
    return original.endswith(last) and at <= len(original) - len(last)


def _pieces(text: str, flags: Sequence[Flag]) -> Iterator[Piece]:
    at = 0
    for flag in flags:
        yield Piece(text[at : flag.start], None)
        yield Piece(text[flag.start : flag.end], flag.kind)
        at = flag.end
    yield Piece(text[at:], None)
