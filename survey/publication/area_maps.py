"""The map of one measure in the areas of a municipality, from its released tables."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from sqlalchemy.orm import Session

from survey.preparation.borders import area_borders
from survey.publication.content import IndicatorResult, MunicipalityReport
from survey.publication.figures import ALL
from survey.publication.maps import MapDrawing, area_map
from survey.publication.released import Released
from survey.publication.standings import STATISTIC

AREA, MUNICIPALITY = "area", "municipality"
Verdicts = Mapping[str, Mapping[str, str]]  # by measure and area


@dataclass(frozen=True)
class ChosenMap:
    """A measure and its map; `drawing` is None where not every area has a border."""

    indicator: IndicatorResult
    drawing: MapDrawing | None


def chosen_map(
    session: Session, released: Released, report: MunicipalityReport, indicator_id: str | None
) -> ChosenMap:
    """The map of the measure asked for; else of the main one where the most areas differ for certain."""
    verdicts = area_verdicts(released.comparisons)
    by_id = {one.id: one for one in report.indicators}
    chosen = by_id.get(indicator_id or "") or max(
        report.headlines, key=lambda one: _certain(verdicts.get(one.id, {}))
    )
    borders = area_borders(session, released.place.areas)
    return ChosenMap(chosen, area_map(report, chosen, borders, verdicts.get(chosen.id, {})))


def area_verdicts(comparisons: pd.DataFrame) -> Verdicts:
    """The verdict of each released comparison of an area with its municipality, on levels."""
    wanted = {
        "geography": AREA,
        "against_geography": MUNICIPALITY,
        "previous_wave": "",
        "gender": ALL,
        "age_group": ALL,
        "statistic": STATISTIC,
    }
    kept = comparisons["released"].astype(bool)
    for column, value in wanted.items():
        kept &= comparisons[column].astype(str).eq(value)
    found: dict[str, dict[str, str]] = {}
    rows = comparisons.loc[kept, ["indicator", "code", "verdict"]].astype(str)
    for indicator, code, verdict in rows.itertuples(index=False):
        found.setdefault(indicator, {})[code] = verdict
    return found


def _certain(verdicts: Mapping[str, str]) -> int:
    return sum(verdict in ("above", "below") for verdict in verdicts.values())
