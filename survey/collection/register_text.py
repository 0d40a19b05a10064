"""Reads a register file of separated text as a stream: two million rows in constant memory."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv

from survey.collection.register_layout import COLUMNS, Block, missing, require_columns
from survey.collection.text_encoding import Encoding
from survey.errors import UserError

SEPARATORS = {";": "semikolon", ",": "komma", "\t": "tabb"}
_BLOCK = 2 * 1024 * 1024
_LONGEST_HEADER = 4096


def read_text(
    file: io.BufferedReader, name: str, encoding: Encoding, hashed: Callable[[bytes], None]
) -> tuple[str, Iterator[Block]]:
    """The separator of the file, and its rows; every byte is handed on to be hashed."""
    header, separator = _header(file, name, encoding)
    file.seek(0)
    return separator, _blocks(_Hashed(file, hashed), name, encoding, header, separator)


def _header(file: io.BufferedReader, name: str, encoding: Encoding) -> tuple[list[str], str]:
    # What is cut off in the middle of a letter belongs to no header.
    text = file.read(_LONGEST_HEADER).decode(encoding.codec, errors="ignore").removeprefix("\ufeff")
    first_line = (text.splitlines() or [""])[0]
    headers = {
        separator: [column.strip().strip('"') for column in first_line.split(separator)]
        for separator in SEPARATORS
    }
    separator = min(headers, key=lambda one: len(missing(headers[one])))
    require_columns(
        name,
        headers[separator],
        f"med semikolon, komma eller tabb emellan; filen lästes som {encoding.words}",
    )
    return headers[separator], separator


def _blocks(
    file: "_Hashed", name: str, encoding: Encoding, header: list[str], separator: str
) -> Iterator[Block]:
    broken = _BrokenRows(name)
    line = 2
    try:
        with pyarrow.csv.open_csv(
            pa.PythonFile(file, mode="r"), **_options(header, separator, encoding, broken)
        ) as reader:
            for rows in reader:
                broken.stop_if_any()
                yield Block(line, rows)
                line += rows.num_rows
    except (pa.ArrowInvalid, UnicodeDecodeError):
        # The library's own message quotes the row, which is a person: only its place may be told.
        raise UserError(
            f"Registerfilen {name} är trasig från rad {line} eller senare. Inget har sparats."
        ) from None
    broken.stop_if_any()


class _Hashed(io.RawIOBase):
    """Hands out a file's bytes and hashes each of them once."""

    def __init__(self, file: io.BufferedReader, update: Callable[[bytes], None]) -> None:
        super().__init__()
        self._file = file
        self._update = update

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._update(data)
        return data


class _BrokenRows:
    """Counts rows with too many or too few fields without keeping what stands in them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0
        self._first: int | None = None

    def __call__(self, row: Any) -> str:
        self._count += 1
        if self._first is None:
            self._first = row.number
        return "skip"

    def stop_if_any(self) -> None:
        if self._count:
            where = f", först rad {self._first}" if self._first is not None else ""
            raise UserError(
                f"Registerfilen {self._name} är trasig: {self._count} rader har fel antal fält{where}. "
                "Varje rad ska ha lika många fält som rubriken. Inget har sparats."
            )


def _options(header: list[str], separator: str, encoding: Encoding, broken: _BrokenRows) -> dict[str, Any]:
    return {
        # One thread: row numbers of broken rows are known only then.
        "read_options": pyarrow.csv.ReadOptions(
            use_threads=False,
            block_size=_BLOCK,
            column_names=header,
            skip_rows=1,
            encoding="utf8" if encoding.codec == "utf-8" else encoding.codec,
        ),
        "parse_options": pyarrow.csv.ParseOptions(
            delimiter=separator, ignore_empty_lines=False, invalid_row_handler=broken
        ),
        # What is not asked for is not read.
        "convert_options": pyarrow.csv.ConvertOptions(
            include_columns=list(COLUMNS),
            column_types={name: pa.string() for name in COLUMNS},
            strings_can_be_null=False,
        ),
    }
