"""Who was drawn in a wave, as numbers: from the cases while there are any, else from what is kept of them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.models.case import Case
from survey.models.wave import SampleCount

Cell = tuple[str, str, str]  # area, register sex, age group


def drawn_by_cell(session: Session, wave_code: str) -> dict[Cell, int]:
    """Persons drawn by area, register sex and age group."""
    kept = SampleCount
    rows = session.execute(
        select(kept.area_code, kept.legal_gender, kept.age_group, kept.sampled).where(
            kept.wave_code == wave_code
        )
    ).all() or session.execute(
        select(Case.area_code, Case.legal_gender, Case.age_group, func.count())
        .where(Case.wave_code == wave_code)
        .group_by(Case.area_code, Case.legal_gender, Case.age_group)
    )
    return {(area, sex, age_group): n for area, sex, age_group, n in rows}
