"""Every word a resident can meet is translated, and the catalogues hold nothing else."""

import re
import shutil
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from click.testing import CliRunner

from survey import languages
from survey.cli import main
from survey.cli.extraction import TEMPLATES, Found, extract, texts_for_people
from survey.languages import (
    LANGUAGES,
    SOURCE,
    TEMPLATE,
    TRANSLATIONS,
    catalogue,
    forms,
    read_catalogue,
    source_text,
    translate,
)
from survey.questionnaire.definition import load

TRANSLATED = [code for code in LANGUAGES if code != SOURCE.code]
REVIEWED = [code for code in TRANSLATED if LANGUAGES[code].reviewed]
ARABIC_SCRIPT = ("ar", "fa")
STAFF_TEMPLATES = sorted(
    str(path.relative_to(TEMPLATES))
    for pattern in (
        "*.html",
        "login/*",
        "municipality/*",
        "participation/*",
        "partners/*",
        "analyst/*",
        "components/*",
    )
    for path in TEMPLATES.glob(pattern)
)
# The names of file formats, and the one label that stands in every language at once.
UNTRANSLATED = ("pdf", "csv", "Språk / Language / اللغة")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
WITH_LOCAL = load("trygghet+skargard")


@cache
def extracted() -> dict[str, Found]:
    return extract()


def entries(code: str) -> dict[str, Message]:
    """The translations of a language by their Swedish text; counted ones by their singular."""
    return {source_text(message): message for message in read_catalogue(code) if message.id}


def written(code: str) -> dict[str, Message]:
    """Those that are there: a draft may still lack some."""
    return {text: message for text, message in entries(code).items() if all(forms(message))}


def swedish(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def test_the_journey_is_found_where_it_stands() -> None:
    found = extracted()
    assert "question unsafe_daytime" in found["Hur trygg känner du dig ute på dagen?"].places
    assert "question skargard_ferry" in found["Hur trygg känner du dig på skärgårdsbåtar och färjor?"].places
    assert "survey/questionnaire/answers.py" in found["Välj bara ett av svaren."].places
    assert any(place.startswith("templates/resident/") for it in found.values() for place in it.places)
    assert any(place.startswith("templates/letter/") for it in found.values() for place in it.places)
    assert any(place.startswith("templates/components/") for it in found.values() for place in it.places)


def test_sentences_are_told_from_names_and_docstrings() -> None:
    code = '"""Läs det här."""\nKEY = "receipt"\nTEXT = (\n "Skriv "\n "koden."\n)\nx = f"Hej du {KEY}"'
    assert texts_for_people(code) == ["Skriv koden."]


def loose_texts(template: str) -> list[str]:
    """What a template says by itself, outside _(...): between tags and in labels."""
    classes = r"{% block room %}.*?{% endblock %}"
    bare = re.sub(rf"{classes}|{{#.*?#}}|{{%.*?%}}|{{{{.*?}}}}", "", template, flags=re.DOTALL)
    said = re.findall(r'\b(?:aria-label|alt|title|placeholder)="([^"]*)"', bare)
    said += re.sub(r"<(code|svg)\b.*?</\1>|<[^>]*>|&\w+;", "\n", bare, flags=re.DOTALL).split("\n")
    return [
        text.strip() for text in said if re.search(r"[^\W\d_]{2}", text) and text.strip() not in UNTRANSLATED
    ]


def test_texts_outside_the_catalogues_are_seen() -> None:
    assert loose_texts('<p title="Hej på dig">{{ _("Hej") }} du <b>{# nej #}då</b>') == [
        "Hej på dig",
        "du",
        "då",
    ]


@pytest.mark.parametrize("name", STAFF_TEMPLATES)
def test_every_word_on_the_pages_of_staff_can_be_translated(name: str) -> None:
    assert loose_texts((TEMPLATES / name).read_text(encoding="utf-8")) == []


def test_the_list_of_texts_to_translate_is_up_to_date() -> None:
    with (TRANSLATIONS / TEMPLATE).open("rb") as file:
        listed = {source_text(message) for message in read_po(file) if message.id}
    assert listed == set(extracted())


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_catalogue_lists_everything_a_resident_meets(code: str) -> None:
    known = entries(code)
    missing = {text: sorted(found.places) for text, found in extracted().items() if text not in known}
    assert missing == {}


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_translation_is_left_that_nobody_meets(code: str) -> None:
    assert sorted(set(entries(code)) - set(extracted())) == []


@pytest.mark.parametrize("code", REVIEWED)
def test_no_translation_of_a_reviewed_language_is_empty_or_in_doubt(code: str) -> None:
    unfinished = [
        text
        for text, message in entries(code).items()
        if message.fuzzy or not all(map(str.strip, forms(message)))
    ]
    assert unfinished == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_counted_texts_have_every_form_of_the_language(code: str) -> None:
    loaded = read_catalogue(code)
    for text, message in written(code).items():
        plural = extracted()[text].plural
        assert swedish(message) == ((text, plural) if plural else (text,))
        assert len(forms(message)) == (loaded.num_plurals if plural else 1), text


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_holds_the_same_placeholders(code: str) -> None:
    for text, message in written(code).items():
        expected = {name for original in swedish(message) for name in PLACEHOLDER.findall(original)}
        for form in forms(message):
            # "one" and "two" may be said without a figure, but nothing may be asked for that is not given.
            names = set(PLACEHOLDER.findall(form))
            assert names <= expected if message.pluralizable else names == expected, text
            assert "%" not in PLACEHOLDER.sub("", form), text


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_tells_the_translator_where_it_is_used(code: str) -> None:
    assert [text for text, message in entries(code).items() if not message.auto_comments] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_is_written_as_its_source_is(code: str) -> None:
    ends = {".": ".።", "?": "?؟፧", ":": ":፦", "!": "!."}
    for text, message in written(code).items():
        for form in forms(message):
            assert form == form.strip() or form.strip() == "", text
            assert "  " not in form, text
            assert text[-1] not in ends or form[-1] in ends[text[-1]], text


@pytest.mark.parametrize("code", ARABIC_SCRIPT)
def test_arabic_and_persian_are_written_in_their_own_script(code: str) -> None:
    for text, message in written(code).items():
        for form in forms(message):
            assert re.search(r"[\u0600-\u06ff]", form), text
            assert not re.search(r"[åäöÅÄÖ]", form.replace("bostadsrätt", "")), text
            # The question mark and the comma of Latin script would stand on the wrong side.
            assert "?" not in form, text
            assert ", " not in form, text


def test_persian_and_arabic_keep_their_own_letters() -> None:
    # Persian yeh and kaf look like the Arabic ones but are other letters to a search and to a screen reader.
    assert [
        text for text, message in written("fa").items() if re.search("[يك]", "".join(forms(message)))
    ] == []
    assert [
        text for text, message in written("ar").items() if re.search("[یکگچپ]", "".join(forms(message)))
    ] == []


def test_the_tigrinya_is_written_in_ethiopic_script_with_its_own_signs() -> None:
    for text, message in written("ti").items():
        for form in forms(message):
            assert re.search(r"[\u1200-\u137f]", form), text
            assert not re.search(r"[?:;،]|, |\. |\.$", form.replace("%(", "")), text


@pytest.mark.parametrize("code", ["fi", "so"])
def test_a_draft_is_not_left_in_swedish(code: str) -> None:
    same = {"Kvinnofridslinjen", "Brottsofferjouren"}
    assert [text for text, message in written(code).items() if text in forms(message)] == [
        text for text in written(code) if text in same
    ]


def words_per_sentence(texts: list[str]) -> list[int]:
    return [len(sentence.split()) for text in texts for sentence in re.split(r"(?<=[.?!:])\s+", text)]


def test_easy_swedish_has_shorter_sentences_and_no_hard_words() -> None:
    easy = [form for message in written("sv-x-ll").values() for form in forms(message)]
    plain = words_per_sentence(list(written("sv-x-ll")))
    lengths = words_per_sentence(easy)
    assert max(lengths) <= 15 < max(plain)
    hard = r"\b(slumpvis|statistik|frivillig\w*|skadegörelse|berusade|narkotika|register\w*|utredning)\b"
    assert [text for text in easy if re.search(hard, text, re.IGNORECASE)] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_forms_of_counted_texts_follow_the_plural_rules_of_cldr(code: str) -> None:
    rule = LANGUAGES[code].locale.plural_form
    form = catalogue(code).plural  # type: ignore[attr-defined]
    found = {(rule(number), form(number)) for number in range(1, 1200)}
    # Each form stands for one category: what CLDR tells apart is never given the same words by mistake.
    assert len({category for category, _ in found}) == len(found) == len({number for _, number in found})


def test_the_english_is_not_left_in_swedish() -> None:
    same_word = {"Man"}
    for text, message in entries("en").items():
        assert text in same_word or text not in forms(message), text
        assert not any(re.search(r"[åäöÅÄÖ]", form.replace("bostadsrätt", "")) for form in forms(message)), (
            text
        )


@pytest.mark.parametrize("code", TRANSLATED)
def test_answers_to_one_question_stay_apart_in_translation(code: str) -> None:
    for question in WITH_LOCAL.questions:
        words = [translate(code, option.text) for option in question.options]
        assert len(set(words)) == len(words), question.id


def test_the_catalogues_are_read_as_text_and_no_compiled_file_is_kept() -> None:
    assert list(TRANSLATIONS.rglob("*.mo")) == []
    assert {path.stem for path in TRANSLATIONS.glob("*.po")} == set(TRANSLATED)
    assert all(catalogue(code).gettext("Berusade personer som stör utomhus").strip() for code in TRANSLATED)
    assert catalogue("en").gettext("Ja") == "Yes"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The catalogues in a folder of their own, which commands then write to."""
    folder = shutil.copytree(TRANSLATIONS, tmp_path / "translations")
    monkeypatch.setattr(languages, "TRANSLATIONS", folder)
    return folder


def test_updating_finds_nothing_new_and_changes_no_byte(copied: Path) -> None:
    before = {path.name: path.read_bytes() for path in copied.glob("*.*")}
    told = CliRunner().invoke(main, ["language", "update"])
    assert told.output.splitlines() == [f"{code}: 0 nya texter, 0 borttagna" for code in TRANSLATED]
    assert {path.name: path.read_bytes() for path in copied.glob("*.*")} == before


def test_updating_adds_what_is_new_empty_and_takes_away_what_is_gone(copied: Path) -> None:
    path = copied / "fi.po"
    text = path.read_text(encoding="utf-8")
    lost = text.replace('msgid "Nu kan du stänga sidan."', 'msgid "Nu är sidan stängd."')
    path.write_text(lost, encoding="utf-8")
    told = CliRunner().invoke(main, ["language", "update"])
    assert "fi: 1 nya texter, 1 borttagna" in told.output
    after = path.read_text(encoding="utf-8")
    assert 'msgid "Nu kan du stänga sidan."\nmsgstr ""' in after
    assert "Nu är sidan stängd." not in after
    assert after.count("\n\n") == text.count("\n\n")
