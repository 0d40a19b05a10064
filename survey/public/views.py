"""Results for everybody, from the public moment on: the list of municipalities, and each place's page."""

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.database import reading
from survey.downloads import as_file
from survey.permissions import Permission
from survey.public import words
from survey.public.kept_pages import Kept, kept, pack
from survey.public.room import blueprint, everybody, let_be_kept
from survey.publication import public_results, results, tables
from survey.publication.content import MunicipalityReport
from survey.publication.embargo import Reader
from survey.publication.public_results import PlaceResult
from survey.publication.results import NotReleased, ReleasedWave
from survey.translation import current_language

LONGEST_SEARCH = 60


@blueprint.get("/resultat/")
@requires(Permission.PUBLIC)
def overview() -> ResponseReturnValue:
    """Every municipality with open results, or those a search finds."""
    searched = request.args.get("sok", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    reader = everybody()
    with reading() as session:
        found = public_results.open_municipalities(session, reader)
        let_be_kept(session, reader)
    known = {"synthetic": any(one.wave.synthetic for one in found)} if found else {}
    return render_template(
        "public/overview.html",
        searched=searched,
        total=len(found),
        found=public_results.find(found, searched),
        month=words.month,
        **known,
    )


@blueprint.get("/resultat/<code:municipality_code>")
@requires(Permission.PUBLIC)
def municipality(municipality_code: str) -> ResponseReturnValue:
    """The newest open wave of a municipality."""
    with reading() as session:
        return _open_waves(session, municipality_code).page().content


@blueprint.get("/resultat/<code:municipality_code>/<code:part>")
@requires(Permission.PUBLIC)
def part(municipality_code: str, part: str) -> ResponseReturnValue:
    """An area in the newest open wave, or an older wave."""
    with reading() as session:
        found = _open_waves(session, municipality_code)
        # The code of an area begins with its municipality's.
        return (found.area(part) if part.startswith(f"{municipality_code}-") else found.page(part)).content


@blueprint.get("/resultat/<code:municipality_code>/<code:wave_code>/resultat.csv")
@requires(Permission.PUBLIC)
def table(municipality_code: str, wave_code: str) -> Response:
    with reading() as session:
        file = _open_waves(session, municipality_code).file(wave_code)
    return as_file(file.file_name, file.content, "text/csv")


@blueprint.errorhandler(NotReleased)
def no_results_yet(_error: NotReleased) -> ResponseReturnValue:
    """The same for every place without open results, real or not; when they open, where that is set."""
    asked = (request.view_args or {}).get("municipality_code", "")
    with reading() as session:
        coming = results.coming_waves(session, everybody(), asked)
    known = {"synthetic": coming[0].synthetic} if coming else {}
    return render_template("public/no_results.html", coming=coming, **known), 404


def _open_waves(session: Any, municipality_code: str) -> "_OpenWaves":
    reader = everybody()
    waves = results.released_waves(session, reader, municipality_code)
    if not waves:
        raise NotReleased(municipality_code)
    let_be_kept(session, reader)
    return _OpenWaves(session, reader, municipality_code, waves)


@dataclass(frozen=True)
class _OpenWaves:
    """The waves of a municipality that everybody may read now, newest first, and their pages."""

    session: Any
    reader: Reader
    municipality_code: str
    waves: tuple[ReleasedWave, ...]

    def page(self, wave_code: str = "") -> Kept:
        wanted = self._require(wave_code or self.waves[0].code)
        return kept(
            self._key(wanted), lambda: self._made(public_results.of_municipality(self._report(wanted)))
        )

    def area(self, area_code: str) -> Kept:
        if area_code not in self.page().areas:
            raise NotReleased(area_code)
        newest = self.waves[0].code
        return kept(
            self._key(area_code), lambda: self._made(public_results.of_area(self._report(newest), area_code))
        )

    def file(self, wave_code: str) -> Kept:
        self._require(wave_code)
        return kept(("file", self._key(wave_code)), lambda: self._table(wave_code))

    def _require(self, wave_code: str) -> str:
        if wave_code not in {wave.code for wave in self.waves}:
            raise NotReleased(wave_code)
        return wave_code

    def _table(self, wave_code: str) -> Kept:
        download = tables.municipality_table(self.session, wave_code, self.municipality_code, self.reader)
        return Kept(pack(download.content), file_name=download.file_name)

    def _key(self, part: str) -> object:
        return current_language().code, self.municipality_code, part, self.waves

    def _report(self, wave_code: str) -> MunicipalityReport:
        return results.municipality_report(self.session, wave_code, self.municipality_code, self.reader)

    def _made(self, place: PlaceResult) -> Kept:
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
            chart_of=words.chart_of,
            problem_rows=words.problem_rows,
            month=words.month,
            synthetic=report.synthetic,
        )
        return Kept(pack(text.encode()), frozenset(area.code for area in areas if area.shown))
