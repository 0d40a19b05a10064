"""How it goes with a promise: its goal beside what has been released or noted since. METHODS.md M-40."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from analysis.targets import (
    Ground,
    Judgement,
    Outcome,
    detectable_change,
    is_detectable,
    judge_figure,
    judge_target,
    level_for_certainty,
)
from survey import clock
from survey.followup.promises.records import PromiseRecord, Version
from survey.followup.promises.series_values import Noted, figures_of
from survey.models.promise import GoalKind, PromiseVersion
from survey.publication import numbers
from survey.publication.embargo import Reader
from survey.publication.followed import Followed, FollowedWave, follow

GOING_ON = "going_on"
NOTHING = Judgement(Outcome.CANNOT_TELL, Ground.NOT_YET)


@dataclass(frozen=True)
class Detectability:
    """Whether a wave as large as the baseline's is likely to see the way to the target; whole points."""

    smallest: float
    enough: bool
    certain_at: int | None  # where the share must lie for a certain outcome; None: nowhere, so near the end
    half: float  # of the interval


@dataclass(frozen=True)
class Assessment:
    """What can be said of a goal now."""

    judgement: Judgement
    final: bool  # the due tertial has ended
    baseline: FollowedWave | None = None
    latest: FollowedWave | None = None
    tested: bool = False  # the latest wave was tested against the baseline's own
    result: Noted | None = None

    @property
    def status(self) -> str:
        """The outcome, or that the time is not yet out; what is done is done."""
        done = self.result is not None and bool(self.result.done)
        return str(self.judgement.outcome) if self.final or done else GOING_ON

    @property
    def overdue(self) -> bool:
        """The time is out and there is nothing to judge by."""
        return self.final and self.judgement.ground is Ground.NOT_YET


def followed_of(text: PromiseVersion) -> Followed | None:
    """The share that a goal is about; None for the other kinds."""
    if text.kind != GoalKind.SURVEY:
        return None
    return Followed(text.indicator, text.geography, text.code, text.gender, text.age_group)


def read_assessments(
    session: Session,
    municipality_code: str,
    held: Sequence[tuple[PromiseRecord, Version]],
    reader: Reader,
    today: date,
    until: date = date.max,
) -> list[Assessment]:
    """How it goes with some promises, by the waves that the reader may see and that began by a day."""
    wanted = {one for _, version in held if (one := followed_of(version.text))}
    waves = {
        one: tuple(found for found in each if found.wave.field_start <= until)
        for one, each in follow(session, reader, municipality_code, wanted).items()
    }
    series: Mapping[str, tuple[Noted, ...]] = {}
    if any(version.text.kind == GoalKind.SERIES and version.text.indicator for _, version in held):
        series = figures_of(session, municipality_code, min(today, until))
    return [assess(record, version, waves, series, today) for record, version in held]


def assess(
    record: PromiseRecord,
    version: Version,
    waves: Mapping[Followed, tuple[FollowedWave, ...]],
    series: Mapping[str, tuple[Noted, ...]],
    today: date,
) -> Assessment:
    """Judge one version of a promise."""
    final = version.due.has_ended(today)
    followed = followed_of(version.text)
    if followed is not None:
        return _of_survey(version, waves.get(followed, ()), final)
    results = [one for one in _results(record, version, series) if one.on_day <= version.due.last_day]
    if not results:
        return Assessment(NOTHING, final)
    result = results[-1]
    if version.text.kind == GoalKind.ACTIVITY:
        done = Judgement(Outcome.REACHED, Ground.BEYOND)
        return Assessment(
            done if result.done else Judgement(Outcome.NOT_REACHED, Ground.SHORT), final, result=result
        )
    if result.value is None or version.text.target is None:  # noted while the goal was of another kind
        return Assessment(NOTHING, final)
    judged = judge_figure(version.text.target, result.value, version.text.direction)
    return Assessment(judged, final, result=result)


def _results(
    record: PromiseRecord, version: Version, series: Mapping[str, tuple[Noted, ...]]
) -> Sequence[Noted]:
    """What was noted by hand; of an imported series its periods that ended after the promise was written."""
    code = version.text.indicator
    if version.text.kind == GoalKind.SERIES and code:
        written = today_of(record.versions[0].text.written_at)
        return [one for one in series.get(code, ()) if one.on_day > written]
    return noted_by_hand(record)


def noted_by_hand(record: PromiseRecord) -> list[Noted]:
    """What those who promised have told of it, in the order in which they told it."""
    return [Noted(one.on_day, one.value, one.done, one.source) for one in record.results]


def detectability(baseline: FollowedWave, target: float | None, direction: str) -> Detectability | None:
    """Whether the next wave can be expected to see a target; None where the baseline is not shown."""
    limits = _limits(baseline)
    if limits is None or baseline.figure.value is None:
        return None
    released = baseline.change.detectable_points
    smallest = numbers.points(detectable_change(limits) / 100) if released is None else released
    level = baseline.figure.value if target is None else target
    # Up to the next whole percent on the good side.
    certain = level_for_certainty(level, limits, direction)
    certain_at = int(-(-certain // 1) if direction == "up" else certain // 1)
    return Detectability(
        smallest,
        is_detectable(baseline.figure.value, level, smallest),
        certain_at if 0 <= certain_at <= 100 else None,
        numbers.points((limits[1] - limits[0]) / 200),
    )


def baseline_of(text: PromiseVersion, waves: Sequence[FollowedWave]) -> FollowedWave | None:
    """The wave that a goal starts from, where the reader may see it."""
    return next((one for one in waves if one.wave.code == text.baseline_wave), None)


def today_of(now: datetime) -> date:
    """The day of a moment, in Sweden."""
    return clock.local(now).date()


def _of_survey(version: Version, waves: Sequence[FollowedWave], final: bool) -> Assessment:
    baseline = baseline_of(version.text, waves)
    if baseline is None:
        return Assessment(NOTHING, final)
    later = [
        one
        for one in waves
        if baseline.wave.field_start < one.wave.field_start <= version.due.last_day
        and one.wave.synthetic == baseline.wave.synthetic
    ]
    if not later:
        return Assessment(NOTHING, final, baseline)
    latest = later[-1]
    tested = latest.compared_with == baseline.wave.code and bool(latest.change.verdict)
    if not latest.there:
        judged = Judgement(Outcome.CANNOT_TELL, Ground.ABSENT)
    else:
        verdict = latest.change.verdict if tested else None
        broken = any(one.broken for one in later)
        target, good = float(version.text.target or 0), version.text.direction
        judged = judge_target(target, _limits(latest), good, "not_comparable" if broken else verdict)
    return Assessment(judged, final, baseline, latest, tested)


def _limits(wave: FollowedWave) -> tuple[float, float] | None:
    figure = wave.figure
    if figure.lower is None or figure.upper is None:
        return None
    return float(figure.lower), float(figure.upper)
