"""The questionnaire as a form on paper, in any language, made of the same data as the pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from survey import languages
from survey.config import ROOT
from survey.languages import Language
from survey.notice import NOTICE
from survey.questionnaire.definition import Option, Page, Question, Questionnaire
from survey.questionnaire.numbering import Direction, directions, numbers
from survey.questionnaire.wording import reworded
from survey.typesetting import Stylesheet, load_stylesheet, qr_drawing, typeset

TEMPLATES = ROOT / "templates"
FACES = ("inter", "inter-ext", "noto-sans-arabic", "noto-sans-ethiopic")
MARKED = 8  # signs of the questionnaire's hash in the code of a form: enough to tell versions apart


@dataclass(frozen=True)
class Block:
    """Questions printed together: one by itself, or the rows that complete the same sentence."""

    stem: str
    questions: tuple[Question, ...]
    direction: Direction | None

    @property
    def options(self) -> tuple[Option, ...]:
        return self.questions[0].options


def form_mark(form_id: str, questionnaire: Questionnaire) -> str:
    """What the code on a form says: which form it is, and by which version it was printed."""
    return f"{form_id} {questionnaire.hash[:MARKED]}"


def print_form(
    questionnaire: Questionnaire, language: Language, form_id: str = "", synthetic: bool = False
) -> bytes:
    """The form as PDF; without a number it is a preview, which nobody can mistake for a form to fill in."""
    return _typeset(questionnaire, language, form_id, synthetic, preview=not form_id)


@lru_cache(maxsize=16)
def blank_form(questionnaire: Questionnaire, language: Language, synthetic: bool = False) -> bytes:
    """The form with the place for its number left free, for whoever prints many and puts the numbers in."""
    return _typeset(questionnaire, language, "", synthetic, preview=False)


@lru_cache(maxsize=16)
def preview_form(questionnaire: Questionnaire, language: Language) -> bytes:
    """The form without a number, kept for whoever looks at it again."""
    return print_form(questionnaire, language)


def _typeset(
    questionnaire: Questionnaire, language: Language, form_id: str, synthetic: bool, *, preview: bool
) -> bytes:
    words = partial(languages.translate, language.code)
    shown = reworded(questionnaire, words)
    pages = [(page, _blocks(page, directions(shown))) for page in shown.pages]
    document = _template(language.code).render(
        language=language,
        questionnaire=shown,
        pages=pages,
        numbers=numbers(shown),
        form_id=form_id,
        preview=preview,
        code=partial(qr_drawing, form_mark(form_id, questionnaire)),
        notice=NOTICE if synthetic else "",
        either=partial(_either, language.code),
    )
    return typeset(document, _stylesheet())


def _blocks(page: Page, before: dict[str, Direction]) -> tuple[Block, ...]:
    found: list[Block] = []
    for (stem, options), run in groupby(
        page.questions, key=lambda question: (question.stem, question.options)
    ):
        asked = tuple(run)
        # Rows share a head; a question with a filter or a sentence of its own stands alone.
        together = (
            [asked] if stem and options and not any(q.conditions for q in asked) else [(q,) for q in asked]
        )
        found += [Block(stem, group, before.get(group[0].id)) for group in together]
    return tuple(found)


def _either(code: str, options: Iterable[Option]) -> Markup:
    """Answers as alternatives, each in bold."""
    bold = [str(Markup("<strong>{}</strong>").format(escape(option.text))) for option in options]
    return Markup(languages.either(code, bold))  # noqa: S704 - every answer is escaped above


@cache
def _template(code: str) -> Template:
    environment: Any = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(
        gettext=partial(languages.translate, code), ngettext=partial(languages.ngettext, code), newstyle=True
    )
    template: Template = environment.get_template("paper/form.xhtml")
    return template


@cache
def _stylesheet() -> Stylesheet:
    return load_stylesheet((TEMPLATES / "paper" / "form.css").read_text(encoding="utf-8"), _font_files())


@cache
def _font_files() -> dict[str, Path]:
    names = [f"{face}-{weight}" for face in FACES for weight in (400, 600)]
    return {f"font:{name}": ROOT / "static" / "fonts" / f"{name}.woff2" for name in names}
