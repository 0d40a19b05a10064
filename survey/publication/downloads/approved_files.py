"""An approved table as a file: as csv, or as a workbook."""

from collections.abc import Sequence

import pandas as pd

from survey.notice import NOTICE, file_suffix
from survey.publication.downloads import workbooks
from survey.publication.downloads.sheets import Cell, Column, Kind, Sheet
from survey.publication.downloads.tables import Download, as_csv
from survey.publication.printed_tables import NUMBERS, ApprovedPage, PrintedRow
from survey.publication.requested_tables import MEAN, PERCENT

COLUMNS = ("group", "other_group", "figure", "unit", *NUMBERS, "released", "reason")
MIMETYPES = {"csv": "text/csv", "xlsx": workbooks.MIMETYPE}


def write_file(page: ApprovedPage, form: str) -> Download:
    """The table as csv or as a workbook."""
    name = f"{page.wave_code}-tabell-{page.id}{file_suffix(page.synthetic)}.{form}"
    content = csv_of(page.rows, page.synthetic) if form == "csv" else _workbook(page)
    return Download(name, content, len(page.rows))


def csv_of(rows: Sequence[PrintedRow], synthetic: bool) -> bytes:
    """Printed rows as csv: numbers without signs or blanks, empty where they are hidden."""
    told = [{**vars(row), **dict(zip(NUMBERS, row.numbers, strict=True))} for row in rows]
    frame = pd.DataFrame(told, columns=list(COLUMNS))
    return as_csv(frame.assign(released=frame["released"].astype(int)), ["notice", *COLUMNS], synthetic)


def _figure_cells(one: PrintedRow) -> tuple[Cell, ...]:
    """Value and interval as numbers; as they are printed where there is none, and of a mean among shares."""
    _, *found = one.numbers
    if found[0] is None or one.unit == MEAN:
        return one.value, one.lower, one.upper
    return tuple(cell if cell is None or one.unit != PERCENT else cell / 100 for cell in found)


def _workbook(page: ApprovedPage) -> bytes:
    kind = Kind.NUMBER if page.regression else Kind.SHARE
    columns = (
        *(Column(heading, width=26) for heading in page.headings),
        Column("Jämförelse" if page.regression else "Svar", width=20),
        *(Column(name, kind, 14) for name in ("Oddskvot" if page.regression else "Andel", "Nedre", "Övre")),
        Column("Antal svar", Kind.COUNT, 12),
        Column("Anmärkning", width=50),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            *(one.group, one.other_group)[: len(page.headings)],
            one.figure,
            *_figure_cells(one),
            one.n if one.numbers[0] is None else one.numbers[0],
            one.reason,
        )
        for one in page.rows
    )
    sheet = Sheet("Tabell", page.title, page.source, columns, rows, fixed=len(page.headings))
    about = workbooks.About(page.title, NOTICE if page.synthetic else "", page.approved_on)
    return workbooks.write_workbook([sheet], about)
