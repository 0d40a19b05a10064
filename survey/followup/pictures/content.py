"""What a situation picture says, in the same structure on every level: plain values that can be kept."""

from dataclasses import dataclass
from datetime import date

from survey.publication import numbers
from survey.publication.content import ChangeFigure, Figure, QualityFact

SCHEMA = "lagesbild-1"


@dataclass(frozen=True)
class PlaceRef:
    """A place by its level and code; the same code may stand on two levels."""

    level: str
    level_word: str
    code: str
    name: str


@dataclass(frozen=True)
class Period:
    """The wave that the picture rests on, the release of it, and the wave it is compared with."""

    wave: str
    title: str
    name: str
    first_day: str
    last_day: str
    version: str
    released_on: str
    previous: str


@dataclass(frozen=True)
class Measure:
    """A measure among all who live at the place: the released figure and the released change."""

    indicator: str
    label: str
    topic: str
    headline: bool
    now: Figure
    change: ChangeFigure


@dataclass(frozen=True)
class Part:
    """A part of the place by itself, so that pictures add up: exactly the measures of its own picture."""

    place: PlaceRef
    measures: tuple[Measure, ...]
    previous: str = ""  # the wave it is compared with; empty in pictures signed before it was kept


@dataclass(frozen=True)
class Profile:
    """The problems in order of size, by indicator, and what can be said of the order."""

    order: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class Development:
    """Indicators by the verdict of their change, and the certain changes in sentences."""

    counts: str
    detectable: str
    better: tuple[str, ...]
    worse: tuple[str, ...]
    unchanged: tuple[str, ...]
    unknown: tuple[str, ...]
    not_compared: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class GroupFinding:
    """What is certain of women, men or an age group in one measure."""

    indicator: str
    label: str
    group: str
    now: Figure
    findings: tuple[str, ...]


@dataclass(frozen=True)
class OtherFigure:
    """The figure that a measure is compared with."""

    indicator: str
    now: Figure


@dataclass(frozen=True)
class Beside:
    """The place beside something larger or alike: measures that certainly stand higher or lower."""

    against: str
    counts: str
    note: str
    higher: tuple[str, ...]
    lower: tuple[str, ...]
    others: tuple[
        OtherFigure, ...
    ] = ()  # where they are released; none in pictures signed before they were kept

    def other(self, indicator: str) -> Figure | None:
        """What a measure is compared with, where it is released."""
        return next((one.now for one in self.others if one.indicator == indicator), None)


@dataclass(frozen=True)
class VulnerableListed:
    """An area on the police's list, with its official class in each year that has been read in."""

    name: str
    classes: tuple[tuple[str, str], ...]  # year, class or "finns inte på listan"


@dataclass(frozen=True)
class Vulnerable:
    """The overlay of vulnerable areas; a year that has not been read in says so."""

    years: tuple[str, ...]
    said: str
    areas: tuple[VulnerableListed, ...]


@dataclass(frozen=True)
class OtherPoint:
    """A period of another source's series."""

    period: str
    value: float | None
    note: str


@dataclass(frozen=True)
class OtherSeries:
    """A series of another source, shown beside the survey with its own limits."""

    code: str
    title: str
    source: str
    limits: str
    unit: str
    period_kind: str
    audience: str
    synthetic: bool
    read_on: str
    values: tuple[OtherPoint, ...]

    @property
    def read_day(self) -> str:
        """The day it was read in, in words."""
        return numbers.day(date.fromisoformat(self.read_on))


@dataclass(frozen=True)
class Happening:
    """Something that happened or was done around the fieldwork."""

    starts_on: str
    ends_on: str
    kind: str
    text: str
    source: str
    place: str
    audience: str


@dataclass(frozen=True)
class Promised:
    """A promise and how it went, in the words of its receipt."""

    place: str
    title: str
    language: str
    problem: str
    owner: str
    measures: tuple[str, ...]
    goal: str
    due: str
    status: str
    said: tuple[str, ...]
    beside: tuple[str, ...]  # the same change elsewhere
    note: str
    audience: str
    municipality_code: str = ""  # empty in pictures signed before it was kept
    promise_id: int = 0


@dataclass(frozen=True)
class SourceUse:
    """A source that was used or left out, and why."""

    name: str
    used: bool
    why: str
    fingerprint: str
    series: str = ""  # the code of an imported series: two may have the same title


@dataclass(frozen=True)
class Text:
    """A text that police and municipality have written, a part of the picture or a note, and who reads it."""

    part: str
    title: str
    text: str
    audience: str
    written_on: str


@dataclass(frozen=True)
class Picture:
    """A situation picture; the same fields on every level, empty where the level has nothing to say."""

    schema: str
    place: PlaceRef
    period: Period
    synthetic: bool
    notice: str
    joint: bool  # whether a figure of the place as a whole is released
    joint_note: str
    summary: tuple[str, ...]
    measures: tuple[Measure, ...]
    profile: Profile
    development: Development
    groups: tuple[GroupFinding, ...]
    beside: tuple[Beside, ...]
    parents: tuple[PlaceRef, ...]
    children: tuple[PlaceRef, ...]
    parts: tuple[Part, ...]
    vulnerable: Vulnerable
    other_sources: tuple[OtherSeries, ...]
    events: tuple[Happening, ...]
    promises: tuple[Promised, ...]
    response: str
    quality: tuple[QualityFact, ...]
    sources: tuple[SourceUse, ...]
    limits: tuple[str, ...]
    texts: tuple[Text, ...]

    def measure(self, indicator: str) -> Measure | None:
        """A measure of the place by its indicator."""
        return next((one for one in self.measures if one.indicator == indicator), None)

    def text(self, part: str) -> Text | None:
        """The text of a part; None where nothing is written."""
        return next((one for one in self.texts if one.part == part), None)

    def says_first(self, text: str) -> bool:
        """Whether the summary says it already; then the page does not say it again."""
        return bool(text) and text in " ".join(self.summary)

    @property
    def kind(self) -> str:
        """What the place is; of an area also where it lies, since many have the same name."""
        inside = [one.name for one in self.parents if one.level == "municipality"]
        where = f" i {inside[0]}" if inside and self.place.level == "area" else ""
        return f"{self.place.level_word}{where}"

    @property
    def notes(self) -> tuple[Text, ...]:
        return tuple(one for one in self.texts if one.part.startswith(NOTE))


NOTE = "note-"
