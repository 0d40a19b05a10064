"""Reads a register file that was saved as a workbook (xlsx): its first sheet, every cell as text."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine
from python_calamine import CalamineWorkbook

from survey.collection.register_layout import COLUMNS, Block, require_columns
from survey.errors import UserError
from survey.preparation.workbook_safety import require_harmless

ROWS_A_BLOCK = 20_000
LARGEST_EXACT = 2**53  # a number above is not exact in a workbook
# Codes that a workbook has made numbers of get their zeros back.
WIDTHS = {"kommunkod": 4, "postnummer": 5}
_PIECE = 1024 * 1024


def read_workbook(path: Path, hashed: Callable[[bytes], None]) -> Iterator[Block]:
    """The rows of the first sheet; the whole sheet is in memory while it is read."""
    with path.open("rb") as file:
        require_harmless(file, path.name)
        file.seek(0)
        while piece := file.read(_PIECE):
            hashed(piece)
    rows = _sheet(path)
    header = [str(cell).strip() for cell in next(rows, [])]
    require_columns(path.name, header, "i första bladets första rad")
    place = {column: header.index(column) for column in COLUMNS}
    yield from _blocks(path.name, rows, place)


def _sheet(path: Path) -> Iterator[list[Any]]:
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            yield from _without_empty_end(workbook.get_sheet_by_index(0).iter_rows())
    except (python_calamine.CalamineError, IndexError, OSError):
        raise UserError(
            f"Registerfilen {path.name} kan inte läsas som kalkylbok. "
            "Spara bladet som csv i UTF-8. Inget har sparats."
        ) from None


def _without_empty_end(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """The rows up to the last that holds anything: a sheet remembers rows that have been emptied."""
    empty: list[list[Any]] = []
    for row in rows:
        empty.append(row)
        if any(cell != "" for cell in row):
            yield from empty
            empty = []


def _blocks(file: str, rows: Iterator[Sequence[Any]], place: dict[str, int]) -> Iterator[Block]:
    first = 2
    for chunk in iter(lambda: list(islice(rows, ROWS_A_BLOCK)), []):
        texts = {
            column: [_text(file, line, column, row[at]) for line, row in enumerate(chunk, first)]
            for column, at in place.items()
        }
        yield _block(first, texts)
        first += len(chunk)


def _block(first: int, texts: dict[str, list[str]]) -> Block:
    columns = {column: pa.array(found, pa.string()) for column, found in texts.items()}
    return Block(first, pa.RecordBatch.from_pydict(columns))


def _text(file: str, line: int, column: str, cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool | datetime.date | datetime.time | datetime.timedelta):
        raise _misread(file, line, column, "datum, klockslag eller sant/falskt")
    if not isinstance(cell, int | float):
        return ""
    if cell != int(cell) or abs(cell) > LARGEST_EXACT:
        raise _misread(
            file, line, column, "ett tal med decimaler eller med fler siffror än kalkylboken minns"
        )
    return str(int(cell)).zfill(WIDTHS.get(column, 0))


def _misread(file: str, line: int, column: str, what: str) -> UserError:
    return UserError(
        f"Registerfilen {file}, rad {line}: kalkylprogrammet har gjort {what} av kolumnen {column}. "
        "Formatera kolumnerna som text innan filen fylls, eller spara som csv. Inget har sparats."
    )
