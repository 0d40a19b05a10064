"""What a report says, frozen: rounded, marked and worded, so that page, PDF and chart only place it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from survey.languages import SOURCE
from survey.publication.speech import say

if TYPE_CHECKING:  # they tell of figures
    from survey.publication.changed_parts import ChangedPart
    from survey.publication.receipt import Receipt

VERSION = 2
HIDDEN = ".."
ZERO = "–"


@dataclass(frozen=True)
class Figure:
    """A share in whole percent with its 95 % interval and the number of answers behind it."""

    text: str
    interval: str
    n: str
    value: int | None
    lower: int | None
    upper: int | None
    note: str = ""  # why it is hidden, or that it rests on few answers
    answers: int | None = None  # n as a number, for files whose cells are numbers

    @property
    def shown(self) -> bool:
        return self.value is not None


@dataclass(frozen=True)
class ChangeFigure:
    """A change in percentage points; the verdict alone decides mark, tone and words."""

    verdict: str  # up, down, unchanged, too_uncertain, not_comparable; empty: hidden or no earlier wave
    tone: str  # better, worse or empty
    mark: str
    text: str
    value: float | None
    lower: float | None
    upper: float | None
    detectable: str = ""
    detectable_points: float | None = None
    note: str = ""

    @property
    def certain(self) -> bool:
        return self.verdict in ("up", "down")

    @property
    def clear_of_zero(self) -> bool:
        """Whether its interval lies on one side of zero though nothing can be said of it."""
        return self.verdict == "too_uncertain" and (self.lower or 0.0) * (self.upper or 0.0) > 0


@dataclass(frozen=True)
class Standing:
    """Beside the region, or an area beside its municipality: the released verdict in a word."""

    verdict: str  # above, below, no_certain_difference; empty: hidden or not compared
    tone: str  # better, worse or empty
    text: str
    note: str = ""

    @property
    def certain(self) -> bool:
        return self.verdict in ("above", "below")


NOT_COMPARED = Standing("", "", "")


@dataclass(frozen=True)
class GroupFigures:
    """One group of people: now, the wave before, the change, and how it stands beside the larger whole."""

    key: str
    label: str
    now: Figure
    before: Figure
    change: ChangeFigure
    standing: Standing = NOT_COMPARED


@dataclass(frozen=True)
class IndicatorResult:
    """One measure in all its groups, with the two sentences about it."""

    id: str
    label: str
    topic: str
    measure: str
    base_text: str
    direction: str
    headline: bool
    subset: bool  # asked of some only, such as those who were victims: not on the same scale as the others
    total: GroupFigures
    genders: tuple[GroupFigures, ...]
    ages: tuple[GroupFigures, ...]
    areas: tuple[GroupFigures, ...]
    region: GroupFigures | None
    level_sentence: str
    change_sentence: str
    crossed: tuple[tuple[GroupFigures, ...], ...] = ()  # women and men by age
    beside_kind: Standing = NOT_COMPARED  # the total beside other municipalities of its kind


@dataclass(frozen=True)
class TopicResult:
    """The measures of one topic under a heading that says what is certain."""

    id: str
    title: str
    heading: str
    findings: tuple[str, ...]
    indicators: tuple[IndicatorResult, ...]
    beside: str = (
        ""  # which measures certainly differ from the region, and from municipalities of the same kind
    )


@dataclass(frozen=True)
class WaveText:
    """A wave as it is spoken of."""

    code: str
    title: str
    name: str  # "september 2019"
    short: str  # "sep 2019", where room is scarce
    period: str  # "3 september–14 oktober 2019"
    population_date: str
    ages: str  # "16–84"
    sample_per_area: str  # "300", or "mellan 120 och 400"
    field_start: str  # ISO dates, for metadata
    field_end: str
    young: str = ""  # a sentence, when the young were drawn more or less densely than others


@dataclass(frozen=True)
class ResponseGroup:
    """Invited and answered in one group by the register."""

    label: str
    sampled: str
    responded: str
    rate: str
    value: int | None
    counts: tuple[int, int] | None = None  # invited and answered as numbers


@dataclass(frozen=True)
class ResponseResult:
    """How many were asked and answered, and how well they stand for the rest."""

    total: ResponseGroup
    before: ResponseGroup | None
    groups: tuple[ResponseGroup, ...]
    women: tuple[ResponseGroup, ...]  # by age
    men: tuple[ResponseGroup, ...]
    areas: str
    r_indicator: str
    weight_ratio: str
    sentence: str


@dataclass(frozen=True)
class ReleaseText:
    """The release the figures come from."""

    version: str
    released_on: str
    released_on_iso: str
    draft: bool
    reason: str
    disclosure: str
    hashes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MethodText:
    """How the figures were made, with the numbers of the release's own settings; paragraphs by subject."""

    confidence: str  # "95"; empty when the release does not say
    small_base: str  # "30–49" answers
    unchanged: str  # the margin within which a change counts as none
    weights: tuple[str, ...]
    interval: tuple[str, ...]
    changes: tuple[str, ...]
    hidden: tuple[str, ...]
    beside: tuple[str, ...] = ()  # when a level is called higher or lower

    @property
    def with_interval(self) -> str:
        """ "med 95 % osäkerhetsintervall"."""
        if not self.confidence:
            return say("med osäkerhetsintervall")
        return say("med %(level)s %% osäkerhetsintervall", level=self.confidence)


@dataclass(frozen=True)
class Summary:
    """The page that can be torn out."""

    sentences: tuple[str, ...]
    better: tuple[str, ...]
    worse: tuple[str, ...]
    counts: str
    detectable: str
    unchanged: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    not_shown: tuple[str, ...] = ()  # measures without a figure to show, and why
    beside: str = ""  # how many measures certainly differ from the region
    beside_better: tuple[str, ...] = ()
    beside_worse: tuple[str, ...] = ()
    kind: str = ""  # how many measures certainly differ from other municipalities of the same kind
    kind_better: tuple[str, ...] = ()
    kind_worse: tuple[str, ...] = ()
    areas: str = ""  # in how many areas something certainly differs from the municipality
    areas_worse: tuple[str, ...] = ()
    left_out: int = 0  # sentences that an analyst has left out

    @property
    def certain(self) -> bool:
        """Whether any change is certain; when none is, the problems lead."""
        return bool(self.better or self.worse)


@dataclass(frozen=True)
class Comment:
    """What an analyst says beside the made sentences of the summary or a topic, and since which day."""

    place: str
    text: str
    day: str


@dataclass(frozen=True)
class QualityFact:
    """A figure of the quality declaration, and what it means."""

    label: str
    value: str
    meaning: str


@dataclass(frozen=True)
class AskedQuestion:
    """A question as it was asked, the measures made of it alone, and how many gave no answer of substance."""

    text: str
    measures: str
    unanswered: str = ""


@dataclass(frozen=True)
class QuestionBlock:
    """Questions with the same beginning and the same answers; which answers count, and which are outside."""

    stem: str
    counted: str
    base: str
    outside: str
    questions: tuple[AskedQuestion, ...]


@dataclass(frozen=True)
class QuestionTopic:
    """A page of the questionnaire, as far as the report's measures are made of it."""

    title: str
    intro: str
    blocks: tuple[QuestionBlock, ...]
    recipes: tuple[tuple[str, str], ...]  # measures made of several questions


@dataclass(frozen=True)
class MunicipalityReport:
    """All that is said of a municipality after a wave."""

    version: int
    municipality_code: str
    municipality: str
    place: str  # "i Nacka", "på Gotland"
    title: str
    synthetic: bool
    notice: str
    wave: WaveText
    previous: WaveText | None
    since: str  # "sedan året innan", "sedan september 2018"; empty without an earlier wave
    summary: Summary
    topics: tuple[TopicResult, ...]
    response: ResponseResult
    release: ReleaseText
    method: MethodText
    region_label: str
    region_note: str
    area_note: str
    margin: str = ""  # how far the interval of a share among all usually reaches to each side
    quality: tuple[QualityFact, ...] = ()
    questions: tuple[QuestionTopic, ...] = ()  # empty when the questionnaire of the wave is not at hand
    comments: tuple[Comment, ...] = ()  # an analyst's, at most one a place
    language: str = SOURCE.code
    kind: str = ""  # the kind of municipality whose others this one is compared with; empty when it is not
    borders: Mapping[str, str] = field(default_factory=dict)  # of areas, by code, where known: WKT
    receipts: tuple["Receipt", ...] = ()  # what was promised and how it went
    changed_parts: tuple["ChangedPart", ...] = ()  # certain changes in areas and groups

    def comment(self, place: str) -> Comment | None:
        """The analyst's comment on the summary or a topic."""
        return next((comment for comment in self.comments if comment.place == place), None)

    @property
    def compared(self) -> bool:
        """Whether the release compares the municipality with its region."""
        return any(indicator.total.standing.text for indicator in self.indicators)

    @property
    def areas_compared(self) -> bool:
        """Whether the release compares the areas with the municipality."""
        return any(area.standing.text for indicator in self.indicators for area in indicator.areas)

    @property
    def indicators(self) -> tuple[IndicatorResult, ...]:
        return tuple(indicator for topic in self.topics for indicator in topic.indicators)

    @property
    def headlines(self) -> tuple[IndicatorResult, ...]:
        return tuple(indicator for indicator in self.indicators if indicator.headline)

    @property
    def age_labels(self) -> tuple[str, ...]:
        return tuple(group.label for group in self.indicators[0].ages) if self.indicators else ()
