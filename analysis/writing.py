"""Results to files: CSV tables and a manifest, all of them or none."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from analysis.errors import AnalysisError
from analysis.packed import unpack
from analysis.pipeline import Results
from analysis.provenance import file_sha256

MANIFEST = "manifest.json"
TABLES = ("weights", "estimates", "changes", "gender_gaps", "diagnostics", "response_rates")
BATCH = 1 << 14
WHOLE = ("n", "n_previous", "df", "family_size", "released", "sampled", "responded")


def check_target(out: Path) -> None:
    """Refuse a folder that holds anything but an earlier run's results."""
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / MANIFEST).exists())):
        raise AnalysisError(f"{out} exists and is not the result of an earlier run; name another --out.")


def write_results(results: Results, out: Path, manifest: Mapping[str, Any], jobs: int = 1) -> dict[str, int]:
    """Write every table and the manifest to a folder beside `out` and put it in place at the end.

    Args:
        results: what `pipeline.run` gives.
        out: the folder to make; an earlier run's results there are replaced.
        manifest: what the caller knows; SHA-256 and row counts of the tables are added.
        jobs: tables written at the same time.

    Returns:
        Rows by file name.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        files = [building / f"{name}.csv" for name in TABLES]
        with ThreadPoolExecutor(jobs) as threads:  # arrow writes and hashlib digests outside the lock
            counts = threads.map(write_table, [getattr(results, name) for name in TABLES], files)
            rows = dict(zip([file.name for file in files], counts, strict=True))
            digests = list(threads.map(file_sha256, files))
        outputs = {
            file.name: {"sha256": digest, "rows": rows[file.name]}
            for file, digest in zip(files, digests, strict=True)
        }
        text = json.dumps({**manifest, "outputs": outputs}, ensure_ascii=False, indent=2) + "\n"
        (building / MANIFEST).write_text(text, encoding="utf-8")
        building.chmod(0o755)
        _put_in_place(building, out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return rows


def write_table(table: pd.DataFrame, path: Path) -> int:
    """One table as UTF-8 CSV: empty = missing, numbers in the shortest form that reads back the same."""
    columns = {str(name): _column(str(name), table[name]) for name in table.columns}
    header = ",".join(columns) + "\n"
    quoting = "needed" if any(_needs_quotes(table[name]) for name in table.columns) else "none"
    with path.open("wb") as stream:
        stream.write(header.encode())
        options = csv.WriteOptions(include_header=False, quoting_style=quoting, batch_size=BATCH)
        csv.write_csv(pa.table(columns), stream, options)
    return len(table)


def _column(name: str, column: "pd.Series[Any]") -> pa.Array:
    """A column as arrow has it: texts as texts, counts as whole numbers, missing as null."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        names = pa.array(column.cat.categories.astype(str), pa.string())
        codes = column.cat.codes.to_numpy()
        return names.take(pa.array(codes, mask=codes < 0))
    if name in WHOLE and column.dtype.kind == "f":
        values = column.to_numpy(float)
        missing = np.isnan(values)
        return pa.array(np.where(missing, 0, values).astype(np.int64), mask=missing)
    return pa.array(column, from_pandas=True)


def _needs_quotes(column: "pd.Series[Any]") -> bool:
    """Whether a text of the column would be misread without; pyarrow would otherwise quote every text."""
    if column.dtype.kind in "biuf":
        return False
    return any(set(text) & set(',"\r\n') for text in unpack(column)[1])


def _put_in_place(building: Path, out: Path) -> None:
    if not out.exists():
        building.rename(out)
        return
    # Two renames: there is an instant with no results, never one with half of them.
    retired = building.with_name(building.name + "-old")
    out.rename(retired)
    building.rename(out)
    shutil.rmtree(retired)
