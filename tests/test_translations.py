"""Every word a resident can meet is translated, and the catalogues hold nothing else."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import Environment, meta
from jinja2.ext import babel_extract

from survey.languages import LANGUAGES, SOURCE, TRANSLATIONS, catalogue, read_catalogue, translate
from survey.questionnaire.definition import load

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "templates"
# The rooms and stages whose words reach residents. What staff alone meet is written in Swedish only.
MODULES = ("survey/resident/*.py", "survey/error_pages.py", "survey/questionnaire/answers.py")
TRANSLATED = [code for code in LANGUAGES if code != SOURCE.code]
STAFF_TEMPLATES = sorted(
    str(path.relative_to(TEMPLATES))
    for pattern in ("*.html", "login/*", "municipality/*", "analyst/*", "components/*")
    for path in TEMPLATES.glob(pattern)
)
# The names of file formats, and the one label that stands in every language at once.
UNTRANSLATED = ("pdf", "csv", "Språk / Language / اللغة")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
# A text for people starts like a sentence; names, keys and addresses do not.
SENTENCE = re.compile(r"[A-ZÅÄÖ][a-zåäö]+ \S")


@dataclass
class Found:
    """A text to translate, its plural if it has one, and where it stands."""

    plural: str | None = None
    places: set[str] = field(default_factory=set)


def extract() -> dict[str, Found]:
    """Every text of the resident's journey with the places where it stands."""
    found: dict[str, Found] = {}
    for text, plural, place in (*_questionnaire(), *_templates(), *_modules()):
        entry = found.setdefault(text, Found())
        entry.plural = entry.plural or plural
        entry.places.add(place)
    return found


def _questionnaire() -> Iterator[tuple[str, None, str]]:
    for text in load("trygghet").texts():
        yield text, None, "questionnaire trygghet"


def _templates() -> Iterator[tuple[str, str | None, str]]:
    for name in sorted(resident_templates()):
        with (TEMPLATES / name).open("rb") as file:
            options = {"trimmed": "true", "silent": "false"}
            for _, function, message, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), options):
                texts = (message,) if isinstance(message, str) else tuple(filter(None, message or ()))
                yield texts[0], texts[1] if function == "ngettext" else None, f"templates/{name}"


def resident_templates() -> set[str]:
    """The pages and the letter residents see, and all that these are made of."""
    waiting = [path for room in ("resident", "errors", "letter") for path in (TEMPLATES / room).glob("*html")]
    names = {str(path.relative_to(TEMPLATES)) for path in waiting}
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    while waiting:
        tree = environment.parse(waiting.pop().read_text(encoding="utf-8"))
        new = {name for name in meta.find_referenced_templates(tree) if name} - names
        names |= new
        waiting += [TEMPLATES / name for name in new]
    return names


def _modules() -> Iterator[tuple[str, None, str]]:
    for path in resident_modules():
        for text in texts_for_people(path.read_text(encoding="utf-8")):
            yield text, None, str(path.relative_to(ROOT))


def resident_modules() -> list[Path]:
    """The room of the residents, and every stage module that it uses or that these use."""
    waiting = [path for pattern in MODULES for path in ROOT.glob(pattern)]
    found = set(waiting)
    while waiting:
        tree = ast.parse(waiting.pop().read_text(encoding="utf-8"))
        new = {ROOT / f"{name.replace('.', '/')}.py" for name in _imported(tree)} - found
        new = {path for path in new if path.is_file()}
        found |= new
        waiting += sorted(new)
    return sorted(found)


def _imported(tree: ast.Module) -> Iterator[str]:
    """The stage modules a module imports, also when it takes them from their package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("survey.collection"):
            yield str(node.module)
            yield from (f"{node.module}.{name.name}" for name in node.names)


def texts_for_people(code: str) -> list[str]:
    """The sentences of a module that are not written for its readers, as docstrings are."""
    tree = ast.parse(code)
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    skipped |= {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in skipped and SENTENCE.match(node.value)
    ]


@cache
def extracted() -> dict[str, Found]:
    return extract()


def entries(code: str) -> dict[str, Message]:
    """The translations of a language by their Swedish text; counted ones by their singular."""
    loaded: Catalog = read_catalogue(code)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message
        for message in loaded
        if message.id
    }


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def swedish(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def test_the_journey_is_found_where_it_stands() -> None:
    found = extracted()
    assert "questionnaire trygghet" in found["Hur trygg känner du dig ute på dagen?"].places
    assert "survey/questionnaire/answers.py" in found["Välj bara ett av svaren."].places
    assert any(place.startswith("templates/resident/") for it in found.values() for place in it.places)
    assert any(place.startswith("templates/letter/") for it in found.values() for place in it.places)
    assert any(place.startswith("templates/components/") for it in found.values() for place in it.places)


def test_sentences_are_told_from_names_and_docstrings() -> None:
    code = '"""Läs det här."""\nKEY = "receipt"\nTEXT = (\n "Skriv "\n "koden."\n)\nx = f"Hej du {KEY}"'
    assert texts_for_people(code) == ["Skriv koden."]


def loose_texts(template: str) -> list[str]:
    """What a template says by itself, outside _(...): between tags and in labels."""
    bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", template, flags=re.DOTALL)
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


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_a_resident_meets_lacks_a_translation(code: str) -> None:
    known = entries(code)
    missing = {text: sorted(found.places) for text, found in extracted().items() if text not in known}
    assert missing == {}


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_translation_is_left_that_nobody_meets(code: str) -> None:
    assert sorted(set(entries(code)) - set(extracted())) == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_translation_is_empty_or_in_doubt(code: str) -> None:
    unfinished = [
        text
        for text, message in entries(code).items()
        if message.fuzzy or not all(map(str.strip, forms(message)))
    ]
    assert unfinished == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_counted_texts_have_every_form_of_the_language(code: str) -> None:
    loaded = read_catalogue(code)
    for text, message in entries(code).items():
        plural = extracted()[text].plural
        assert swedish(message) == ((text, plural) if plural else (text,))
        assert len(forms(message)) == (loaded.num_plurals if plural else 1), text


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_holds_the_same_placeholders(code: str) -> None:
    for text, message in entries(code).items():
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
    ends = {".": ".", "?": "?؟", ":": ":", "!": "!."}
    for text, message in entries(code).items():
        for form in forms(message):
            assert form == form.strip() or form.strip() == "", text
            assert "  " not in form, text
            assert text[-1] not in ends or form[-1] in ends[text[-1]], text


def test_the_arabic_is_written_in_arabic() -> None:
    for text, message in entries("ar").items():
        for form in forms(message):
            assert re.search(r"[\u0600-\u06ff]", form), text
            assert not re.search(r"[åäöÅÄÖ]", form.replace("bostadsrätt", "")), text
            # The question mark and the comma of Latin script would stand on the wrong side.
            assert "?" not in form, text
            assert ", " not in form, text


def test_the_english_is_not_left_in_swedish() -> None:
    same_word = {"Man"}
    for text, message in entries("en").items():
        assert text in same_word or text not in forms(message), text
        assert not any(re.search(r"[åäöÅÄÖ]", form.replace("bostadsrätt", "")) for form in forms(message)), (
            text
        )


@pytest.mark.parametrize("code", TRANSLATED)
def test_answers_to_one_question_stay_apart_in_translation(code: str) -> None:
    for question in load("trygghet").questions:
        words = [translate(code, option.text) for option in question.options]
        assert len(set(words)) == len(words), question.id


def test_the_catalogues_are_read_as_text_and_no_compiled_file_is_kept() -> None:
    assert list(TRANSLATIONS.rglob("*.mo")) == []
    assert {path.stem for path in TRANSLATIONS.glob("*.po")} == set(TRANSLATED)
    assert all(catalogue(code).gettext("Ja") != "Ja" for code in TRANSLATED)
