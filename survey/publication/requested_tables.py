"""Approved tables as lists and rows, for whoever may read them: open with the release that they stand beside.

Whoever reads them gets them in whole percent, as they were checked (METHODS.md M-42).
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from analysis.keys import AREA, MUNICIPALITY
from survey import clock
from survey.models.area import Area
from survey.models.release import Audience, Release
from survey.models.requested_table import WITHDRAWN_TABLES, RequestedFigure, RequestedTable, TableWithdrawal
from survey.publication import numbers
from survey.publication.embargo import visible_to
from survey.publication.extract_columns import Value
from survey.publication.extracts import Extract, Filters, Viewer
from survey.publication.released import ALL
from survey.publication.releases import NotReleased, ReleasedWave, as_waves, find_release

TABLE_COLUMNS = (
    *("table", "wave", "version", "title", "kind", "item", "divided_by", "limited_to"),
    *("municipality_code", "approved_on", "synthetic"),
)
ROW_COLUMNS = (
    *("table", "wave", "category", "category_label", "other_category", "other_label", "statistic"),
    *("unit", "n", "value", "lower", "upper", "released", "reason"),
)
PERCENT, MEAN, ODDS_RATIO = "percent", "mean", "odds_ratio"
DECIMALS = {PERCENT: 0, MEAN: 1, ODDS_RATIO: 2}
MODELS = ("odds_ratio_alone", "odds_ratio")
FIGURES = {"proportion": "andel", "mean": "medelvärde"}
REFERENCE = "reference"
Found = tuple[RequestedTable, Release]
Places = Mapping[str, str]  # the municipality of an area


class TableWithdrawn(NotReleased):
    """A table that the reader could read before: since when it is no result any more."""

    title = "Tabellen är tillbakadragen"

    def __init__(self, number: int, withdrawn_at: datetime) -> None:
        super().__init__(
            f"Tabell {number} drogs tillbaka {clock.local(withdrawn_at):%Y-%m-%d} och gäller inte längre. "
            "Använd inte tal som har hämtats ur den."
        )


@dataclass(frozen=True)
class Words:
    """The variables of a table, their categories and its shares, in words; what has none goes by its code."""

    variables: Mapping[str, str]
    categories: Mapping[str, Mapping[str, str]]
    statistics: Mapping[str, str]

    def category(self, variable: str, code: str) -> str:
        """A category; the term of a regression with its variable."""
        name, is_term, of = code.partition("=")
        if variable in self.variables or not is_term:
            return self.categories.get(variable, {}).get(code, code)
        return f"{self.variables.get(name, name)}: {self.categories.get(name, {}).get(of, of)}"

    def figure(self, statistic: str, models: Mapping[str, str]) -> str:
        """What a figure tells: which share, or which model in the words given."""
        return {**FIGURES, **models}.get(statistic) or self.statistics.get(statistic, statistic)


def list_tables(session: Session, viewer: Viewer, filters: Filters) -> Extract:
    """The approved tables that the reader may see, what each is about and beside which release it stands."""
    found = _asked_for(session, viewer, filters)
    rows: list[tuple[Value, ...]] = [
        (
            one.request_id,
            one.wave_code,
            release.version,
            one.title,
            one.kind,
            one.item,
            one.divided_by,
            one.limited_to,
            one.municipality_code,
            clock.local(one.approved_at).date().isoformat(),
            release.synthetic,
        )
        for one, release in found
    ]
    return Extract(TABLE_COLUMNS, rows, len(rows), _releases(session, found))


def list_rows(session: Session, viewer: Viewer, filters: Filters) -> Extract:
    """The rows of the approved tables that the reader may see, each table's in its own order."""
    found = _asked_for(session, viewer, filters)
    tables = {one.request_id: (one, words_of(one)) for one, _ in found}
    places = places_of(session, [one for one, _ in found])
    rows = [
        _row(table, words, one, told=told)
        for one in figures_of(session, tables)
        for table, words in [tables[one.request_id]]
        for told in [_is_open(table, viewer) or is_near(words, one, viewer.municipalities or (), places)]
        if told or is_reference(one)
    ]
    return Extract(ROW_COLUMNS, rows, len(rows), _releases(session, found))


def find_tables(session: Session, viewer: Viewer, filters: Filters) -> list[Found]:
    """The approved tables that are asked for, or all, as far as the reader may see them.

    Raises:
        NotReleased: a table is asked for that the reader may not see, or not yet.
        TableWithdrawn: or not any more.
    """
    found = _readable(session, viewer, filters, RequestedTable.request_id.not_in(WITHDRAWN_TABLES))
    there = {one.request_id for one, _ in found}
    for number in map(int, filters.get("table", ())):
        if number not in there:
            require_not_withdrawn(session, viewer, {**filters, "table": (str(number),)})
            raise NotReleased(f"Det finns ingen frisläppt tabell med nummer {number}.")
    return found


def require_not_withdrawn(session: Session, viewer: Viewer, filters: Filters) -> None:
    """Tell whoever could read a table that it is withdrawn, and nobody else.

    Raises:
        TableWithdrawn: it is.
    """
    for one, _ in _readable(session, viewer, filters, RequestedTable.request_id.in_(WITHDRAWN_TABLES)):
        since = session.get_one(TableWithdrawal, one.request_id).decided_at
        raise TableWithdrawn(one.request_id, since or one.approved_at)


def _readable(
    session: Session, viewer: Viewer, filters: Filters, standing: ColumnElement[bool]
) -> list[Found]:
    """Tables that the reader may see, those that stand or those that are withdrawn."""
    asked, opened = [int(number) for number in filters.get("table", ())], aliased(Release)
    # A correction takes over what the version before it waited for, and opens the tables beside that too.
    of_wave = select(opened.id).where(
        opened.wave_code == Release.wave_code,
        opened.version >= Release.version,
        visible_to(viewer.reader, opened),
    )
    wanted = (
        select(RequestedTable, Release)
        .join(Release, Release.id == RequestedTable.release_id)
        .where(of_wave.exists(), _for_audience(viewer), standing)
        .order_by(RequestedTable.request_id)
    )
    if asked:
        wanted = wanted.where(RequestedTable.request_id.in_(asked))
    if waves := filters.get("wave"):
        wanted = wanted.where(RequestedTable.wave_code.in_(waves))
    rows = [(one, release) for one, release in session.execute(wanted)]
    places = places_of(session, [one for one, _ in rows])
    return [
        (one, release)
        for one, release in rows
        if _is_open(one, viewer) or concerns(one, viewer.municipalities or (), places)
    ]


def figures_of(session: Session, request_ids: Iterable[int]) -> Sequence[RequestedFigure]:
    """The rows of approved tables, each table's in its order."""
    query = select(RequestedFigure).where(RequestedFigure.request_id.in_(request_ids))
    return session.scalars(query.order_by(RequestedFigure.request_id, RequestedFigure.id)).all()


def concerns(table: RequestedTable, municipalities: Collection[str], places: Places) -> bool:
    """Whether a table is about everybody, or limited to places of which some lie in these municipalities."""
    about = {table.municipality_code} if table.municipality_code else set()
    for limit in table.limited_to.split():
        name, _, codes = limit.partition("=")
        about |= {places.get(code, code) for code in codes.split("|") if name in (MUNICIPALITY, AREA)}
    return not about or bool(about.intersection(municipalities))


def places_of(session: Session, tables: Iterable[RequestedTable]) -> Places:
    """The municipality of every area, where the tables are divided by areas or limited to some."""
    if not any(AREA in f"{one.divided_by} {one.limited_to}" for one in tables):
        return {}
    return {code: of for code, of in session.execute(select(Area.code, Area.municipality_code))}


def is_near(words: Words, one: RequestedFigure, municipalities: Collection[str], places: Places) -> bool:
    """Whether a row is about everybody, or lies in one of these municipalities."""
    pairs = pairs_of(words, one)
    about = [code for name, code in pairs if name in (MUNICIPALITY, AREA) and code != ALL]
    return not about or places.get(about[0], about[0]) in municipalities


def is_reference(one: RequestedFigure) -> bool:
    """Whether a row names what odds ratios are compared with: they say nothing without it.

    Who reads no row of its place is told which it is, and not how many answered there.
    """
    return one.statistic in MODELS and one.other_category == REFERENCE


def pairs_of(words: Words, one: RequestedFigure) -> list[tuple[str, str]]:
    """Each variable of a row with its category; of a regression the variable and category of its term."""
    if one.statistic in MODELS:
        name, _, code = one.category.partition("=")
        return [(name, code)]
    return list(zip(words.variables, (one.category, one.other_category), strict=False))


def words_of(table: RequestedTable) -> Words:
    """The words in which a table was approved."""
    kept: Mapping[str, Any] = json.loads(table.words)
    names = kept.get("variables", {})
    variables = {one: names.get(one, one) for one in table.divided_by.split()}
    return Words(variables, kept.get("categories", {}), kept.get("statistics", {}))


def unit_of(statistic: str) -> str:
    """What a figure is: a share of a hundred, a mean or an odds ratio."""
    if statistic.startswith(ODDS_RATIO):
        return ODDS_RATIO
    return MEAN if statistic == MEAN else PERCENT


def _for_audience(viewer: Viewer) -> ColumnElement[bool]:
    """Those for an audience of the reader's or wider."""
    if viewer.reader.audience is None:
        return RequestedTable.request_id.is_not(None)
    wider = list(Audience)[list(Audience).index(viewer.reader.audience) :]
    return RequestedTable.audience.in_([one.value for one in wider])


def _is_open(table: RequestedTable, viewer: Viewer) -> bool:
    """Whether the reader may see all of a table: of another municipality only what everybody reads."""
    return viewer.municipalities is None or table.audience == Audience.PUBLIC


def _asked_for(session: Session, viewer: Viewer, filters: Filters) -> list[Found]:
    for code in filters.get("wave", ()):
        find_release(session, code, viewer.reader)  # says when it opens, where that is set
    return find_tables(session, viewer, filters)


def _releases(session: Session, found: Iterable[Found]) -> tuple[ReleasedWave, ...]:
    """The releases beside which the tables stand, whether or not the reader has figures in them."""
    return as_waves(session, {release.id: release for _, release in found}.values())


def _row(table: RequestedTable, words: Words, one: RequestedFigure, *, told: bool) -> tuple[Value, ...]:
    unit = unit_of(one.statistic)
    first, second = (*words.variables, "", "")[:2] if unit != ODDS_RATIO else ("", "")
    return (
        table.request_id,
        table.wave_code,
        one.category,
        words.category(first, one.category),
        one.other_category,
        words.category(second, one.other_category),
        one.statistic,
        unit,
        one.n if told else None,
        *(shown(value, unit) for value in (one.estimate, one.lower, one.upper)),
        one.released,
        one.reason,
    )


def shown(value: float | None, unit: str) -> float | None:
    """A figure in as many decimals as its pages have."""
    if value is None:
        return None
    return numbers.whole_percent(value) if unit == PERCENT else float(numbers.rounded(value, DECIMALS[unit]))
