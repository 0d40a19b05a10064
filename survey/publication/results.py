"""Released rows out of the database: for a municipality only its own, its areas and the whole region."""

from collections.abc import Collection
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from survey.languages import SOURCE
from survey.models.area import Area
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
from survey.publication.embargo import Reader
from survey.publication.notes import read_notes
from survey.publication.payload import build_payload
from survey.publication.released import ALL, Drawn, Place, Released, ReleaseFacts, Wave
from survey.publication.releases import (
    NotReleased,
    draft_facts,
    find_release,
    municipalities_of,
    release_facts,
    wave_facts,
)

KEYS = ("wave", "geography", "code", "gender", "age_group", "indicator", "statistic")
QualityRow = type[QualityFigure] | type[ItemNonresponse]
DeclaredRow = type[Diagnostic] | type[ResponseRate] | QualityRow
ReleasedRow = type[Estimate] | type[Change] | type[Comparison] | DeclaredRow


def municipality_report(
    session: Session,
    wave_code: str,
    municipality_code: str,
    reader: Reader,
    version: int | None = None,
    language: str = SOURCE.code,
) -> MunicipalityReport:
    """All that is said of a municipality after a wave, in its newest version or another."""
    return build_payload(read_released(session, wave_code, municipality_code, reader, version), language)


def read_released(
    session: Session, wave_code: str, municipality_code: str, reader: Reader, version: int | None = None
) -> Released:
    """The newest tables of one municipality that a reader may see, or a version's, and their facts."""
    release = find_release(session, wave_code, reader, version)
    return _tables(session, release, release_facts(release), municipality_code)


def draft_report(session: Session, draft: Release, municipality_code: str) -> MunicipalityReport:
    """What a municipality would read if the draft were released, marked as one."""
    return build_payload(_tables(session, draft, draft_facts(draft), municipality_code))


def _tables(session: Session, release: Release, facts: ReleaseFacts, municipality_code: str) -> Released:
    wave_code = release.wave_code
    participants = dict(municipalities_of(session, release))
    if municipality_code not in participants:
        raise NotReleased(f"Mätningen {wave_code} har inget resultat för kommunen {municipality_code}.")
    waves = known_waves(session)
    place = _place(session, wave_code, municipality_code, participants[municipality_code])
    own = {municipality_code}
    changes = read_table(session, Change, release.id, rows_of(Change, place.areas, own))
    return Released(
        estimates=read_table(session, Estimate, release.id, rows_of(Estimate, place.areas, own)),
        changes=changes,
        comparisons=read_table(session, Comparison, release.id, rows_of(Comparison, place.areas, own)),
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
        release=facts,
        notes=read_notes(session, release.id, municipality_code),
        quality=declared_rows(session, QualityFigure, release.id, municipality_code),
        item_nonresponse=declared_rows(session, ItemNonresponse, release.id, municipality_code),
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
    model: type[Estimate] | type[Change] | type[Comparison],
    areas: Collection[str] | Select[str],
    municipalities: Collection[str],
) -> ColumnElement[bool]:
    """The rows that municipalities may read: their own, their areas', and the whole region."""
    return or_(
        and_(model.geography == "municipality", model.code.in_(municipalities)),
        and_(model.geography == "area", model.code.in_(areas)),
        model.geography == ALL,
    )


def total_rows(model: type[Estimate] | type[Change]) -> ColumnElement[bool]:
    """The totals of the municipalities and of the region, of whatever wave."""
    places = model.geography.in_(("municipality", ALL))
    return and_(places, model.gender == ALL, model.age_group == ALL)


def known_waves(session: Session) -> dict[str, Wave]:
    """Every wave by code, as publication speaks of it."""
    return {row.code: wave_facts(row) for row in session.scalars(select(WaveRow))}


def declared_rows(
    session: Session, model: QualityRow, release_id: int, municipality_code: str
) -> pd.DataFrame:
    """What the quality declaration says of a municipality and of all together."""
    return read_table(session, model, release_id, model.municipality_code.in_((municipality_code, ALL)))


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
