"""Files of the police's lists of vulnerable areas: each year's list as a whole, in the official classes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey.followup.vulnerable import VulnerableArea, current_count
from survey.models.area import Area
from survey.models.source import OfficialClass, VulnerableListing
from survey.preparation.csv_files import Row, every_row, rows_in
from survey.preparation.districts import district_names
from survey.preparation.geography import municipality_names

FIELD = "fil"
COLUMNS = ("year", "name", "class", "municipality_code", "district_code", "area_codes", "source")
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_CODES = 200
_CLASSES: Mapping[str, OfficialClass] = {
    **{one.value: one for one in OfficialClass},
    **{one.value.removesuffix(" område"): one for one in OfficialClass},
}


@dataclass(frozen=True)
class VulnerableFile:
    """The lists that a file holds."""

    areas: Sequence[VulnerableArea]
    replaces: Mapping[int, int]  # areas of the list that is there now, by year

    def summary(self) -> list[str]:
        return [self._year(year) for year in sorted({one.year for one in self.areas})]

    def _year(self, year: int) -> str:
        counted = Counter(one.official_class for one in self.areas if one.year == year)
        classes = ", ".join(f"{kind.value} {counted[kind]}" for kind in OfficialClass if counted[kind])
        before = self.replaces.get(year, 0)
        told = f"{year}: {counted.total()} {'område' if counted.total() == 1 else 'områden'} ({classes})"
        return f"{told}. Ersätter listan med {before} områden, som sparas." if before else told


def read_vulnerable(session: Session, file: str, content: bytes) -> VulnerableFile:
    """The lists of a file; a class is only ever what the file says."""
    reader = _Reader(
        set(municipality_names(session)),
        set(district_names(session)),
        set(session.scalars(select(Area.code))),
    )
    areas = every_row(FIELD, rows_in(file, content, COLUMNS), reader.take)
    years = {one.year for one in areas}
    return VulnerableFile(areas, {year: current_count(session, year) for year in years})


def store_vulnerable(session: Session, found: VulnerableFile, file_id: int) -> None:
    """Keep the lists; those of the same years that held until now are kept and marked."""
    session.execute(
        update(VulnerableListing)
        .where(
            VulnerableListing.year.in_({one.year for one in found.areas}),
            VulnerableListing.replaced_by.is_(None),
        )
        .values(replaced_by=file_id)
    )
    session.add_all(
        VulnerableListing(
            year=one.year,
            name=one.name,
            official_class=one.official_class.value,
            municipality_code=one.municipality_code,
            district_code=one.district_code,
            area_codes=" ".join(one.area_codes),
            source=one.source,
            file_id=file_id,
        )
        for one in found.areas
    )
    session.flush()


class _Reader:
    """Takes rows one by one and remembers which areas they have named."""

    def __init__(self, municipalities: set[str], districts: set[str], areas: set[str]) -> None:
        self._municipalities = municipalities
        self._districts = districts
        self._areas = areas
        self._seen: dict[tuple[int, str, str], int] = {}

    def take(self, row: Row) -> VulnerableArea:
        year, name = row.number("year"), row.text("name")
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise row.error("year", f"ett år {FIRST_YEAR}–{LAST_YEAR}")
        municipality, district = row.text("municipality_code", 4), row.values["district_code"]
        if municipality not in self._municipalities:
            raise row.error("municipality_code", "en kommun som är inläst")
        if district and district not in self._districts:
            raise row.error("district_code", "tom eller ett lokalpolisområde som är inläst")
        first = self._seen.setdefault((year, municipality, name), row.line)
        if first != row.line:
            raise row.error("name", f"ett område som inte redan står på rad {first} för samma år")
        return VulnerableArea(
            year,
            name,
            self._class(row),
            municipality,
            district or None,
            self._area_codes(row, municipality),
            row.text("source", 200),
        )

    def _class(self, row: Row) -> OfficialClass:
        found = _CLASSES.get(row.values["class"].casefold())
        if found is None:
            raise row.error("class", "något av " + ", ".join(one.value for one in OfficialClass))
        return found

    def _area_codes(self, row: Row, municipality: str) -> tuple[str, ...]:
        codes = tuple(row.values["area_codes"].split())
        wrong = [code for code in codes if code not in self._areas or code[:4] != municipality]
        if wrong or len(" ".join(codes)) > LONGEST_CODES:
            raise row.error(
                "area_codes",
                f"tom, eller kommunens delområden med blanksteg emellan, högst {LONGEST_CODES} tecken",
            )
        return codes
