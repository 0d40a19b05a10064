"""An approved table as a cube: its own variables, with one content for each figure."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from survey.models.requested_table import RequestedTable
from survey.publication.extract_columns import Value
from survey.publication.extracts import Extract, Viewer
from survey.publication.formats.cube import Cell, Content, Cube, Dimension, distinct
from survey.publication.released import ALL
from survey.publication.releases import NotReleased
from survey.publication.requested_tables import (
    DECIMALS,
    MEAN,
    ODDS_RATIO,
    PERCENT,
    ROW_COLUMNS,
    find_tables,
    list_rows,
    words_of,
)

UNITS = {PERCENT: "procent", MEAN: "medelvärde", ODDS_RATIO: "oddskvot"}
VALUES = {
    "value": "Värde",
    "lower": "Osäkerhetsintervallets nedre gräns",
    "upper": "Osäkerhetsintervallets övre gräns",
}
MODEL_WORDS = {
    "odds_ratio_alone": "oddskvot, variabeln för sig",
    "odds_ratio": "oddskvot, med de andra variablerna",
}
TERM = "term"
AT = {name: place for place, name in enumerate(ROW_COLUMNS)}
Key = tuple[str, ...]


def read_requested_cube(session: Session, viewer: Viewer, filters: Mapping[str, Sequence[str]]) -> Cube:
    """The one approved table that is asked for.

    Raises:
        NotReleased: the reader may not see it, or no row of it.
    """
    (table, _), *_ = find_tables(session, viewer, filters)
    found = list_rows(session, viewer, filters)
    if not found.rows:
        raise NotReleased(f"Tabell {table.request_id} har inga rader för den som frågar.")
    keyed = {_key(table, row): row for row in found.rows}
    dimensions = _dimensions(table, list(keyed), found)
    places = [{code: at for at, code in enumerate(one.categories)} for one in dimensions]
    cells = {
        tuple(at[code] for at, code in zip(places, key, strict=True)): _cell(row)
        for key, row in keyed.items()
    }
    return Cube(table.title, dimensions, _contents(found), cells, found.releases)


def _key(table: RequestedTable, row: Sequence[Value]) -> tuple[str, ...]:
    names = ("category", "other_category")[: len(_variables(table))]
    return (table.wave_code, *(str(row[AT[name]]) for name in names), str(row[AT["statistic"]]))


def _variables(table: RequestedTable) -> dict[str, str]:
    """What a table is divided by; a regression has a term for each category of each variable."""
    return {TERM: "jämförd grupp"} if table.is_regression else dict(words_of(table).variables)


def _dimensions(table: RequestedTable, keys: Sequence[Key], found: Extract) -> tuple[Dimension, ...]:
    words, variables = words_of(table), _variables(table)
    titles = {one.code: one.title for one in found.releases}
    waves, *middle, statistics = (dict.fromkeys(column) for column in zip(*keys, strict=True))
    divided = (
        Dimension(name, label, distinct({code: words.category(name, code) for code in codes}), ALL)
        for (name, label), codes in zip(variables.items(), middle, strict=True)
    )
    told = {one: words.figure(one, MODEL_WORDS) for one in statistics}
    return (
        Dimension("wave", "mätning", {code: titles.get(code, code) for code in waves}),
        *divided,
        Dimension("statistic", "figur", distinct(told)),
    )


def _contents(found: Extract) -> tuple[Content, ...]:
    units = {str(row[AT["unit"]]) for row in found.rows}
    unit = " eller ".join(sorted(UNITS[one] for one in units))
    decimals = max(DECIMALS[one] for one in units)
    return (
        Content("n", "Antal svar", "personer", 0),
        *(Content(name, label, unit, decimals) for name, label in VALUES.items()),
    )


def _cell(row: Sequence[Value]) -> Cell:
    figures = (row[AT[name]] for name in ("n", *VALUES))
    return Cell(
        tuple(one if isinstance(one, int | float) else None for one in figures), str(row[AT["reason"]])
    )
