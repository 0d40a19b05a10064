"""The promises of every municipality as a table for other programs."""

from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from survey.followup.promises.overviews import PromiseLine, region_promises
from survey.notice import file_suffix
from survey.publication.downloads.tables import Download, as_csv
from survey.publication.embargo import Reader

OF_TEXT = (
    *("title", "problem", "owner", "kind", "indicator", "geography", "code", "gender", "age_group"),
    *("series", "unit", "direction", "baseline_wave", "baseline", "baseline_source", "target", "due"),
)


def promises_csv(session: Session, reader: Reader, today: date) -> Download:
    """A row for each promise, with its outcome as the reader may know it."""
    lines = [line for one in region_promises(session, reader, today) for line in one.lines]
    rows = [_row(line) for line in lines]
    synthetic = any(one.assessment.baseline.wave.synthetic for one in lines if one.assessment.baseline)
    names = tuple(rows[0]) if rows else OF_TEXT
    content = as_csv(pd.DataFrame(rows, columns=names, dtype=object), ("notice", *names), synthetic)
    return Download(f"loften-{today}{file_suffix(synthetic)}.csv", content, len(lines))


def _row(line: PromiseLine) -> dict[str, object]:
    return {
        "municipality_code": line.municipality_code,
        "municipality": line.municipality,
        "promise": line.record.id,
        "version": line.version.text.number,
        "focus_area": line.focus_area,
        **{name: getattr(line.version.text, name) for name in OF_TEXT},
        "state": line.record.newest.state.value,
        "status": line.assessment.status,
        "ground": line.assessment.judgement.ground.value,
        "note_tertial": line.note.tertial if line.note else "",
        "note_status": line.note.status if line.note else "",
        "overdue": int(line.overdue),
        "lacks_note": int(line.lacks_note),
    }
