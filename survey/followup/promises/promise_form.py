"""The form of a promise: first what is to tell how it went, then the rest beside the baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey.errors import Faults
from survey.followup.promises import wording
from survey.followup.promises.assessment import detectability
from survey.followup.promises.draft import MEASURES, PRINTED, number_text
from survey.followup.promises.focus_areas import list_focus_areas
from survey.followup.promises.records import PromiseRecord, find_promise, promising_municipality
from survey.followup.promises.series_values import promisable
from survey.followup.promises.sign_off import UNSIGNED
from survey.followup.promises.tertials import Tertial, coming, parse
from survey.followup.promises.writing import (
    OF_GOAL,
    choose_followed,
    kept_wave,
    parties,
    read_baseline,
    with_start,
)
from survey.models.promise import GoalKind
from survey.preparation.geography import area_names
from survey.publication.followed import Followed, FollowedWave, followable
from survey.publication.released import ALL
from survey.publication.wording import capital
from survey.questionnaire import indicators as library

TERTIALS = 9  # three years
USUAL_TERTIALS = 4  # the tertial at hand and a year more
KIND_WORDS = {
    GoalKind.SURVEY: "En siffra ur undersökningen",
    GoalKind.SERIES: "En siffra från en annan källa",
    GoalKind.ACTIVITY: "Något som görs eller inte görs",
}
GENDER_WORDS = {ALL: "Alla", "woman": "Kvinnor", "man": "Män"}


@dataclass(frozen=True)
class GoalChoices:
    """What a promise can be held against."""

    measures: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # by topic
    places: tuple[tuple[str, str], ...]
    ages: tuple[tuple[str, str], ...]
    series: tuple[tuple[str, str], ...]  # of other sources, that have been read in
    chosen: Mapping[str, str]


@dataclass(frozen=True)
class Baseline:
    """The share that was chosen, where it starts and what a wave can see of it."""

    wave: FollowedWave
    words: str
    label: str
    group: str
    direction: str
    detectable: tuple[str, ...]


@dataclass(frozen=True)
class PromiseForm:
    """The form with what stands in it."""

    municipality: str
    record: PromiseRecord | None
    kind: GoalKind
    values: Mapping[str, str]
    baseline: Baseline | None
    fault: str  # why there is no baseline
    imported: bool  # the figure comes from a series that was read in
    tertials: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]
    focus_areas: tuple[tuple[str, str], ...]
    needs_reason: bool
    measures: int = MEASURES


def goal_choices(
    session: Session, municipality_code: str, promise_id: int | None, now: datetime, today: date
) -> GoalChoices:
    """What the newest result that both parties may read can be asked about."""
    there = followable(session, parties(now), municipality_code)
    municipality = promising_municipality(session, municipality_code)
    names = area_names(session, municipality_code)
    topics = tuple(
        (topic.title, tuple((one.id, one.label) for one in library.indicators() if one.topic == topic.id))
        for topic in library.topics()
    )
    chosen: Mapping[str, str] = {}
    if promise_id is not None:
        chosen = _of_goal(find_promise(session, municipality_code, promise_id))
    return GoalChoices(
        measures=topics if there.ages else (),
        places=(
            (municipality_code, f"Hela {municipality.name}"),
            *((code, names[code]) for code in there.areas),
        ),
        ages=((ALL, "Alla åldrar"), *((age, f"{age} år".replace("-", "–")) for age in there.ages)),
        series=tuple((one.code, one.title) for one in promisable(session, municipality_code, today)),
        chosen=chosen,
    )


def read_form(
    session: Session,
    municipality_code: str,
    promise_id: int | None,
    given: Mapping[str, str],
    now: datetime,
    today: date,
) -> PromiseForm:
    """The form as it was sent, or as the newest version stands, or empty."""
    record = find_promise(session, municipality_code, promise_id) if promise_id is not None else None
    values = {**_stored(record, today), **given}
    kind = GoalKind(values["kind"]) if values.get("kind") in set(GoalKind) else GoalKind.ACTIVITY
    municipality = promising_municipality(session, municipality_code)
    baseline, fault = None, ""
    if kind is GoalKind.SURVEY:
        try:
            baseline = _baseline(session, municipality_code, record, values, now)
        except Faults as faults:
            fault = str(faults)
    imported = kind is GoalKind.SERIES and bool(values.get("indicator"))
    if imported:
        try:
            values |= with_start(session, municipality_code, values, record, now)
        except Faults as faults:
            fault = str(faults)
    asked = list_focus_areas(session, municipality.police_region)
    return PromiseForm(
        municipality=municipality.name,
        record=record,
        kind=kind,
        values=values,
        baseline=baseline,
        fault=fault,
        imported=imported,
        tertials=tuple((one.code, one.label) for one in _tertials(record, today)),
        languages=tuple(PRINTED.items()),
        focus_areas=tuple((str(one.id), one.name) for one in asked),
        needs_reason=record is not None and any(one.state not in UNSIGNED for one in record.versions),
    )


def _baseline(
    session: Session,
    municipality_code: str,
    record: PromiseRecord | None,
    values: Mapping[str, str],
    now: datetime,
) -> Baseline:
    followed = choose_followed(session, municipality_code, values)
    wave = read_baseline(session, municipality_code, followed, kept_wave(record, followed), now)
    measure = library.indicator(followed.indicator)
    seen = detectability(wave, None, followed.direction)
    return Baseline(
        wave,
        capital(wording.level_words(wave)),
        measure.label if measure else followed.indicator,
        _group(session, municipality_code, followed),
        followed.direction,
        wording.before_target(seen) if seen else (),
    )


def _group(session: Session, municipality_code: str, followed: Followed) -> str:
    area = area_names(session, municipality_code).get(followed.code, "")
    return wording.group_words(followed.gender, followed.age_group, area)


def _tertials(record: PromiseRecord | None, today: date) -> tuple[Tertial, ...]:
    """Those ahead, and those that the promise names already."""
    named = []
    if record is not None:
        newest = record.newest
        named = [newest.due, *(parse(measure.due) for measure in newest.measures)]
    return tuple(sorted({*coming(today, TERTIALS), *named}))


def _of_goal(record: PromiseRecord) -> dict[str, str]:
    text = record.newest.text
    place = {"place": text.code} if text.kind == GoalKind.SURVEY else {}
    return {name: getattr(text, name) for name in OF_GOAL if name != "place"} | place


def _stored(record: PromiseRecord | None, today: date) -> dict[str, str]:
    """The newest version as the fields of the form; of a new promise a year ahead."""
    if record is None:
        return {"due": coming(today, USUAL_TERTIALS)[-1].code}
    newest, text = record.newest, record.newest.text
    names = ("title", "problem", "cause", "owner", "language", "due", "kind", "series", "unit")
    values = {name: getattr(text, name) for name in (*names, "direction", "accepted_because")}
    values |= _of_goal(record) | {"version": str(text.number), "baseline_source": text.baseline_source}
    values |= {"focus_area": str(text.focus_area_id or "")}
    values |= {name: number_text(getattr(text, name)) for name in ("baseline", "target")}
    for position, measure in enumerate(newest.measures):
        for part in ("text", "responsible", "activities", "due"):
            values[f"measure_{position}_{part}"] = getattr(measure, part)
    return values
