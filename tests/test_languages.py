"""Words, dates and numbers in each language a resident can choose."""

from datetime import date

from survey.languages import (
    LANGUAGES,
    SOURCE,
    catalogue,
    find_language,
    format_date,
    format_number,
    ngettext,
    translate,
)


def test_three_languages_name_themselves_and_say_which_way_they_run() -> None:
    told = [(choice.code, choice.name, choice.direction) for choice in LANGUAGES.values()]
    assert told == [("sv", "Svenska", "ltr"), ("en", "English", "ltr"), ("ar", "العربية", "rtl")]


def test_a_language_that_is_not_offered_becomes_swedish() -> None:
    assert find_language("xx") is find_language(None) is find_language("") is SOURCE


def test_swedish_is_its_own_translation() -> None:
    assert translate("sv", "Vet inte") == "Vet inte"
    assert ngettext("sv", "en sida", "%(num)d sidor", 1) == "en sida"
    assert ngettext("sv", "en sida", "%(num)d sidor", 3) == "%(num)d sidor"


def test_a_text_is_translated_and_an_unknown_one_stays_swedish() -> None:
    assert translate("en", "Vet inte") == "Don’t know"
    assert translate("ar", "Vet inte") == "لا أعرف"
    assert translate("ar", "Något helt annat") == "Något helt annat"


def test_the_empty_text_never_becomes_the_head_of_the_file() -> None:
    assert [translate(code, "") for code in LANGUAGES] == ["", "", ""]


def test_a_catalogue_is_read_once() -> None:
    assert catalogue("ar") is catalogue("ar")


def test_dates_are_written_in_words() -> None:
    day = date(2025, 9, 12)
    assert [format_date(code, day) for code in LANGUAGES] == [
        "12 september 2025",
        "12 September 2025",
        "12 سبتمبر 2025",
    ]


def test_numbers_have_the_separators_of_the_language() -> None:
    assert format_number("sv", 12345.678, 1) == "12\u00a0345,7"
    assert format_number("en", 12345.678, 1) == "12,345.7"
    assert format_number("sv", 81300) == "81\u00a0300"
    assert format_number("sv", 0.25, 2) == "0,25"
