"""Reads a population register file, whichever kind it is, in blocks of rows; hashed on the way."""

from collections.abc import Generator, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from survey.collection.register_layout import Block
from survey.collection.register_text import SEPARATORS, read_text
from survey.collection.register_workbook import read_workbook
from survey.collection.text_encoding import encoding_of
from survey.errors import UserError
from survey.progress import Progress

_ZIP, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class RegisterFile:
    """A register file; `sha256` and `kind` are known when every block has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kind = ""  # what kind of file it turned out to be, in words
        self._digest = sha256()
        self._hashed = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def require_readable(self) -> None:
        """Stop at a file that cannot be read, or at a heading without the columns."""
        with closing(self.blocks("")) as blocks:
            next(blocks, None)

    def blocks(self, label: str, progress: Progress | None = None) -> Generator[Block]:
        """The file's rows from the first to the last."""
        self._digest, self._hashed = sha256(), 0
        try:
            size = self.path.stat().st_size
            with self.path.open("rb") as file:
                start = file.read(4)
            if start == _OLD_WORKBOOK:
                raise UserError(
                    f"Registerfilen {self.path.name} är en kalkylbok av äldre slag (xls) eller låst med "
                    "lösenord. Spara den som xlsx eller csv utan lösenord. Inget har sparats."
                )
            for block in self._workbook() if start == _ZIP else self._text():
                yield block
                if progress is not None:
                    progress(label, min(self._hashed, size), size)
        except OSError as error:
            raise UserError(
                f"Registerfilen {self.path} kan inte läsas: {error.strerror or 'fel i filen'}."
            ) from None

    def _workbook(self) -> Iterator[Block]:
        self.kind = "xlsx"
        yield from read_workbook(self.path, self._hash)

    def _text(self) -> Iterator[Block]:
        encoding = encoding_of(self.path)
        with self.path.open("rb") as file:
            separator, blocks = read_text(file, self.path.name, encoding, self._hash)
            self.kind = f"csv, {encoding.words}, {SEPARATORS[separator]}"
            yield from blocks

    def _hash(self, piece: bytes) -> None:
        self._digest.update(piece)
        self._hashed += len(piece)
