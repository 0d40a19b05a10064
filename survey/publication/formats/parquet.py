"""Rows as a Parquet file: typed columns, with what they mean beside the data."""

from io import BytesIO

import orjson
import pyarrow as pa
from pyarrow import parquet

from survey.notice import NOTICE
from survey.publication.downloads.dictionary import TEXTS
from survey.publication.extract_columns import column_types
from survey.publication.extracts import Extract

ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def as_parquet(table: str, extract: Extract) -> bytes:
    """Every row with the types of the release; missing is null."""
    types = column_types(table)
    fields = [
        pa.field(name, ARROW[types[name]], metadata={"description": TEXTS.get(name, "")})
        for name in extract.columns
    ]
    releases = [{"wave": one.code, "version": one.version} for one in extract.releases]
    about = {"releases": orjson.dumps(releases), "notice": NOTICE if extract.synthetic else ""}
    columns = zip(*extract.rows, strict=True) if extract.rows else [[] for _ in fields]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, fields, strict=True)]
    target = BytesIO()
    parquet.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=about)), target)
    return target.getvalue()
