"""One CSV file of a bundle, read as text: UTF-8, comma, header, empty = missing, nothing guessed."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from analysis.errors import InputError

ROW_LENGTH = re.compile(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)")
NO_ROWS = "Empty CSV file"  # the reader's words for a header that does not even end


def read_table(path: Path, plain: frozenset[str] | None = None) -> pd.DataFrame:
    """Read one file as text.

    Args:
        path: the file.
        plain: None, or the columns that stay plain text while every other column is read as a Categorical
            (few codes, many rows).

    Returns:
        A table of `str` columns (and Categoricals), the rows in the order of the file; missing is "".

    Raises:
        InputError: no such file, an empty file, a column twice, bytes that are not UTF-8, a row that is
            longer or shorter than the header.
    """
    header = _header(path)
    packed = pa.dictionary(pa.int32(), pa.string())
    types = {name: pa.string() if plain is None or name in plain else packed for name in header}
    options: dict[str, Any] = {
        "read_options": arrow_csv.ReadOptions(use_threads=False, block_size=1 << 24),
        "convert_options": arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    }
    try:
        table = arrow_csv.read_csv(path, **options)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        _require_utf8(path)
        raise _row_error(path, str(error)) from error
    frame: pd.DataFrame = table.unify_dictionaries().to_pandas()
    return frame


def _header(path: Path) -> list[str]:
    """The column names; each once."""
    try:
        with path.open("rb") as file:
            line = file.readline()
    except FileNotFoundError:
        raise InputError(path.name, 0, "", "no such file", f"a file in {path.parent.name}/") from None
    try:
        names = line.decode("utf-8-sig").strip("\r\n").split(",")
    except UnicodeDecodeError:
        raise InputError(path.name, 1, "", "bytes that are not UTF-8", "text in UTF-8") from None
    names = [name.strip('"') for name in names]
    if names == [""]:
        raise InputError(path.name, 1, "", "an empty file", "a header line")
    for name in names:
        if names.count(name) > 1:
            raise InputError(path.name, 1, name, f"{name!r} {names.count(name)} times", "each column once")
    return names


def _require_utf8(path: Path) -> None:
    """Name the line and the column of the first byte that is not UTF-8."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        start = content.rfind(b"\n", 0, error.start) + 1
        header = _header(path)
        position = min(content.count(b",", start, error.start), len(header) - 1)
        found = f"the byte 0x{content[error.start]:02x}, which is not UTF-8"
        raise InputError(path.name, line, header[position], found, "text in UTF-8") from error


def _row_error(path: Path, message: str) -> InputError:
    """Turn the reader's complaint into one that names the line."""
    match = ROW_LENGTH.search(message)
    if NO_ROWS in message:
        return InputError(path.name, 1, "", "a header line and nothing after it", "a whole file")
    if match is None:
        return InputError(path.name, 0, "", message, "comma-separated values with a header line")
    line = int(match[1]) if match[1] else _uneven_line(path, int(match[2]))
    return InputError(path.name, line, "", f"{match[3]} values", f"{match[2]} values, as in the header")


def _uneven_line(path: Path, expected: int) -> int:
    """First line without `expected` values (quotes are not unfolded: good enough to point)."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.count(b",") != expected - 1:
                return number
    return 0
