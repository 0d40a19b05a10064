"""Borders of areas that are only proposed: kept by name until the areas begin, or the proposal changes."""

from collections.abc import Mapping

import shapely
from shapely import Geometry
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from survey.models.border import AreaBorder, ProposedBorder
from survey.preparation.border_checks import simplify
from survey.preparation.borders import POINTS_OF_AREAS


def store(session: Session, wave_code: str, municipality_code: str, found: Mapping[str, Geometry]) -> None:
    """Keep the borders of a proposal, by the names of its areas, in place of those it had."""
    forget(session, wave_code, municipality_code)
    session.add_all(
        ProposedBorder(wave_code=wave_code, municipality_code=municipality_code, name=name, shape=shape)
        for name, shape in simplify(found, POINTS_OF_AREAS).items()
    )
    session.flush()


def find(session: Session, wave_code: str, municipality_code: str) -> dict[str, Geometry]:
    """The borders of a proposal by name; none when no file has been handed in."""
    rows = session.scalars(_rows(wave_code, municipality_code))
    return {row.name: shapely.from_wkt(row.shape) for row in rows}


def adopt(session: Session, wave_code: str, municipality_code: str, codes: Mapping[str, str]) -> None:
    """Let the borders of a proposal follow its areas, which have codes now."""
    for row in session.scalars(_rows(wave_code, municipality_code)).all():
        session.add(AreaBorder(area_code=codes[row.name], shape=row.shape))
    session.flush()


def forget(session: Session, wave_code: str, municipality_code: str) -> None:
    session.execute(
        delete(ProposedBorder).where(
            ProposedBorder.wave_code == wave_code, ProposedBorder.municipality_code == municipality_code
        )
    )


def _rows(wave_code: str, municipality_code: str) -> Select[ProposedBorder]:
    return (
        select(ProposedBorder)
        .where(ProposedBorder.wave_code == wave_code, ProposedBorder.municipality_code == municipality_code)
        .order_by(ProposedBorder.name)
    )
