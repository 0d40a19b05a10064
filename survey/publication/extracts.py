"""Rows out of the newest releases of one or several waves, in the columns that their reader may be given.

The region gets every column in full precision. Municipalities and everybody get what their tables have: whole
percent and points, and the verdict of a comparison without its size, which would tie two protected figures
together (METHODS.md M-23).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from survey.models.release import (
    Audience,
    Change,
    Comparison,
    Diagnostic,
    Estimate,
    ItemNonresponse,
    QualityFigure,
    Release,
    ResponseRate,
)
from survey.models.wave import Stratum
from survey.publication import numbers
from survey.publication.embargo import Reader, visible_to
from survey.publication.released import ALL
from survey.publication.releases import NotReleased, ReleasedWave, find_release, waves_with
from survey.publication.results import KEYS, ReleasedRow, released_columns, rows_of, total_rows

Value = str | int | float | bool | None
Filters = Mapping[str, Sequence[str]]
Show = Callable[[Any, Mapping[str, Any]], Value]
FEW_DECIMALS = 3  # of a share in the quality declaration: what its page prints


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


@dataclass(frozen=True)
class Column:
    """A column for those who do not get all: out of which stored one, and how."""

    name: str
    source: str
    show: Show


@dataclass(frozen=True)
class Table:
    """A released table and its columns for those who do not get all."""

    model: ReleasedRow
    narrow: tuple[Column, ...]

    def columns(self, viewer: Viewer) -> tuple[str, ...]:
        if viewer.gets_all:
            return tuple(column.name for column in released_columns(self.model))
        return tuple(column.name for column in self.narrow)


def _same(value: Any, _row: Mapping[str, Any]) -> Value:
    found: Value = value
    return found


def _percent(value: Any, row: Mapping[str, Any]) -> Value:
    return None if value is None or row["statistic"] == "mean" else numbers.whole_percent(value)


def _points(value: Any, row: Mapping[str, Any]) -> Value:
    if value is None or row["statistic"] == "mean":
        return None
    points = numbers.points(value)
    return int(points) if points.is_integer() else points


def _word(value: Any, row: Mapping[str, Any]) -> Value:
    return str(value) if row["released"] else "not_comparable"


def _few_decimals(value: Any, _row: Mapping[str, Any]) -> Value:
    return None if value is None else round(float(value), FEW_DECIMALS)


def _as_stored(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, name, _same) for name in names)


# What the quality declaration of a municipality prints; the rest is for those who review the weights.
TOLD_DIAGNOSTICS = ("response_rate", "r_indicator", "deff_kish", "trimmed_share")
_END = _as_stored("released", "reason")
TABLES: Mapping[str, Table] = {
    "estimates": Table(
        Estimate,
        (
            *_as_stored(*KEYS, "n"),
            Column("percent", "estimate", _percent),
            Column("percent_lower", "lower", _percent),
            Column("percent_upper", "upper", _percent),
            *_END,
        ),
    ),
    "changes": Table(
        Change,
        (
            *_as_stored(*KEYS, "previous_wave", "n", "n_previous"),
            Column("change_points", "change", _points),
            Column("change_lower", "lower", _points),
            Column("change_upper", "upper", _points),
            Column("verdict", "verdict", _word),
            Column("detectable_points", "detectable_change", _points),
            *_END,
        ),
    ),
    "comparisons": Table(
        Comparison,
        (
            *_as_stored(*KEYS, "previous_wave", "against_geography", "against_code"),
            Column("verdict", "verdict", _word),
            *_END,
        ),
    ),
    "quality": Table(
        QualityFigure,
        (
            *_as_stored("wave", "municipality_code", "measure", "variable", "category"),
            *(Column(name, name, _few_decimals) for name in ("value", "lower", "upper")),
            *_as_stored("reason"),
        ),
    ),
    "response-rates": Table(
        ResponseRate,
        _as_stored("wave", "municipality_code", "legal_gender", "age_group", "sampled", "responded"),
    ),
    "diagnostics": Table(
        Diagnostic,
        (
            *_as_stored("wave", "municipality_code", "sampled", "responded"),
            *(Column(name, name, _few_decimals) for name in TOLD_DIAGNOSTICS),
        ),
    ),
    "item-nonresponse": Table(
        ItemNonresponse,
        (
            *_as_stored("wave", "municipality_code", "item"),
            *(Column(name, name, _few_decimals) for name in ("answered", "dont_know", "refused", "missing")),
            *_as_stored("reason"),
        ),
    ),
}


def columns_of(table: str) -> tuple[str, ...]:
    """The columns that everybody gets, then those that only the region does."""
    stored = [str(column.name) for column in released_columns(TABLES[table].model)]
    return tuple(dict.fromkeys([*(column.name for column in TABLES[table].narrow), *stored]))


def column_types(table: str) -> dict[str, type]:
    """What the values of each column are, whoever reads them."""
    stored = {str(column.name): column.type.python_type for column in released_columns(TABLES[table].model)}
    shown = {
        column.name: float if column.show in (_points, _few_decimals) else int
        for column in TABLES[table].narrow
        if column.show not in (_same, _word)
    }
    return {**stored, **shown}


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
    return Extract(shape.columns(viewer), [_shown(shape, viewer, row) for row in rows], total, releases)


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


def _shown(table: Table, viewer: Viewer, row: Any) -> tuple[Value, ...]:
    if viewer.gets_all:
        return tuple(row)
    named = row._mapping
    return tuple(column.show(named[column.source], named) for column in table.narrow)
