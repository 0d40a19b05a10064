"""What no text of a picture, a promise or an event may hold: it is read by many and kept for good."""

import re
from unicodedata import category

from survey.errors import UserError

NOTHING_OF = (
    "Skriv inga personuppgifter och inget ur underrättelser eller förundersökningar: inga namn på enskilda, "
    "inga adresser, inget som pekar ut någon."
)
WARNING = (
    f"{NOTHING_OF} Texten sparas i varje version och kan lämnas ut. Tjänsten känner igen personnummer, "
    "telefonnummer, e-postadresser och registreringsnummer. Den pekar också på det som ser ut som namn och "
    "gatuadresser, men den missar en del: läs igenom själv."
)
LONGEST = 6000
_NUMBER = re.compile(r"(?<!\d)(?:\d{2})?\d{6}[-+ ]?\d{4}(?!\d)")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"(?<![\d-])(?:\+46|0)[\s-]?\d{1,3}[\s-]?\d{2,3}(?:[\s-]?\d{2,3}){1,2}(?!\d)")
_PLATE = re.compile(r"\b[A-HJ-PR-UW-Z]{3}(?:\d{2}[A-HJ-PR-UW-Z\d]| \d{2}[A-HJ-PR-UW-Z])\b", re.ASCII)
_PERSONAL = (
    (_NUMBER, "ett personnummer"),
    (_ADDRESS, "en e-postadress"),
    (_PHONE, "ett telefonnummer"),
    (_PLATE, "ett registreringsnummer"),
)


def plain(text: str) -> str:
    """The text as it is kept: lines end alike, and no sign is there that cannot be seen."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign == "\n" or category(sign)[0] != "C").strip()


def checked(text: str) -> str:
    """The text as it is kept.

    Raises:
        UserError: it is too long, or holds what looks like a personal number or a way to reach somebody.
    """
    kept = plain(text)
    if len(kept) > LONGEST:
        raise UserError(f"Texten har {len(kept)} tecken. Den får ha högst {LONGEST}.")
    if fault := personal_fault(kept):
        raise UserError(fault)
    return kept


def personal_fault(text: str) -> str:
    """Where a text holds what looks like a personal number or a way to reach somebody; else empty."""
    for pattern, what in _PERSONAL:
        if found := pattern.search(text):
            line = text[: found.start()].count("\n") + 1
            where = f"På rad {line}" if "\n" in text else "Här"
            return f"{where} står något som ser ut som {what}. Ta bort det. {WARNING}"
    return ""
