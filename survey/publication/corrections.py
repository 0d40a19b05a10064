"""The versions of a wave's results that a municipality may read, and what the newest one corrected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.keys import AREA, MUNICIPALITY
from analysis.revisions import revised_rows
from survey import clock
from survey.models.release import Release
from survey.publication import numbers, wording
from survey.publication.content import HIDDEN
from survey.publication.embargo import Reader, visible_to
from survey.publication.payload import REGION_LABEL
from survey.publication.released import Place, Released
from survey.publication.results import read_released
from survey.questionnaire import indicators as library

PROPORTION = "proportion"
VERDICTS = {"up": "säker ökning", "down": "säker minskning", **wording.SHORT, "": "visas inte"}


@dataclass(frozen=True)
class VersionText:
    """A version of the results: why it was made, and what took its place."""

    version: int
    released_on: date
    reason: str
    replaced_by: int | None
    replaced_on: date | None
    replaced_because: str


@dataclass(frozen=True)
class Correction:
    """A figure or a verdict that says something else than in the version before."""

    place: str
    group: str
    measure: str
    before: str
    now: str


def versions(session: Session, wave_code: str, reader: Reader) -> tuple[VersionText, ...]:
    """The versions that a reader may see, the newest first; the others are as if they were not there."""
    query = select(Release).where(Release.wave_code == wave_code, visible_to(reader))
    rows = session.scalars(query.order_by(Release.version.desc())).all()
    told: list[VersionText] = []
    for row in rows:
        if row.released_at is None:
            continue
        by = told[-1] if told else None
        day = clock.local(row.released_at).date()
        told.append(
            VersionText(
                row.version,
                day,
                row.reason or "",
                by.version if by else None,
                by.released_on if by else None,
                by.reason if by else "",
            )
        )
    return tuple(told)


def replaced_version(
    session: Session, wave_code: str, reader: Reader, version: int | None
) -> VersionText | None:
    """The version asked for, when another has taken its place."""
    listed = versions(session, wave_code, reader)
    return next((one for one in listed if one.version == version and one.replaced_by), None)


def marked_name(file_name: str, replaced: VersionText | None) -> str:
    """What a file is saved as: one that is no longer to be used says so, wherever it ends up."""
    return f"ersatt-av-version-{replaced.replaced_by}-{file_name}" if replaced else file_name


def corrections(
    session: Session, wave_code: str, municipality_code: str, reader: Reader
) -> tuple[Correction, ...]:
    """What the newest version says otherwise than the one before it, as rounded as on the page."""
    newest = [one.version for one in versions(session, wave_code, reader)][:2]
    if len(newest) < 2:
        return ()
    now, before = (
        read_released(session, wave_code, municipality_code, reader, version=version) for version in newest
    )
    revised = revised_rows(*_own(now), *_own(before))
    labels = {measure.id: measure.label for measure in library.indicators()}
    told = [
        Correction(
            _place(row, now.place),
            wording.group(str(row["gender"]), str(row["age_group"])),
            labels[row["indicator"]],
            *_said(row),
        )
        for row in _records(revised)
        if row["statistic"] == PROPORTION and row["indicator"] in labels
    ]
    return tuple(one for one in told if one.before != one.now)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _own(released: Released) -> tuple[pd.DataFrame, pd.DataFrame]:
    estimates = released.estimates
    return estimates[estimates["wave"] == released.wave.code], released.changes


def _said(row: Mapping[str, object]) -> tuple[str, str]:
    """Figure and verdict before and now; the verdict is left out where it stayed."""
    shown = [_percent(row["figure_before"]), _percent(row["figure"])]
    verdicts = [str(row["verdict_before"]), str(row["verdict"])]
    if verdicts[0] != verdicts[1]:
        shown = [
            f"{text}, {VERDICTS.get(verdict, verdict)}" for text, verdict in zip(shown, verdicts, strict=True)
        ]
    return shown[0], shown[1]


def _percent(figure: object) -> str:
    if not isinstance(figure, float) or figure != figure:
        return HIDDEN
    return numbers.percent(numbers.whole_percent(figure))


def _place(row: Mapping[str, object], place: Place) -> str:
    if row["geography"] == AREA:
        return place.areas.get(str(row["code"]), str(row["code"]))
    return place.name if row["geography"] == MUNICIPALITY else REGION_LABEL
