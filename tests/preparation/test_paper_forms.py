"""The questionnaire on paper: every question, its number and code, in every language and direction."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from unittest.mock import patch

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pytest

from survey.languages import LANGUAGES, translate
from survey.preparation import paper_form
from survey.preparation.paper_form import form_mark, preview_form, print_form
from survey.questionnaire.definition import load

TRYGGHET = load("trygghet")
WITH_LOCAL = load("trygghet+skargard")
SHORT = replace(TRYGGHET, pages=TRYGGHET.pages[4:6])
NUMBER = "12345-6789"


@cache
def made(code: str) -> tuple[bytes, str]:
    """The longest form there is in a language, and what was typeset; printed once for all tests."""
    with patch.object(paper_form, "typeset", wraps=paper_form.typeset) as typeset:
        return print_form(WITH_LOCAL, LANGUAGES[code], NUMBER), typeset.call_args.args[0]


def form(code: str) -> bytes:
    return made(code)[0]


def words(pdf: bytes) -> str:
    """The text of a form in reading order, with single spaces."""
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return re.sub(r"[\s\ufffe]+", " ", text)


def test_every_question_and_answer_stands_on_the_form_with_its_number() -> None:
    text = words(form("sv"))
    for number, question in enumerate(WITH_LOCAL.questions, start=1):
        assert re.search(rf"\b{number}\. {re.escape(question.text)}", text), question.id
    assert text.count("Tre gånger eller fler") == 7


def test_filters_are_directions_in_words() -> None:
    text = words(form("sv"))
    assert "Svara bara om du svarade Ja på fråga 10. Annars: Gå till fråga 18." in text
    assert "Svara bara om du svarade Ja på fråga 15. Annars: Gå till fråga 28." in text
    assert "Answer only if you answered Yes to question 10. Otherwise: Go to question 18." in words(
        form("en")
    )


def test_the_code_on_the_form_says_its_number_and_the_version_of_the_questionnaire() -> None:
    page = pypdfium2.PdfDocument(form("ar"))[0].render(scale=3).to_numpy()
    found, *_ = cv2.QRCodeDetector().detectAndDecode(np.ascontiguousarray(page[..., :3]))
    assert found == form_mark(NUMBER, WITH_LOCAL) == f"{NUMBER} {WITH_LOCAL.hash[:8]}"


def test_every_sheet_carries_the_number_so_that_none_goes_astray() -> None:
    for code in ("sv", "ar"):
        document = pypdfium2.PdfDocument(form(code))
        for page in document:
            assert NUMBER in page.get_textpage().get_text_range()
        document.close()


def test_a_preview_says_that_it_is_one_and_has_no_number() -> None:
    text = words(preview_form(TRYGGHET, LANGUAGES["sv"]))
    assert "Förhandsgranskning. Ska inte fyllas i." in text
    assert "Formulärets nummer" not in text
    assert preview_form(TRYGGHET, LANGUAGES["sv"]) is preview_form(TRYGGHET, LANGUAGES["sv"])


def test_a_simulated_form_says_so_on_every_sheet() -> None:
    document = pypdfium2.PdfDocument(print_form(SHORT, LANGUAGES["sv"], NUMBER, synthetic=True))
    for page in document:
        assert "SIMULERADE SVAR" in page.get_textpage().get_text_range()
    document.close()
    assert "SIMULERADE" not in words(form("sv"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_is_printed_with_fonts_of_its_own_and_tagged(code: str) -> None:
    # A sign without a font, or anything else the engine complains of, would have stopped the form.
    with pikepdf.open(io.BytesIO(form(code))) as pdf:
        assert str(pdf.Root.Lang) == code
        assert "/StructTreeRoot" in pdf.Root
        assert 5 <= len(pdf.pages) <= 8
    unreviewed = translate(
        code, "Översättningen är inte granskad. Den används bara i simulerade undersökningar."
    )
    assert (unreviewed in made(code)[1]) != LANGUAGES[code].reviewed
    plain: Callable[[str], str] = lambda text: re.sub(r"\W+", "", text)  # noqa: E731 - joins of lines differ
    # The letters of right-to-left scripts cannot be read back from a PDF as they were written.
    if LANGUAGES[code].direction == "ltr":
        assert (plain(unreviewed) in plain(words(form(code)))) != LANGUAGES[code].reviewed


def test_arabic_runs_from_right_to_left() -> None:
    """The number of a question stands to the right of its box, and the code at the left edge."""
    page = pypdfium2.PdfDocument(form("ar"))[0]
    image = page.render(scale=1).to_numpy()[..., 0]
    width = image.shape[1]
    code_area = image[60:170] < 100
    columns = np.flatnonzero(code_area.sum(axis=0) > 20)
    assert columns.mean() < width / 3


def test_local_questions_stand_at_their_place() -> None:
    text = words(form("sv"))
    assert re.search(r"43\. Hur trygg känner du dig på skärgårdsbåtar och färjor\?", text)
    assert "Svara bara om du svarade Ja på fråga 44. Annars: Gå till fråga 46." in text
    assert "Gäller alla i ditt hushåll." in text
    assert re.search(r"46\. Vilket kön har du\?", text)


def test_the_same_form_gives_the_same_bytes() -> None:
    first, again = (print_form(SHORT, LANGUAGES["fi"], NUMBER) for _ in range(2))
    assert first == again
