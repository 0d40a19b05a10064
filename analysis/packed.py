"""Columns of few texts over many rows, handled as codes: each text is looked at once, not once per row.

Tables of a million rows have a dozen distinct codes in most of their columns. They are Categoricals from the
module that makes them to the file; what is asked of a text is asked of the categories and spread by code.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]


def pack(codes: npt.NDArray[np.integer], names: Sequence[str]) -> pd.Categorical:
    """`names[codes]` without making a text per row; code -1 is missing. Names may not repeat."""
    dtype = pd.CategoricalDtype(pd.Index(list(names), dtype="str"))
    packed: pd.Categorical = pd.Categorical.from_codes(codes, dtype=dtype)
    return packed


def unpack(column: "pd.Series[Any]") -> tuple[npt.NDArray[np.integer], list[str]]:
    """Codes and names of a column of text, packed or not; missing is code -1."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), [str(name) for name in column.cat.categories]
    codes, names = pd.factorize(column, use_na_sentinel=True)
    return codes.astype(np.int64), [str(name) for name in names]


def spread(column: "pd.Series[Any]", values: Mapping[str, Any], missing: Any) -> npt.NDArray[Any]:
    """The value of each row's text; `missing` for a text without one, or no text."""
    codes, names = unpack(column)
    table = np.array([*(values.get(name, missing) for name in names), missing])
    found: npt.NDArray[Any] = table[codes]
    return found


def texts(column: "pd.Series[Any]") -> npt.NDArray[np.str_]:
    """The text of each row as a numpy array; missing as the empty text."""
    return spread(column, {name: name for name in unpack(column)[1]}, "")


def equals(column: "pd.Series[Any]", *texts: str) -> npt.NDArray[np.bool_]:
    """Whether each row's text is one of these."""
    found: npt.NDArray[np.bool_] = spread(column, dict.fromkeys(texts, True), False)
    return found


def row_keys(tables: Sequence[pd.DataFrame], columns: Sequence[Sequence[str]]) -> list[Ints]:
    """One number per row: equal where the texts of the key columns are equal, in whichever table.

    Args:
        tables: one or more.
        columns: the key columns of each table, in the same order; they may be called differently.
    """
    keys = [np.zeros(len(table), dtype=np.int64) for table in tables]
    for names in zip(*columns, strict=True):
        unpacked = [unpack(table[name]) for table, name in zip(tables, names, strict=True)]
        known = {
            text: place for place, text in enumerate(dict.fromkeys(t for _, texts in unpacked for t in texts))
        }
        for key, (codes, texts) in zip(keys, unpacked, strict=True):
            place = np.array([*(known[text] for text in texts), len(known)], dtype=np.int64)
            key *= len(known) + 1
            key += place[codes]
    return keys


def rows_of(keys: Ints, wanted: Ints) -> Ints:
    """Row of each wanted key among unique keys, -1 where there is none."""
    order = np.argsort(keys, kind="stable")
    place = np.searchsorted(keys, wanted, sorter=order)
    place[place == len(keys)] = 0
    rows = order[place] if len(keys) else np.zeros(len(wanted), dtype=np.int64)
    return np.where(keys[rows] == wanted, rows, -1) if len(keys) else np.full(len(wanted), -1)
