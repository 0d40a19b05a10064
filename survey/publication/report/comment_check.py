"""What a comment in a report had better not say: why something is so, a bare figure, an unproved change."""

import re
from collections.abc import Iterator

CAUSES = (
    "tack vare",
    "beror på",
    "berodde på",
    "berott på",
    "på grund av",
    "orsak",
    "därför att",
    "leder till",
    "ledde till",
    "lett till",
    "effekt av",
)
CHANGES = re.compile(
    r"\b(öka(?:r|t|de)?|ökning\w*|minska(?:r|t|de)?|minskning\w*|oförändra\w*)\b", re.IGNORECASE
)
SHARE = re.compile(r"\d[\d,]*\s*(procent|%)(?!\s*\(\d)", re.IGNORECASE)


def warnings(comment: str) -> tuple[str, ...]:
    """What to think of before a comment is printed; a warning stops nothing."""
    return tuple(_warnings(comment))


def _warnings(comment: str) -> Iterator[str]:
    lowered = comment.lower()
    if causes := [words for words in CAUSES if words in lowered]:
        yield f"”{causes[0]}” säger varför något är som det är. Det kan enkäten inte svara på."
    if share := SHARE.search(comment):
        yield f"”{share.group(0)}” står utan osäkerhetsintervall. Skriv intervallet efter: 28 % (24–32)."
    if change := CHANGES.search(comment):
        yield (
            f"”{change.group(0)}” används i rapporten bara om säkerställda förändringar. Kontrollera att "
            "förändringen är det."
        )
