"""Codebooks beside the tables: what every column, code, place and measure means, as csv or json."""

import json
from collections.abc import Mapping, Sequence

import pandas as pd
from sqlalchemy.orm import Session

from survey.notice import NOTICE
from survey.publication.downloads import dictionary
from survey.publication.downloads.files import analysts_file, municipality_file
from survey.publication.downloads.tables import PUBLIC_COLUMNS, TABLES, Download, as_csv
from survey.publication.embargo import Reader
from survey.publication.local_questions import questionnaires_in
from survey.publication.releases import find_release
from survey.publication.results import read_released, released_columns

MIMETYPES = {"csv": "text/csv", "json": "application/json"}
FORMS = tuple(MIMETYPES)
NAME = "variabler"  # of the file with every municipality


def municipality_codebook(
    session: Session, wave_code: str, municipality_code: str, reader: Reader, form: str = "csv"
) -> Download:
    """What stands in a municipality's table, its own areas and local questions included."""
    released = read_released(session, wave_code, municipality_code, reader)
    release = find_release(session, wave_code, reader)
    names = {dictionary.PUBLIC: _shown(PUBLIC_COLUMNS, release.synthetic)}
    own = questionnaires_in(release.manifest, lambda code: code == municipality_code)
    rows = [*dictionary.describe(names, own), *_places(released.place.areas)]
    name = municipality_file(municipality_code, f"{released.place.name} kodbok", release.synthetic, form)
    return Download(f"{wave_code}-{name}", _written(rows, form, release.synthetic), len(rows))


def analyst_codebook(session: Session, wave_code: str, reader: Reader, form: str = "csv") -> Download:
    """What stands in all the tables of a wave, the municipalities' own among them."""
    release = find_release(session, wave_code, reader)
    names = {
        dictionary.PUBLIC: _shown(PUBLIC_COLUMNS, release.synthetic),
        **{
            table: _shown(["notice", *(column.name for column in released_columns(model))], release.synthetic)
            for table, model in TABLES.items()
        },
    }
    rows = dictionary.describe(names, questionnaires_in(release.manifest))
    return Download(analysts_file(release, NAME, form), _written(rows, form, release.synthetic), len(rows))


def _shown(columns: Sequence[str], synthetic: bool) -> list[str]:
    """Tables of real answers have no column that says that they are simulated."""
    return [name for name in columns if synthetic or name != "notice"]


def _places(areas: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [("delområde", "", code, name, "", "", "", "") for code, name in areas.items()]


def _written(rows: Sequence[tuple[str, ...]], form: str, synthetic: bool) -> bytes:
    if form == "csv":
        return as_csv(pd.DataFrame(rows, columns=list(dictionary.HEADER)), dictionary.HEADER, synthetic)
    named = [dict(zip(dictionary.HEADER, row, strict=True)) for row in rows]
    found = {"notice": NOTICE if synthetic else "", "rows": named}
    return json.dumps(found, ensure_ascii=False, indent=1).encode("utf-8")
