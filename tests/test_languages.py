"""Words, dates and numbers in each language a resident can choose, and who may choose which."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from open_wave import add_open_wave, enter

from survey import languages
from survey.database import Databases
from survey.languages import (
    LANGUAGES,
    SOURCE,
    TRANSLATIONS,
    LanguageTableError,
    catalogue,
    either,
    find_language,
    format_date,
    format_number,
    ngettext,
    offered,
    read_languages,
    translate,
)

HEAD = "code,name,locale,state,reviewer,reviewed_on\n"


def test_eight_languages_name_themselves_and_say_which_way_they_run() -> None:
    told = [(choice.code, choice.name, choice.direction) for choice in LANGUAGES.values()]
    assert told == [
        ("sv", "Svenska", "ltr"),
        ("sv-x-ll", "Lätt svenska", "ltr"),
        ("en", "English", "ltr"),
        ("ar", "العربية", "rtl"),
        ("fi", "Suomi", "ltr"),
        ("so", "Soomaali", "ltr"),
        ("fa", "فارسی", "rtl"),
        ("ti", "ትግርኛ", "ltr"),
    ]


def test_four_are_reviewed_with_reviewer_and_day_and_four_are_drafts() -> None:
    assert [code for code, found in LANGUAGES.items() if found.reviewed] == ["sv", "sv-x-ll", "en", "ar"]
    assert all(bool(found.reviewer and found.reviewed_on) == found.reviewed for found in LANGUAGES.values())


def test_real_waves_offer_what_is_complete_and_reviewed() -> None:
    assert [found.code for found in offered()] == ["sv", "sv-x-ll", "en", "ar"]
    assert offered(drafts=True) == list(LANGUAGES.values())


def test_a_language_that_is_unknown_becomes_swedish() -> None:
    assert find_language("xx") is find_language(None) is find_language("") is SOURCE


def test_swedish_is_its_own_translation() -> None:
    assert translate("sv", "Vet inte") == "Vet inte"
    assert ngettext("sv", "en sida", "%(num)d sidor", 1) == "en sida"
    assert ngettext("sv", "en sida", "%(num)d sidor", 3) == "%(num)d sidor"


def test_a_text_is_translated_and_an_unknown_one_stays_swedish() -> None:
    assert translate("en", "Vet inte") == "Don’t know"
    assert translate("ar", "Vet inte") == "لا أعرف"
    assert translate("ti", "Vet inte") == "ኣይፈልጥን"
    assert translate("ar", "Något helt annat") == "Något helt annat"


def test_the_empty_text_never_becomes_the_head_of_the_file() -> None:
    assert [translate(code, "") for code in LANGUAGES] == [""] * len(LANGUAGES)


def test_a_catalogue_is_read_once() -> None:
    assert catalogue("ar") is catalogue("ar")


def test_counted_texts_have_the_form_of_the_number() -> None:
    told = [
        ngettext("ar", "Ett svar behöver ändras", "%(num)d svar behöver ändras", number)
        for number in (1, 2, 3, 11, 100)
    ]
    assert len(set(told)) >= 4
    assert "%(num)d" not in told[0]
    assert ngettext("fa", "Ett svar behöver ändras", "%(num)d svar behöver ändras", 3).startswith("%(num)d")


def test_dates_are_written_in_words() -> None:
    day = date(2025, 9, 12)
    assert [format_date(code, day) for code in LANGUAGES] == [
        "12 september 2025",
        "12 september 2025",
        "12 September 2025",
        "12 سبتمبر 2025",
        "12 syyskuuta 2025",
        "12 Sebtembar 2025",
        "12 سپتامبر 2025",
        "12 መስከረም 2025",
    ]


def test_numbers_have_the_separators_of_the_language() -> None:
    assert format_number("sv", 12345.678, 1) == "12\u00a0345,7"
    assert format_number("en", 12345.678, 1) == "12,345.7"
    assert format_number("fi", 12345.678, 1) == "12\u00a0345,7"
    assert format_number("sv", 81300) == "81\u00a0300"
    assert format_number("sv", 0.25, 2) == "0,25"


def test_alternatives_are_joined_as_the_language_joins_them() -> None:
    assert either("sv", ["Ja", "Nej", "Vet inte"]) == "Ja, Nej eller Vet inte"
    assert either("fi", ["Kyllä", "Ei"]) == "Kyllä tai Ei"
    assert either("ar", ["نعم"]) == "نعم"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("de,Deutsch,de,draft,,", "de has no catalogue de.po"),
        ("en,English,xx_YY,draft,,", "line 3: "),
        ("en,English,en,almost,,", "line 3: 'almost' is not a valid"),
        ("en,English,en,reviewed,,2026-11-25", "line 3: a reviewed language needs its reviewer and the day"),
        ("en,English,en,reviewed,Någon,", "line 3: a reviewed language needs its reviewer and the day"),
        ("en,English,en,reviewed,Någon,i går", "line 3: "),
        ("en,,en,draft,,", "line 3: code and name must be filled in"),
        ("en", "line 3: "),
    ],
)
def test_a_row_that_cannot_be_right_is_named(tmp_path: Path, row: str, fault: str) -> None:
    (tmp_path / "languages.csv").write_text(
        f"{HEAD}sv,Svenska,sv,reviewed,Någon,2026-11-25\n{row}\n", encoding="utf-8"
    )
    (tmp_path / "en.po").touch()
    with pytest.raises(LanguageTableError, match=re.escape(fault)):
        read_languages(tmp_path)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "languages.csv").write_text("code,name\nsv,Svenska\n", encoding="utf-8")
    with pytest.raises(LanguageTableError, match="the columns must be code, name"):
        read_languages(tmp_path)


@pytest.fixture
def with_danish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One more catalogue and one more row in the table: nothing else makes a language."""
    folder = shutil.copytree(TRANSLATIONS, tmp_path / "translations")
    catalogue_text = (folder / "en.po").read_text(encoding="utf-8")
    catalogue_text = catalogue_text.replace('msgstr "Yes"', 'msgstr "Jo da"')
    (folder / "da.po").write_text(catalogue_text.replace("Language: en", "Language: da"), encoding="utf-8")
    table = folder / "languages.csv"
    row = "da,Dansk,da,reviewed,Rigmor Rask,2026-11-25\n"
    table.write_text(table.read_text(encoding="utf-8") + row, encoding="utf-8")
    monkeypatch.setattr(languages, "TRANSLATIONS", folder)
    for code, language in read_languages(folder).items():
        monkeypatch.setitem(LANGUAGES, code, language)
    return folder


def test_adding_a_language_needs_a_catalogue_a_row_and_no_code(app: Flask, with_danish: Path) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        letter, *_ = add_open_wave(session, synthetic=False)
    client = app.test_client()
    assert 'hreflang="da"' in client.get("/").text
    client.get("/?language=da")
    enter(client, letter)
    page = client.get("/fraga/victimisation_details", follow_redirects=True).text
    assert '<html lang="da" dir="ltr">' in page
    assert "Not a problem" in page
    assert translate("da", "Ja") == "Jo da"


def test_a_reviewed_language_that_lacks_a_text_is_not_offered(
    with_danish: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_danish / "da.po"
    languages.untranslated.cache_clear()
    assert "da" in [found.code for found in offered()]
    path.write_text(path.read_text(encoding="utf-8").replace('msgstr "Jo da"', 'msgstr ""'), encoding="utf-8")
    languages.untranslated.cache_clear()
    assert languages.untranslated("da") == {"Ja"}
    assert "da" not in [found.code for found in offered()]
    assert "da" in [found.code for found in offered(drafts=True)]
    languages.untranslated.cache_clear()


def test_a_text_in_doubt_is_not_translated_yet(with_danish: Path) -> None:
    path = with_danish / "da.po"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('msgid "Ja"\n', '#, fuzzy\nmsgid "Ja"\n'), encoding="utf-8")
    languages.untranslated.cache_clear()
    assert languages.untranslated("da") == {"Ja"}
    languages.untranslated.cache_clear()


def test_drafts_are_offered_and_marked_while_every_open_wave_is_simulated(app: Flask) -> None:
    found: Databases = app.extensions["databases"]
    client = app.test_client()
    assert "Suomi" not in client.get("/").text
    assert 'lang="sv"' in client.get("/?language=fi").text
    with found.transaction() as session:
        letter, *_ = add_open_wave(session, synthetic=True)
    page = client.get("/?language=fi").text
    assert '<html lang="fi"' in page
    assert re.search(
        r'hreflang="fa"[^>]*>فارسی <span class="unreviewed" lang="fi"[^>]*>\(ei tarkistettu\)', page
    )
    assert not re.search(r'hreflang="ar"[^>]*>العربية <span class="unreviewed"', page)
    assert "Käännöstä ei ole tarkistettu." in page
    enter(client, letter)
    question = client.get("/fraga/problems").text
    assert '<html lang="fi"' in question
    assert "Roskat kaduilla" in question


def test_one_real_open_wave_shuts_all_drafts_out(app: Flask) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_open_wave(session, synthetic=True)
    client = app.test_client()
    assert '<html lang="ti"' in client.get("/?language=ti").text
    with found.transaction() as session:
        letter, *_ = add_open_wave(session, code="2027-01", synthetic=False)
    # The cookie of the draft is still there, and opens nothing.
    page = client.get("/").text
    assert '<html lang="sv"' in page
    assert "ትግርኛ" not in page
    enter(client, letter)
    assert 'value="ti"' not in client.get("/fraga/problems").text
    sent = client.get("/fraga/problems?language=ti").text
    assert '<html lang="sv"' in sent
