"""The answers handed in, read in batches straight into columns: a row lives no longer than its batch."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import json
from sqlalchemy import String, select, type_coerce
from sqlalchemy.orm import Session

from survey.models.response import Response
from survey.processing.blank_answers import blank_test

Ints = npt.NDArray[np.int64]
Place = tuple[str, str, str, str]  # area, register sex, age group, mode
BATCH = 4_000  # answers: few enough to be gone before Python looks through all it holds for garbage
SEPARATOR = "\x1f"
CODE = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Answers:
    """Answers in the order of their fingerprints, which only their content decides: neither time nor id.

    Forms without one answer are counted as `blank` and stand in no table; the fingerprint is of all.
    `place` says of each answer which of `places` it comes from; `codes` has a column of codes per question,
    "" where there is no answer.
    """

    places: tuple[Place, ...]
    place: Ints
    codes: pa.Table
    sha256: str
    outside: frozenset[str]  # other areas of the wave with answers
    blank: int

    def __len__(self) -> int:
        return len(self.place)


def read_answers(
    session: Session, wave_code: str, areas: frozenset[str], questions: Sequence[str]
) -> Answers:
    """The answers from some areas of a wave to some questions."""
    places: dict[str, int] = {}
    numbers, digests, tables = [], [], [_no_answers(questions)]
    blank: list[bytes] = []
    outside: set[str] = set()
    is_blank = blank_test(session, wave_code)
    for everyone in _batches(session, wave_code):
        batch = [text for text in everyone if _area(text) in areas]
        if len(batch) < len(everyone):
            outside |= {_area(text) for text in everyone} - areas
        without = [text for text in batch if is_blank(text.rpartition(SEPARATOR)[2])]
        blank += _digests(without)
        batch = [text for text in batch if text not in {*without}] if without else batch
        parted = [text.rpartition(SEPARATOR) for text in batch]
        numbers += [places.setdefault(place, len(places)) for place, _, _ in parted]
        digests += _digests(batch)
        tables.append(_columns([packed for _, _, packed in parted], questions))
    order = _order(digests)
    codes = pa.concat_tables(tables).unify_dictionaries().combine_chunks().take(pa.array(order))
    return Answers(
        places=tuple(_place(text) for text in places),
        place=np.array(numbers, dtype=np.int64)[order],
        codes=codes,
        sha256=_fingerprint([*digests, *blank]),
        outside=frozenset(outside),
        blank=len(blank),
    )


def count_answered(session: Session, wave_code: str) -> Counter[tuple[str, str]]:
    """How many have answered anything, by area and age group: those whom the statistics count."""
    is_blank = blank_test(session, wave_code)
    counted = Counter[str]()
    for batch in _batches(session, wave_code):
        parted = (text.rpartition(SEPARATOR) for text in batch)
        counted.update(place for place, _, packed in parted if not is_blank(packed))
    found = Counter[tuple[str, str]]()
    for text, number in counted.items():
        area, _, age_group, _ = _place(text)
        found[area, age_group] += number
    return found


def answers_fingerprint(session: Session, wave_code: str, areas: frozenset[str]) -> str:
    """Names the answers handed in, the same whatever order they came in."""
    digests: list[bytes] = []
    for batch in _batches(session, wave_code):
        digests += _digests(text for text in batch if _area(text) in areas)
    return _fingerprint(digests)


def _batches(session: Session, wave_code: str) -> Iterator[Sequence[str]]:
    """Of everyone in the wave one text: design variables, mode and packed answers."""
    given = Response
    place = given.area_code + SEPARATOR + given.legal_gender + SEPARATOR + given.age_group
    # The table guarantees that what is handed in has its design variables.
    text = type_coerce(place + SEPARATOR + given.mode + SEPARATOR + given.answers, String)
    query = select(text).where(given.wave_code == wave_code, given.submitted_on.is_not(None))
    return session.connection().execute(query.execution_options(yield_per=BATCH)).scalars().partitions()


def _area(text: str) -> str:
    return text.partition(SEPARATOR)[0]


def _digests(batch: Iterable[str]) -> list[bytes]:
    return [sha256(text.encode()).digest() for text in batch]


def _order(digests: list[bytes]) -> Ints:
    words = np.frombuffer(b"".join(digests), dtype=">u8").reshape(-1, 4)
    order: Ints = np.lexsort(words.T[::-1])
    return order


def _fingerprint(digests: Iterable[bytes]) -> str:
    return sha256(b"".join(sorted(digests))).hexdigest()


def _place(text: str) -> Place:
    area, sex, age_group, mode = text.split(SEPARATOR)
    return area, sex, age_group, mode


def _columns(packed: list[str], questions: Sequence[str]) -> pa.Table:
    """Packed answers as columns of codes."""
    if not packed:
        return _no_answers(questions)
    # Packed answers have no line breaks, so together they are JSON lines, which arrow reads in one go.
    lines = "\n".join(packed).encode()
    schema = pa.schema([(question, pa.string()) for question in questions])
    read = json.read_json(
        pa.BufferReader(lines),
        read_options=json.ReadOptions(use_threads=False, block_size=1 << 22),
        parse_options=json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )
    columns = [read[question].fill_null("").dictionary_encode() for question in questions]
    return pa.table(columns, names=list(questions))


def _no_answers(questions: Sequence[str]) -> pa.Table:
    return pa.schema([(question, CODE) for question in questions]).empty_table()
