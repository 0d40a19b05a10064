"""Approved tables as pages and files print them: which concern a municipality, their rows in words."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from analysis.multiplicity import as_one_family
from survey import clock
from survey.models.release import Audience, Release
from survey.models.requested_table import RequestedFigure, RequestedTable
from survey.publication import numbers
from survey.publication.content import HIDDEN
from survey.publication.embargo import Reader
from survey.publication.extracts import Viewer
from survey.publication.released_margins import released_marks
from survey.publication.releases import municipalities_of
from survey.publication.requested_tables import (
    DECIMALS,
    MODELS,
    PERCENT,
    Words,
    concerns,
    figures_of,
    find_tables,
    is_near,
    is_reference,
    pairs_of,
    places_of,
    require_not_withdrawn,
    shown,
    unit_of,
    words_of,
)
from survey.publication.wording import reason as reason_words

EVERYBODY = "Tabellen gäller alla kommuner i mätningen tillsammans."
ONLY_OWN = "Alla kommuner i mätningen är med i tabellen. Här visas rader för den egna och för alla."
ONLY_OWN_ODDS = (
    "Alla kommuner i mätningen är med i tabellen. Här visas rader för den egna och för alla, "
    "och vad de jämförs med, utan antal svar när det är i en annan kommun."
)
MODEL_WORDS = {"odds_ratio_alone": "för sig", "odds_ratio": "med de andra"}
SHARES = "Andelarna är viktade och avrundade till hela procent."
ODDS_RATIOS = "Oddskvoterna är räknade med vikter och avrundade till två decimaler."
FOR_MUNICIPALITY = frozenset({Audience.MUNICIPALITY, Audience.PUBLIC})
FOR_POLICE = frozenset({Audience.POLICE})  # and not for their municipalities
CERTAIN = 0.05  # p, all comparisons of the table corrected together
NUMBERS = ("n", "value", "lower", "upper")


@dataclass(frozen=True)
class PrintedRow:
    """One figure as pages and files print it: shares in whole percent."""

    group: str
    other_group: str
    figure: str  # which share, or which model
    n: str
    value: str
    lower: str
    upper: str
    reason: str
    released: bool
    survives: bool  # differs from everybody else, or the reference, when all of the table is tested together
    unit: str
    numbers: tuple[float | None, ...]  # answers, value and interval, rounded as they are printed


@dataclass(frozen=True)
class TableLink:
    """A table to choose."""

    id: int
    item: str
    title: str


@dataclass(frozen=True)
class ApprovedPage:
    """A table for one municipality, with what it rests on."""

    id: int
    wave_code: str
    title: str
    regression: bool
    headings: tuple[str, ...]
    rows: tuple[PrintedRow, ...]
    scope: str  # which municipalities it is about, where its title does not say
    source: str
    approved_on: date
    for_municipality: bool  # or for those nearer alone
    synthetic: bool


def printed(rows: Iterable[Mapping[str, Any]]) -> list[PrintedRow]:
    """Rows of words and figures as they may be printed."""
    return [_printed(row) for row in rows]


def _printed(row: Mapping[str, Any]) -> PrintedRow:
    told, statistic = bool(row["released"]), str(row["statistic"])
    figures = [_figure(statistic, row[name]) for name in ("estimate", "lower", "upper")]
    if row["compared_with"]:
        figures = ["1 (jämförs med)", "", ""]
    value, lower, upper = figures if told else (HIDDEN, "", "")
    n = HIDDEN if row["n"] is None or not told else numbers.number(row["n"])
    said = reason_words(row["reason"]) if row["reason"] else ""
    words = (row["group"], row["other_group"], row["figure"])
    unit = unit_of(statistic)
    told_numbers = (row["n"], *(shown(row[name], unit) for name in ("estimate", "lower", "upper")))
    return PrintedRow(
        *words,
        n,
        value,
        lower,
        upper,
        said,
        told,
        bool(row["survives"]) and told,
        unit,
        told_numbers if told else (None,) * len(NUMBERS),
    )


def _figure(statistic: str, value: float | None) -> str:
    if value is None:
        return ""
    unit = unit_of(statistic)
    if unit == PERCENT:
        return numbers.percent(numbers.whole_percent(value))
    return numbers.number(value, DECIMALS[unit])


def list_approved(
    session: Session,
    wave_code: str,
    municipality_code: str,
    reader: Reader,
    item: str | None = None,
    audiences: Collection[str] = FOR_MUNICIPALITY,
) -> tuple[TableLink, ...]:
    """The tables of a wave that concern a municipality, for some audiences, of one measure or all.

    On a municipality's pages they are those that the municipality reads, whoever looks at the pages.
    """
    found = [
        one
        for one, _ in _visible(session, wave_code, municipality_code, reader)
        if item in (None, one.item) and one.audience in audiences
    ]
    return tuple(TableLink(one.request_id, one.item, one.title) for one in found)


def read_approved(
    session: Session, wave_code: str, municipality_code: str, table_id: int, reader: Reader
) -> ApprovedPage | None:
    """One of them; of other municipalities nothing is said. None when there is no such table to see.

    Raises:
        TableWithdrawn: there was one.
    """
    for one, release in _visible(session, wave_code, municipality_code, reader):
        if one.request_id == table_id:
            return _page(session, one, release, municipality_code)
    viewer = Viewer(reader, frozenset({municipality_code}))
    require_not_withdrawn(session, viewer, {"wave": (wave_code,), "table": (str(table_id),)})
    return None


def _visible(
    session: Session, wave_code: str, municipality_code: str, reader: Reader
) -> list[tuple[RequestedTable, Release]]:
    """Tables of everybody, or of the municipality, in a wave that it took part in."""
    own = frozenset({municipality_code})
    found = find_tables(session, Viewer(reader, own), {"wave": (wave_code,)})
    places = places_of(session, [one for one, _ in found])
    return [
        (one, release)
        for one, release in found
        if concerns(one, own, places) and municipality_code in dict(municipalities_of(session, release))
    ]


def _page(session: Session, one: RequestedTable, release: Release, municipality_code: str) -> ApprovedPage:
    regression, words = one.is_regression, words_of(one)
    places = places_of(session, [one])
    figures = figures_of(session, [one.request_id])
    known = released_marks(session, one, words, figures)
    rows = [(figure, known.get(figure.id, survives)) for figure, survives in _with_survivors(figures)]
    own = [
        (_worded(words, figure, survives, told=told), told)
        for figure, survives in rows
        for told in [is_near(words, figure, (municipality_code,), places)]
        if told or is_reference(figure)
    ]
    day = clock.local(one.approved_at).date()
    return ApprovedPage(
        one.request_id,
        one.wave_code,
        one.title,
        regression,
        ("Uppdelning", "Grupp") if regression else tuple(words.variables.values()),
        tuple(printed(row for row, _ in own)),
        _scope(one, regression, sum(told for _, told in own) < len(rows)),
        f"Beställd tabell {one.request_id} ur mätningen {one.wave_code}, version {release.version}, "
        f"godkänd {day}. {ODDS_RATIOS if regression else SHARES}",
        day,
        one.audience in FOR_MUNICIPALITY,
        release.synthetic,
    )


def _with_survivors(figures: Sequence[RequestedFigure]) -> Iterator[tuple[RequestedFigure, bool]]:
    """Each figure, and whether its difference stands when all of the table are tested together."""
    for one, value in zip(figures, as_one_family(one.p for one in figures), strict=True):
        yield one, bool(value <= CERTAIN)


def _worded(words: Words, one: RequestedFigure, survives: bool, *, told: bool) -> dict[str, Any]:
    """A stored figure in the words it was approved in; of another municipality's not how many answered."""
    pairs = pairs_of(words, one)
    if one.statistic in MODELS:
        ((name, code),) = pairs
        groups = [words.variables.get(name, name), words.categories.get(name, {}).get(code, code)]
    else:
        groups = [*(words.category(*pair) for pair in pairs), ""]
    return {
        "group": groups[0],
        "other_group": groups[1],
        "figure": words.figure(one.statistic, MODEL_WORDS),
        "statistic": one.statistic,
        "compared_with": is_reference(one),
        "survives": survives,
        "n": one.n if told else None,
        **{name: getattr(one, name) for name in ("estimate", "lower", "upper", "released", "reason")},
    }


def _scope(one: RequestedTable, regression: bool, in_part: bool) -> str:
    if one.municipality_code:
        return ""
    if not in_part:
        return EVERYBODY
    return ONLY_OWN_ODDS if regression else ONLY_OWN
