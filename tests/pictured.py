"""A released wave of two municipalities under a district, a police area and a region, to make pictures of."""

from datetime import UTC, date, datetime
from pathlib import Path

from released_wave import NACKA, VAXHOLM, add_release
from sqlalchemy.orm import Session

from survey.models.place import PlaceMembership, UpperPlace
from survey.models.police_district import DistrictMunicipality, PoliceDistrict
from survey.models.source import Series, SeriesValue, SourceFile, VulnerableListing

DISTRICT, POLICE_AREA, REGION = "L1", "5301", "5300"
ONLY_VAXHOLM = "L2"
SINCE = date(2018, 1, 1)
NOW = datetime(2020, 3, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
READ = datetime(2019, 3, 1, 12, tzinfo=UTC)


def add_pictured_wave(session: Session, output: Path) -> int:
    """The release with its levels: L1 covers both municipalities, L2 Vaxholm as well."""
    release_id = add_release(session, output)
    add_levels(session)
    return release_id


def add_levels(session: Session) -> None:
    """The districts, the police area and the region over Nacka and Vaxholm."""
    session.add_all(PoliceDistrict(code=code, name=f"Distrikt {code}") for code in (DISTRICT, ONLY_VAXHOLM))
    session.add_all(
        UpperPlace(level=level, code=code, name=name)
        for level, code, name in (("police_area", POLICE_AREA, "Norr"), ("region", REGION, "Stockholm"))
    )
    session.flush()
    session.add_all(
        DistrictMunicipality(district_code=district, municipality_code=code, valid_from=SINCE)
        for district, code in ((DISTRICT, NACKA), (DISTRICT, VAXHOLM), (ONLY_VAXHOLM, VAXHOLM))
    )
    session.add_all(
        PlaceMembership(
            level=level, code=code, parent_level=parent_level, parent_code=parent, valid_from=SINCE
        )
        for level, code, parent_level, parent in (
            ("district", DISTRICT, "police_area", POLICE_AREA),
            ("district", ONLY_VAXHOLM, "police_area", POLICE_AREA),
            ("police_area", POLICE_AREA, "region", REGION),
        )
    )
    session.flush()


def add_other_sources(session: Session) -> None:
    """A monthly series of Nacka, and the police's list of 2017 with one area of its."""
    file = {"kind": "series", "subject": "larm", "file_name": "larm.csv", "sha256": "0" * 64, "content": b"x"}
    read = SourceFile(**file, settings="{}", received_at=READ, received_by="tests", accepted_at=READ)
    about = {"source": "Polisen", "limits": "Bara larm.", "unit": "st", "period_kind": "month"}
    session.add(read)
    session.add(
        Series(code="larm", title="Larm", audience="police", synthetic=True, read_on=READ.date(), **about)
    )
    session.flush()
    where = {"series_code": "larm", "level": "municipality", "code": NACKA, "note": "", "file_id": read.id}
    session.add_all(
        SeriesValue(period=period, value=value, **where)
        for period, value in (("2018-12", 7.0), ("2019-01", 9.0))
    )
    listed = {"municipality_code": NACKA, "area_codes": "", "source": "Polisen", "file_id": read.id}
    session.add(VulnerableListing(year=2017, name="Berget", official_class="riskområde", **listed))
    session.flush()
