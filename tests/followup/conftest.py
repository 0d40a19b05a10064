from collections.abc import Iterator
from datetime import date

import promised
import pytest
from sqlalchemy.orm import Session

from survey.database import Databases
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.place import PlaceMembership, UpperPlace
from survey.models.police_district import DistrictMunicipality, PoliceDistrict

SINCE = date(2018, 1, 1)
# Nacka has two districts, one of which is also Vaxholm's; Kalmar is in none and names its region only.
MUNICIPALITIES = {
    "0180": ("Stockholm", "Stockholm"),
    "0182": ("Nacka", "Stockholm"),
    "0187": ("Vaxholm", "Stockholm"),
    "0880": ("Kalmar", "Syd"),
}


@pytest.fixture
def levels(sqlite_databases: Databases) -> Iterator[Session]:
    """Four municipalities, two districts, a police area and the region Stockholm, by file; Syd by name."""
    with Session(sqlite_databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as opened:
        fill(opened)
        yield opened
        opened.rollback()


@pytest.fixture
def anywhere(session: Session) -> Session:
    """The same on SQLite, then on PostgreSQL."""
    fill(session)
    return session


def fill(session: Session) -> None:
    for code, (name, region) in MUNICIPALITIES.items():
        session.add(
            Municipality(code=code, name=name, county_code=code[:2], county="Ett län", police_region=region)
        )
    session.add_all(PoliceDistrict(code=code, name=f"Distrikt {code}") for code in ("L1", "L2"))
    session.add_all(
        UpperPlace(level=level, code=code, name=name)
        for level, code, name in (("police_area", "5301", "Norr"), ("region", "5300", "Stockholm"))
    )
    session.flush()
    for code, owner in (("0182-01", "0182"), ("0182-02", "0182"), ("0187-01", "0187")):
        session.add(Area(code=code, municipality_code=owner, name=f"Område {code}", valid_from=SINCE))
    for district, owner in (("L1", "0182"), ("L1", "0187"), ("L2", "0182")):
        session.add(DistrictMunicipality(district_code=district, municipality_code=owner, valid_from=SINCE))
    for level, code, parent_level, parent in (
        ("area", "0182-02", "district", "L2"),
        ("district", "L1", "police_area", "5301"),
        ("district", "L2", "police_area", "5301"),
        ("police_area", "5301", "region", "5300"),
    ):
        session.add(
            PlaceMembership(
                level=level,
                code=code,
                parent_level=parent_level,
                parent_code=parent,
                valid_from=SINCE,
                valid_to=date(2025, 12, 31) if code == "L2" else None,
            )
        )
    session.flush()


@pytest.fixture
def nacka(sqlite_databases: Databases) -> Iterator[Session]:
    """Nacka's results before and after promises."""
    with Session(sqlite_databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as session:
        promised.add_results(session)
        yield session
        session.rollback()
