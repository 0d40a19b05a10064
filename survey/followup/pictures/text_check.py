"""What no text of a situation picture may hold: it is read by many and kept for good."""

import re
from unicodedata import category

from survey.errors import UserError

WARNING = (
    "Skriv inga personuppgifter och inget ur underrättelser eller förundersökningar: inga namn på enskilda, "
    "inga adresser, inget som pekar ut någon. Texten sparas i varje version och kan lämnas ut."
)
LONGEST = 6000
_NUMBER = re.compile(r"(?<!\d)(?:\d{2})?\d{6}[-+ ]?\d{4}(?!\d)")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"(?<![\d-])(?:\+46|0)[\s-]?\d{1,3}[\s-]?\d{2,3}(?:[\s-]?\d{2,3}){1,2}(?!\d)")


def checked(text: str) -> str:
    """The text as it is kept, without signs that cannot be seen.

    Raises:
        UserError: it is too long, or holds what looks like a personal number or a way to reach somebody.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in lines if sign == "\n" or category(sign)[0] != "C").strip()
    if len(kept) > LONGEST:
        raise UserError(f"Texten har {len(kept)} tecken. Den får ha högst {LONGEST}.")
    for pattern, what in (
        (_NUMBER, "ett personnummer"),
        (_ADDRESS, "en e-postadress"),
        (_PHONE, "ett telefonnummer"),
    ):
        if found := pattern.search(kept):
            line = kept[: found.start()].count("\n") + 1
            raise UserError(f"På rad {line} står något som ser ut som {what}. Ta bort det. {WARNING}")
    return kept
