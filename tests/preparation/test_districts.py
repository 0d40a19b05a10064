"""Local police districts: what a file gives, and every way it can be wrong."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.municipality import Municipality
from survey.models.police_district import DistrictMunicipality, PoliceDistrict
from survey.preparation import accounts
from survey.preparation.districts import covered_by, load_districts

HEADER = "district_code,district,municipality_code,valid_from,valid_to\n"
NOW = datetime(2026, 11, 26, tzinfo=UTC)
FILE = "L1,Norr,0182,2018-01-01,2023-12-31\nL1,Norr,0187,2018-01-01,\nL2,Öster,0182,2018-01-01,\n"


@pytest.fixture
def place(quick: Session) -> Session:
    for code, name in (("0182", "Nacka"), ("0187", "Vaxholm")):
        where = {"county_code": "01", "county": "Stockholms län", "police_region": "Stockholm"}
        quick.add(Municipality(code=code, name=name, **where))
    quick.flush()
    return quick


def load(session: Session, folder: Path, rows: str) -> tuple[int, int]:
    path = folder / "districts.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return load_districts(session, path, "tests")


def test_districts_and_municipalities_are_many_to_many_and_dated(place: Session, tmp_path: Path) -> None:
    assert load(place, tmp_path, FILE) == (2, 3)
    assert covered_by(place, "L1", date(2023, 12, 31)) == {"0182", "0187"}
    assert covered_by(place, "L1", date(2024, 1, 1)) == {"0187"}
    assert covered_by(place, "L2", date(2024, 1, 1)) == {"0182"}
    load(place, tmp_path, "L2,Öst,0182,2018-01-01,2024-06-30\nL2,Öst,0182,2024-07-01,\n")
    assert covered_by(place, "L2", date(2026, 1, 1)) == {"0182"}
    assert place.get_one(PoliceDistrict, "L2").name == "Öst"
    assert place.scalar(select(func.count()).select_from(DistrictMunicipality)) == 4


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("L1,Norr,0199,2018-01-01,\n", "en kommun som är inläst"),
        ("L/1,Norr,0182,2018-01-01,\n", "district_code"),
        ("L1,Norr,0182,2018-01-01,2017-01-01\n", "inte före valid_from"),
        ("L1,Norr,0182,i fjol,\n", "ett datum"),
        ("L1,Norr,0182,2018-01-01,\nL1,Söder,0187,2018-01-01,\n", "Norr, som distriktet heter"),
        ("L1,Norr,0182,2018-01-01,\nL1,Norr,0182,2020-01-01,\n", "redan täcker kommunen"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_kept(
    place: Session, tmp_path: Path, rows: str, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        load(place, tmp_path, rows)
    assert place.scalars(select(PoliceDistrict)).all() == []


@pytest.mark.parametrize(
    ("role", "district", "told"),
    [
        ("police", None, "måste höra till ett lokalpolisområde"),
        ("police", "L9", "inget inläst lokalpolisområde"),
        ("police", "L\0", "inget inläst lokalpolisområde"),
        ("analyst", "L1", "Bara en polisanvändare"),
    ],
)
def test_a_police_account_belongs_to_a_district_and_no_other_does(
    place: Session, tmp_path: Path, role: str, district: str | None, told: str
) -> None:
    load(place, tmp_path, FILE)
    with pytest.raises(UserError, match=told):
        accounts.invite(place, "polis@example.se", role, None, "tests", NOW, district)
