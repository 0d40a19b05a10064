"""Sheets as an Excel file: typed cells, fixed headers, a filter, a print setup; a text is never a formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from math import ceil

from sqlalchemy.orm import Session
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey import clock
from survey.errors import UserError
from survey.notice import NOTICE
from survey.publication.content import MunicipalityReport
from survey.publication.downloads.analyst_sheets import analyst_sheets
from survey.publication.downloads.files import analysts_file, municipality_file
from survey.publication.downloads.municipality_sheets import municipality_sheets
from survey.publication.downloads.sheets import Cell, Column, Kind, Sheet
from survey.publication.downloads.tables import FORMULA_SIGNS, Download
from survey.publication.embargo import Reader
from survey.publication.releases import find_release
from survey.publication.results import municipality_report

EXTENSION = "xlsx"
NAME = "alla"  # of the file with every municipality
MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER_ROW = 3  # title, intro and an empty row stand above
LONGEST = 32_767  # characters in a cell
FOOTER = 200  # characters; what a footer can hold with its page numbers
A4 = 9
LINE = 15.0  # points
HEADER_LINES = 3
WIDER = 1.1  # words break before the edge
PAPER = 180.0  # widths of columns that can be read on one landscape page
NUMBERS = {Kind.SHARE: "0%", Kind.COUNT: "#,##0", Kind.POINTS: "+0;\u22120;0", Kind.NUMBER: "General"}
ONE_DECIMAL = "+0.0;\u22120.0;0.0"


class WorkbookError(UserError):
    """A cell cannot be written as it is."""


@dataclass(frozen=True)
class About:
    """What the file says of itself."""

    title: str
    notice: str
    made: date  # the day of the release: the same release gives the same file


@dataclass(frozen=True)
class _Formats:
    text: Format
    quoted: Format
    day: Format
    title: Format
    notice: Format
    muted: Format
    header: Format
    points: Format
    numbers: dict[Kind, Format]


def municipality_workbook(
    session: Session, wave_code: str, municipality_code: str, reader: Reader
) -> Download:
    """A municipality's results of one wave, to paste from."""
    return report_workbook(municipality_report(session, wave_code, municipality_code, reader))


def analyst_workbook(session: Session, wave_code: str, reader: Reader) -> Download:
    """Every municipality's totals of one wave, in full precision."""
    release = find_release(session, wave_code, reader)
    sheets = analyst_sheets(session, wave_code, reader)
    notice = NOTICE if release.synthetic else ""
    day = clock.local(release.released_at or release.created_at).date()
    content = write_workbook(sheets, About(sheets[0].title, notice, day))
    return Download(
        analysts_file(release, NAME, EXTENSION), content, sum(len(sheet.rows) for sheet in sheets)
    )


def report_workbook(report: MunicipalityReport) -> Download:
    """The workbook of a report that is read already."""
    sheets = municipality_sheets(report)
    about = About(
        f"{report.title}, {report.wave.title}",
        report.notice,
        date.fromisoformat(report.release.released_on_iso),
    )
    name = municipality_file(report.municipality_code, report.municipality, report.synthetic, EXTENSION)
    rows = sum(len(sheet.rows) for sheet in sheets)
    return Download(f"{report.wave.code}-{name}", write_workbook(sheets, about), rows)


def write_workbook(sheets: Sequence[Sheet], about: About) -> bytes:
    """The file, the same bytes for the same sheets."""
    target = BytesIO()
    book = Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties(
        {
            "title": about.title,
            "comments": about.notice,
            "created": datetime(about.made.year, about.made.month, about.made.day),
        }
    )
    book.set_custom_property("Språk", "sv-SE")
    formats = _formats(book)
    for sheet in sheets:
        _place(book.add_worksheet(sheet.name), sheet, about, formats)
    book.close()
    return target.getvalue()


def _formats(book: Workbook) -> _Formats:
    top = {"valign": "top"}
    return _Formats(
        text=book.add_format({**top, "text_wrap": True}),
        quoted=book.add_format({**top, "text_wrap": True, "quote_prefix": True}),
        day=book.add_format({**top, "num_format": "yyyy-mm-dd", "align": "left"}),
        title=book.add_format({"bold": True, "font_size": 14}),
        notice=book.add_format({"bold": True, "font_color": "#9C0006"}),
        muted=book.add_format({"font_color": "#404040"}),
        header=book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        points=book.add_format({**top, "num_format": ONE_DECIMAL}),
        numbers={
            Kind.TEXT: book.add_format({**top, "num_format": "#,##0", "align": "left"}),
            **{kind: book.add_format({**top, "num_format": shown}) for kind, shown in NUMBERS.items()},
        },
    )


def _place(page: Worksheet, sheet: Sheet, about: About, formats: _Formats) -> None:
    _write(page, 0, 0, sheet.title, formats.title)
    _write(page, 1, 0, sheet.intro, formats.muted)
    if about.notice:
        _write(page, 2, 0, about.notice, formats.notice)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
        _write(page, HEADER_ROW, at, column.label, formats.header)
        if column.note:
            page.write_comment(HEADER_ROW, at, column.note, {"author": "", "x_scale": 2})
    page.set_row(HEADER_ROW, HEADER_LINES * LINE)
    for row, cells in enumerate(sheet.rows, start=HEADER_ROW + 1):
        if (lines := _lines(cells, sheet.columns)) > 1:
            page.set_row(row, lines * LINE)
        for at, (cell, column) in enumerate(zip(cells, sheet.columns, strict=True)):
            _cell(page, row, at, cell, column, formats)
    _set_up(page, sheet, about)


def _lines(cells: Sequence[Cell], columns: Sequence[Column]) -> int:
    """How many lines the longest text of a row needs: not every program makes room for it by itself."""
    return max(
        (
            ceil(len(cell) / column.width * WIDER)
            for cell, column in zip(cells, columns, strict=True)
            if isinstance(cell, str) and len(cell) > column.width
        ),
        default=1,
    )


def _set_up(page: Worksheet, sheet: Sheet, about: About) -> None:
    """What stays in sight, what can be filtered, and how the sheet is printed."""
    last = (HEADER_ROW + max(len(sheet.rows), 1), len(sheet.columns) - 1)
    page.autofilter(HEADER_ROW, 0, *last)
    page.freeze_panes(HEADER_ROW + 1, sheet.fixed)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(ceil(sum(column.width for column in sheet.columns) / PAPER), 0)
    page.repeat_rows(HEADER_ROW)
    page.repeat_columns(0, sheet.fixed - 1)
    words = " · ".join(part for part in (about.notice, about.title) if part).replace("&", "&&")
    page.set_footer(f"&L{words[:FOOTER]}&R&P (&N)")


def _cell(page: Worksheet, row: int, at: int, cell: Cell, column: Column, formats: _Formats) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        _write(page, row, at, cell, formats.quoted if cell.startswith(FORMULA_SIGNS) else formats.text)
    elif isinstance(cell, date):
        page.write_datetime(row, at, datetime(cell.year, cell.month, cell.day), formats.day)
    else:
        fraction = column.kind is Kind.POINTS and not float(cell).is_integer()
        page.write_number(row, at, cell, formats.points if fraction else formats.numbers[column.kind])


def _write(page: Worksheet, row: int, at: int, text: str, look: Format) -> None:
    """Always as a text, whole: what a cell cannot hold is an error, never a cut."""
    if len(text) > LONGEST or page.write_string(row, at, text, look) != 0:
        raise WorkbookError(
            f"Texten ryms inte i en cell i Excel: {text[:60]}… Korta den och skriv filen igen."
        )
