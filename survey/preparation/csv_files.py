"""Reads small CSV files row by row and says file, line and column when something is wrong."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from survey.errors import FileFaults, UserError
from survey.preparation.statistical_files.text import decode

Value = TypeVar("Value")
LARGEST_FILE = 200 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One line of a file, by column name."""

    file: str
    line: int
    values: dict[str, str]

    def text(self, column: str, longest: int = 80) -> str:
        """A value that must be there."""
        value = self.values[column]
        if not value or len(value) > longest:
            raise self.error(column, f"ett värde med 1–{longest} tecken")
        if not value.isprintable():
            # NUL, line breaks, characters that turn the direction of the text around them.
            raise self.error(column, "ett värde utan styrtecken")
        return value

    def number(self, column: str) -> int:
        """A whole number, 0 or larger."""
        value = self.values[column]
        if not (value.isascii() and value.isdigit() and len(value) <= 9):
            raise self.error(column, "ett heltal, 0 eller större")
        return int(value)

    def day(self, column: str) -> date:
        """A date written as 2026-11-30."""
        return self.convert(column, date.fromisoformat, "ett datum som 2026-11-30")

    def optional_day(self, column: str) -> date | None:
        return self.day(column) if self.values[column] else None

    def choice(self, column: str, choices: Sequence[str]) -> str:
        """A value from a list."""
        if self.values[column] not in choices:
            raise self.error(column, "något av " + ", ".join(choices))
        return self.values[column]

    def convert(self, column: str, convert: Callable[[str], Value], expected: str) -> Value:
        try:
            return convert(self.values[column])
        except ValueError:
            raise self.error(column, expected) from None

    def error(self, column: str, expected: str) -> UserError:
        found = self.values[column][:40]
        return UserError(
            f"{self.file}, rad {self.line}: kolumnen {column} är {found!r} men ska vara {expected}. "
            "Inget har sparats."
        )


def read_file(path: Path) -> bytes:
    """The content of a file of at most some hundred megabytes."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UserError(f"Filen {path} kan inte öppnas: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise UserError(f"Filen {path.name} är större än {LARGEST_FILE // 1024**2} MB. Inget har sparats.")
    return content


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a UTF-8, comma-separated file with a header that has at least these columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(path.name, csv.reader(file, strict=True), columns)
    except OSError as error:
        raise UserError(f"Filen {path} kan inte öppnas: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"Filen {path.name} är inte CSV i UTF-8: {error}. Inget har sparats.") from error


def rows_in(file: str, content: bytes, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a file that somebody has saved from a spreadsheet: any usual encoding and separator."""
    text = decode(file, content)
    first = text.split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    try:
        yield from _rows(file, csv.reader(io.StringIO(text), delimiter=separator, strict=True), columns)
    except csv.Error as error:
        raise UserError(f"Filen {file} går inte att läsa som csv: {error}. Inget har sparats.") from error


def every_row(field: str, rows: Iterator[Row], convert: Callable[[Row], Value]) -> list[Value]:
    """Each row converted, or all that is wrong with them at once, at the field that the file was given in."""
    found: list[Value] = []
    faults: list[str] = []
    for row in rows:
        try:
            found.append(convert(row))
        except UserError as error:
            faults.append(str(error))
    if faults:
        raise FileFaults(field, faults)
    return found


def _rows(file: str, reader: Iterator[list[str]], columns: Sequence[str]) -> Iterator[Row]:
    header = next(reader, [])
    missing = [column for column in columns if column not in header]
    if missing:
        raise UserError(
            f"Filen {file} saknar kolumnerna {', '.join(missing)}. "
            f"Den ska vara kommaseparerad med kolumnerna {', '.join(columns)}."
        )
    empty = True
    for line, values in enumerate(reader, start=2):
        if len(values) != len(header):
            raise UserError(
                f"{file}, rad {line}: {len(values)} fält men rubriken har {len(header)}. Inget har sparats."
            )
        empty = False
        yield Row(file, line, {name: value.strip() for name, value in zip(header, values, strict=True)})
    if empty:
        raise UserError(f"Filen {file} har en rubrik men inga rader.")
