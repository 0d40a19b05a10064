"""Results to files: CSV tables and a manifest, all of them or none."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from analysis.errors import AnalysisError
from analysis.pipeline import Results
from analysis.provenance import file_sha256

MANIFEST = "manifest.json"
TABLES = ("weights", "estimates", "changes", "gender_gaps", "diagnostics", "response_rates")
ON_REQUEST = ("replicates",)
WHOLE = ("n", "n_previous", "df", "family_size", "released", "sampled", "responded")


def check_target(out: Path) -> None:
    """Refuse a folder that holds anything but an earlier run's results."""
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / MANIFEST).exists())):
        raise AnalysisError(f"{out} exists and is not the result of an earlier run; name another --out.")


def write_results(results: Results, out: Path, manifest: Mapping[str, Any]) -> dict[str, int]:
    """Write every table and the manifest to a folder beside `out` and put it in place at the end.

    Args:
        results: what `pipeline.run` gives.
        out: the folder to make; an earlier run's results there are replaced.
        manifest: what the caller knows; SHA-256 and row counts of the tables are added.

    Returns:
        Rows by file name.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        names = [*TABLES, *(name for name in ON_REQUEST if getattr(results, name) is not None)]
        rows = {
            f"{name}.csv": write_table(getattr(results, name), building / f"{name}.csv") for name in names
        }
        outputs = {name: {"sha256": file_sha256(building / name), "rows": rows[name]} for name in rows}
        text = json.dumps({**manifest, "outputs": outputs}, ensure_ascii=False, indent=2) + "\n"
        (building / MANIFEST).write_text(text, encoding="utf-8")
        building.chmod(0o755)
        _put_in_place(building, out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return rows


def write_table(table: pd.DataFrame, path: Path) -> int:
    """One table as UTF-8 CSV: empty = missing, numbers in the shortest form that reads back the same."""
    whole = {name: "Int64" for name in WHOLE if name in table.columns}
    texts = {name: str for name in table.columns if isinstance(table[name].dtype, pd.CategoricalDtype)}
    arrow = pa.Table.from_pandas(table.astype({**whole, **texts}), preserve_index=False)
    header = ",".join(table.columns) + "\n"
    with path.open("wb") as stream:
        stream.write(header.encode())
        csv.write_csv(arrow, stream, csv.WriteOptions(include_header=False, quoting_style=_quoting(arrow)))
    return len(table)


def _quoting(table: pa.Table) -> str:
    """Quotes only in a table that needs them: pyarrow would otherwise quote every text."""
    for column in table.columns:
        is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        if is_text and any(set(text) & set(',"\r\n') for text in column.unique().to_pylist() if text):
            return "needed"
    return "none"


def _put_in_place(building: Path, out: Path) -> None:
    if not out.exists():
        building.rename(out)
        return
    # Two renames: there is an instant with no results, never one with half of them.
    retired = building.with_name(building.name + "-old")
    out.rename(retired)
    building.rename(out)
    shutil.rmtree(retired)
