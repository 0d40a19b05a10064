"""The released rows of any place that figures are released of: a municipality, an area, all together."""

from dataclasses import dataclass, replace

import pandas as pd
from sqlalchemy.orm import Session

from analysis.keys import AREA, MUNICIPALITY
from survey.models.release import (
    Change,
    Comparison,
    Diagnostic,
    Estimate,
    ItemNonresponse,
    QualityFigure,
)
from survey.publication.content import GroupFigures
from survey.publication.embargo import Reader
from survey.publication.figures import Figures
from survey.publication.released import ALL, Place, Released
from survey.publication.releases import NotReleased, find_release, municipalities_of, release_facts
from survey.publication.results import (
    declared_rows,
    known_waves,
    read_released,
    read_table,
    total_rows,
)
from survey.questionnaire import indicators as library

EVERYWHERE = "hela regionen"


@dataclass(frozen=True)
class Totals:
    """A place's measures among all, in the order of the report, by indicator."""

    code: str
    name: str
    previous: str | None  # the wave it is compared with
    measures: dict[str, GroupFigures]


def read_place(
    session: Session,
    wave_code: str,
    geography: str,
    code: str,
    reader: Reader,
    version: int | None = None,
) -> Released:
    """The tables of one place that a reader may see; those of an area hold no response or weights of its own.

    Raises:
        NotReleased: nothing is released of the place, or not to the reader.
    """
    if geography == ALL:
        return _read_everywhere(session, wave_code, reader, version)
    whole = read_released(session, wave_code, code.split("-")[0], reader, version)
    return whole if geography == MUNICIPALITY else of_area(whole, code)


def of_area(whole: Released, code: str) -> Released:
    """The tables of an area out of its municipality's.

    Raises:
        NotReleased: the wave has no such area.
    """
    if code not in whole.place.areas:
        raise NotReleased(f"Mätningen {whole.wave.code} har inget resultat för delområdet {code}.")
    return replace(
        whole,
        estimates=_rows_of(whole.estimates, code),
        changes=_rows_of(whole.changes, code),
        comparisons=_rows_of(whole.comparisons, code),
        place=Place(code, whole.place.areas[code], {}, geography=AREA),
        response_rates=whole.response_rates.iloc[:0],
        diagnostics=whole.diagnostics.iloc[:0],
        quality=whole.quality.iloc[:0],
        item_nonresponse=whole.item_nonresponse.iloc[:0],
    )


def read_municipality_totals(
    session: Session, wave_code: str, reader: Reader, version: int | None = None
) -> tuple[Totals, ...]:
    """The totals of every municipality with figures, by code: what each may read of the others."""
    release = find_release(session, wave_code, reader, version)
    figures = Figures(
        read_table(session, Estimate, release.id, total_rows(Estimate)),
        read_table(session, Change, release.id, total_rows(Change)),
        read_table(session, Comparison, release.id, Comparison.id.is_(None)),
        wave_code,
    )
    return tuple(
        totals_of(figures, MUNICIPALITY, code, name) for code, name in municipalities_of(session, release)
    )


def read_area_totals(released: Released) -> tuple[Totals, ...]:
    """The totals of a municipality's areas, in the order of the survey."""
    figures = Figures(
        _area_totals(released.estimates),
        _area_totals(released.changes),
        _area_totals(released.comparisons),
        released.wave.code,
    )
    return tuple(totals_of(figures, AREA, code, name) for code, name in released.place.areas.items())


def totals_of(figures: Figures, geography: str, code: str, name: str) -> Totals:
    """Every measure of a place among all, hidden ones with their reason."""
    measures = {
        one.id: figures.group(name, one.id, one.direction, geography=geography, code=code)
        for one in library.indicators()
    }
    return Totals(code, name, figures.previous_wave(code), measures)


def _read_everywhere(session: Session, wave_code: str, reader: Reader, version: int | None) -> Released:
    release = find_release(session, wave_code, reader, version)
    participants = municipalities_of(session, release)
    waves = known_waves(session)
    changes = read_table(session, Change, release.id, Change.geography == ALL)
    diagnostics = read_table(session, Diagnostic, release.id, Diagnostic.municipality_code == ALL)
    return Released(
        estimates=read_table(session, Estimate, release.id, Estimate.geography == ALL),
        changes=changes,
        comparisons=read_table(session, Comparison, release.id, Comparison.geography == ALL),
        response_rates=_rates(diagnostics),
        diagnostics=diagnostics,
        wave=waves[wave_code],
        earlier={code: waves[code] for code in changes["previous_wave"].unique()},
        place=Place(ALL, EVERYWHERE, {}, geography=ALL),
        participants=tuple(name for _, name in participants),
        release=release_facts(release),
        quality=declared_rows(session, QualityFigure, release.id, ALL),
        item_nonresponse=declared_rows(session, ItemNonresponse, release.id, ALL),
    )


def _rows_of(table: pd.DataFrame, code: str) -> pd.DataFrame:
    return table[table["geography"].eq(AREA) & table["code"].eq(code)]


def _area_totals(table: pd.DataFrame) -> pd.DataFrame:
    totals = table["gender"].eq(ALL) & table["age_group"].eq(ALL)
    return table[table["geography"].eq(AREA) & totals]


def _rates(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """How many were asked and answered in all: of all together no release tells it by group."""
    counts = diagnostics[["wave", "municipality_code", "sampled", "responded"]]
    return counts.assign(legal_gender=ALL, age_group=ALL)
