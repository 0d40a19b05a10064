"""Typesetting by WeasyPrint behind a closed door: no file, no address, no warning gets through."""

import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

import cssselect2
from fontTools.ttLib import TTFont
from weasyprint import CSS, HTML, Attachment
from weasyprint.css.counters import CounterStyle
from weasyprint.html import UA
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from survey.config import ROOT
from survey.typesetting.accessibility import declare_universal_access, finish
from survey.typesetting.drawing import draw_labels_whole
from survey.typesetting.writing import write_once

FONT_FOLDER = ROOT / "static" / "fonts"
FONTS: Mapping[str, Path] = MappingProxyType(
    {
        f"font:{name}": FONT_FOLDER / f"{name}.woff2"
        for name in ("inter-400", "inter-600", "inter-ext-400", "inter-ext-600")
    }
)
# XML 1.0 knows no way to write these; a lone surrogate cannot even be encoded.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# The engine prepares notes and marks of lists inside every element of a page: six more to style for each.
UNUSED_STYLE = re.compile(r"^::(?:footnote|note)-.*$", re.MULTILINE)
# Invisible signs that turn the reading direction round: a name could make a sentence read backwards.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


class TypesettingError(Exception):
    """The document was not made: it asked for something outside, or the engine complained."""


class ClosedFetcher(URLFetcher):  # type: ignore[misc]
    """Hands out what we put in memory and refuses everything else."""

    def __init__(self, items: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(allowed_protocols=[], allow_redirects=False)
        self.items = items
        self.denied: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        if url not in self.items:
            # Some callers swallow even a fatal error: what was denied is asked for again at the end.
            self.denied.append(url)
            raise FatalURLFetchingError(url)
        mime_type, body = self.items[url]
        return URLFetcherResponse(url, body, {"Content-Type": mime_type})


@dataclass(frozen=True)
class Stylesheet:
    """Parsed style and loaded fonts, shared by all documents of a batch."""

    css: CSS
    fonts: FontConfiguration


@dataclass(frozen=True)
class Enclosure:
    """A file of data that lies in a document, behind the paper clip of the reader's program."""

    file_name: str
    content: bytes
    description: str
    day: date  # the moment of writing would make every copy another file


class _Document(HTML):  # type: ignore[misc]
    """A well-formed page parsed by expat, ten times faster than the forgiving parser of browsers."""

    def __init__(self, xhtml: str, fetcher: ClosedFetcher) -> None:
        root = parse_page(xhtml)
        self.base_url = None
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [_basic_style()]


@cache
def _basic_style() -> CSS:
    """The engine's style of elements without notes, and with marks for the entries of lists alone.

    A tenth of the time of a page with large tables.
    """
    style = UNUSED_STYLE.sub("", UA).replace("::marker {", "li::marker {")
    return CSS(
        string=style, counter_style=CounterStyle()
    )  # the kinds of marks are defined once, by the engine


def parse_page(xhtml: str) -> ElementTree.Element:
    """A well-formed page of our own templates, without the signs that no reader is to meet."""
    return ElementTree.fromstring(UNWRITABLE.sub("", TURNING.sub("", xhtml)))  # noqa: S314 - our own template


def load_stylesheet(text: str, fonts: Mapping[str, Path] = FONTS) -> Stylesheet:
    """Parse a stylesheet whose @font-face rules name the keys of `fonts`, as in `url(font:inter-400)`."""
    fetcher = ClosedFetcher({name: ("font/woff2", path.read_bytes()) for name, path in fonts.items()})
    configuration = FontConfiguration()
    with _no_complaints(fetcher):
        css = CSS(string=text, url_fetcher=fetcher, font_config=configuration)
    return Stylesheet(css, configuration)


def typeset(
    xhtml: str,
    stylesheet: Stylesheet,
    pictures: Mapping[str, tuple[str, bytes]] | None = None,
    enclosed: Sequence[Enclosure] = (),
) -> bytes:
    """The document as PDF/UA-1 and PDF/A-2a, with files in it A-3a; the same document gives the same bytes.

    A picture is a MIME type and its bytes, under the address that the document names.
    """
    draw_labels_whole()
    variant = "pdf/a-3a" if enclosed else "pdf/a-2a"  # only the third part of PDF/A lets other files in
    fetcher = ClosedFetcher(pictures or {})
    with _no_complaints(fetcher):
        document = _Document(xhtml, fetcher).render(
            font_config=stylesheet.fonts, stylesheets=[stylesheet.css], pdf_variant=variant
        )
        declare_universal_access(document.metadata)
        with warnings.catch_warnings():
            # WeasyPrint 70 leaves the file of its colour profile to the rubbish collection.
            warnings.simplefilter("ignore", ResourceWarning)
            written: bytes = document.write_pdf(
                finisher=_complete, pdf_variant=variant, attachments=[_attachment(file) for file in enclosed]
            )
    return written


def _complete(document: Any, pdf: Any) -> None:
    finish(document, pdf)
    write_once(pdf)


def _attachment(file: Enclosure) -> Attachment:
    moment = datetime.combine(file.day, time(), UTC)
    return Attachment(
        file_obj=BytesIO(file.content),
        name=file.file_name,
        description=file.description,
        created=moment,
        modified=moment,
        relationship="Data",
    )


def missing_characters(text: str, fonts: Mapping[str, Path] = FONTS) -> str:
    """The characters of a text that none of the fonts can show, in order, once each."""
    known = _characters(tuple(fonts.values()))
    return "".join(dict.fromkeys(sign for sign in text if ord(sign) not in known and not sign.isspace()))


@cache
def _characters(paths: tuple[Path, ...]) -> frozenset[int]:
    found = [set(TTFont(path).getBestCmap()) for path in paths]
    return frozenset(set().union(*found))


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def _no_complaints(fetcher: ClosedFetcher) -> Iterator[None]:
    """Turn what the engine only logs (lost fonts, broken drawings, missing texts) into a failure."""
    complaints = _Complaints()
    loggers: list[Any] = [logging.getLogger(name) for name in ("weasyprint", "fontTools")]
    for logger in loggers:
        logger.addHandler(complaints)
    try:
        yield
    except FatalURLFetchingError as error:
        raise TypesettingError(f"dokumentet försökte hämta {error}") from error
    finally:
        for logger in loggers:
            logger.removeHandler(complaints)
    if fetcher.denied:
        raise TypesettingError(f"dokumentet försökte hämta {', '.join(fetcher.denied)}")
    if complaints.messages:
        raise TypesettingError("; ".join(complaints.messages))
