"""A table made of rows of words and figures, as csv and workbooks hold them."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey.errors import UserError
from survey.preparation.statistical_files.labels import code_of, dimension
from survey.preparation.statistical_files.table import Cell, StatisticalTable


@dataclass(frozen=True)
class Record:
    """A figure with the words that place it, one for each variable."""

    words: tuple[str, ...]
    cell: Cell


def as_table(
    file: str,
    names: Sequence[str],
    records: Sequence[Record],
    title: str,
    notes: Sequence[str],
    source: str = "",
) -> StatisticalTable:
    """The table that the rows make up; a combination that stands twice is refused."""
    columns = list(zip(*(record.words for record in records), strict=True))
    try:
        dimensions = tuple(dimension(name, column) for name, column in zip(names, columns, strict=True))
    except ValueError as error:
        raise UserError(
            f"{file}: samma kod står för två värden i variabeln {error}. Inget har sparats."
        ) from None
    cells: dict[tuple[str, ...], Cell] = {}
    for record in records:
        key = tuple(map(code_of, record.words))
        if key in cells:
            raise UserError(
                f"{file}, {record.cell.where}: {', '.join(record.words)} står redan på {cells[key].where}. "
                "Inget har sparats."
            )
        cells[key] = record.cell
    return StatisticalTable(file, dimensions, cells, title=title, source=source, notes=tuple(notes))
