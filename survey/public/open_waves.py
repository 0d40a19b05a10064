"""What everybody may read of one municipality, as pages and files that are made once."""

from dataclasses import dataclass
from typing import Any

from flask import render_template

from survey.followup.pictures.records import latest_signed_number
from survey.followup.pictures.sharing import open_record
from survey.followup.places import Level
from survey.followup.promises.receipt import receipts
from survey.public import words
from survey.public.kept_pages import Kept, kept, pack
from survey.public.room import everybody, let_be_kept
from survey.publication import releases, results
from survey.publication.content import MunicipalityReport
from survey.publication.downloads import codebooks, tables, workbooks
from survey.publication.embargo import Reader
from survey.publication.pages import public_results
from survey.publication.pages.public_results import PlaceResult
from survey.publication.printed_tables import TableLink, list_approved
from survey.publication.receipt import Receipt
from survey.publication.releases import NotReleased, ReleasedWave
from survey.translation import current_language

MOST_PARTS = 8  # certain changes in areas and groups that a page lists


@dataclass(frozen=True)
class OpenWaves:
    """The waves of a municipality that everybody may read now, newest first, and their pages."""

    session: Any
    reader: Reader
    municipality_code: str
    waves: tuple[ReleasedWave, ...]

    def page(self, wave_code: str = "") -> Kept:
        """A wave's page, the newest one's when none is named."""
        wanted = self._require(wave_code or self.waves[0].code)
        newest = wanted == self.waves[0].code
        promised = self._promised() if newest else ()
        picture = self._picture() if newest else None
        tables_beside = list_approved(self.session, wanted, self.municipality_code, self.reader)
        return kept(
            (self._key(wanted), promised, picture, tables_beside),
            lambda: self._made(
                public_results.of_municipality(self._report(wanted)),
                promised,
                self._is_open(picture),
                tables_beside,
            ),
        )

    def area(self, area_code: str) -> Kept:
        """The page of an area in the newest wave."""
        if area_code not in self.page().areas:
            raise NotReleased(area_code)
        newest = self.waves[0].code
        return kept(
            self._key(area_code), lambda: self._made(public_results.of_area(self._report(newest), area_code))
        )

    def file(self, wave_code: str) -> Kept:
        """A wave's figures as csv."""
        self._require(wave_code)
        return kept((self._key(wave_code), "file"), lambda: self._table(wave_code))

    def workbook(self, wave_code: str) -> Kept:
        """The same as an Excel file, to read and not to compute with."""
        self._require(wave_code)
        return kept((self._key(wave_code), "workbook"), lambda: self._workbook(wave_code))

    def codebook(self, wave_code: str) -> Kept:
        """What the columns, codes and measures of a wave's file mean."""
        self._require(wave_code)
        return kept((self._key(wave_code), "codebook"), lambda: self._codebook(wave_code))

    def _require(self, wave_code: str) -> str:
        if wave_code not in {wave.code for wave in self.waves}:
            raise NotReleased(wave_code)
        return wave_code

    def _table(self, wave_code: str) -> Kept:
        download = tables.municipality_table(self.session, wave_code, self.municipality_code, self.reader)
        return Kept(pack(download.content), file_name=download.file_name)

    def _workbook(self, wave_code: str) -> Kept:
        download = workbooks.report_workbook(self._report(wave_code))
        return Kept(pack(download.content), file_name=download.file_name)

    def _codebook(self, wave_code: str) -> Kept:
        download = codebooks.municipality_codebook(
            self.session, wave_code, self.municipality_code, self.reader
        )
        return Kept(pack(download.content), file_name=download.file_name)

    def _key(self, part: str) -> object:
        return current_language().code, self.municipality_code, part, self.waves

    def _report(self, wave_code: str) -> MunicipalityReport:
        return results.municipality_report(self.session, wave_code, self.municipality_code, self.reader)

    def _promised(self) -> tuple[Receipt, ...]:
        """What everybody may read of the municipality's promises now."""
        return tuple(receipts(self.session, self.municipality_code, "public", self.reader.now))

    def _picture(self) -> int | None:
        """The number of the situation picture that the municipality and its police have signed."""
        return latest_signed_number(self.session, Level.MUNICIPALITY, self.municipality_code)

    def _is_open(self, picture: int | None) -> bool:
        """Whether everybody may read it, or one before it; it may rest on a release that is not open."""
        if picture is None:
            return False
        try:
            open_record(self.session, self.municipality_code, self.reader)
        except NotReleased:
            return False
        return True

    def _made(
        self,
        place: PlaceResult,
        promised: tuple[Receipt, ...] = (),
        pictured: bool = False,
        tables_beside: tuple[TableLink, ...] = (),
    ) -> Kept:
        report = place.report
        areas = public_results.areas(report)
        text = render_template(
            "public/place.html",
            place=place,
            report=report,
            areas=() if place.area_code else areas,
            others=() if place.area_code else [wave for wave in self.waves if wave.code != report.wave.code],
            is_newest=report.wave.code == self.waves[0].code,
            groups_of=words.groups_of,
            part_label=words.part_label,
            most_parts=MOST_PARTS,
            chart_of=words.chart_of,
            problem_rows=words.problem_rows,
            month=words.month,
            receipts=promised,
            pictured=pictured,
            tables=tables_beside,
            among=words.among,
            synthetic=report.synthetic,
        )
        return Kept(pack(text.encode()), frozenset(area.code for area in areas if area.shown))


def open_waves(session: Any, municipality_code: str) -> OpenWaves:
    """What everybody may read of a municipality now; nothing is an error that tells nothing."""
    reader = everybody()
    waves = releases.released_waves(session, reader, municipality_code)
    if not waves:
        raise NotReleased(municipality_code)
    let_be_kept(session, reader)
    return OpenWaves(session, reader, municipality_code, waves)
