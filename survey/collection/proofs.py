"""Proves a printed file before it is handed over: every page read back is the page of its row.

A code in somebody else's letter lets a person answer in a neighbour's place, and nobody would ever see it.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from survey.errors import UserError
from survey.typesetting import ReadPage, read_pages


@dataclass(frozen=True, repr=False)
class Expected:
    """What must stand on a page, and the only QR code on it; empty when it must have none."""

    texts: tuple[str, ...]
    code: str


def prove(pdf: bytes, expected: Sequence[Expected], file: str) -> None:
    """Stop a file in which any page is not what its row says. The words name the page, never the person."""
    count = 0
    for count, page in enumerate(read_pages(pdf), start=1):
        fault = "finns inte i listan" if count > len(expected) else _fault(page, expected[count - 1])
        if fault:
            raise UserError(_stopped(file, f"sidan {count} {fault}"))
    if count < len(expected):
        raise UserError(_stopped(file, f"{len(expected) - count} sidor saknas"))


def _fault(page: ReadPage, expected: Expected) -> str | None:
    if page.codes != ((expected.code,) if expected.code else ()):
        return "har en QR-kod som inte går att läsa eller hör till någon annan"
    # Where lines break and letters join is of no consequence.
    found = _bare(page.text)
    if any(_bare(text) not in found for text in expected.texts):
        return "har inte den text som hör till dess rad"
    return None


def _bare(text: str) -> str:
    # Letters written from right to left come back in whatever order the reader prefers.
    composed = unicodedata.normalize("NFKC", text)
    return "".join(
        sign for sign in composed if sign.isalnum() and unicodedata.bidirectional(sign) not in ("R", "AL")
    )


def _stopped(file: str, fault: str) -> str:
    return (
        f"Filen {file} är inte som den ska: {fault}. Ingenting är sparat. "
        "Skriv ut på nytt; händer det igen, anmäl felet."
    )
