"""What can be asked for: each list with its filters, forms and columns; routes and openapi.json follow it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from survey.api.parameters import (
    CELLS,
    CODE,
    GEOGRAPHY,
    INDICATOR,
    MUNICIPALITY,
    WAVE,
    Parameter,
)
from survey.publication import catalogue, extracts
from survey.publication.extracts import Extract, Viewer
from survey.publication.formats import files

Filters = Mapping[str, Sequence[str]]
Read = Callable[[Any, Viewer, Filters, tuple[int, int] | None], Extract]
ROWS = ("json", "csv")


@dataclass(frozen=True)
class Resource:
    """A list under /api/v1."""

    text: str
    filters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    read: Read | None  # None: it has no rows, only a file
    forms: tuple[str, ...] = ROWS


def _whole_list(make: Callable[[Any, Viewer, Filters], Extract]) -> Read:
    """A list that is short: made as a whole, then cut to the page."""

    def read(session: Any, viewer: Viewer, filters: Filters, span: tuple[int, int] | None) -> Extract:
        found = make(session, viewer, filters)
        if span is None:
            return found
        rows = found.rows[span[0] : span[0] + span[1]]
        return Extract(found.columns, rows, found.total, found.releases)

    return read


def _of_table(name: str) -> Read:
    def read(session: Any, viewer: Viewer, filters: Filters, span: tuple[int, int] | None) -> Extract:
        return extracts.read_extract(session, viewer, name, filters, span)

    return read


RESOURCES: Mapping[str, Resource] = {
    "waves": Resource(
        "Mätningar med resultat, den nyaste först.",
        (WAVE,),
        catalogue.WAVE_COLUMNS,
        _whole_list(catalogue.list_waves),
    ),
    "places": Resource(
        "Kommuner och delområden som har resultat.",
        (WAVE, GEOGRAPHY, CODE),
        catalogue.PLACE_COLUMNS,
        _whole_list(catalogue.list_places),
    ),
    "indicators": Resource(
        "Mått, vad som räknas och vem de gäller.",
        (WAVE, INDICATOR),
        catalogue.INDICATOR_COLUMNS,
        _whole_list(catalogue.list_indicators),
    ),
    "estimates": Resource(
        "Skattningar.",
        CELLS,
        extracts.columns_of("estimates"),
        _of_table("estimates"),
        (*ROWS, *files.FIGURES),
    ),
    "changes": Resource(
        "Förändringar mellan två mätningar. Orden ökat och minskat gäller bara vid utfallen up och down.",
        CELLS,
        extracts.columns_of("changes"),
        _of_table("changes"),
    ),
    "comparisons": Resource(
        "En kommun jämförd med alla kommuner eller med kommuner av samma slag, ett delområde med sin kommun.",
        CELLS,
        extracts.columns_of("comparisons"),
        _of_table("comparisons"),
    ),
    "codebook": Resource(
        "Vad en mätnings tabeller är, som DDI-Codebook 2.5.",
        (replace(WAVE, text="Mätningens kod.", required=True),),
        (),
        None,
        ("ddi",),
    ),
    "quality": Resource(
        "Kvalitetsdeklarationens tal.",
        (WAVE, MUNICIPALITY),
        extracts.columns_of("quality"),
        _of_table("quality"),
    ),
    "item-nonresponse": Resource(
        "Vad som blev av varje fråga: andelar av dem som fick den.",
        (WAVE, MUNICIPALITY),
        extracts.columns_of("item-nonresponse"),
        _of_table("item-nonresponse"),
    ),
}
