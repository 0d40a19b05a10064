"""Reads the csv that PxWeb gives out: a title, a blank line, words to the left, figures to the right."""

import csv
import io
from collections.abc import Iterator, Sequence

from survey.errors import UserError
from survey.preparation.statistical_files.labels import PERIOD
from survey.preparation.statistical_files.records import Record, as_table
from survey.preparation.statistical_files.table import StatisticalTable, figure
from survey.preparation.statistical_files.text import decode

SEPARATORS = (";", "\t", ",")
Line = tuple[int, list[str]]


def read_csv(file: str, content: bytes) -> StatisticalTable:
    """The table of a csv file from PxWeb or of the same form."""
    text = decode(file, content)
    title, lines = _without_title(list(_lines(file, text, _separator(text))))
    if len(lines) < 2:
        raise UserError(f"Filen {file} har ingen tabell: en rubrik och minst en rad. Inget har sparats.")
    (_, header), *rows = lines
    timed = _value_columns(header)
    records = [record for number, row in rows for record in _records(file, number, row, header, timed)]
    names = [name for place, name in enumerate(header) if place not in timed]
    names += ["tid"] if _period(header[timed[0]]) else []
    return as_table(file, [*names, "tabellinnehåll"], records, title, ())


def _separator(text: str) -> str:
    """The one that the widest of the first lines is divided by most often."""
    first = text.splitlines()[:10]
    return max(SEPARATORS, key=lambda one: max((line.count(one) for line in first), default=0))


def _lines(file: str, text: str, separator: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise UserError(
            f"{file}, rad {reader.line_num}: går inte att läsa ({error}). Inget har sparats."
        ) from None


def _without_title(lines: Sequence[Line]) -> tuple[str, list[Line]]:
    """What stands alone before the header is the title; what stands alone after the rows is a note."""
    full = [(number, row) for number, row in lines if any(row)]
    title = ""
    while full and len([cell for cell in full[0][1] if cell]) == 1 and len(full) > 1:
        title = title or full[0][1][0]
        full = full[1:]
    width = len(full[0][1]) if full else 0
    return title, [(number, row) for number, row in full if len(row) > 1 or width == 1]


def _value_columns(header: Sequence[str]) -> list[int]:
    """Those named by a period; in a long table the last one, which is named by what it holds."""
    timed = [place for place, name in enumerate(header) if _period(name)]
    return timed or [len(header) - 1]


def _period(name: str) -> str:
    """The period that the name of a column ends with, or nothing."""
    last = name.split(" ")[-1]
    return last if PERIOD.fullmatch(last.upper()) else ""


def _content(name: str) -> str:
    """What a column holds, without its period."""
    return name.removesuffix(_period(name)).strip() or "värde"


def _records(
    file: str, number: int, row: Sequence[str], header: Sequence[str], timed: Sequence[int]
) -> Iterator[Record]:
    if len(row) != len(header):
        raise UserError(
            f"{file}, rad {number}: {len(row)} fält men rubriken har {len(header)}. Inget har sparats."
        )
    words = tuple(text for place, text in enumerate(row) if place not in timed)
    for place in timed:
        where = f"rad {number}, kolumnen {header[place]}"
        period = (found,) if (found := _period(header[place])) else ()
        cell = figure(file, row[place], where)
        yield Record((*words, *period, _content(header[place])), cell)
