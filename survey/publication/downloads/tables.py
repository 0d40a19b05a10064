"""Released tables as csv: whole figures for municipalities, every column for analysts."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from survey.models.release import Change, Diagnostic, Estimate, ResponseRate
from survey.notice import NOTICE
from survey.publication import numbers
from survey.publication.downloads.files import analysts_file, municipality_file
from survey.publication.embargo import Reader
from survey.publication.released import Released
from survey.publication.releases import find_release
from survey.publication.results import KEYS, ReleasedRow, read_released, read_table

TABLES: dict[str, ReleasedRow] = {
    "estimates": Estimate,
    "changes": Change,
    "diagnostics": Diagnostic,
    "response_rates": ResponseRate,
}
SHARES = ("estimate", "lower", "upper")
# What everybody may see: no standard errors, degrees of freedom or effective sizes (statistics: audiences).
PUBLIC_COLUMNS = (
    "notice",
    *KEYS,
    "n",
    "percent",
    "percent_lower",
    "percent_upper",
    "released",
    "reason",
    "previous_wave",
    "n_previous",
    "change_points",
    "change_lower",
    "change_upper",
    "verdict",
    "detectable_points",
    "change_released",
    "change_reason",
)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Download:
    """A file for people to save."""

    file_name: str
    content: bytes
    rows: int  # of the tables in it, without headers


def municipality_table(
    session: Session, wave_code: str, municipality_code: str, reader: Reader, version: int | None = None
) -> Download:
    """A municipality's figures of one wave in whole percent, with the changes beside them."""
    return released_table(read_released(session, wave_code, municipality_code, reader, version))


def released_table(released: Released) -> Download:
    """What a municipality's report rests on, as the file that lies beside it and in it."""
    synthetic = released.wave.synthetic or released.release.synthetic
    wave_code = released.wave.code
    own = released.estimates[released.estimates["wave"] == wave_code]
    table = _public(own, released.changes)
    name = municipality_file(released.place.code, released.place.name, synthetic, "csv")
    return Download(f"{wave_code}-{name}", as_csv(table, PUBLIC_COLUMNS, synthetic), len(table))


def analyst_table(session: Session, wave_code: str, table: str, reader: Reader) -> Download:
    """A released table of a wave, every municipality and every column."""
    release = find_release(session, wave_code, reader)
    frame = read_table(session, TABLES[table], release.id)
    columns = ("notice", *frame.columns)
    if "released" in frame:
        frame["released"] = frame["released"].astype(int)
    return Download(
        analysts_file(release, table, "csv"),
        as_csv(frame, columns, release.synthetic),
        len(frame),
    )


def _public(estimates: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Whole percent and points, changes on the row of their estimate; all places of a measure together."""
    keys = list(KEYS)
    shares = estimates[[*keys, "n", *SHARES, "released", "reason"]]
    moves = changes[
        [
            *keys,
            "previous_wave",
            "n_previous",
            "change",
            "lower",
            "upper",
            "verdict",
            "detectable_change",
            "released",
            "reason",
        ]
    ]
    table = shares.merge(moves, on=keys, how="left", suffixes=("", "_of_change"))
    proportion = table["statistic"].ne("mean")
    for name, source in {"percent": "estimate", "percent_lower": "lower", "percent_upper": "upper"}.items():
        table[name] = table[source].where(proportion).map(_whole, na_action="ignore")
    for name, source in {
        "change_points": "change",
        "change_lower": "lower_of_change",
        "change_upper": "upper_of_change",
        "detectable_points": "detectable_change",
    }.items():
        table[name] = table[source].where(proportion).map(_points, na_action="ignore")
    table["change_released"] = table["released_of_change"].map(_flag, na_action="ignore")
    table["change_reason"] = table["reason_of_change"]
    table["released"] = table["released"].astype(int)
    order = [pd.factorize(table[name])[0] for name in ("age_group", "gender", "indicator")]
    return table.iloc[np.lexsort(order)]


def _whole(share: float) -> str:
    return str(numbers.whole_percent(share))


def _points(share: float) -> str:
    value = numbers.points(share)
    return str(int(value)) if value.is_integer() else str(value)


def _flag(value: object) -> str:
    return str(int(bool(value)))


def as_csv(frame: pd.DataFrame, columns: Sequence[str], synthetic: bool) -> bytes:
    """UTF-8 with header; missing is empty; the first field says when the answers are simulated."""
    wanted = [name for name in columns if name != "notice"]
    target = StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    kept = ["notice", *wanted] if synthetic else wanted
    writer.writerow(kept)
    first = [NOTICE] if synthetic else []
    texts = [[cell(value) for value in frame[name].tolist()] for name in wanted]
    writer.writerows([*first, *row] for row in zip(*texts, strict=True))
    return target.getvalue().encode("utf-8")


def cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula; numbers keep their minus."""
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = str(value)
    if isinstance(value, str) and text.startswith(FORMULA_SIGNS) and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
