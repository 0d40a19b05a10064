"""The languages residents can answer in, how far each is reviewed, and its words, dates and numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date as format_date_in_locale
from babel.lists import format_list
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

TRANSLATIONS = Path(__file__).parent / "translations"
TABLE = "languages.csv"
TEMPLATE = "messages.pot"  # every text there is to translate
COLUMNS = ("code", "name", "locale", "state", "reviewer", "reviewed_on")


class LanguageTableError(Exception):
    """What is wrong in the table of languages, with its line."""


class ReviewState(StrEnum):
    """Whether somebody has answered for the translation; a draft is for simulated waves only."""

    REVIEWED = "reviewed"
    DRAFT = "draft"


@dataclass(frozen=True)
class Language:
    """A language as the reader meets it: its own name, the way it is written, who has reviewed it."""

    code: str
    name: str
    locale: Locale
    state: ReviewState = ReviewState.DRAFT
    reviewer: str = ""
    reviewed_on: date | None = None

    @cached_property
    def direction(self) -> str:
        """Which way the language runs, by CLDR."""
        return str(self.locale.text_direction)

    @property
    def reviewed(self) -> bool:
        return self.state is ReviewState.REVIEWED


def read_languages(folder: Path) -> dict[str, Language]:
    """The languages of a folder's table, in its order; its first is the source that all others translate."""
    with (folder / TABLE).open(encoding="utf-8", newline="") as opened:
        rows = csv.DictReader(opened, restval="")
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise LanguageTableError(f"{TABLE}: the columns must be {', '.join(COLUMNS)}")
        found = [_language(row, f"{TABLE}, line {line}") for line, row in enumerate(rows, start=2)]
    for language in found[1:]:
        if not (folder / f"{language.code}.po").is_file():
            raise LanguageTableError(f"{TABLE}: {language.code} has no catalogue {language.code}.po")
    return {language.code: language for language in found}


def _language(row: dict[str, str], place: str) -> Language:
    try:
        locale = Locale.parse(row["locale"])
        state = ReviewState(row["state"])
        reviewed_on = date.fromisoformat(row["reviewed_on"]) if row["reviewed_on"] else None
    except (UnknownLocaleError, ValueError) as error:
        raise LanguageTableError(f"{place}: {error}") from error
    if not row["code"] or not row["name"]:
        raise LanguageTableError(f"{place}: code and name must be filled in")
    if state is ReviewState.REVIEWED and not (row["reviewer"] and reviewed_on):
        raise LanguageTableError(f"{place}: a reviewed language needs its reviewer and the day")
    return Language(row["code"], row["name"], locale, state, row["reviewer"], reviewed_on)


LANGUAGES = read_languages(TRANSLATIONS)
SOURCE = next(iter(LANGUAGES.values()))


def find_language(code: str | None) -> Language:
    """The language with this code; Swedish when the code is missing or unknown."""
    return LANGUAGES.get(code or "", SOURCE)


def is_offered(language: Language, drafts: bool = False) -> bool:
    """Whether residents may choose it: complete and reviewed, or drafts are let in."""
    return drafts or (language.reviewed and not untranslated(language.code))


def offered(drafts: bool = False) -> list[Language]:
    """The languages residents may choose; `drafts` for waves where every answer is simulated."""
    return [language for language in LANGUAGES.values() if is_offered(language, drafts)]


def read_catalogue(code: str, domain: str = "") -> Catalog:
    """The translations of one language as they stand in its file; a domain has a folder of its own."""
    with (TRANSLATIONS / domain / f"{code}.po").open("rb") as file:
        return read_po(file, locale=find_language(code).locale)


@cache
def untranslated(code: str) -> frozenset[str]:
    """The texts that a language lacks; what is marked as fuzzy is not translated yet."""
    if code == SOURCE.code:
        return frozenset()
    with (TRANSLATIONS / TEMPLATE).open("rb") as file:
        wanted = {source_text(message) for message in _messages(read_po(file))}
    return frozenset(wanted - translated(code))


def translated(code: str) -> set[str]:
    """The Swedish texts that a language has in every form."""
    return {
        source_text(message)
        for message in _messages(read_catalogue(code))
        if not message.fuzzy and all(form.strip() for form in forms(message))
    }


def source_text(message: Message) -> str:
    """The Swedish text of an entry; of a counted one its singular."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    """The translations of an entry, one for each form of a counted text."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


@cache
def catalogue(code: str, domain: str = "") -> NullTranslations:
    """Translations ready to be installed in templates; Swedish is the source and translates to itself."""
    language = find_language(code)
    if language.code == SOURCE.code:
        return NullTranslations()
    # Compiled in memory, so that no compiled file can lag behind the text in the repository.
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language.code, domain))
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


def format_month(code: str, day: date) -> str:
    """A month in words, as in "september 2025"."""
    return format_date_in_locale(day, format="MMMM y", locale=find_language(code).locale)


def format_number(code: str, number: float, decimals: int = 0) -> str:
    """A number with the separators of the language and a fixed number of decimals."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(number, format=pattern, locale=find_language(code).locale)


def either(code: str, words: Iterable[str]) -> str:
    """Words joined as alternatives, as in "Ja, Nej eller Vet inte"."""
    return format_list(list(words), style="or", locale=find_language(code).locale)
