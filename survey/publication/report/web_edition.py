"""The report as a web page, the equal of the PDF: the same body, with what a browser needs."""

import re
from base64 import b64encode
from copy import deepcopy
from functools import cache
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from markupsafe import Markup

from survey.config import ROOT
from survey.languages import SOURCE
from survey.publication.content import MunicipalityReport
from survey.publication.downloads.files import municipality_file
from survey.publication.downloads.tables import Download
from survey.publication.drawings.narrow_charts import narrow
from survey.publication.pages.corrections import VersionText
from survey.publication.report.rendering import KEPT_LINES, place
from survey.publication.speech import say, speaking
from survey.typesetting import FONTS, parse_page

STYLE = ROOT / "static" / "css" / "edition.css"
MIMETYPE = "text/html; charset=utf-8"
# An interval and the ages of a group stay on one line; drawings and cells of figures do by themselves.
UNBROKEN = re.compile(
    rf"{KEPT_LINES}|<[^>]*>|(?P<whole>\(?\d[\d,.]*–\d[\d,.]*\)?(?:\s?%|\sår\b|\syears\b)?)", re.DOTALL
)


def web_body(report: MunicipalityReport) -> Markup:
    """What the report says, to stand inside a page."""
    body = UNBROKEN.sub(_in_one_line, place(report, "report/body.html", for_phones=narrow))
    with speaking(report.language):
        return _adapted(f'<article lang="{report.language}" class="edition">{body}</article>')


def _in_one_line(found: re.Match[str]) -> str:
    """By style and not by a sign, so that what is copied is the same."""
    return f'<span class="whole">{found["whole"]}</span>' if found["whole"] else found[0]


def _adapted(page: str) -> Markup:
    article = parse_page(page)
    for element in list(article.iter()):
        element.tag = element.tag.rpartition("}")[2]  # in a web page a drawing needs no namespace
        if element.tag in ("thead", "tbody"):
            _say_scopes(element)
    for parent in list(article.iter()):
        _adapt_children(parent)
    _lead_with_contents(article)
    return Markup(ElementTree.tostring(article, encoding="unicode", method="html"))  # noqa: S704 - escaped by it


def web_page(report: MunicipalityReport, replaced: VersionText | None) -> Download:
    """The same as one file that needs no other: style, fonts and drawings lie in it."""
    page = place(report, "report/page.html", body=web_body(report), style=_whole_style(), replaced=replaced)
    ending = "html" if report.language == SOURCE.code else f"{report.language}.html"
    name = municipality_file(report.municipality_code, report.municipality, report.synthetic, ending)
    return Download(f"{report.wave.code}-{name}", page.encode(), len(report.indicators))


@cache
def _whole_style() -> Markup:
    """The style sheet with its fonts inside."""
    style = STYLE.read_text(encoding="utf-8")
    for path in FONTS.values():
        font = b64encode(path.read_bytes()).decode()
        style = style.replace(f"../fonts/{path.name}", f"data:font/woff2;base64,{font}")
    return Markup(style)  # noqa: S704 - our own


def _say_scopes(part: Element) -> None:
    """The typesetter finds out by itself which cells a header is of; a browser is told."""
    for cell in part.iter("th"):
        cell.attrib.setdefault("scope", "col" if part.tag == "thead" else "row")


def _adapt_children(parent: Element) -> None:
    """What is wider than a phone scrolls by itself, by keyboard too; running heads are for paper.

    A chart that is drawn for phones as well gives way to that drawing there.
    """
    for child in list(parent):
        if child.get("class") == "report-name":
            parent.remove(child)
        elif child.tag == "svg" and (title := parent.find("p[@class='chart-title']")) is not None:
            wide = " wide" if parent.find("div[@class='on-phone']") is not None else ""
            _wrap(parent, child, say("Diagram: %(title)s", title=_words(title)), wide)
        elif child.tag == "table" and (caption := child.find("caption")) is not None:
            _wrap(parent, child, say("Tabell: %(title)s", title=_words(caption)))


def _wrap(parent: Element, child: Element, label: str, wide: str = "") -> None:
    around = Element("div", {"class": f"scroll{wide}", "tabindex": "0", "role": "group", "aria-label": label})
    around.tail, child.tail = child.tail, None
    parent[list(parent).index(child)] = around
    around.append(child)


def _lead_with_contents(article: Element) -> None:
    """The contents come first, wherever they stand on paper."""
    listed = article.find(".//ul[@class='toc']")
    if listed is not None:
        navigation = Element("nav", {"class": "way", "aria-label": say("Innehåll")})
        navigation.append(deepcopy(listed))
        article.insert(1, navigation)


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
