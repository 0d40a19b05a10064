"""Reads a population register file as a stream: two million rows in constant memory, hashed on the way."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from survey.errors import UserError
from survey.progress import Progress

COLUMNS = (
    "personid",
    "fornamn",
    "efternamn",
    "adress",
    "postnummer",
    "postort",
    "kommunkod",
    "delomrade",
    "kon",
    "alder",
    "skyddad",
)
DELIMITER = ";"
_BLOCK = 2 * 1024 * 1024
_LONGEST_HEADER = 4096


@dataclass(frozen=True)
class Block:
    """Consecutive rows of the file, every column as text; `first_line` is the line of row 0."""

    first_line: int
    rows: pa.RecordBatch

    def column(self, name: str) -> pa.Array:
        return self.rows.column(name)


class RegisterFile:
    """A register file; `sha256` is known when every block has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._digest = sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def blocks(self, label: str, progress: Progress | None = None) -> Iterator[Block]:
        """The file's rows from the first to the last."""
        self._digest = sha256()
        try:
            size = self.path.stat().st_size
            with self.path.open("rb") as file:
                header = _header(self.path.name, file.readline(_LONGEST_HEADER))
                file.seek(0)
                yield from self._read(_Hashed(file, self._digest.update), header, label, size, progress)
        except OSError as error:
            raise UserError(
                f"Registerfilen {self.path} kan inte läsas: {error.strerror or 'fel i filen'}."
            ) from None

    def _read(
        self, file: "_Hashed", header: list[str], label: str, size: int, progress: Progress | None
    ) -> Iterator[Block]:
        broken = _BrokenRows()
        line = 2
        try:
            with pyarrow.csv.open_csv(pa.PythonFile(file, mode="r"), **_options(header, broken)) as reader:
                for rows in reader:
                    self._stop_at(broken)
                    yield Block(line, rows)
                    line += rows.num_rows
                    if progress is not None:
                        progress(label, min(file.position, size), size)
        except pa.ArrowInvalid as error:
            # The library's own message quotes the row, which is a person: only its kind may be told.
            raise self._unreadable(str(error), line) from None
        self._stop_at(broken)

    def _stop_at(self, broken: "_BrokenRows") -> None:
        if broken.count:
            raise UserError(
                f"Registerfilen {self.path.name} är trasig: {broken.count} rader har fel antal fält"
                f"{broken.where}. Varje rad ska ha lika många fält som rubriken. Inget har sparats."
            )

    def _unreadable(self, message: str, line: int) -> UserError:
        if "UTF8" in message:
            return UserError(
                f"Registerfilen {self.path.name} är inte sparad i UTF-8 (från rad {line} eller senare). "
                "Spara om den i UTF-8. Inget har sparats."
            )
        return UserError(
            f"Registerfilen {self.path.name} är trasig från rad {line} eller senare. Inget har sparats."
        )


class _Hashed(io.RawIOBase):
    """Hands out a file's bytes and hashes each of them once."""

    def __init__(self, file: io.BufferedReader, update: Callable[[bytes], None]) -> None:
        super().__init__()
        self._file = file
        self._update = update
        self.position = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._update(data)
        self.position += len(data)
        return data


class _BrokenRows:
    """Counts rows with too many or too few fields without keeping what stands in them."""

    def __init__(self) -> None:
        self.count = 0
        self.first: int | None = None

    def __call__(self, row: Any) -> str:
        self.count += 1
        if self.first is None:
            self.first = row.number
        return "skip"

    @property
    def where(self) -> str:
        return f", först rad {self.first}" if self.first is not None else ""


def _header(file: str, first_line: bytes) -> list[str]:
    try:
        text = first_line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"Registerfilen {file} är inte sparad i UTF-8. Inget har sparats.") from None
    header = [name.strip().strip('"') for name in text.strip().split(DELIMITER)]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise UserError(
            f"Registerfilen {file} saknar kolumnerna {', '.join(missing)}. "
            f"Den ska vara semikolonseparerad med kolumnerna {', '.join(COLUMNS)}. Inget har sparats."
        )
    doubled = [column for column in COLUMNS if header.count(column) > 1]
    if doubled:
        raise UserError(f"Registerfilen {file} har kolumnen {doubled[0]} mer än en gång. Inget har sparats.")
    return header


def _options(header: list[str], broken: _BrokenRows) -> dict[str, Any]:
    return {
        # One thread: row numbers of broken rows are known only then.
        "read_options": pyarrow.csv.ReadOptions(
            use_threads=False, block_size=_BLOCK, column_names=header, skip_rows=1
        ),
        "parse_options": pyarrow.csv.ParseOptions(
            delimiter=DELIMITER, ignore_empty_lines=False, invalid_row_handler=broken
        ),
        # What is not asked for is not read.
        "convert_options": pyarrow.csv.ConvertOptions(
            include_columns=list(COLUMNS),
            column_types={name: pa.string() for name in COLUMNS},
            strings_can_be_null=False,
        ),
    }
