"""A chart or map as a file of its own: title, source, n and the mark of simulated answers in the picture."""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from textwrap import wrap
from threading import Lock

import pypdfium2

from survey.notice import file_suffix
from survey.publication.content import MunicipalityReport
from survey.publication.downloads.files import slug
from survey.publication.drawings.chart_rows import Chart
from survey.publication.drawings.drawing import WIDTH
from survey.publication.drawings.maps import MapDrawing
from survey.publication.drawings.timeline import Timeline
from survey.typesetting import Stylesheet, load_stylesheet, typeset

MIMETYPES = {"svg": "image/svg+xml", "png": "image/png"}
MARGIN = 20.0
LETTERS = {16: 70, 11: 112}  # so many letters of a size go on a line above a chart
_ONE_AT_A_TIME = Lock()  # the engine's log of troubles is shared by threads, and pdfium is for one thread
PNG_WIDTH = 1440  # pixels: sharp on a slide
CSS_PIXELS_IN_POINT = 96 / 72
FONTS_STYLE = """@font-face { font-family: Inter; src: url(font:inter-400); font-weight: 400 }
@font-face { font-family: Inter; src: url(font:inter-600); font-weight: 600 }
body { margin: 0; font-family: Inter } svg { display: block }"""


Drawn = Chart | Timeline | MapDrawing


@dataclass(frozen=True)
class Line:
    """A line of text in the picture."""

    y: float
    size: int
    strong: bool
    muted: bool
    text: str


@dataclass(frozen=True)
class Sheet:
    """Where the words round a chart stand when it leaves the page."""

    chart: Drawn
    width: float
    height: float
    margin: float
    top: float  # of the drawing
    lines: tuple[Line, ...]

    @property
    def kind(self) -> str:
        """Asked by the template: over time, a map, or rows."""
        return {Timeline: "time", MapDrawing: "map"}.get(type(self.chart), "rows")


def lay_out(chart: Drawn) -> Sheet:
    """Title and measure above the drawing, source below; what is simulated says so at the very top."""
    y = MARGIN
    lines: list[Line] = []
    above = [
        (chart.notice, 11, True, False),
        (chart.title, 16, True, False),
        (chart.subtitle, 11, False, True),
    ]
    for text, size, strong, muted in above:
        for part in wrap(text, _letters(chart, size)):
            y += size * 1.35
            lines.append(Line(round(y, 1), size, strong, muted, part))
    top = round(y + 12, 1)
    y = top + chart.height + 4
    for part in wrap(chart.source, _letters(chart, 11)):
        y += 11 * 1.35
        lines.append(Line(round(y, 1), 11, False, True, part))
    return Sheet(chart, chart.width + 2 * MARGIN, round(y + MARGIN, 1), MARGIN, top, tuple(lines))


def _letters(chart: Drawn, size: int) -> int:
    return int(LETTERS[size] * chart.width / WIDTH)


def as_png(svg: str, sheet: Sheet) -> bytes:
    """The drawing as pixels, by the engine that sets the report."""
    page = (
        f'<html lang="sv"><head><title>Diagram</title><style>@page {{ margin: 0; '
        f"size: {sheet.width}px {sheet.height}px }}</style></head><body>{svg}</body></html>"
    )
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(typeset(page, _stylesheet()))
        try:
            picture = document[0].render(scale=PNG_WIDTH / sheet.width * CSS_PIXELS_IN_POINT).to_pil()
        finally:
            document.close()
    target = BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()


def file_name(report: MunicipalityReport, parts: tuple[str, ...], kind: str) -> str:
    """ "2019-0182-nacka-unsafe-evening-serie-SIMULERADE-SVAR.png"."""
    words = "-".join(slug(part) for part in (report.municipality, *parts))
    return f"{report.wave.code}-{report.municipality_code}-{words}{file_suffix(report.synthetic)}.{kind}"


@cache
def _stylesheet() -> Stylesheet:
    return load_stylesheet(FONTS_STYLE)
