"""What was written in and what was taken out between two versions of a text, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\S+\s*")
SAME, ADDED, REMOVED = "same", "added", "removed"


@dataclass(frozen=True)
class Piece:
    """A run of words that stayed, came or went."""

    kind: str
    text: str


def word_changes(before: str, now: str) -> tuple[Piece, ...]:
    """The pieces in reading order; those that went stand before those that came in their place."""
    old, new = _WORDS.findall(before), _WORDS.findall(now)
    # A last word without its blank is the same word.
    matcher = SequenceMatcher(
        None, [one.strip() for one in old], [one.strip() for one in new], autojunk=False
    )
    pieces: list[Piece] = []
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece(SAME, "".join(new[start:end])))
            continue
        if last > first:
            pieces.append(Piece(REMOVED, "".join(old[first:last])))
        if end > start:
            pieces.append(Piece(ADDED, "".join(new[start:end])))
    return tuple(pieces)
