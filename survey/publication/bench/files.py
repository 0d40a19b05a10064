"""The rows of a view as a file: csv in full precision, a workbook to paste from, JSON-stat."""

import pandas as pd
from sqlalchemy.orm import Session

from survey.notice import NOTICE, file_suffix
from survey.publication.bench.options import Options
from survey.publication.bench.view import View
from survey.publication.downloads import workbooks
from survey.publication.downloads.sheets import (
    CHANGE_COLUMNS,
    Column,
    Sheet,
    change_cells,
    share_cells,
    share_columns,
)
from survey.publication.downloads.tables import Download, as_csv
from survey.publication.extracts import Viewer
from survey.publication.formats import files

MIMETYPES = {
    "csv": "text/csv",
    "xlsx": workbooks.MIMETYPE,
    "json": files.MIMETYPES["json-stat"],
}
MOVED = ("previous_wave", "n_previous", "change", "lower", "upper", "p", "verdict", "released", "reason")


def write(session: Session, viewer: Viewer, options: Options, view: View, form: str) -> Download:
    """A file of what the page shows."""
    if form == "json":
        content = files.write_file(session, viewer, view.choice.filters(options), "json-stat").content
    else:
        content = _csv(view) if form == "csv" else _workbook(view)
    waves = "-".join(wave.code for wave in view.waves)
    name = f"{waves}-{view.measure.id}{file_suffix(view.synthetic)}.{form}"
    return Download(name, content, len(view.rows))


def _csv(view: View) -> bytes:
    """Estimates and changes side by side, each column as it was released."""
    rows = [
        {
            **{str(name): value for name, value in row.estimate.items()},
            "released": int(row.estimate["released"]),
            **{
                f"change_{name}".replace("change_change", "change"): _moved(row.moved, name) for name in MOVED
            },
        }
        for row in view.rows
    ]
    frame = pd.DataFrame(rows).astype(object)
    return as_csv(frame.where(frame.notna(), None), ["notice", *frame.columns], view.synthetic)


def _moved(row: object, name: str) -> object:
    value = row.get(name) if isinstance(row, dict) else None
    return int(value) if isinstance(value, bool) else value


def _workbook(view: View) -> bytes:
    columns = (
        Column("Plats", width=26),
        Column("Grupp", width=20),
        Column("Mätning", width=24),
        *share_columns("i mätningen"),
        *CHANGE_COLUMNS,
        Column("Sedan", width=24),
        Column("Står kvar när alla i vyn prövas tillsammans", width=16),
    )
    rows = tuple(
        (
            row.place_name,
            row.group,
            row.wave.title,
            *share_cells(row.figure),
            *change_cells(row.change),
            row.since,
            "ja" if row.survives else "nej",
        )
        for row in view.rows
    )
    intro = " ".join((view.measure.measure, *view.fishing.sentences))
    sheet = Sheet("Vy", view.measure.label, intro, columns, rows, fixed=3)
    made = max(wave.released_on for wave in view.waves)
    about = workbooks.About(view.measure.label, NOTICE if view.synthetic else "", made)
    return workbooks.write_workbook([sheet], about)
