"""A municipality's results as a PowerPoint deck: slides placed, words in Swedish, the same bytes always."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Emu, Inches, Pt
from sqlalchemy.orm import Session

from survey.publication.content import MunicipalityReport
from survey.publication.downloads.files import municipality_file
from survey.publication.downloads.native_charts import INK, LANGUAGE, add_chart
from survey.publication.downloads.slides import Slide, municipality_slides
from survey.publication.downloads.tables import Download
from survey.publication.drawings.chart_rows import source_line
from survey.publication.embargo import Reader
from survey.publication.receipt import ReceiptsOf
from survey.publication.results import municipality_report
from survey.typesetting.documents import TURNING, UNWRITABLE

EXTENSION = "pptx"
MIMETYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
EDGE = Inches(0.6)
INSIDE = Emu(WIDTH - 2 * EDGE)
TITLE_BOX = (EDGE, Inches(0.3), INSIDE, Inches(1.0))
BODY_BOX = (EDGE, Inches(1.5), INSIDE, Inches(5.1))
CAPTION_BOX = (EDGE, Inches(1.3), INSIDE, Inches(0.65))
CHART_BOX = (EDGE, Inches(1.95), INSIDE, Inches(4.8))
LOW_CHART_BOX = (EDGE, Inches(2.3), INSIDE, Inches(4.45))  # below a long caption
FOOT_BOX = (EDGE, Inches(6.85), Emu(INSIDE - Inches(1)), Inches(0.4))
NUMBER_BOX = (Emu(WIDTH - EDGE - Inches(1)), Inches(6.85), Inches(1), Inches(0.4))
COVER_TITLE_BOX = (EDGE, Inches(1.8), INSIDE, Inches(1.8))
COVER_BODY_BOX = (EDGE, Inches(3.7), INSIDE, Inches(1.6))
LONG_TITLE, LONG_CAPTION, MANY_LINES, MANY_LETTERS = 65, 250, 6, 500
BODY_SIZE, SMALL_BODY, COVER_BODY = 22, 18, 24  # points
WITH_LINES, WITH_CHART = 1, 5  # layouts of the standard template: title and content, title only
BLUE, RED, MUTED = RGBColor(0x0B, 0x3C, 0x5D), RGBColor(0xB3, 0x26, 0x1E), RGBColor(0x52, 0x60, 0x6D)
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of archives: no file tells when it was packed


def municipality_deck(
    session: Session,
    wave_code: str,
    municipality_code: str,
    reader: Reader,
    receipts: ReceiptsOf | None = None,
) -> Download:
    """A municipality's results of one wave, to show and to change; with promises where they are told."""
    report = municipality_report(session, wave_code, municipality_code, reader)
    return report_deck(with_promises(session, report, receipts))


def with_promises(
    session: Session, report: MunicipalityReport, receipts: ReceiptsOf | None
) -> MunicipalityReport:
    """The report with what was promised by its own wave, where somebody tells."""
    if receipts is None:
        return report
    until = date.fromisoformat(report.wave.field_start)
    return replace(report, receipts=receipts(session, report.municipality_code, until))


def report_deck(report: MunicipalityReport) -> Download:
    """The deck of a report that is read already; its rows are those of its charts."""
    slides = municipality_slides(report)
    deck = Presentation()
    _set_up(deck, report)
    made = _day(report)
    for number, slide in enumerate(slides, start=1):
        _place(deck, slide, report, number, made)
    _say_language(deck)
    target = BytesIO()
    deck.save(target)
    rows = sum(len(slide.chart.labels) for slide in slides if slide.chart)
    name = municipality_file(report.municipality_code, report.municipality, report.synthetic, EXTENSION)
    return Download(f"{report.wave.code}-{name}", _without_times(target.getvalue()), rows)


def _day(report: MunicipalityReport) -> datetime:
    day = date.fromisoformat(report.release.released_on_iso)
    return datetime(day.year, day.month, day.day)


def _set_up(deck: Any, report: MunicipalityReport) -> None:
    """The wide format, also for the layouts that whoever adds a slide will choose from."""
    wider = WIDTH / deck.slide_width
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    for page in (deck.slide_master, *deck.slide_layouts):
        for shape in page.placeholders:
            if shape._element.xpath("./p:spPr/a:xfrm"):
                shape.left, shape.width = Emu(int(shape.left * wider)), Emu(int(shape.width * wider))
    about = deck.core_properties
    about.title, about.language, about.author = f"{report.title}, {report.wave.title}", LANGUAGE, ""
    about.comments, about.last_modified_by = report.notice, ""
    about.created = about.modified = _day(report)


def _place(deck: Any, slide: Slide, report: MunicipalityReport, number: int, made: datetime) -> None:
    page = deck.slides.add_slide(deck.slide_layouts[WITH_CHART if slide.chart else WITH_LINES])
    _title(page, slide)
    if slide.chart:
        long = len(slide.caption) > LONG_CAPTION
        _box(page, CAPTION_BOX, slide.caption, MUTED, 12 if long else 14)
        add_chart(page, slide.chart, LOW_CHART_BOX if long else CHART_BOX, _writable(slide.alt), made)
    else:
        _lines(page, slide)
    _box(page, FOOT_BOX, source_line(report), MUTED, 12, report.notice)
    _box(page, NUMBER_BOX, str(number), MUTED, 12).alignment = PP_ALIGN.RIGHT
    page.notes_slide.notes_text_frame.text = _writable(slide.notes)


def _title(page: Any, slide: Slide) -> None:
    title = page.shapes.title
    _move(title, COVER_TITLE_BOX if slide.is_cover else TITLE_BOX)
    title.text_frame.word_wrap, title.text_frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    paragraph = title.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    size = 22 if len(slide.title) > LONG_TITLE else 26
    _write(paragraph, slide.title, size + (14 if slide.is_cover else 0), BLUE, bold=True)


def _lines(page: Any, slide: Slide) -> None:
    body = page.placeholders[1]
    _move(body, COVER_BODY_BOX if slide.is_cover else BODY_BOX)
    size = SMALL_BODY if is_full(slide) else BODY_SIZE
    for at, line in enumerate(slide.lines):
        frame = body.text_frame
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(10 if size == BODY_SIZE else 6)
        if slide.is_cover:
            _without_bullet(paragraph)
        _write(paragraph, line, COVER_BODY if slide.is_cover else size, INK)


def is_full(slide: Slide) -> bool:
    """Whether its words need a smaller size."""
    return len(slide.lines) > MANY_LINES or sum(map(len, slide.lines)) > MANY_LETTERS


def _without_bullet(paragraph: Any) -> None:
    look = paragraph._p.get_or_add_pPr()
    look.set("marL", "0")
    look.set("indent", "0")
    look.append(OxmlElement("a:buNone"))


def _box(page: Any, box: Any, text: str, colour: RGBColor, size: int, notice: str = "") -> Any:
    """A text box of one paragraph, which is given back."""
    frame = page.shapes.add_textbox(*box).text_frame
    frame.word_wrap = True
    if notice:
        _write(frame.paragraphs[0], f"{notice}  ", size, RED, bold=True)
    _write(frame.paragraphs[0], text, size, colour)
    return frame.paragraphs[0]


def _write(paragraph: Any, text: str, size: int, colour: RGBColor, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = _writable(text)
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour


def _writable(text: str) -> str:
    """Without the signs that no document can hold, and those that turn its reading direction."""
    return UNWRITABLE.sub("", TURNING.sub("", text))


def _move(shape: Any, box: Any) -> None:
    shape.left, shape.top, shape.width, shape.height = box


def _say_language(deck: Any) -> None:
    """Every run, so that it is read aloud and spell-checked as Swedish."""
    for part in _parts(deck):
        for run in part.iter(qn("a:r")):
            run.get_or_add_rPr().set("lang", LANGUAGE)
        for look in part.iter(qn("a:defRPr"), qn("a:endParaRPr"), qn("a:rPr")):
            look.set("lang", LANGUAGE)


def _parts(deck: Any) -> Iterator[Any]:
    yield deck.part._element
    yield deck.slide_master._element
    for page in deck.slides:
        yield page._element
        yield page.notes_slide._element


def _without_times(content: bytes) -> bytes:
    target = BytesIO()
    with ZipFile(BytesIO(content)) as packed, ZipFile(target, "w", ZIP_DEFLATED) as again:
        for entry in packed.infolist():
            kept = ZipInfo(entry.filename, FIRST_DAY)
            kept.compress_type = ZIP_DEFLATED
            again.writestr(kept, packed.read(entry))
    return target.getvalue()
