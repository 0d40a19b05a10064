"""Reads the workbook (xlsx) that PxWeb gives out: a title, stacked headings, words once for many rows."""

import io
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import python_calamine
from python_calamine import CalamineWorkbook

from survey.errors import UserError
from survey.preparation.statistical_files.labels import is_code
from survey.preparation.statistical_files.records import Record, as_table
from survey.preparation.statistical_files.table import Cell, StatisticalTable, figure
from survey.preparation.workbook_safety import require_harmless

Row = list[Any]
SHORTEST_NOTE = 40
LARGEST_UNPACKED = 100 * 1024 * 1024


def looks_like_workbook(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def read_workbook(file: str, content: bytes) -> StatisticalTable:
    """The table of the first sheet."""
    rows = _rows(file, content)
    title = str(rows[0][0]) if rows else ""
    first = next((at for at, row in enumerate(rows) if at and _is_row(row)), None)
    if first is None:
        raise UserError(f"Filen {file} har inget blad med en tabell: inga tal. Inget har sparats.")
    heading = [row for row in rows[1:first] if any(cell != "" for cell in row)]
    stub = _stub_width(heading, rows[first])
    last = next((at for at in range(first, len(rows)) if not any(map(_is_value, rows[at][stub:]))), len(rows))
    columns = _filled_right(heading, stub)
    records = [
        record
        for at, words in zip(range(first, last), _filled_down(rows[first:last], stub), strict=True)
        for record in _records(file, at + 1, words, rows[at], stub, columns)
    ]
    merged, names = _without_names(records, stub, len(heading))
    source, notes = _footnotes(rows[last:])
    return as_table(file, names, merged, title, notes, source)


def _rows(file: str, content: bytes) -> list[Row]:
    require_harmless(io.BytesIO(content), file, LARGEST_UNPACKED)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            return [list(row) for row in workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)]
    except (python_calamine.CalamineError, IndexError, OSError):
        raise UserError(f"Filen {file} kan inte läsas som kalkylbok. Inget har sparats.") from None


def _is_figure(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _is_row(row: Row) -> bool:
    """Whether a row has words and figures: years that stand over the columns may be figures too."""
    return any(map(_is_figure, row)) and any(isinstance(cell, str) and cell.strip() for cell in row)


def _is_value(cell: Any) -> bool:
    """A figure, or the dots or dash that stand for one."""
    return _is_figure(cell) or (isinstance(cell, str) and cell != "" and not cell.strip(".-–"))


def _stub_width(heading: Sequence[Row], row: Row) -> int:
    """How many columns hold words: those that no heading stands over."""
    empty = [all(line[at] == "" for line in heading) for at in range(len(row))] if heading else []
    width = next((at for at, none in enumerate(empty) if not none), 0)
    return width or next((at for at, cell in enumerate(row) if _is_figure(cell)), 0)


def _filled_right(heading: Sequence[Row], stub: int) -> list[tuple[str, ...]]:
    """The headings over each column of figures; one that stands over several is written only once."""
    filled = []
    for line in heading:
        said = ""
        words = []
        for cell in line[stub:]:
            said = _text(cell) or said
            words.append(said)
        filled.append(words)
    return list(zip(*filled, strict=True))


def _filled_down(rows: Sequence[Row], stub: int) -> Iterator[tuple[str, ...]]:
    """The words of each row; one that holds for several rows is written only once."""
    said = [""] * stub
    for row in rows:
        for at in range(stub):
            said[at] = _text(row[at]) or said[at]
        yield tuple(said)


def _records(
    file: str, number: int, words: tuple[str, ...], row: Row, stub: int, columns: Sequence[tuple[str, ...]]
) -> Iterator[Record]:
    for at, heading in enumerate(columns, start=stub):
        where = f"rad {number}, kolumn {at + 1}"
        cell = row[at]
        found = Cell(float(cell), "", where) if _is_figure(cell) else figure(file, _text(cell), where)
        yield Record((*words, *heading), found)


def _without_names(records: Sequence[Record], stub: int, headings: int) -> tuple[list[Record], list[str]]:
    """Codes and names in two columns beside each other are one variable, written as code and name."""
    variables = stub + headings
    columns = list(zip(*(record.words for record in records), strict=True))
    named = [
        at
        for at in range(1, stub)
        if all(map(is_code, columns[at - 1]))
        and not any(map(is_code, columns[at]))
        and len(set(zip(columns[at - 1], columns[at], strict=True))) == len(set(columns[at - 1]))
    ]
    if not named:
        return list(records), [""] * variables
    return [
        Record(
            tuple(
                f"{word} {record.words[at + 1]}" if at + 1 in named else word
                for at, word in enumerate(record.words)
                if at not in named
            ),
            record.cell,
        )
        for record in records
    ], [""] * (variables - len(named))


def _footnotes(rows: Sequence[Row]) -> tuple[str, list[str]]:
    """The source that is named below the table, and the long texts there."""
    texts = [_text(row[0]) for row in rows if row]
    source = next((after for before, after in pairwise(texts) if before == "Källa:"), "")
    return source, [text for text in texts if len(text) >= SHORTEST_NOTE]


def _text(cell: Any) -> str:
    if _is_figure(cell) and cell == int(cell):
        return str(int(cell))  # a year that the sheet holds as a number
    return str(cell).strip()
