"""Microdata as an SPSS file: labels, missing codes and the weight, made of the table and its codebook."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from survey.notice import NOTICE

EXTENSION = ".sav"
ABOUT = ("row", "weight")  # numbers, not codes


def write_spss(
    table: pd.DataFrame, codebook: pd.DataFrame, missing: Mapping[str, tuple[str, ...]], path: Path
) -> None:
    """Write the rows; codes that are numbers become numbers, an empty answer is system missing.

    `missing` are the codes of each question that say why it was not answered: user missing in the file.
    """
    named = codebook[codebook["variable"].ne("")]
    labels = {str(row["variable"]): str(row["description"]) for row in named.to_dict("records")}
    numeric = [name for name in table.columns if name in missing and _is_numeric(table[name])]
    values: dict[str, dict[Any, str]] = {}  # by number, or by text for the places and groups
    for row in named[named["value"].ne("") & named["label"].ne("")].to_dict("records"):
        name, code = str(row["variable"]), str(row["value"])
        values.setdefault(name, {})[float(code) if name in numeric else code] = str(row["label"])
    frame = table.copy()
    for name in numeric:
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    simulated = "notice" in table
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label=NOTICE if simulated else "",
        column_labels={name: labels.get(name, name) for name in frame.columns},
        variable_value_labels=values,
        missing_ranges={name: [float(code) for code in missing[name]] for name in numeric if missing[name]},
        variable_measure={name: "scale" if name in ABOUT else "nominal" for name in frame.columns},
        note="WEIGHT BY weight.",
    )


def read_spss(path: Path, columns: list[str]) -> pd.DataFrame:
    """Some columns as they stand in a file."""
    found: pd.DataFrame = pyreadstat.read_sav(str(path), usecols=columns)[0]
    return found


def _is_numeric(codes: pd.Series) -> bool:
    """Whether every code given is a whole number, so that nothing is lost in a number."""
    return bool(codes.loc[codes.ne("")].str.fullmatch(r"[1-9][0-9]{0,5}|0").all())
