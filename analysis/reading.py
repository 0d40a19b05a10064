"""One CSV file of a bundle, read as text: UTF-8, comma, header, empty = missing, nothing guessed."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as arrow_csv

from analysis.errors import InputError
from analysis.packed import look_up, pack

BLOCK = 1 << 20  # bytes read at a time: few enough to stay near the processor
PEEK = 1 << 16  # bytes by which the columns of single characters are told
FIRST_NOT_ASCII = 128

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
    _require_header(path)
    try:
        names = _reader(path, {}, BLOCK).schema.names
        _require_distinct(path, names)
        plain = frozenset(names) if plain is None else plain
        columns = _columns(path, names, plain, _single(path, names, plain))
        if columns is None:
            columns = _columns(path, names, plain, frozenset())
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        _require_utf8(path)
        raise _row_error(path, str(error)) from error
    return pd.DataFrame(columns, copy=False)


def _reader(path: Path, types: dict[str, pa.DataType], block: int) -> arrow_csv.CSVStreamingReader:
    """The file a block at a time, each value as its column's type; empty values are missing."""
    return arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=block),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True
        ),
    )


def _single(path: Path, names: list[str], plain: frozenset[str]) -> frozenset[str]:
    """The columns that seem to be codes of one character, by the first rows of the file."""
    if plain.issuperset(names):
        return frozenset()
    try:
        some = next(iter(_reader(path, dict.fromkeys(names, pa.string()), PEEK)), None)
    except pa.ArrowInvalid:
        some = None  # is told of when the whole is read
    if some is None:
        return frozenset()
    longest = {name: compute.max(compute.binary_length(some[name])).as_py() for name in names}
    return frozenset(name for name in names if name not in plain and (longest[name] or 0) <= 1)


def _columns(
    path: Path, names: list[str], plain: frozenset[str], single: frozenset[str]
) -> dict[str, Any] | None:
    """All columns, batch by batch; None when one of those in `single` is not of single characters after all.

    Codes of one character are read as bytes, which takes half the time of looking each up in a dictionary.
    """
    columns: dict[str, _Texts | _Codes | _Characters] = {
        name: _Texts() if name in plain else _Characters() if name in single else _Codes() for name in names
    }
    try:
        for batch in _reader(path, {name: column.type for name, column in columns.items()}, BLOCK):
            for name, column in columns.items():
                column.add(batch[name])
    except pa.ArrowInvalid:
        if single:
            return None  # the reader is asked again, for its complaint about the texts themselves
        raise
    except _NotSingleError:
        return None
    return {name: column.joined() for name, column in columns.items()}


class _Texts:
    """A column of plain text."""

    type = pa.string()

    def __init__(self) -> None:
        self._parts: list[pa.Array] = []

    def add(self, column: pa.Array) -> None:
        self._parts.append(column.fill_null(""))

    def joined(self) -> "pd.Series[str]":
        texts: pd.Series[str] = pa.chunked_array(self._parts, pa.string()).to_pandas()
        return texts


class _Codes:
    """A column of few texts: each is looked at once in a block."""

    type = pa.dictionary(pa.int32(), pa.string())

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._parts: list[npt.NDArray[np.integer]] = []

    def add(self, column: pa.DictionaryArray) -> None:
        codes = column.indices.fill_null(-1).to_numpy()
        texts = column.dictionary.to_pylist()
        if column.null_count:
            texts.append("")  # in the last place, where code -1 finds it
        place = [self._names.setdefault(text, len(self._names)) for text in texts]
        self._parts.append(np.array(place, np.min_scalar_type(-len(self._names) - 1))[codes])

    def joined(self) -> pd.Categorical:
        return pack(np.concatenate([np.zeros(0, np.int8), *self._parts]), list(self._names))


class _Characters:
    """A column of codes of one character, or none."""

    type = pa.binary(1)

    def __init__(self) -> None:
        self._there = bytearray()  # the bytes that occur
        self._parts: list[npt.NDArray[np.uint8]] = []

    def add(self, column: pa.FixedSizeBinaryArray) -> None:
        values = np.frombuffer(column.buffers()[1], np.uint8, len(column), column.offset)
        self._there += bytes(set(values.tobytes().translate(None, self._there)))
        # A missing value is the byte 0; a byte 0 that stands in the file, or half a character, is none.
        halved = max(self._there, default=0) >= FIRST_NOT_ASCII
        if halved or np.count_nonzero(values) + column.null_count != len(values):
            raise _NotSingleError
        self._parts.append(values)

    def joined(self) -> pd.Categorical:
        values = np.concatenate([np.zeros(0, np.uint8), *self._parts])
        there = sorted(self._there)
        place = np.zeros(FIRST_NOT_ASCII, np.int8)
        place[there] = np.arange(len(there))
        return pack(look_up(place, values.view(np.int8)), [chr(value) if value else "" for value in there])


class _NotSingleError(Exception):
    """A column is not of single characters after all."""


def _require_header(path: Path) -> None:
    """There is a first line, in UTF-8, and no column stands in it twice."""
    _require_distinct(path, _header(path))


def _header(path: Path) -> list[str]:
    """The column names, as far as they can be told without unfolding quotes."""
    try:
        with path.open("rb") as file:
            line = file.readline()
    except FileNotFoundError:
        raise InputError(path.name, 0, "", "no such file", f"a file in {path.parent.name}/") from None
    try:
        names = line.decode("utf-8-sig").strip("\r\n").split(",")
    except UnicodeDecodeError:
        raise InputError(path.name, 1, "", "bytes that are not UTF-8", "text in UTF-8") from None
    if names == [""]:
        raise InputError(path.name, 1, "", "an empty file", "a header line")
    return [name.strip('"') for name in names]


def _require_distinct(path: Path, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputError(path.name, 1, name, f"{name!r} {names.count(name)} times", "each column once")


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
