"""Which releases there are, and which of them a reader may see."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from survey import clock
from survey.errors import UserError
from survey.models.municipality import Municipality
from survey.models.release import Estimate, Release
from survey.models.wave import Wave as WaveRow
from survey.publication.embargo import SERVICE, Reader, opens_at, visible_to
from survey.publication.released import ReleaseFacts, Wave

FINGERPRINTS = {
    "answers": "svar",
    "frame": "urvalsram",
    "population": "folkmängd",
    "questionnaire": "frågeformulär",
    "register": "registerfil",
}


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
    return waves_with(session, reader, None if municipality_code is None else {municipality_code})


def wave_or_newest(session: Session, reader: Reader, wave_code: str = "") -> ReleasedWave | None:
    """A wave that a reader may see results of, or the newest when none is named; None before any."""
    waves = released_waves(session, reader)
    if not wave_code:
        return next(iter(waves), None)
    found = next((wave for wave in waves if wave.code == wave_code), None)
    if found is None:
        raise NotReleased(wave_code)
    return found


def waves_with(
    session: Session, reader: Reader, municipalities: Collection[str] | None
) -> tuple[ReleasedWave, ...]:
    """The same for several municipalities: the waves in which any of them has figures."""
    rows = session.execute(_newest_releases(reader).order_by(WaveRow.field_start.desc(), WaveRow.code.desc()))
    waves = [_released_wave(release, wave) for release, wave in rows]
    if municipalities is not None:
        own = _releases_with(session, municipalities)
        waves = [wave for wave in waves if wave.release_id in own]
    return tuple(waves)


def as_waves(session: Session, releases: Iterable[Release]) -> tuple[ReleasedWave, ...]:
    """Releases that are at hand with what is said of their waves."""
    return tuple(_released_wave(one, session.get_one(WaveRow, one.wave_code)) for one in releases)


def coming_waves(session: Session, reader: Reader, municipality_code: str) -> tuple[ComingWave, ...]:
    """Waves that a municipality has figures in and may not open yet, the first to open first."""
    own = _releases_with(session, {municipality_code})
    rows = session.execute(_newest_releases(SERVICE)).all()
    waves = [wave for release, wave in rows if release.id in own]
    moments = [(opens_at(session, wave.code, reader), wave) for wave in waves]
    coming = [ComingWave(wave.code, wave.title, wave.synthetic, at) for at, wave in moments if at]
    return tuple(sorted(coming, key=lambda wave: wave.opens_at))


def released_municipalities(
    session: Session, wave_code: str, reader: Reader, version: int | None = None
) -> tuple[tuple[str, str], ...]:
    """Code and name of the municipalities that a wave's newest release, or a version, has figures for."""
    return municipalities_of(session, find_release(session, wave_code, reader, version))


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


def _releases_with(session: Session, municipalities: Collection[str]) -> set[int]:
    """Releases in which a municipality has figures of the wave itself, not only of an earlier one."""
    query = (
        select(Estimate.release_id)
        .join(Release, Release.id == Estimate.release_id)
        .where(
            Estimate.geography == "municipality",
            Estimate.code.in_(municipalities),
            Estimate.wave == Release.wave_code,
        )
        .distinct()
    )
    return set(session.scalars(query))


def municipalities_of(session: Session, release: Release) -> tuple[tuple[str, str], ...]:
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


def _released_wave(release: Release, wave: WaveRow) -> ReleasedWave:
    facts = release_facts(release)
    return ReleasedWave(
        wave.code,
        wave.title,
        wave.synthetic,
        wave.field_start,
        wave.last_day,
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
        field_end=row.last_day,
        population_date=row.population_date,
        age_min=row.age_min,
        age_max=row.age_max,
        sample_per_area=row.sample_per_area,
        synthetic=row.synthetic,
        questionnaire=row.questionnaire,
        questionnaire_hash=row.questionnaire_hash,
    )


def release_facts(release: Release) -> ReleaseFacts:
    if release.released_at is None:
        raise NotReleased(f"Resultatet för mätningen {release.wave_code} är inte släppt än.")
    return _facts(release, release.released_at, draft=False)


def draft_facts(draft: Release) -> ReleaseFacts:
    """The same of what is not released yet, dated by its computation."""
    return _facts(draft, draft.created_at, draft=True)


def _facts(release: Release, moment: datetime, *, draft: bool) -> ReleaseFacts:
    manifest = json.loads(release.manifest)
    return ReleaseFacts(
        version=release.version,
        released_on=clock.local(moment).date(),
        draft=draft,
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
