"""Reads a statistical table from a file, by what the file is and not by what it is called."""

from survey.errors import UserError
from survey.preparation.statistical_files.json_stat import looks_like_json, read_json
from survey.preparation.statistical_files.px import looks_like_px, read_px
from survey.preparation.statistical_files.pxweb_csv import read_csv
from survey.preparation.statistical_files.table import StatisticalTable
from survey.preparation.statistical_files.workbook import looks_like_workbook, read_workbook


def read_table(file: str, content: bytes) -> StatisticalTable:
    """The table of a file of any of the kinds."""
    if not content.strip():
        raise UserError(f"Filen {file} är tom.")
    if looks_like_workbook(content):
        return read_workbook(file, content)
    if looks_like_px(content):
        return read_px(file, content)
    if looks_like_json(content):
        return read_json(file, content)
    return read_csv(file, content)
