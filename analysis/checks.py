"""Checks of one table, vectorised: each raises an `InputError` naming the first line that fails, or returns.

Line numbers count the header as line 1, so row i of a table stands on line i + 2.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as arrow

from analysis.arrays import Floats, Ints, Mask
from analysis.errors import InputError
from analysis.packed import equals, row_keys, spread, unpack

SEPARATOR = "\x1f"
MOST = 10_000_000_000  # persons: more than there are is a slip of the pen


def text(table: pd.DataFrame, column: str) -> "pd.Series[str]":
    """The column as text, missing as the empty string."""
    values = table[column]
    if isinstance(values.dtype, pd.StringDtype) and not values.hasnans:
        return values
    return values.astype("str").where(values.notna(), "")


def joined(table: pd.DataFrame, columns: Sequence[str]) -> "pd.Series[str]":
    """The columns of each row joined to one key."""
    key = text(table, columns[0])
    for column in columns[1:]:
        key = key + SEPARATOR + text(table, column)
    return key


def positions(values: "pd.Series[str]", known: "pd.Series[str] | Sequence[str]") -> Ints:
    """Place of each text among the known ones, -1 when it is none of them."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        places = {text: place for place, text in reversed(list(enumerate(known)))}
        return spread(values, places, -1).astype(np.int64)
    wanted = pa.array(known, type=pa.string())
    if isinstance(wanted, pa.ChunkedArray):
        wanted = wanted.combine_chunks()
    found = arrow.index_in(pa.array(values, type=pa.string()), value_set=wanted)
    place: Ints = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return place


def among(values: "pd.Series[str]", known: "pd.Series[str] | Sequence[str]") -> Mask:
    """Whether each text is one of the known ones."""
    return positions(values, known) >= 0


def first(mask: Any) -> int | None:
    """Position of the first True, or None."""
    flags = np.asarray(mask, dtype=bool)
    return int(flags.argmax()) if flags.any() else None


def require_columns(file: str, table: pd.DataFrame, required: Sequence[str]) -> None:
    """Every required column is there."""
    missing = [column for column in required if column not in table.columns]
    if missing:
        there = ", ".join(map(str, table.columns)) or "nothing"
        if len(table.columns) == 1 and (";" in there or "\t" in there):
            raise InputError(file, 1, "", there, "values separated by commas")
        raise InputError(file, 1, ", ".join(missing), f"only {there}", "a column of this name")


def fail_at(file: str, table: pd.DataFrame, column: str, mask: Any, expected: str) -> None:
    """Raise for the first row where `mask` is True, quoting what `column` says there."""
    row = first(mask)
    if row is not None:
        found = repr(str(text(table, column).iloc[row]))
        raise InputError(file, row + 2, column, found, expected)


def require_unique(file: str, table: pd.DataFrame, columns: Sequence[str]) -> None:
    """No two rows share the key."""
    (key,) = row_keys([table], [columns])
    if np.all(key[1:] > key[:-1]):  # a file in the order of its key, as most are
        return
    row = first(pd.Series(key).duplicated())
    if row is not None:
        value = ", ".join(text(table.iloc[[row]], column).iloc[0] for column in columns)
        earlier = int(np.flatnonzero(key == key[row])[0]) + 2
        found = f"{value!r} again, first on line {earlier}"
        raise InputError(file, row + 2, ", ".join(columns), found, "each key once")


def require_filled(file: str, table: pd.DataFrame, columns: Sequence[str]) -> None:
    """No empty value."""
    for column in columns:
        fail_at(file, table, column, empty(table[column]), "a value")


def require_known(file: str, table: pd.DataFrame, column: str, known: Collection[str]) -> None:
    """Every value is one of the known codes."""
    shown = ", ".join(repr(code) for code in list(known)[:12]) + (", ..." if len(known) > 12 else "")
    values = table[column] if _is_packed(table[column]) else text(table, column)
    fail_at(file, table, column, ~among(values, list(known)), f"one of {shown}")


def finite(file: str, table: pd.DataFrame, column: str) -> Floats:
    """The column as numbers of either sign."""
    values = parsed(table[column])
    fail_at(file, table, column, ~np.isfinite(values), "a number")
    return values


def numbers(file: str, table: pd.DataFrame, column: str, *, whole: bool = True) -> Floats:
    """The column as numbers of persons, none above `MOST`."""
    kind = "a whole number, 0 or more" if whole else "a number, 0 or more"
    if len(table) == 0:
        return np.zeros(0)
    values = parsed(table[column])
    with np.errstate(invalid="ignore"):
        wrong = ~np.isfinite(values) | (values < 0)
        if whole:
            wrong |= values != np.floor(values)
    fail_at(file, table, column, wrong, kind)
    fail_at(file, table, column, values > MOST, f"no more than {MOST:,} persons")
    return values


def empty(column: "pd.Series[Any]") -> Mask:
    """Whether nothing stands there."""
    if _is_packed(column):
        return equals(column, "") | column.isna().to_numpy()
    return np.asarray(text(column.to_frame(), str(column.name)) == "", dtype=bool)


def parsed(column: "pd.Series[Any]") -> Floats:
    """The column as numbers, NaN for what is none."""
    if _is_packed(column):
        codes, names = unpack(column)
        values = pd.to_numeric(pd.Series([*names, ""], dtype="str"), errors="coerce")
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan)[codes])
    numeric = pd.to_numeric(column, errors="coerce")
    return np.asarray(numeric.to_numpy(dtype=np.float64, na_value=np.nan))


def _is_packed(column: "pd.Series[Any]") -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


def signed(file: str, table: pd.DataFrame, column: str, expected: str) -> Floats:
    """The column as numbers of either sign; an empty value is missing (NaN)."""
    stated = (text(table, column) != "").to_numpy()
    values = parsed(table[column])
    fail_at(file, table, column, stated & ~np.isfinite(values), expected)
    return values
