"""One measure of one group, wave by wave, as its reader may see it: what a promise is held against."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.keys import MUNICIPALITY
from survey.models.release import Change, Comparison, Estimate
from survey.models.wave import Stratum
from survey.publication.content import ChangeFigure, Figure
from survey.publication.embargo import Reader
from survey.publication.figures import NO_CHANGE, change_figure, figure
from survey.publication.released import ALL
from survey.publication.releases import ReleasedWave, released_waves
from survey.publication.results import released_columns, rows_of
from survey.publication.standings import AGAINST, SKR_GROUP, STATISTIC, released_verdict
from survey.publication.wave_series import BROKEN
from survey.questionnaire import indicators as library

Row = dict[Hashable, Any]
Key = tuple[str, ...]
KEY = ("indicator", "geography", "code", "gender", "age_group")
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
    def key(self) -> Key:
        return self.indicator, self.geography, self.code, self.gender, self.age_group

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


@dataclass(frozen=True)
class _Rows:
    """Released rows of a wave by indicator, place and group; of comparisons by what they are against too."""

    estimates: Mapping[Key, Row]
    changes: Mapping[Key, Row]
    comparisons: Mapping[Key, Row]


def _read(
    session: Session, wave: ReleasedWave, municipality_code: str, wanted: Collection[Followed]
) -> _Rows:
    """The rows of some shares in a wave, of the municipality and of the region too."""
    codes = {ALL, municipality_code, *(one.code for one in wanted)}
    measures = {one.indicator for one in wanted}
    geographies = {ALL, MUNICIPALITY, *(one.geography for one in wanted)}

    def rows(model: type[Estimate] | type[Change] | type[Comparison], *more: str) -> dict[Key, Row]:
        # A handful of rows: as plain values they are read in a tenth of the time of a table.
        columns = released_columns(model)
        query = select(*columns).where(
            model.release_id == wave.release_id,
            model.wave == wave.code,
            model.indicator.in_(measures),
            model.statistic == STATISTIC,
            model.gender.in_({one.gender for one in wanted}),
            model.age_group.in_({one.age_group for one in wanted}),
            model.geography.in_(geographies),
            model.code.in_(codes),
        )
        if model is Comparison:
            query = query.where(Comparison.previous_wave != "")  # of changes
        found = [dict(row._mapping) for row in session.execute(query)]
        return {tuple(row[name] for name in (*KEY, *more)): row for row in found}

    return _Rows(rows(Estimate), rows(Change), rows(Comparison, "against_geography"))


def _followed_wave(
    wave: ReleasedWave, followed: Followed, rows: _Rows, municipality_code: str
) -> FollowedWave:
    own, change = rows.estimates.get(followed.key), rows.changes.get(followed.key)
    reason = "" if change is None else str(change["reason"])
    return FollowedWave(
        wave=wave,
        there=own is not None,
        figure=figure(own),
        change=NO_CHANGE if change is None else change_figure(change, followed.direction),
        compared_with="" if change is None else str(change["previous_wave"]),
        broken=reason in BROKEN,
        beside=_beside(followed, rows, municipality_code),
    )


def _beside(followed: Followed, rows: _Rows, municipality_code: str) -> tuple[ChangeBeside, ...]:
    """The released comparisons of changes; where none is released nothing is said."""
    found = []
    for against in (AGAINST[followed.geography], SKR_GROUP):
        verdict = released_verdict(rows.comparisons.get((*followed.key, against)))
        if verdict:
            code = {ALL: ALL, MUNICIPALITY: municipality_code}.get(against, "")
            other = rows.changes.get(replace(followed, geography=against, code=code).key)
            change = NO_CHANGE if other is None else change_figure(other, followed.direction)
            found.append(ChangeBeside(BESIDE[against], change, verdict))
    return tuple(found)


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
            rows_of(Estimate, own, {municipality_code}),
            Estimate.geography != ALL,
        )
        .distinct()
    ).all()
    areas = sorted({code for geography, code, _ in rows if geography != MUNICIPALITY})
    ages = sorted({age for geography, _, age in rows if geography == MUNICIPALITY and age != ALL})
    return Followable(tuple(areas), tuple(ages))
