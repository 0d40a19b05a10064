"""indicators.csv: the columns that may be left out, and what stands for true and false."""

import pandas as pd

from analysis import checks, indices

INDICATOR_TYPES = ("binary", "ordinal", "any", "ratio", "index")
INDICATOR_DEFAULTS = {
    "items": "",
    "base": "",
    "dont_know": "",
    "refused": "",
    "sensitive": "1",
    "headline": "0",
    "direction": "",
    "comparable_since": "",
    **indices.DEFAULTS,  # of an index alone
}
TRUE_FALSE = {"0": False, "1": True, "": False}
TRUE_FALSE |= {"False": False, "True": True, "false": False, "true": True}  # as programs write them


def fill_in(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every optional column, true and false as bool.

    Raises:
        InputError: a type, or a word for true and false, that is none.
    """
    checks.require_known("indicators.csv", table, "type", INDICATOR_TYPES)
    missing = {name: value for name, value in INDICATOR_DEFAULTS.items() if name not in table.columns}
    table = table.assign(**missing)
    for column in ("sensitive", "headline"):
        checks.require_known("indicators.csv", table, column, TRUE_FALSE)
        table[column] = checks.text(table, column).map(TRUE_FALSE).astype(bool)
    return table
