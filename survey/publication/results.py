"""Released rows out of the database: for a municipality only its own, its areas and the whole region."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.release import (
    Change,
    Comparison,
    Diagnostic,
    Estimate,
    ItemNonresponse,
    QualityFigure,
    Release,
    ResponseRate,
)
from survey.models.sampling_plan import SamplingPlan
from survey.models.wave import Stratum
from survey.models.wave import Wave as WaveRow
from survey.preparation.borders import area_borders
from survey.publication.content import MunicipalityReport
from survey.publication.embargo import SERVICE, Reader, opens_at, visible_to
from survey.publication.notes import read_notes
from survey.publication.payload import build_payload
from survey.publication.released import Drawn, Place, Released, ReleaseFacts, Wave

ALL = "all"
FINGERPRINTS = {
    "answers": "svar",
    "frame": "urvalsram",
    "population": "folkmängd",
    "questionnaire": "frågeformulär",
    "register": "registerfil",
}
QualityRow = type[QualityFigure] | type[ItemNonresponse]
DeclaredRow = type[Diagnostic] | type[ResponseRate] | QualityRow
ReleasedRow = type[Estimate] | type[Change] | type[Comparison] | DeclaredRow


class NotReleased(UserError):
    """There is nothing to show yet."""


class Embargoed(NotReleased):
    """There will be something to show, from a moment that is set."""

    def __init__(self, wave_code: str, opens_at: datetime) -> None:
        super().__init__(f"Resultatet för mätningen {wave_code} släpps {opens_at:%Y-%m-%d kl. %H.%M}.")
        self.opens_at = opens_at


@dataclass(frozen=True)
class ComingWave:
    """A released wave that a reader may open later, and when."""

    code: str
    title: str
    synthetic: bool
    opens_at: datetime


@dataclass(frozen=True)
class ReleasedWave:
    """A wave with results, in its newest release."""

    code: str
    title: str
    synthetic: bool
    field_start: date
    field_end: date
    version: int
    released_on: date
    release_id: int


def released_waves(
    session: Session, reader: Reader, municipality_code: str | None = None
) -> tuple[ReleasedWave, ...]:
    """Waves with results that a reader may see, newest first; for a municipality those it has figures in."""
    rows = session.execute(_newest_releases(reader).order_by(WaveRow.field_start.desc(), WaveRow.code.desc()))
    waves = [_released_wave(release, wave) for release, wave in rows]
    if municipality_code is not None:
        own = _releases_with(session, municipality_code)
        waves = [wave for wave in waves if wave.release_id in own]
    return tuple(waves)


def coming_waves(session: Session, reader: Reader, municipality_code: str) -> tuple[ComingWave, ...]:
    """Waves that a municipality has figures in and may not open yet, the first to open first."""
    own = _releases_with(session, municipality_code)
    rows = session.execute(_newest_releases(SERVICE)).all()
    waves = [wave for release, wave in rows if release.id in own]
    moments = [(opens_at(session, wave.code, reader), wave) for wave in waves]
    coming = [ComingWave(wave.code, wave.title, wave.synthetic, at) for at, wave in moments if at]
    return tuple(sorted(coming, key=lambda wave: wave.opens_at))


def released_municipalities(
    session: Session, wave_code: str, reader: Reader, version: int | None = None
) -> tuple[tuple[str, str], ...]:
    """Code and name of the municipalities that a wave's newest release, or a version, has figures for."""
    return _municipalities(session, find_release(session, wave_code, reader, version))


def find_release(session: Session, wave_code: str, reader: Reader, version: int | None = None) -> Release:
    """The newest release of a wave that a reader may see, or the version asked for."""
    wanted = select(Release).where(Release.wave_code == wave_code, visible_to(reader))
    if version is not None:
        wanted = wanted.where(Release.version == version)
    release = session.scalar(wanted.order_by(Release.version.desc()).limit(1))
    if release is None:
        if (moment := opens_at(session, wave_code, reader)) is not None:
            raise Embargoed(wave_code, moment)
        raise NotReleased(f"Resultatet för mätningen {wave_code} är inte släppt än.")
    return release


def municipality_report(
    session: Session, wave_code: str, municipality_code: str, reader: Reader, version: int | None = None
) -> MunicipalityReport:
    """All that is said of a municipality after a wave, in its newest version or another."""
    return build_payload(read_released(session, wave_code, municipality_code, reader, version))


def read_released(
    session: Session, wave_code: str, municipality_code: str, reader: Reader, version: int | None = None
) -> Released:
    """The newest tables of one municipality that a reader may see, or a version's, and their facts."""
    release = find_release(session, wave_code, reader, version)
    participants = dict(_municipalities(session, release))
    if municipality_code not in participants:
        raise NotReleased(f"Mätningen {wave_code} har inget resultat för kommunen {municipality_code}.")
    waves = {row.code: wave_facts(row) for row in session.scalars(select(WaveRow))}
    place = _place(session, wave_code, municipality_code, participants[municipality_code])
    changes = read_table(session, Change, release.id, rows_of(Change, place.areas, municipality_code))
    return Released(
        estimates=read_table(
            session, Estimate, release.id, rows_of(Estimate, place.areas, municipality_code)
        ),
        changes=changes,
        comparisons=read_table(
            session, Comparison, release.id, rows_of(Comparison, place.areas, municipality_code)
        ),
        response_rates=read_table(
            session, ResponseRate, release.id, ResponseRate.municipality_code == municipality_code
        ),
        diagnostics=read_table(
            session, Diagnostic, release.id, Diagnostic.municipality_code == municipality_code
        ),
        wave=waves[wave_code],
        earlier={code: waves[code] for code in changes["previous_wave"].unique()},
        place=place,
        participants=tuple(participants.values()),
        release=_facts(release),
        notes=read_notes(session, release.id, municipality_code),
        quality=_declared(session, QualityFigure, release.id, municipality_code),
        item_nonresponse=_declared(session, ItemNonresponse, release.id, municipality_code),
    )


def read_table(
    session: Session, model: ReleasedRow, release_id: int, condition: ColumnElement[bool] | None = None
) -> pd.DataFrame:
    """The rows of a released table in their order, without the keys of the database."""
    columns = released_columns(model)
    query = select(*columns).where(model.release_id == release_id).order_by(model.id)
    if condition is not None:
        query = query.where(condition)
    names = [column.name for column in columns]
    return pd.DataFrame(session.execute(query).all(), columns=names)


def released_columns(model: ReleasedRow) -> list[ColumnElement[Any]]:
    """The columns of a released table without the keys of the database."""
    return [column for column in model.__table__.columns if column.name not in ("id", "release_id")]


def rows_of(
    model: type[Estimate] | type[Change] | type[Comparison], areas: Mapping[str, str], municipality_code: str
) -> ColumnElement[bool]:
    """The rows a municipality may read: its own, its areas', and the whole region."""
    return or_(
        and_(model.geography == "municipality", model.code == municipality_code),
        and_(model.geography == "area", model.code.in_(areas)),
        model.geography == ALL,
    )


def total_rows(model: type[Estimate] | type[Change]) -> ColumnElement[bool]:
    """The totals of the municipalities and of the region, of whatever wave."""
    places = model.geography.in_(("municipality", ALL))
    return and_(places, model.gender == ALL, model.age_group == ALL)


def _declared(session: Session, model: QualityRow, release_id: int, municipality_code: str) -> pd.DataFrame:
    """What the quality declaration says of a municipality and of all together."""
    return read_table(session, model, release_id, model.municipality_code.in_((municipality_code, ALL)))


def _newest_releases(reader: Reader) -> Select[Release, WaveRow]:
    newest = (
        select(Release.wave_code, func.max(Release.version).label("version"))
        .where(visible_to(reader))
        .group_by(Release.wave_code)
        .subquery()
    )
    return (
        select(Release, WaveRow)
        .join(newest, and_(Release.wave_code == newest.c.wave_code, Release.version == newest.c.version))
        .join(WaveRow, WaveRow.code == Release.wave_code)
    )


def _releases_with(session: Session, municipality_code: str) -> set[int]:
    """Releases in which a municipality has figures of the wave itself, not only of an earlier one."""
    query = (
        select(Estimate.release_id)
        .join(Release, Release.id == Estimate.release_id)
        .where(
            Estimate.geography == "municipality",
            Estimate.code == municipality_code,
            Estimate.wave == Release.wave_code,
        )
        .distinct()
    )
    return set(session.scalars(query))


def _municipalities(session: Session, release: Release) -> tuple[tuple[str, str], ...]:
    codes = (
        select(Estimate.code)
        .where(
            Estimate.release_id == release.id,
            Estimate.geography == "municipality",
            Estimate.wave == release.wave_code,
        )
        .distinct()
    )
    query = select(Municipality.code, Municipality.name).where(Municipality.code.in_(codes))
    return tuple((code, name) for code, name in session.execute(query.order_by(Municipality.code)))


def _place(session: Session, wave_code: str, municipality_code: str, name: str) -> Place:
    query = (
        select(Area.code, Area.name)
        .join(Stratum, Stratum.area_code == Area.code)
        .where(Stratum.wave_code == wave_code, Stratum.municipality_code == municipality_code)
        .order_by(Area.code)
    )
    areas = {code: area for code, area in session.execute(query)}
    drawn = _drawn(session, wave_code, municipality_code)
    return Place(municipality_code, name, areas, drawn, area_borders(session, areas))


def _drawn(session: Session, wave_code: str, municipality_code: str) -> Drawn | None:
    plan = session.get(SamplingPlan, wave_code)
    sizes = select(Stratum.sampled, Stratum.population).where(
        Stratum.wave_code == wave_code, Stratum.municipality_code == municipality_code
    )
    rows = session.execute(sizes).all()
    if plan is None or not rows:
        return None
    numbers = [n for n, persons in rows if n < persons] or [n for n, _ in rows]
    return Drawn(min(numbers), max(numbers), plan.young_until, plan.young_factor)


def _released_wave(release: Release, wave: WaveRow) -> ReleasedWave:
    facts = _facts(release)
    return ReleasedWave(
        wave.code,
        wave.title,
        wave.synthetic,
        wave.field_start,
        wave.field_end,
        facts.version,
        facts.released_on,
        release.id,
    )


def wave_facts(row: WaveRow) -> Wave:
    """What publication needs to know of a wave."""
    return Wave(
        code=row.code,
        title=row.title,
        field_start=row.field_start,
        field_end=row.field_end,
        population_date=row.population_date,
        age_min=row.age_min,
        age_max=row.age_max,
        sample_per_area=row.sample_per_area,
        synthetic=row.synthetic,
        questionnaire=row.questionnaire,
        questionnaire_hash=row.questionnaire_hash,
    )


def _facts(release: Release) -> ReleaseFacts:
    if release.released_at is None:
        raise NotReleased(f"Resultatet för mätningen {release.wave_code} är inte släppt än.")
    manifest = json.loads(release.manifest)
    return ReleaseFacts(
        version=release.version,
        released_on=release.released_at.date(),
        synthetic=release.synthetic,
        reason=release.reason or "",
        hashes=_hashes(manifest, release.wave_code),
        disclosure=str(manifest.get("disclosure", "")),
        settings=manifest.get("settings", {}),
    )


def _hashes(manifest: dict[str, Any], wave_code: str) -> dict[str, str]:
    """The fingerprints of what the wave's figures were computed from, under Swedish names."""
    found: dict[str, Any] = manifest.get("fingerprints", {}).get(wave_code, {})
    return {FINGERPRINTS.get(name, name): str(value) for name, value in sorted(found.items())}
