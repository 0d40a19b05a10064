"""Reads a PDF back as a reader would: its text, and its QR codes from the picture of each page.

By programs that had no part in making it: PDFium draws the page, ZXing reads the code in the drawing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import zxingcpp

DOTS_PER_INCH = 100  # a telephone sees more; a code that is read here is read anywhere
POINTS_PER_INCH = 72
_QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


@dataclass(frozen=True, repr=False)
class ReadPage:
    """What stands on a page, and what its QR codes say."""

    text: str
    codes: tuple[str, ...]


def read_pages(pdf: bytes) -> Iterator[ReadPage]:
    """Every page of a document in order."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            text = page.get_textpage()
            yield ReadPage(text.get_text_bounded(), _codes(page))
            text.close()
            page.close()
    finally:
        document.close()


def _codes(page: pypdfium2.PdfPage) -> tuple[str, ...]:
    picture = page.render(scale=DOTS_PER_INCH / POINTS_PER_INCH, grayscale=True)
    found = zxingcpp.read_barcodes(picture.to_numpy(), formats=_QR_CODES, text_mode=zxingcpp.TextMode.Plain)
    picture.close()
    return tuple(code.text for code in found)
