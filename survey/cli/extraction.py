"""Finds every text a resident can meet, where it stands, and brings the catalogues up to date with it."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TypeGuard

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, meta
from jinja2.ext import babel_extract

from survey import languages
from survey.config import ROOT
from survey.questionnaire import definition, indicators
from survey.questionnaire.definition import Questionnaire

TEMPLATES = ROOT / "templates"
# The rooms and stages whose words reach residents. What staff alone meet is written in Swedish only.
ROOMS = ("resident", "public", "errors", "letter", "paper")
MODULES = (
    *("survey/resident/*.py", "survey/public/*.py"),
    *("survey/error_pages.py", "survey/questionnaire/answers.py"),
)
# A text for people starts like a sentence; names, keys and addresses do not.
SENTENCE = re.compile(r"[A-ZÅÄÖ][a-zåäö]+ \S")
ANSWER = "answer to "
FEW = 3  # families of questions worth naming
WIDTH = 100
Text = tuple[str, str | None, str]  # the text, its plural if it has one, its place


@dataclass
class Found:
    """A text to translate, its plural if it has one, and where it stands."""

    plural: str | None = None
    places: list[str] = field(default_factory=list)


def extract() -> dict[str, Found]:
    """Every text of the resident's journey with the places where it stands."""
    found: dict[str, Found] = {}
    for text, plural, place in (*_questionnaires(), *_measures(), *_templates(), *_modules()):
        if not text:
            continue
        entry = found.setdefault(text, Found())
        entry.plural = entry.plural or plural
        if place not in entry.places:
            entry.places.append(place)
    return found


def _questionnaires() -> Iterator[Text]:
    for core in definition.cores():
        names = [core, *(f"{core}{definition.JOIN}{name}" for name in definition.additions(core))]
        for name in names:
            for text, place in _asked(definition.load(name)):
                yield text, None, place


def _asked(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    yield questionnaire.title, "title of the questionnaire"
    for page in questionnaire.pages:
        yield page.title, f"title of the page {page.id}"
        yield page.intro, f"introduction of the page {page.id}"
        yield page.period, f"period of the questions on the page {page.id}"
        for question in page.questions:
            yield question.stem, f"shared question of {page.id}, completed by each row"
            kind = "row that completes its shared question:" if question.stem else "question"
            yield question.text, f"{kind} {question.id}"
            yield question.help, f"help to the question {question.id}"
            for option in question.options:
                yield option.text, f"{ANSWER}{question.id}"


def _measures() -> Iterator[Text]:
    for indicator in indicators.indicators():
        yield indicator.label, None, "name of a measure in the results"
        if indicator.headline:
            yield indicator.in_hundred(), None, "heading of a result, persons in a hundred"
            yield indicator.measure, None, "how a measure is counted"
            yield indicator.base_text, None, "of whom a measure is counted"


def _templates() -> Iterator[Text]:
    for name in sorted(resident_templates()):
        with (TEMPLATES / name).open("rb") as file:
            options = {"trimmed": "true", "silent": "false"}
            for _, function, message, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), options):
                texts = (message,) if isinstance(message, str) else tuple(filter(None, message or ()))
                yield texts[0], texts[1] if function == "ngettext" else None, f"templates/{name}"


def resident_templates() -> set[str]:
    """The pages, letters and forms residents see, and all that these are made of."""
    waiting = [path for room in ROOMS for path in (TEMPLATES / room).glob("*html")]
    names = {str(path.relative_to(TEMPLATES)) for path in waiting}
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    while waiting:
        tree = environment.parse(waiting.pop().read_text(encoding="utf-8"))
        new = {name for name in meta.find_referenced_templates(tree) if name} - names
        names |= new
        waiting += [TEMPLATES / name for name in new]
    return names


def _modules() -> Iterator[Text]:
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
    """The sentences of a module that are not written for its readers, and every word it has translated."""
    tree = ast.parse(code)
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    skipped |= {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
    }
    asked = {id(node.args[0]) for node in ast.walk(tree) if _translates(node)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in skipped and (id(node) in asked or SENTENCE.match(node.value))
    ]


def _translates(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "gettext" and bool(node.args)


def write_template(texts: Mapping[str, Found]) -> None:
    """Write the file of all texts to translate."""
    head = "# Every Swedish text a resident can meet. Made by `trygg language update`; not edited by hand.\n"
    head += 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    _write(languages.TRANSLATIONS / languages.TEMPLATE, head, _untranslated(head, texts))


def update_catalogue(code: str, texts: Mapping[str, Found]) -> tuple[int, int]:
    """Add the texts that are new, take away those that are gone; how many of each.

    A translation that is there is never touched. The head of the file stays as its translator wrote it.
    """
    path = languages.TRANSLATIONS / f"{code}.po"
    content = path.read_text(encoding="utf-8")
    head = content.split("\n\n", 1)[0] + "\n"
    before = read_po(BytesIO(content.encode()))
    known = {languages.source_text(message): message for message in before if message.id}
    after = _untranslated(head, texts)
    for message in after:
        old = known.get(languages.source_text(message)) if message.id else None
        if old is not None:
            message.string, message.flags = old.string, old.flags
    _write(path, head, after)
    return len(texts.keys() - known.keys()), len(known.keys() - texts.keys())


def _untranslated(head: str, texts: Mapping[str, Found]) -> Catalog:
    """The texts as a catalogue with the plural forms of its head, each with a note on where it stands."""
    catalog = read_po(BytesIO(head.encode()))
    for text, found in texts.items():
        identity = (text, found.plural) if found.plural else text
        catalog.add(identity, auto_comments=_note(found.places))
    return catalog


def _note(places: list[str]) -> list[str]:
    """The places of a text; an answer to whole families of questions names these, as in victim_…"""
    answers = [place for place in places if place.startswith(ANSWER)]
    if len(answers) <= 1:
        return places
    families = list(dict.fromkeys(f"{place.removeprefix(ANSWER).split('_')[0]}_…" for place in answers))
    told = ", ".join(families) if len(families) <= FEW else "many questions"
    return [*(place for place in places if place not in answers), ANSWER + told]


def _write(path: Path, head: str, catalog: Catalog) -> None:
    body = BytesIO()
    write_po(body, catalog, width=WIDTH, no_location=True, omit_header=True)
    path.write_text(f"{head}\n{body.getvalue().decode().strip()}\n", encoding="utf-8")
