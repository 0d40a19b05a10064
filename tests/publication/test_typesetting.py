"""Nothing gets into a PDF but what was handed over, and no complaint of the engine goes unheard."""

import warnings
import zlib
from unittest.mock import Mock

import pydyf
import pypdfium2
import pytest
import weasyprint.text.ffi

from survey.typesetting import (
    Stylesheet,
    TypesettingError,
    load_stylesheet,
    missing_characters,
    read_pages,
    typeset,
)

STYLE = """
@font-face { font-family: Inter; src: url(font:inter-400) }
body { font-family: Inter }
"""
PAGE = '<html lang="sv"><head><title>Titel</title></head><body><h1>Rubrik</h1>{}</body></html>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>t</title>{}</svg>'


@pytest.fixture(scope="module")
def style() -> Stylesheet:
    return load_stylesheet(STYLE)


@pytest.mark.parametrize(
    "markup",
    [
        '<link rel="attachment" href="file:///etc/hostname"/>',
        '<a rel="attachment" href="file:///etc/hostname">x</a>',
        '<link rel="stylesheet" href="file:///etc/hostname"/>',
        '<img alt="x" src="file:///etc/hostname"/>',
        '<img alt="x" src="https://example.org/x.png"/>',
        '<object data="file:///etc/hostname">x</object>',
        '<embed src="file:///etc/hostname"/>',
        '<p style="background: url(file:///etc/hostname)">x</p>',
        "<style>@import url(file:///etc/hostname);</style>",
        "<style>@font-face { font-family: x; src: url(file:///etc/hostname) }</style>",
        SVG.format('<image href="file:///etc/hostname" width="9" height="9"/>'),
        '<base href="file:///etc/"/><img alt="x" src="hostname"/>',
    ],
)
def test_nothing_is_fetched(style: Stylesheet, markup: str) -> None:
    with pytest.raises(TypesettingError):
        typeset(PAGE.format(markup), style)


def test_a_picture_without_text_fails_the_document(style: Stylesheet) -> None:
    pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    with pytest.raises(TypesettingError):
        typeset(PAGE.format(f'<img src="{pixel}"/>'), style)


def test_a_document_without_language_fails(style: Stylesheet) -> None:
    with pytest.raises(TypesettingError, match="lang"):
        typeset(PAGE.replace(' lang="sv"', "").format(""), style)


def test_a_broken_drawing_fails_the_document(style: Stylesheet) -> None:
    with pytest.raises(TypesettingError):
        typeset(PAGE.format(SVG.format('<text x="1" y="1" font-weight="heavy">x</text>')), style)


def test_a_font_that_does_not_load_fails_the_stylesheet() -> None:
    with pytest.raises(TypesettingError):
        load_stylesheet("@font-face { font-family: X; src: url(font:unknown) }")


def test_the_fast_font_subsetter_is_installed() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert weasyprint.text.ffi.harfbuzz_subset is not None


def test_our_fonts_hold_every_sign_of_a_report() -> None:
    assert missing_characters("åäöÅÄÖéü 0123456789 %–−▲▼■”’·…()+*.,:;&/\u00a0") == ""
    assert missing_characters("a漢b漢") == "漢"


def test_the_same_document_gives_the_same_bytes(style: Stylesheet) -> None:
    assert typeset(PAGE.format("<p>text</p>"), style) == typeset(PAGE.format("<p>text</p>"), style)


def test_lists_keep_their_marks_without_the_styles_of_notes(style: Stylesheet) -> None:
    """Half of all that is styled would be notes that no page of ours has."""
    pdf = typeset(PAGE.format("<ul><li>a</li></ul><ol><li>b</li><li>c</li></ol>"), style)
    assert sorted(next(iter(read_pages(pdf))).text.split()) == ["1.", "2.", "Rubrik", "a", "b", "c", "•"]


def test_each_part_is_turned_into_bytes_once(style: Stylesheet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine would compress everything twice: once for the file, once for its identifier."""
    compress = Mock(wraps=zlib.compressobj)
    monkeypatch.setattr(pydyf.zlib, "compressobj", compress)
    pdf = typeset(PAGE.format("<p>text</p>"), style)
    assert compress.call_count == pdf.count(b"/FlateDecode") > 2


def letters(pdf: bytes, text: str) -> list[tuple[float, float]]:
    """Where the ink of each letter of a text begins and ends."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0].get_textpage()
        at = page.get_text_range().index(text)
        boxes = [page.get_charbox(number) for number in range(at, at + len(text))]
    finally:
        document.close()
    return [(left, right) for left, _, right, _ in boxes]


def test_figures_of_a_drawing_line_up_and_its_words_have_no_wide_hyphens(style: Stylesheet) -> None:
    label = '<text x="0" y="{}" font-family="Inter" font-size="10">{}</text>'
    labels = "".join(label.format(10 * n, text) for n, text in enumerate(("11 %", "88 %", "n-n"), start=1))
    pdf = typeset(PAGE.format(SVG.format(labels).replace('"9"', '"90"')), style)
    one, eight = letters(pdf, "11 %"), letters(pdf, "88 %")
    assert one[3] == pytest.approx(eight[3], abs=0.05)
    (_, before), _, (after, _) = letters(pdf, "n-n")
    assert after - before < 5.3  # points, of an em of 7.5: 4.6, in columns of figures 6
