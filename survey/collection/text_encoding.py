"""Decides in which encoding a register file was saved, and finds the line where it cannot be so."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from survey.errors import UserError

LONGEST_LINE = 64 * 1024
REPLACED = "\ufffd"  # what a program writes where it could not read a letter
# Å, ä, ö and é in UTF-8: read as single bytes they are signs that stand together in no name.
_TWO_BYTES = re.compile(rb"\xc3[\x84\x85\x96\xa4\xa5\xa9\xb6]")
# Of the bytes that ISO-8859-1 leaves unused, Windows-1252 has letters and signs of names in these alone.
# What else stands there is of an older code page, or is no text.
_IMPOSSIBLE = re.compile(rb"[\x80-\x89\x8b\x8d\x8f\x90\x93-\x95\x97-\x99\x9b\x9d]")


@dataclass(frozen=True)
class Encoding:
    """An encoding: its name for Python, and for people."""

    codec: str
    words: str


UTF_8 = Encoding("utf-8", "UTF-8")
UTF_16 = Encoding("utf-16", "UTF-16")
WINDOWS = Encoding("cp1252", "Windows-1252 (ISO-8859-1)")


def encoding_of(path: Path) -> Encoding:
    """The one encoding in which every line of a text file is possible.

    Raises:
        UserError: some line is possible in none; it is named by number and never quoted.
    """
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            _require_utf_16(path, file)
            return UTF_16
        return _of_bytes(path, file)


def _of_bytes(path: Path, file: BinaryIO) -> Encoding:
    foreign = impossible = doubled = None
    for number, line in _lines(path, file):
        if line.isascii():
            continue
        try:
            if REPLACED in line.decode("utf-8"):
                raise _replaced(path, number)
        except UnicodeDecodeError:
            foreign = foreign or number
        impossible = impossible or (number if _IMPOSSIBLE.search(line) else None)
        doubled = doubled or (number if _TWO_BYTES.search(line) else None)
    if foreign is None:
        return UTF_8
    if doubled is not None:
        raise UserError(
            f"Registerfilen {path.name} blandar två teckenkodningar: rad {doubled} är UTF-8 men inte rad "
            f"{foreign}. Hämta filen på nytt. Inget har sparats."
        )
    if impossible is not None:
        raise UserError(
            f"Registerfilen {path.name} har tecken på rad {impossible} som inte finns i UTF-8, ISO-8859-1 "
            "eller Windows-1252. Spara om den i UTF-8. Inget har sparats."
        )
    return WINDOWS


def _lines(path: Path, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise UserError(
                f"Registerfilen {path.name} är trasig: rad {number} är längre än {LONGEST_LINE} tecken. "
                "Inget har sparats."
            )
        yield number, line


def _require_utf_16(path: Path, file: BinaryIO) -> None:
    number = 1
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        while chunk := file.read(LONGEST_LINE):
            number = _walk(path, decoder.decode(chunk), number)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UserError(
            f"Registerfilen {path.name} har trasig UTF-16 från rad {number} eller senare. "
            "Spara om den i UTF-8. Inget har sparats."
        ) from None


def _walk(path: Path, text: str, number: int) -> int:
    place = text.find(REPLACED)
    if place >= 0:
        raise _replaced(path, number + text.count("\n", 0, place))
    return number + text.count("\n")


def _replaced(path: Path, number: int) -> UserError:
    return UserError(
        f"Registerfilen {path.name} har ett förlorat tecken (�) på rad {number}: ett program har läst den i "
        "fel teckenkodning. Hämta filen på nytt. Inget har sparats."
    )
