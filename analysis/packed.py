"""Columns of few texts over many rows, handled as codes: each text is looked at once, not once per row.

Tables of a million rows have a dozen distinct codes in most of their columns. They are Categoricals from the
module that makes them to the file; what is asked of a text is asked of the categories and spread by code.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analysis.arrays import Ints, Mask

LARGEST_NUMBER = 1 << 31  # identities up to here are used as they are, larger ones numbered
MANY = 10_000  # rows from which a column that is not packed is one of identities


def pack(codes: npt.NDArray[np.integer], names: Sequence[str]) -> pd.Categorical:
    """`names[codes]` without making a text per row; code -1 is missing. Names may not repeat."""
    packed: pd.Categorical = pd.Categorical.from_codes(codes, dtype=_categories(tuple(names)))
    return packed


@lru_cache(maxsize=256)  # the same few lists of texts come again and again
def _categories(names: tuple[str, ...]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index(list(names), dtype="str"))


def unpack(column: "pd.Series[Any]") -> tuple[npt.NDArray[np.integer], list[str]]:
    """Codes and names of a column of text, packed or not; missing is code -1."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        packed = column.array
        return packed.codes, [str(name) for name in packed.categories.tolist()]
    codes, names = pd.factorize(column, use_na_sentinel=True)
    return codes.astype(np.int64), [str(name) for name in names]


def in_order(column: "pd.Series[Any]") -> tuple[npt.NDArray[np.integer], list[str]]:
    """As `unpack`, with the names that occur in their order; missing is the empty text."""
    codes, names = unpack(column)
    names = [*names, ""]  # in the last place, where code -1 finds it
    there = np.bincount(codes.astype(np.int64) % len(names), minlength=len(names)) > 0
    known = sorted({name for name, used in zip(names, there, strict=True) if used})
    place = [known.index(name) if used else 0 for name, used in zip(names, there, strict=True)]
    return look_up(np.array(place, np.min_scalar_type(-len(known) - 1)), codes), known


def take(column: "pd.Series[Any]", rows: npt.NDArray[np.integer]) -> Any:
    """`column[rows]`, texts packed."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Categorical.from_codes(column.array.codes[rows], dtype=column.dtype)
    if column.dtype.kind in "biuf":
        return column.to_numpy()[rows]
    codes, names = unpack(column)
    return pack(codes[rows], names)


def spread(column: "pd.Series[Any]", values: Mapping[str, Any], missing: Any) -> npt.NDArray[Any]:
    """The value of each row's text; `missing` for a text without one, or no text."""
    codes, names = unpack(column)
    return look_up(np.array([*(values.get(name, missing) for name in names), missing]), codes)


def look_up(table: npt.NDArray[Any], codes: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
    """`table[codes]`; codes from -1, which finds the last entry."""
    if codes.dtype == np.int8 and table.dtype.itemsize == 1:
        # Bytes by bytes: an index of numpy would first widen each code to eight bytes.
        entries = np.zeros(256, table.dtype)
        entries[: min(len(table), 128)], entries[-1] = table[:128], table[-1]
        found = bytearray(np.ascontiguousarray(codes)).translate(entries.tobytes())
        return np.frombuffer(found, table.dtype).reshape(codes.shape)
    looked_up: npt.NDArray[Any] = table[codes]
    return looked_up


def texts(column: "pd.Series[Any]") -> npt.NDArray[np.str_]:
    """The text of each row as a numpy array; missing as the empty text."""
    return spread(column, {name: name for name in unpack(column)[1]}, "")


def equals(column: "pd.Series[Any]", *texts: str) -> Mask:
    """Whether each row's text is one of these."""
    found: Mask = spread(column, dict.fromkeys(texts, True), False)
    return found


def row_keys(tables: Sequence[pd.DataFrame], columns: Sequence[Sequence[str]]) -> list[Ints]:
    """One number per row: equal where the texts of the key columns are equal, in whichever table.

    Args:
        tables: one or more.
        columns: the key columns of each table, in the same order; they may be called differently.
    """
    keys = [np.zeros(len(table), dtype=np.int64) for table in tables]
    for names in zip(*columns, strict=True):
        series = [table[name] for table, name in zip(tables, names, strict=True)]
        few = all(isinstance(one.dtype, pd.CategoricalDtype) or len(one) < MANY for one in series)
        codes: Sequence[npt.NDArray[np.signedinteger]]
        if few:
            codes, known = _shared_codes(series)
            size = len(known) + 1
        else:
            codes, size = _distinct(series)
        for key, code in zip(keys, codes, strict=True):
            key *= size
            key += code
    return keys


def _shared_codes(
    series: "Sequence[pd.Series[Any]]",
) -> tuple[list[npt.NDArray[np.signedinteger]], list[str]]:
    """Codes that mean the same text in every column, and the texts; missing has the code after the last."""
    unpacked = [unpack(one) for one in series]
    known = {
        text: place for place, text in enumerate(dict.fromkeys(t for _, names in unpacked for t in names))
    }
    small = np.min_scalar_type(-len(known) - 1)
    places = [np.array([*(known[name] for name in names), len(known)], small) for _, names in unpacked]
    return [look_up(place, codes) for place, (codes, _) in zip(places, unpacked, strict=True)], list(known)


def _distinct(series: "Sequence[pd.Series[Any]]") -> tuple[list[Ints], int]:
    """Numbers equal where the texts are, below what size; of many texts, which often are numbers already."""
    chunks = [_arrow(one) for one in series]
    numbers = [_as_numbers(one) for one in chunks]
    known = [one for one in numbers if one is not None]
    if len(known) == len(series):
        largest = max(int(one.max(initial=0)) for one in known)
        if largest <= LARGEST_NUMBER:
            return known, largest + 1
        codes = pd.factorize(np.concatenate(known))[0]
    else:
        texts = pa.concat_arrays([chunk for one in chunks for chunk in one])
        codes = pd.factorize(pd.Series(texts.dictionary_encode().indices))[0]
    ends = np.cumsum([len(one) for one in series])[:-1]
    return np.split(codes.astype(np.int64), ends), len(codes) + 1


def _arrow(column: "pd.Series[Any]") -> list[pa.Array]:
    array = pa.array(
        column.astype("str") if isinstance(column.dtype, pd.CategoricalDtype) else column, pa.string()
    )
    return array.chunks if isinstance(array, pa.ChunkedArray) else [array]


def _as_numbers(chunks: Sequence[pa.StringArray]) -> Ints | None:
    """The texts as whole numbers from 0, when each is written in the one way such a number is written."""
    numbers = []
    for texts in chunks:  # one by one: few enough to stay near the processor
        found = _chunk_as_numbers(texts)
        if found is None:
            return None
        numbers.append(found)
    return np.concatenate([np.zeros(0, np.int64), *numbers])


def _chunk_as_numbers(texts: pa.StringArray) -> Ints | None:
    # Not by writing the numbers again: that takes longer than all the rest. Only digits are let through,
    # and a number written with more digits than it needs is found by counting them.
    ends = np.frombuffer(texts.buffers()[1] or bytes(4), np.int32)[texts.offset :][: len(texts) + 1]
    start, length = int(ends[0]), int(ends[-1] - ends[0])
    characters = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[start : start + length]
    if characters.size and (characters.min() < ord("0") or characters.max() > ord("9")):
        return None
    try:
        numbers = texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    values = np.asarray(numbers.to_numpy(zero_copy_only=False))
    if numbers.null_count or _digits(values) != length:
        return None
    return values.astype(np.int64, copy=False)


def _digits(numbers: Ints) -> int:
    """Digits of all numbers from 0 together, as they are usually written."""
    largest = int(numbers.max(initial=0))
    powers = range(1, len(str(largest)))
    return len(numbers) + sum(int(np.count_nonzero(numbers >= 10**power)) for power in powers)


def rows_of(keys: Ints, wanted: Ints) -> Ints:
    """Row of each wanted key among unique keys, -1 where there is none."""
    if len(keys) == 0 or len(wanted) == 0:
        return np.full(len(wanted), -1, dtype=np.int64)
    start = run_starts(wanted)
    sought = wanted[start]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    place = np.searchsorted(keys, sought)
    place[place == len(keys)] = 0
    rows = np.where(keys[place] == sought, order[place], -1)
    return rows if len(rows) == len(wanted) else np.repeat(rows, np.diff(start, append=len(wanted)))


def run_starts(keys: Ints) -> npt.NDArray[np.intp]:
    """First row of each run of equal keys: few of them, where a table is in the order of its keys."""
    edges = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=edges[1:])
    return np.flatnonzero(edges)


def find_rows(
    table: pd.DataFrame,
    columns: Sequence[str],
    among: pd.DataFrame,
    among_columns: Sequence[str] | None = None,
) -> Ints:
    """Row of `among` with the same key, for each row of `table`; -1 where there is none.

    The keys of `among` may repeat; the first row counts.
    """
    wanted, keys = row_keys([table, among], [columns, among_columns or columns])
    return rows_of(keys, wanted)


def beside(
    table: pd.DataFrame,
    columns: Sequence[str],
    among: pd.DataFrame,
    among_columns: Sequence[str] | None = None,
    suffix: str = "",
) -> pd.DataFrame:
    """Each row of `table` with the row of `among` that has the same key; rows without one are left out.

    The columns of `among` but its key come with the suffix; texts are packed.
    """
    row = find_rows(table, columns, among, among_columns)
    kept = np.flatnonzero(row >= 0)
    found = {str(name): take(table[name], kept) for name in table}
    rest = [name for name in among if name not in (among_columns or columns)]
    found |= {f"{name}{suffix}": take(among[name], row[kept]) for name in rest}
    return pd.DataFrame(found, copy=False)


def stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables with the same columns one below the other, in the columns' order of the first; texts packed."""
    columns: dict[str, Any] = {}
    for name in tables[0].columns:
        series = [table[name] for table in tables]
        if all(one.dtype.kind in "biuf" for one in series):
            columns[name] = np.concatenate([one.to_numpy() for one in series])
        else:
            codes, known = _shared_codes(series)
            codes = [np.where(code == len(known), -1, code) for code in codes]
            columns[name] = pack(np.concatenate(codes), known)
    return pd.DataFrame(columns, copy=False)
