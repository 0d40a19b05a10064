"""What everybody may read: which municipalities are open, and one place's figures as its page has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey.publication import releases
from survey.publication.changed_parts import ChangedPart
from survey.publication.content import GroupFigures, IndicatorResult, MunicipalityReport
from survey.publication.embargo import Reader
from survey.publication.pages.neighbours import alphabetical
from survey.publication.releases import NotReleased, ReleasedWave
from survey.publication.summary import PROFILE_TOPIC
from survey.questionnaire import indicators as library


@dataclass(frozen=True)
class OpenMunicipality:
    """A municipality whose results are open, and the newest of its waves that is."""

    code: str
    name: str
    wave: ReleasedWave


@dataclass(frozen=True)
class Told:
    """One measure in the place that the page is about."""

    measure: IndicatorResult
    group: GroupFigures

    @property
    def sentence(self) -> str:
        """What is said of it in Swedish, with a gap for how many of a hundred."""
        found = library.indicator(self.measure.id)
        return found.in_hundred() if found else self.measure.label


@dataclass(frozen=True)
class AreaLink:
    """An area of the municipality, and whether any of its headlines is shown."""

    code: str
    name: str
    shown: bool


@dataclass(frozen=True)
class PlaceResult:
    """The released figures of a municipality or of one of its areas, in the order of the report."""

    report: MunicipalityReport
    name: str
    area_code: str  # empty for the municipality
    told: tuple[Told, ...]

    @property
    def title(self) -> str:
        """The name, for an area with its municipality."""
        return f"{self.name}, {self.report.municipality}" if self.area_code else self.name

    @property
    def headlines(self) -> tuple[Told, ...]:
        return tuple(one for one in self.told if one.measure.headline and one.group.now.shown)

    @property
    def certain(self) -> tuple[Told, ...]:
        """Headlines first, then in the order of the report: no order by size, which would be a ranking."""
        found = [one for one in self.told if one.group.change.certain]
        return tuple(sorted(found, key=lambda one: not one.measure.headline))

    @property
    def changed_parts(self) -> tuple[ChangedPart, ...]:
        """Certain changes below the place's own total: in its areas, and in groups of people."""
        if not self.area_code:
            return self.report.changed_parts
        return tuple(one for one in self.report.changed_parts if one.area == self.area_code and one.groups)

    @property
    def compared(self) -> int:
        return len(self.certain) + self._with("unchanged") + self.unknown

    @property
    def unknown(self) -> int:
        """For how many measures nothing can be said of the change."""
        return self._with("too_uncertain")

    @property
    def hidden(self) -> int:
        """How many measures are not shown at all."""
        return sum(not one.group.now.shown for one in self.told)

    @property
    def problems(self) -> tuple[Told, ...]:
        """What residents see as problems where they live, the most often named first."""
        shown = [one for one in self.told if one.measure.topic == PROFILE_TOPIC and one.group.now.shown]
        return tuple(sorted(shown, key=lambda one: -(one.group.now.value or 0)))

    @property
    def field(self) -> tuple[date, date]:
        """First and last day of the fieldwork."""
        wave = self.report.wave
        return date.fromisoformat(wave.field_start), date.fromisoformat(wave.field_end)

    @property
    def before(self) -> date | None:
        """The first day of the wave before; of an area it is not named, since it may be another one."""
        previous = self.report.previous
        if previous is None or self.area_code:
            return None
        return date.fromisoformat(previous.field_start)

    def _with(self, verdict: str) -> int:
        return sum(one.group.change.verdict == verdict for one in self.told)


def open_municipalities(session: Session, reader: Reader) -> tuple[OpenMunicipality, ...]:
    """Every municipality with results that the reader may see, by name."""
    newest: dict[str, OpenMunicipality] = {}
    for wave in releases.released_waves(session, reader):
        for code, name in releases.released_municipalities(session, wave.code, reader):
            newest.setdefault(code, OpenMunicipality(code, name, wave))
    return tuple(sorted(newest.values(), key=lambda one: alphabetical(one.name)))


def find(municipalities: Sequence[OpenMunicipality], words: str) -> tuple[OpenMunicipality, ...]:
    """Those whose name holds the words, or whose code they are."""
    wanted = words.casefold().strip()
    return tuple(one for one in municipalities if wanted in one.name.casefold() or wanted == one.code)


def of_municipality(report: MunicipalityReport) -> PlaceResult:
    """The page of a municipality."""
    told = tuple(Told(measure, measure.total) for measure in report.indicators)
    return PlaceResult(report, report.municipality, "", told)


def of_area(report: MunicipalityReport, area_code: str) -> PlaceResult:
    """The page of an area, which must be one whose headlines are shown."""
    link = next((area for area in areas(report) if area.code == area_code and area.shown), None)
    if link is None:
        raise NotReleased(f"Delområdet {area_code} har inget resultat som visas.")
    told = tuple(
        Told(measure, group)
        for measure in report.indicators
        for group in measure.areas
        if group.key == area_code
    )
    return PlaceResult(report, link.name, area_code, told)


def areas(report: MunicipalityReport) -> tuple[AreaLink, ...]:
    """The areas of the wave in its order."""
    headlines = report.headlines
    if not headlines:
        return ()
    shown = {group.key for measure in headlines for group in measure.areas if group.now.shown}
    return tuple(AreaLink(group.key, group.label, group.key in shown) for group in headlines[0].areas)
