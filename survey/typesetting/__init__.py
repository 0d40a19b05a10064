"""XHTML to accessible, archivable PDF with nothing but what is in memory: letters and reports share it."""

from survey.typesetting.documents import (
    FONTS,
    Enclosure,
    Stylesheet,
    TypesettingError,
    load_stylesheet,
    missing_characters,
    parse_page,
    typeset,
)
from survey.typesetting.qr_codes import qr_drawing
from survey.typesetting.reading import ReadPage, read_pages
from survey.typesetting.underlay import lay_under

__all__ = [
    "FONTS",
    "Enclosure",
    "ReadPage",
    "Stylesheet",
    "TypesettingError",
    "lay_under",
    "load_stylesheet",
    "missing_characters",
    "parse_page",
    "qr_drawing",
    "read_pages",
    "typeset",
]
