"""XHTML to accessible, archivable PDF with nothing but what is in memory: letters and reports share it."""

from survey.typesetting.documents import (
    FONTS,
    Stylesheet,
    TypesettingError,
    load_stylesheet,
    missing_characters,
    typeset,
)

__all__ = ["FONTS", "Stylesheet", "TypesettingError", "load_stylesheet", "missing_characters", "typeset"]
