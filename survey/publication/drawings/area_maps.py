"""The maps of a measure: in the areas of a municipality, and in the municipalities of the region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shapely import Geometry, from_wkt

from survey.publication.content import GroupFigures, IndicatorResult, MunicipalityReport
from survey.publication.drawings.maps import MapDrawing, area_map, region_map

MOST_IN_REPORT = 2


@dataclass(frozen=True)
class ChosenMap:
    """A measure and its map; `drawing` is None where not every area has a border."""

    indicator: IndicatorResult
    drawing: MapDrawing | None


def chosen_map(report: MunicipalityReport, indicator_id: str | None) -> ChosenMap:
    """The map of the measure asked for; else of the main one where the most areas differ for certain."""
    by_id = {one.id: one for one in report.indicators}
    chosen = by_id.get(indicator_id or "") or max(report.headlines, key=_certain)
    return ChosenMap(chosen, drawn_map(report, chosen))


def report_maps(report: MunicipalityReport) -> tuple[MapDrawing, ...]:
    """Of the measures that the first pages name by area, those that are certainly worse in the most areas.

    A map takes about a page: after the first only those that mark several areas.
    """
    named = sorted((one for one in report.indicators if _worse(one)), key=_worse, reverse=True)
    chosen = [one for one in named[:MOST_IN_REPORT] if one is named[0] or _worse(one) > 1]
    maps = (drawn_map(report, one) for one in chosen)
    return tuple(drawing for drawing in maps if drawing)


def drawn_map(report: MunicipalityReport, indicator: IndicatorResult) -> MapDrawing | None:
    """A measure in each area; None unless every area has a border."""
    borders = {code: from_wkt(border) for code, border in report.borders.items()}
    return area_map(report, indicator, borders)


def drawn_region(
    report: MunicipalityReport,
    indicator: IndicatorResult,
    municipalities: Sequence[GroupFigures],
    borders: Mapping[str, Geometry],
) -> MapDrawing | None:
    """A measure in each municipality of the wave; None for one alone, or unless every one has a border."""
    if len(municipalities) < 2:
        return None
    return region_map(report, indicator, municipalities, borders)


def _certain(indicator: IndicatorResult) -> int:
    return sum(area.standing.certain for area in indicator.areas)


def _worse(indicator: IndicatorResult) -> int:
    return sum(area.standing.tone == "worse" for area in indicator.areas)
