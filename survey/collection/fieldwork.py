"""The fieldwork as it stands: counts by group, the days, break-off by page, what falls behind, the forecast.

It needs the sample and what happened to it, and of the answers only how far the unfinished ones have come.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.representativity import Indicator
from survey.collection import field_days, paper_forms
from survey.collection.entry import GRACE
from survey.collection.field_days import Day
from survey.collection.outcomes import OUTCOME, Rates, rates
from survey.collection.paper_forms import Fate
from survey.errors import UserError
from survey.models.area import Area
from survey.models.case import Case
from survey.models.local_questions import LocalQuestions
from survey.models.municipality import Municipality
from survey.models.response import Mode, Response
from survey.models.wave import Stratum, WaveStatus
from survey.preparation.drawn import Cell
from survey.preparation.forecast import Forecast, forecast
from survey.preparation.waves import find_wave, load_unchanged, questionnaire_of
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.path import next_page

MODE_WORDS = {Mode.WEB.value: "Webb", Mode.PAPER.value: "Papper"}


@dataclass(frozen=True)
class Group:
    """One group of the drawn: how its cases stand."""

    variable: str
    category: str
    counts: Mapping[str, int]

    @property
    def drawn(self) -> int:
        return sum(self.counts.values())

    @property
    def rates(self) -> Rates:
        return rates(self.counts)


@dataclass(frozen=True)
class Standing:
    """How the fieldwork of a wave stands."""

    groups: tuple[Group, ...]
    days: tuple[Day, ...]
    indicators: tuple[Indicator, ...]
    breaks: tuple[tuple[str, int], ...]  # title of the next page, unfinished answers that stand there
    modes: tuple[tuple[str, str, int], ...]  # mode, language, answers handed in
    forms: Mapping[Fate, int]  # on paper, that have come in
    unread: tuple[int, int]  # questions with several marks, answers that a filter had closed
    behind: tuple[Group, ...]
    favour: tuple[Group, ...]
    names: Mapping[str, str]  # of municipalities and areas, by code
    forecast: Forecast | None

    @property
    def total(self) -> Group:
        return self.groups[0]


def follow(session: Session, wave_code: str, today: date) -> Standing:
    """The fieldwork of a wave that has cases: drawn, and not yet destroyed."""
    wave = find_wave(session, wave_code)
    counted = _outcomes(session, wave_code)
    if not counted:
        raise UserError(
            f"Omgången {wave_code} har inga ärenden: ännu inte dragna, redan gallrade eller importerade."
        )
    owners = _owners(session, wave_code)
    groups = tuple(_groups(counted, owners))
    drawn = {cell: outcomes.total() for cell, outcomes in counted.items()}
    sample = field_days.sample_of(session, wave_code, drawn, owners)
    answered = field_days.submitted_by_day(session, wave_code)
    # Forms on paper may be keyed in after the last day, until the close.
    last = wave.field_end + GRACE
    until = min(today, max(last, field_days.last_answer(answered) or last))
    days = tuple(field_days.days(session, wave_code, sample, wave.field_start, until, answered))
    final = sample.indicators(field_days.until(answered, until))
    return Standing(
        groups=groups,
        days=days,
        indicators=tuple(final),
        breaks=tuple(_breaks(session, wave_code)),
        modes=_modes(session, wave_code),
        forms=paper_forms.count_fates(session, wave_code),
        unread=paper_forms.count_unread(session, wave_code),
        behind=tuple(_behind(groups)),
        favour=tuple(_favoured(groups, final)),
        names=_names(session, owners),
        forecast=forecast(
            [day.submitted for day in days],
            (wave.field_end - until).days if wave.status == WaveStatus.OPEN else 0,
        ),
    )


def _outcomes(session: Session, wave_code: str) -> dict[Cell, Counter[str]]:
    ended = (
        select(Case.area_code, Case.legal_gender, Case.age_group, OUTCOME.label("outcome"))
        .where(Case.wave_code == wave_code)
        .subquery()
    )
    found: dict[Cell, Counter[str]] = defaultdict(Counter)
    for *cell, outcome, number in session.execute(select(*ended.c, func.count()).group_by(*ended.c)):
        area, sex, age_group = cell
        found[area, sex, age_group][outcome] = number
    return dict(sorted(found.items()))


def _owners(session: Session, wave_code: str) -> dict[str, str]:
    rows = session.execute(
        select(Stratum.area_code, Stratum.municipality_code).where(Stratum.wave_code == wave_code)
    )
    return {area: owner for area, owner in rows}


def _names(session: Session, owners: Mapping[str, str]) -> dict[str, str]:
    places = select(Area.code, Area.name, Municipality.code, Municipality.name)
    places = places.join(Municipality, Municipality.code == Area.municipality_code)
    found: dict[str, str] = {}
    for area, name, owner, municipality in session.execute(places.where(Area.code.in_(list(owners)))):
        found |= {owner: municipality, area: f"{municipality}, {name}"}
    return found


def _groups(counted: Mapping[Cell, Counter[str]], owners: Mapping[str, str]) -> Iterable[Group]:
    """Everybody, then each category of each variable."""
    found: dict[tuple[str, str], Counter[str]] = {("all", "all"): Counter()}
    for (area, sex, age_group), outcomes in counted.items():
        places = {
            "municipality": owners.get(area, ""),
            "gender": sex,
            "age_group": age_group,
            "area": area,
        }
        for key in (("all", "all"), *places.items()):
            found.setdefault(key, Counter()).update(outcomes)
    order = ["all", "gender", "age_group", "municipality", "area"]
    for (variable, category), outcomes in sorted(
        found.items(), key=lambda one: (order.index(one[0][0]), one[0])
    ):
        yield Group(variable, category, outcomes)


def _breaks(session: Session, wave_code: str) -> Iterable[tuple[str, int]]:
    """How many unfinished answers stand before each page."""
    asked = _questionnaires(session, wave_code)
    unsent = select(Response.questionnaire_hash, Response.answers).where(
        Response.wave_code == wave_code, Response.submitted_on.is_(None)
    )
    standing = Counter[str]()
    for questionnaire_hash, answers in session.execute(unsent):
        page = next_page(asked[questionnaire_hash], orjson.loads(answers))
        standing[page.id if page else ""] += 1
    titles = {page.id: page.title for one in asked.values() for page in one.pages}
    for page_id, title in titles.items():
        if standing[page_id]:
            yield title, standing[page_id]
    if standing[""]:
        yield "Granska och lämna in", standing[""]


def _questionnaires(session: Session, wave_code: str) -> dict[str, Questionnaire]:
    """What the cases of the wave are asked, by hash: the wave's own first, then municipalities'."""
    wave = find_wave(session, wave_code)
    asked = {wave.questionnaire_hash: questionnaire_of(wave)}
    for own in session.scalars(select(LocalQuestions).where(LocalQuestions.wave_code == wave_code)):
        asked[own.questionnaire_hash] = load_unchanged(own.questionnaire, own.questionnaire_hash)
    return asked


def modes_in_words(session: Session, wave_code: str) -> Counter[str]:
    """Answers handed in by mode, in any language."""
    counted = Counter[str]()
    for mode, _, number in _modes(session, wave_code):
        counted[MODE_WORDS.get(mode, mode)] += number
    return counted


def _modes(session: Session, wave_code: str) -> tuple[tuple[str, str, int], ...]:
    rows = session.execute(
        select(Response.mode, Response.language, func.count())
        .where(Response.wave_code == wave_code, Response.submitted_on.is_not(None))
        .group_by(Response.mode, Response.language)
        .order_by(func.count().desc())
    )
    return tuple((mode, language, number) for mode, language, number in rows)


def _behind(groups: Sequence[Group]) -> Iterable[Group]:
    """Areas that answer less than the whole by more than chance, the lowest rate first."""
    whole = groups[0].rates.rr1
    if not whole:
        return []
    areas = [(group.rates.rr1, group) for group in groups if group.variable == "area"]
    low = [
        (rate, group)
        for rate, group in areas
        if rate is not None and rate < whole - 3.0 * sqrt(whole * (1.0 - whole) / group.drawn)
    ]
    return [group for _, group in sorted(low, key=lambda one: (one[0], one[1].category))]


def _favoured(groups: Sequence[Group], found: Sequence[Indicator]) -> Iterable[Group]:
    """Groups that a reminder should favour: certainly under-represented, the most so first."""
    by_key = {(group.variable, group.category): group for group in groups}
    low = [
        (one.value, by_key[one.variable, one.category])
        for one in found
        if one.measure == "partial_unconditional" and one.category != "all" and one.upper < 0
    ]
    return [group for _, group in sorted(low, key=lambda one: one[0])]
