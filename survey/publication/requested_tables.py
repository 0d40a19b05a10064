"""Tables on request that were approved, as lists and rows: open with the release that they stand beside.

Whoever reads them gets them in whole percent, as they were checked (METHODS.md M-42).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from survey import clock
from survey.models.release import Audience, Release
from survey.models.requested_table import RequestedFigure, RequestedTable
from survey.publication import numbers
from survey.publication.embargo import visible_to
from survey.publication.extracts import Extract, Filters, Value, Viewer, open_releases
from survey.publication.releases import NotReleased

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
Found = tuple[RequestedTable, Release]


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


def list_tables(session: Session, viewer: Viewer, filters: Filters) -> Extract:
    """The approved tables that the reader may see, what each is about and beside which release it stands."""
    releases = open_releases(session, viewer, filters.get("wave", ()))
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
        for one, release in find_tables(session, viewer, filters)
    ]
    return Extract(TABLE_COLUMNS, rows, len(rows), releases)


def list_rows(session: Session, viewer: Viewer, filters: Filters) -> Extract:
    """The rows of the approved tables that the reader may see, each table's in its own order."""
    releases = open_releases(session, viewer, filters.get("wave", ()))
    tables = {one.request_id: one for one, _ in find_tables(session, viewer, filters)}
    figures = session.scalars(
        select(RequestedFigure).where(RequestedFigure.request_id.in_(tables)).order_by(RequestedFigure.id)
    ).all()
    ordered = sorted(figures, key=lambda one: (one.request_id, one.id))
    rows = [_row(tables[one.request_id], one) for one in ordered]
    return Extract(ROW_COLUMNS, rows, len(rows), releases)


def find_tables(session: Session, viewer: Viewer, filters: Filters) -> list[Found]:
    """The approved tables that are asked for, or all, as far as the reader may see them.

    Raises:
        NotReleased: a table is asked for that the reader may not see, or not yet.
    """
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
        .where(of_wave.exists(), _readable(viewer))
        .order_by(RequestedTable.request_id)
    )
    if asked:
        wanted = wanted.where(RequestedTable.request_id.in_(asked))
    if waves := filters.get("wave"):
        wanted = wanted.where(RequestedTable.wave_code.in_(waves))
    found = [(one, release) for one, release in session.execute(wanted)]
    for number in asked:
        if number not in {one.request_id for one, _ in found}:
            raise NotReleased(f"Det finns ingen frisläppt tabell med nummer {number}.")
    return found


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


def _readable(viewer: Viewer) -> ColumnElement[bool]:
    """Those for an audience of the reader's or wider; of another municipality only what everybody reads."""
    if viewer.reader.audience is None:
        return RequestedTable.request_id.is_not(None)
    wider = list(Audience)[list(Audience).index(viewer.reader.audience) :]
    allowed = RequestedTable.audience.in_([one.value for one in wider])
    if viewer.municipalities is None:
        return allowed
    own = or_(
        RequestedTable.municipality_code.is_(None),
        RequestedTable.municipality_code.in_(viewer.municipalities),
    )
    return and_(allowed, or_(RequestedTable.audience == Audience.PUBLIC.value, own))


def _row(table: RequestedTable, one: RequestedFigure) -> tuple[Value, ...]:
    words, unit = words_of(table), unit_of(one.statistic)
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
        one.n,
        *(shown(value, unit) for value in (one.estimate, one.lower, one.upper)),
        one.released,
        one.reason,
    )


def shown(value: float | None, unit: str) -> float | None:
    """A figure in as many decimals as its pages have."""
    if value is None:
        return None
    return numbers.whole_percent(value) if unit == PERCENT else float(numbers.rounded(value, DECIMALS[unit]))
