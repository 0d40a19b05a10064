"""One measure of one group, wave by wave, as its reader may see it: what a promise is held against."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from survey.models.release import Change, Comparison, Estimate
from survey.models.wave import Stratum
from survey.publication.content import ChangeFigure, Figure
from survey.publication.embargo import Reader
from survey.publication.figures import ALL, NO_CHANGE, change_figure, figure
from survey.publication.pages.wave_series import BROKEN
from survey.publication.released import records
from survey.publication.releases import ReleasedWave, released_waves
from survey.publication.results import read_table, rows_of
from survey.publication.standings import AGAINST, SKR_GROUP, STATISTIC, Standings
from survey.questionnaire import indicators as library

MUNICIPALITY = "municipality"
Row = dict[Hashable, Any]
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]  # estimates, changes, comparisons
BESIDE = {
    ALL: "hela regionen",
    MUNICIPALITY: "hela kommunen",
    SKR_GROUP: "andra kommuner av samma slag",
}


@dataclass(frozen=True)
class Followed:
    """A share that is followed: which, where, among whom."""

    indicator: str
    geography: str
    code: str
    gender: str = ALL
    age_group: str = ALL

    @property
    def group(self) -> tuple[str, str, str, str]:
        return self.geography, self.code, self.gender, self.age_group

    @property
    def direction(self) -> str:
        """The way that is good; empty for a measure that the library does not hold."""
        found = library.indicator(self.indicator)
        return found.direction if found else ""


@dataclass(frozen=True)
class ChangeBeside:
    """The change of a larger whole, or of others, and whether the two certainly differ."""

    against: str
    change: ChangeFigure  # empty where it is not itself released
    verdict: str  # above, below, no_certain_difference


@dataclass(frozen=True)
class FollowedWave:
    """A share in one wave, with its change since the wave compared with."""

    wave: ReleasedWave
    there: bool  # whether the place and the group were in the wave
    figure: Figure
    change: ChangeFigure
    compared_with: str  # the code of a wave; empty when with none
    broken: bool  # the question, the measure or the method changed since
    beside: tuple[ChangeBeside, ...] = field(default=())


def follow(
    session: Session, reader: Reader, municipality_code: str, wanted: Collection[Followed]
) -> dict[Followed, tuple[FollowedWave, ...]]:
    """Each share in the waves of the municipality that the reader may see, the oldest wave first."""
    if not wanted:
        return {}
    waves = released_waves(session, reader, municipality_code)[::-1]
    tables = [_read(session, wave, municipality_code, wanted) for wave in waves]
    return {
        one: tuple(
            _followed_wave(wave, one, table, municipality_code)
            for wave, table in zip(waves, tables, strict=True)
        )
        for one in wanted
    }


def _read(
    session: Session, wave: ReleasedWave, municipality_code: str, wanted: Collection[Followed]
) -> Tables:
    """The rows of some shares in a wave, of the municipality and of the region too."""
    codes = {ALL, municipality_code, *(one.code for one in wanted)}
    measures = {one.indicator for one in wanted}

    def rows(model: type[Estimate] | type[Change] | type[Comparison]) -> pd.DataFrame:
        condition = and_(
            model.wave == wave.code,
            model.indicator.in_(measures),
            model.statistic == STATISTIC,
            model.code.in_(codes),
        )
        return read_table(session, model, wave.release_id, condition)

    return rows(Estimate), rows(Change), rows(Comparison)


def _followed_wave(
    wave: ReleasedWave, followed: Followed, tables: Tables, municipality_code: str
) -> FollowedWave:
    estimates, changes, comparisons = (_only(table, followed) for table in tables)
    own, change = _of(estimates, followed.code), _of(changes, followed.code)
    reason = "" if change is None else str(change["reason"])
    return FollowedWave(
        wave=wave,
        there=own is not None,
        figure=figure(own),
        change=NO_CHANGE if change is None else change_figure(change, followed.direction),
        compared_with="" if change is None else str(change["previous_wave"]),
        broken=reason in BROKEN,
        beside=_beside(Standings(comparisons, wave.code, changes=True), followed, changes, municipality_code),
    )


def _beside(
    compared: Standings, followed: Followed, changes: pd.DataFrame, municipality_code: str
) -> tuple[ChangeBeside, ...]:
    """The released comparisons of changes; where none is released nothing is said."""
    found = []
    for against in (AGAINST[followed.geography], SKR_GROUP):
        verdict = compared.of(followed.group, followed.indicator, followed.direction, against).verdict
        if verdict:
            other = _of(changes, {ALL: ALL, MUNICIPALITY: municipality_code}.get(against, ""))
            change = NO_CHANGE if other is None else change_figure(other, followed.direction)
            found.append(ChangeBeside(BESIDE[against], change, verdict))
    return tuple(found)


def _only(table: pd.DataFrame, followed: Followed) -> pd.DataFrame:
    names = ("indicator", "gender", "age_group")
    same = [table[name].eq(getattr(followed, name)) for name in names]
    return table[same[0] & same[1] & same[2]]


def _of(table: pd.DataFrame, code: str) -> Row | None:
    return next(iter(records(table[table["code"].eq(code)])), None)


@dataclass(frozen=True)
class Followable:
    """Where and among whom a municipality's newest open result has figures."""

    areas: tuple[str, ...]
    ages: tuple[str, ...]


def followable(session: Session, reader: Reader, municipality_code: str) -> Followable:
    """What there is to choose from; nothing before a first result is open."""
    waves = released_waves(session, reader, municipality_code)
    if not waves:
        return Followable((), ())
    newest = waves[0]
    own = select(Stratum.area_code).where(
        Stratum.wave_code == newest.code, Stratum.municipality_code == municipality_code
    )
    rows = session.execute(
        select(Estimate.geography, Estimate.code, Estimate.age_group)
        .where(
            Estimate.release_id == newest.release_id,
            Estimate.wave == newest.code,
            rows_of(Estimate, own, municipality_code),
            Estimate.geography != ALL,
        )
        .distinct()
    ).all()
    areas = sorted({code for geography, code, _ in rows if geography != MUNICIPALITY})
    ages = sorted({age for geography, _, age in rows if geography == MUNICIPALITY and age != ALL})
    return Followable(tuple(areas), tuple(ages))
