"""Rows out of the newest releases of one or several waves, as far as their reader may see them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from survey.models.release import (
    Audience,
    Comparison,
    Diagnostic,
    ItemNonresponse,
    QualityFigure,
    Release,
    ResponseRate,
)
from survey.models.wave import Stratum
from survey.publication.embargo import Reader, visible_to
from survey.publication.extract_columns import TABLES, Value
from survey.publication.released import ALL
from survey.publication.releases import NotReleased, ReleasedWave, find_release, waves_with
from survey.publication.results import ReleasedRow, released_columns, rows_of, total_rows

Filters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Viewer:
    """Who reads rows, and of which municipalities when only of some."""

    reader: Reader
    municipalities: frozenset[str] | None = None

    @property
    def gets_all(self) -> bool:
        return self.reader.audience in (None, Audience.REGION)

    def may_read_of(self, municipality_code: str) -> bool:
        """Whether more than its totals."""
        return self.municipalities is None or municipality_code in self.municipalities

    @property
    def as_everybody(self) -> "Viewer":
        """Whoever shows no key, at the same moment."""
        return viewer_of(Audience.PUBLIC, None, self.reader.now)


def viewer_of(audience: str, municipality_code: str | None, now: datetime) -> Viewer:
    """Somebody of an audience, who of a municipality sees no other's groups and areas."""
    own = None if municipality_code is None else frozenset({municipality_code})
    return Viewer(Reader(Audience(audience), now), own)


@dataclass(frozen=True)
class Extract:
    """Rows of a table and where they are from; `total` counts those the question finds, shown or not."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Value, ...]]
    total: int
    releases: tuple[ReleasedWave, ...]
    simulated: bool = False  # rows that rest on no release may be so too

    @property
    def synthetic(self) -> bool:
        return self.simulated or any(one.synthetic for one in self.releases)


def read_extract(
    session: Session,
    viewer: Viewer,
    table: str,
    filters: Mapping[str, Sequence[str]],
    span: tuple[int, int] | None = None,
) -> Extract:
    """The rows that the filters leave, each wave from its newest release; `span` is offset and limit.

    Raises:
        NotReleased: a wave is asked for that the reader may not see, or not yet.
    """
    shape = TABLES[table]
    releases = open_releases(session, viewer, filters.get("wave", ()))
    wanted = _condition(shape.model, viewer, releases, filters)
    of_release = Release.id == shape.model.release_id
    total = session.scalar(select(func.count(shape.model.id)).join(Release, of_release).where(wanted)) or 0
    stored = released_columns(shape.model)
    query = (
        select(*stored).join(Release, of_release).where(wanted).order_by(Release.wave_code, shape.model.id)
    )
    if span is not None:
        query = query.offset(span[0]).limit(span[1])
    rows = session.execute(query)
    full = viewer.gets_all
    given = [shape.shown(row, in_full=full) for row in rows]
    return Extract(shape.columns(in_full=full), given, total, releases)


def open_releases(session: Session, viewer: Viewer, waves: Sequence[str] = ()) -> tuple[ReleasedWave, ...]:
    """The newest release of each wave that is asked for, or of every wave that the reader may see."""
    found = waves_with(session, viewer.reader, None)
    if viewer.municipalities is not None:
        for_all = waves_with(session, viewer.as_everybody.reader, None)
        theirs = (*waves_with(session, viewer.reader, viewer.municipalities), *for_all)
        found = tuple(one for one in found if one in theirs)
    for code in waves:
        if code not in {one.code for one in found}:
            find_release(session, code, viewer.reader)  # says when it opens, where that is set
            own = " och ".join(sorted(viewer.municipalities or ())) or "den som frågar"
            raise NotReleased(f"Mätningen {code} har inget resultat för {own}.")
    return tuple(one for one in found if not waves or one.code in waves)


def readable(model: ReleasedRow, viewer: Viewer) -> ColumnElement[bool]:
    """The rows a reader may see of a release that is open to them.

    Of another municipality its totals alone, until the release is open to everybody.
    """
    own = _readable(model, viewer)
    if viewer.municipalities is None:
        return own
    everybody = viewer.as_everybody
    for_all = model.release_id.in_(select(Release.id).where(visible_to(everybody.reader)))
    return or_(own, and_(for_all, _readable(model, everybody)))


def _readable(model: ReleasedRow, viewer: Viewer) -> ColumnElement[bool]:
    if viewer.gets_all:
        return model.id.is_not(None)
    if model in (QualityFigure, ItemNonresponse, Diagnostic, ResponseRate):
        of_own = model.municipality_code.in_({ALL, *(viewer.municipalities or ())})
        if model is not ResponseRate:
            return of_own
        # How many were asked and answered in all stands on every municipality's open page.
        return or_(of_own, and_(model.legal_gender == ALL, model.age_group == ALL))
    if viewer.municipalities is None:
        return model.id.is_not(None)
    return _of_municipalities(model, viewer.municipalities)


def _of_municipalities(model: Any, municipalities: Collection[str]) -> ColumnElement[bool]:
    areas = select(Stratum.area_code).where(
        Stratum.wave_code == model.wave, Stratum.municipality_code.in_(municipalities)
    )
    own = rows_of(model, areas, municipalities)
    # How another municipality stands beside its kind is its own affair.
    return own if model is Comparison else or_(own, total_rows(model))


def _condition(
    model: Any, viewer: Viewer, releases: Sequence[ReleasedWave], filters: Mapping[str, Sequence[str]]
) -> ColumnElement[bool]:
    chosen = [
        getattr(model, name).in_(values) for name, values in filters.items() if values and name != "wave"
    ]
    return and_(
        model.release_id.in_([one.release_id for one in releases]),
        model.wave == Release.wave_code,
        readable(model, viewer),
        *chosen,
    )
