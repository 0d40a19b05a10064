"""One measure's totals of every municipality in the waves so far, out of the releases a reader may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from shapely import Geometry
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from analysis.keys import MUNICIPALITY
from survey.models.municipality import Municipality
from survey.models.release import Change, Comparison, Estimate
from survey.models.series import PublishedFigure
from survey.models.wave import Wave as WaveRow
from survey.preparation.borders import municipality_borders
from survey.publication.embargo import Reader
from survey.publication.released import ALL, Released, Wave, records
from survey.publication.releases import find_release, released_waves, wave_facts
from survey.publication.results import read_table
from survey.publication.standings import STATISTIC
from survey.publication.wave_series import Row, SeriesPoint, series_of

PUBLISHED = ("wave", "estimate", "n", "lower", "upper", "source")


@dataclass(frozen=True)
class IndicatorTotals:
    """Rows of estimates, changes and comparisons for one measure: municipalities, all genders, all ages.

    `estimates` holds a wave as the latest release that has it tells it; `changes` those of each wave's own
    release. Waves that started after the wave at hand are left out.
    """

    estimates: pd.DataFrame
    changes: pd.DataFrame
    waves: tuple[Wave, ...]  # in the order of their first days, the wave at hand last
    names: dict[str, str]  # of the municipalities of the wave at hand, by code
    published: pd.DataFrame = field(default_factory=pd.DataFrame)  # of the municipality at hand, as given
    comparisons: pd.DataFrame | None = None  # of the wave at hand
    borders: Mapping[str, Geometry] = field(default_factory=dict)  # by code, where known


def build_series(totals: IndicatorTotals, code: str, direction: str) -> tuple[SeriesPoint, ...]:
    """From the first wave in which the municipality has a row to the wave at hand, gaps among them."""
    return series_of(
        totals.waves, _by_wave(totals.estimates, code), _by_wave(totals.changes, code), direction
    )


def _by_wave(table: pd.DataFrame, code: str) -> dict[str, Row]:
    rows = records(table[table["code"].eq(code)])
    return {str(row["wave"]): row for row in rows}


def read_totals(session: Session, released: Released, indicator_id: str, reader: Reader) -> IndicatorTotals:
    """The totals of one measure up to the wave at hand."""
    here = find_release(session, released.wave.code, reader)
    earlier = [
        wave.release_id
        for wave in released_waves(session, reader)
        if wave.field_start < released.wave.field_start and wave.synthetic == released.wave.synthetic
    ]
    ids = [here.id, *earlier]  # the latest wave first
    estimates, changes = (
        pd.concat([read_table(session, model, one, _totals(model, indicator_id)) for one in ids])
        for model in (Estimate, Change)
    )
    names = _names(session, estimates.loc[estimates["wave"].eq(released.wave.code), "code"].tolist())
    estimates = estimates[estimates["code"].isin(names)].drop_duplicates(["wave", "code"])
    codes = {released.wave.code, *estimates["wave"]}
    waves = [wave_facts(row) for row in session.scalars(select(WaveRow).where(WaveRow.code.in_(codes)))]
    return IndicatorTotals(
        estimates,
        changes,
        tuple(sorted(waves, key=lambda wave: wave.field_start)),
        names,
        _published(session, released.place.code, indicator_id, released.wave.synthetic),
        read_table(session, Comparison, here.id, _totals(Comparison, indicator_id)),
        municipality_borders(session, released.wave.field_start, names),
    )


def _published(session: Session, municipality_code: str, indicator_id: str, synthetic: bool) -> pd.DataFrame:
    """The published shares of one measure in a municipality, all genders and ages, the first wave first."""
    figure = PublishedFigure
    query = select(*(getattr(figure, name) for name in PUBLISHED)).where(
        figure.geography == MUNICIPALITY,
        figure.code == municipality_code,
        figure.gender == ALL,
        figure.age_group == ALL,
        figure.indicator == indicator_id,
        figure.statistic == STATISTIC,
        figure.synthetic == synthetic,
    )
    return pd.DataFrame(session.execute(query.order_by(figure.wave)).all(), columns=PUBLISHED)


def _names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    query = select(Municipality.code, Municipality.name).where(Municipality.code.in_(codes))
    return {code: name for code, name in session.execute(query)}


def _totals(
    model: type[Estimate] | type[Change] | type[Comparison], indicator_id: str
) -> ColumnElement[bool]:
    return (
        (model.geography == MUNICIPALITY)
        & (model.gender == ALL)
        & (model.age_group == ALL)
        & (model.indicator == indicator_id)
        & (model.statistic == STATISTIC)
    )
