"""Local police districts and the municipalities they cover, from when until when."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.municipality import Municipality
from survey.models.police_district import DistrictMunicipality, PoliceDistrict
from survey.preparation.csv_files import Row, read_rows

COLUMNS = ("district_code", "district", "municipality_code", "valid_from", "valid_to")
DISTRICT_CODE = re.compile(r"[0-9A-Za-zÅÄÖåäö_-]{1,16}")
Pair = tuple[str, str]


@dataclass(frozen=True)
class Period:
    """A time during which a district covers a municipality."""

    valid_from: date
    valid_to: date | None

    def overlaps(self, other: "Period") -> bool:
        return self.valid_from <= (other.valid_to or date.max) and other.valid_from <= (
            self.valid_to or date.max
        )


def load_districts(session: Session, path: Path, by: str) -> tuple[int, int]:
    """Store the districts of a file and what they cover, the numbers of both; nothing is removed."""
    municipalities = set(session.scalars(select(Municipality.code)))
    names: dict[str, str] = {}
    periods = _stored_periods(session)
    found: list[DistrictMunicipality] = []
    for row in read_rows(path, COLUMNS):
        one = _row(row, municipalities)
        name = row.text("district")
        if names.setdefault(one.district_code, name) != name:
            raise row.error("district", f"{names[one.district_code]}, som distriktet heter på en rad ovanför")
        covered = periods.setdefault((one.district_code, one.municipality_code), {})
        covered.pop(one.valid_from, None)  # the same period with another end
        period = Period(one.valid_from, one.valid_to)
        if any(period.overlaps(other) for other in covered.values()):
            raise row.error("valid_from", "efter den tid då distriktet redan täcker kommunen")
        covered[one.valid_from] = period
        found.append(one)
    for code, name in names.items():
        session.merge(PoliceDistrict(code=code, name=name))
    session.flush()
    for one in found:
        session.merge(one)
    session.flush()
    audit.record(session, by, "load districts", path.name, districts=len(names), covered=len(found))
    return len(names), len(found)


def find_district(session: Session, code: str) -> PoliceDistrict:
    """The district with this code."""
    # PostgreSQL refuses to be asked for what no code holds.
    district = session.get(PoliceDistrict, code) if code.isprintable() else None
    if district is None:
        raise UserError(
            f"Det finns inget inläst lokalpolisområde med koden {code!r}. "
            "Läs in dem med: trygg geography load-districts"
        )
    return district


def district_names(session: Session) -> dict[str, str]:
    """Every district's name by code, in order of code."""
    named = select(PoliceDistrict.code, PoliceDistrict.name)
    return dict(sorted((code, name) for code, name in session.execute(named)))


def covered_by(session: Session, district_code: str, day: date) -> frozenset[str]:
    """The municipalities that a district covers on a day, wholly or in part."""
    valid = select(DistrictMunicipality.municipality_code).where(
        DistrictMunicipality.district_code == district_code,
        DistrictMunicipality.valid_from <= day,
        (DistrictMunicipality.valid_to.is_(None)) | (DistrictMunicipality.valid_to >= day),
    )
    return frozenset(session.scalars(valid))


def _stored_periods(session: Session) -> dict[Pair, dict[date, Period]]:
    found: dict[Pair, dict[date, Period]] = {}
    rows: Iterable[DistrictMunicipality] = session.scalars(select(DistrictMunicipality))
    for row in rows:
        pair = (row.district_code, row.municipality_code)
        found.setdefault(pair, {})[row.valid_from] = Period(row.valid_from, row.valid_to)
    return found


def _row(row: Row, municipalities: set[str]) -> DistrictMunicipality:
    code, municipality = row.text("district_code", 16), row.text("municipality_code")
    if not DISTRICT_CODE.fullmatch(code):
        raise row.error("district_code", "bokstäver, siffror, bindestreck och understreck, högst 16")
    if municipality not in municipalities:
        raise row.error("municipality_code", "en kommun som är inläst")
    valid_from, valid_to = row.day("valid_from"), row.optional_day("valid_to")
    if valid_to is not None and valid_to < valid_from:
        raise row.error("valid_to", "tom eller inte före valid_from")
    return DistrictMunicipality(
        district_code=code, municipality_code=municipality, valid_from=valid_from, valid_to=valid_to
    )
