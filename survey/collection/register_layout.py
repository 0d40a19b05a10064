"""What a register file holds, whichever kind of file it is: its columns, and its rows in blocks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from survey.errors import UserError

# Every column, and what it may hold: a person who does not exist.
EXAMPLE = {
    "personid": "191212121212",
    "fornamn": "Tolvan",
    "efternamn": "Tolvansson",
    "adress": "Storgatan 1",
    "postnummer": "12345",
    "postort": "Exempelstad",
    "kommunkod": "0187",
    "delomrade": "0187-01",
    "kon": "K",
    "alder": "34",
    "skyddad": "N",
}
COLUMNS = tuple(EXAMPLE)


@dataclass(frozen=True)
class Block:
    """Consecutive rows of the file, every column as text; `first_line` is the line of row 0."""

    first_line: int
    rows: pa.RecordBatch

    def column(self, name: str) -> pa.Array:
        return self.rows.column(name)


def missing(header: Iterable[str]) -> list[str]:
    """The columns that a header lacks."""
    present = set(header)
    return [column for column in COLUMNS if column not in present]


def require_columns(file: str, header: Sequence[str], form: str) -> None:
    """Stop at a header that lacks a column or has one twice; `form` says how the columns are told apart."""
    if lacking := missing(header):
        raise UserError(
            f"Registerfilen {file} saknar kolumnerna {', '.join(lacking)}. "
            f"Den ska ha kolumnerna {', '.join(COLUMNS)} {form}. Inget har sparats."
        )
    doubled = [column for column in COLUMNS if header.count(column) > 1]
    if doubled:
        raise UserError(f"Registerfilen {file} har kolumnen {doubled[0]} mer än en gång. Inget har sparats.")
