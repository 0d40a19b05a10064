"""The languages residents can answer in, and the words, dates and numbers of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date as format_date_in_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

TRANSLATIONS = Path(__file__).parent / "translations"


@dataclass(frozen=True)
class Language:
    """A language as the reader meets it: its own name and the way it is written."""

    code: str
    name: str
    direction: str
    locale: Locale


SOURCE = Language("sv", "Svenska", "ltr", Locale("sv"))
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        SOURCE,
        Language("en", "English", "ltr", Locale("en", "GB")),
        Language("ar", "العربية", "rtl", Locale("ar")),
    )
}


def find_language(code: str | None) -> Language:
    """The language with this code; Swedish when the code is missing or not offered."""
    return LANGUAGES.get(code or "", SOURCE)


def read_catalogue(code: str) -> Catalog:
    """The translations of one language as they stand in its file."""
    with (TRANSLATIONS / f"{code}.po").open("rb") as file:
        return read_po(file, locale=find_language(code).locale)


@cache
def catalogue(code: str) -> NullTranslations:
    """Translations ready to be installed in templates; Swedish is the source and translates to itself."""
    language = find_language(code)
    if language is SOURCE:
        return NullTranslations()
    # Compiled in memory, so that no compiled file can lag behind the text in the repository.
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language.code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(code: str, text: str) -> str:
    """A Swedish text in the language asked for; the Swedish text itself when no translation exists."""
    # gettext keeps the head of the file under the empty text, which must never reach a page.
    return catalogue(code).gettext(text) if text else ""


def ngettext(code: str, singular: str, plural: str, count: int) -> str:
    """The form of a counted Swedish text that the language uses for this number."""
    return catalogue(code).ngettext(singular, plural, count)


def format_date(code: str, day: date) -> str:
    """A date in words, as in "12 september 2025"."""
    return format_date_in_locale(day, format="d MMMM y", locale=find_language(code).locale)


def format_number(code: str, number: float, decimals: int = 0) -> str:
    """A number with the separators of the language and a fixed number of decimals."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(number, format=pattern, locale=find_language(code).locale)
