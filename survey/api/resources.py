"""What can be asked for: each list with its filters, forms and columns; routes and openapi.json follow it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from survey.api.parameters import (
    CELLS,
    CODE,
    GEOGRAPHY,
    INDICATOR,
    LEVEL,
    MUNICIPALITY,
    PLACE_CODE,
    SERIES,
    TABLE,
    WAVE,
    Parameter,
)
from survey.followup.feeds import events, pictures, promises, series
from survey.followup.feeds.callers import Caller
from survey.publication import catalogue, extracts, requested_tables
from survey.publication.downloads.tables import Download
from survey.publication.extract_columns import columns_of
from survey.publication.extracts import Extract, Filters, Viewer
from survey.publication.formats import files

Span = tuple[int, int] | None
Read = Callable[[Any, Caller, Filters, Span], Extract]
Write = Callable[[Any, Viewer, Filters, str], Download]
ROWS = ("json", "csv")


@dataclass(frozen=True)
class Resource:
    """A list under /api/v1."""

    text: str
    filters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    read: Read | None  # None: it has no rows, only a file
    forms: tuple[str, ...] = ROWS
    write: Write = files.write_file  # for the forms that are files
    file_of: str = ""  # the filter that a file needs one value of


def _whole_list(make: Callable[[Any, Caller, Filters], Extract]) -> Read:
    """A list that is short: made as a whole, then cut to the page."""

    def read(session: Any, caller: Caller, filters: Filters, span: Span) -> Extract:
        found = make(session, caller, filters)
        if span is None:
            return found
        return replace(found, rows=found.rows[span[0] : span[0] + span[1]])

    return read


def _released(make: Callable[[Any, Viewer, Filters], Extract]) -> Read:
    """A short list of what publication knows, which asks for the viewer alone."""
    return _whole_list(lambda session, caller, filters: make(session, caller.viewer, filters))


def _of_table(name: str) -> Read:
    def read(session: Any, caller: Caller, filters: Filters, span: Span) -> Extract:
        return extracts.read_extract(session, caller.viewer, name, filters, span)

    return read


RESOURCES: Mapping[str, Resource] = {
    "waves": Resource(
        "Mätningar med resultat, den nyaste först.",
        (WAVE,),
        catalogue.WAVE_COLUMNS,
        _released(catalogue.list_waves),
    ),
    "places": Resource(
        "Kommuner och delområden som har resultat.",
        (WAVE, GEOGRAPHY, CODE),
        catalogue.PLACE_COLUMNS,
        _released(catalogue.list_places),
    ),
    "indicators": Resource(
        "Mått, vad som räknas och vem de gäller.",
        (WAVE, INDICATOR),
        catalogue.INDICATOR_COLUMNS,
        _released(catalogue.list_indicators),
    ),
    "estimates": Resource(
        "Skattningar.",
        CELLS,
        columns_of("estimates"),
        _of_table("estimates"),
        (*ROWS, *files.FIGURES),
    ),
    "changes": Resource(
        "Förändringar mellan två mätningar. Orden ökat och minskat gäller bara vid utfallen up och down.",
        CELLS,
        columns_of("changes"),
        _of_table("changes"),
    ),
    "comparisons": Resource(
        "En kommun jämförd med alla kommuner eller med kommuner av samma slag, ett delområde med sin kommun.",
        CELLS,
        columns_of("comparisons"),
        _of_table("comparisons"),
    ),
    "codebook": Resource(
        "Vad en mätnings tabeller är, som DDI-Codebook 2.5.",
        (replace(WAVE, text="Mätningens kod.", required=True),),
        (),
        None,
        ("ddi",),
        file_of=WAVE.name,
    ),
    "tables": Resource(
        "Tabeller som har beställts vid sidan av resultatet och godkänts.",
        (WAVE, TABLE),
        requested_tables.TABLE_COLUMNS,
        _released(requested_tables.list_tables),
    ),
    "table-rows": Resource(
        "De godkända tabellernas rader. JSON-stat och PX har en tabell åt gången.",
        (WAVE, TABLE),
        requested_tables.ROW_COLUMNS,
        _released(requested_tables.list_rows),
        (*ROWS, *files.CUBES),
        files.write_requested,
        TABLE.name,
    ),
    "response-rates": Resource(
        "Hur många som tillfrågades och svarade, efter kön och ålder enligt folkbokföringen.",
        (WAVE, MUNICIPALITY),
        columns_of("response-rates"),
        _of_table("response-rates"),
    ),
    "diagnostics": Resource(
        "Svarsfrekvens, R-indikator och vikternas spridning.",
        (WAVE, MUNICIPALITY),
        columns_of("diagnostics"),
        _of_table("diagnostics"),
    ),
    "quality": Resource(
        "Kvalitetsdeklarationens tal.",
        (WAVE, MUNICIPALITY),
        columns_of("quality"),
        _of_table("quality"),
    ),
    "item-nonresponse": Resource(
        "Vad som blev av varje fråga: andelar av dem som fick den.",
        (WAVE, MUNICIPALITY),
        columns_of("item-nonresponse"),
        _of_table("item-nonresponse"),
    ),
    "promises": Resource(
        "Löften till invånarna och hur det gick. Siffrorna visar om något har ändrats, inte varför.",
        (MUNICIPALITY,),
        promises.PROMISE_COLUMNS,
        _whole_list(promises.list_receipts),
    ),
    "promise-measures": Resource(
        "Vad som ska göras för löftena, av vem och när.",
        (MUNICIPALITY,),
        promises.MEASURE_COLUMNS,
        _whole_list(promises.list_measures),
    ),
    "pictures": Resource(
        "Undertecknade lägesbilder. Var och en läses hel på /pictures/{number}.",
        (WAVE, LEVEL, PLACE_CODE),
        pictures.PICTURE_COLUMNS,
        _whole_list(pictures.list_pictures),
    ),
    "series": Resource(
        "Andra källors serier. De står bredvid enkäten och vägs inte ihop med den.",
        (SERIES, LEVEL, PLACE_CODE),
        series.SERIES_COLUMNS,
        _whole_list(series.list_series),
    ),
    "series-values": Resource(
        "Seriernas värden.",
        (SERIES, LEVEL, PLACE_CODE),
        series.VALUE_COLUMNS,
        _whole_list(series.list_values),
    ),
    "events": Resource(
        "Händelser och insatser. De förklarar inga siffror.",
        (LEVEL, PLACE_CODE),
        events.EVENT_COLUMNS,
        _whole_list(events.list_events),
    ),
}
