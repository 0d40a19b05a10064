"""The days of the fieldwork as municipalities may see them: kept once a day, and never changed again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, case, func, insert, select
from sqlalchemy.orm import Session

from analysis.settings import Settings
from survey import audit
from survey.collection.counts_in_tens import FEWEST_DRAWN, in_tens, shown_groups, sums_tell
from survey.collection.entry import GRACE
from survey.collection.outcomes import has
from survey.models.case import Case, CaseEvent, CaseEventKind
from survey.models.field_day import COUNTED, FieldDay
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.preparation.population import bounds
from survey.preparation.waves import lock_wave, require_status

DAY = timedelta(days=1)
KINDS = {
    CaseEventKind.INVITED: "invited",
    CaseEventKind.OPENED: "opened",
    CaseEventKind.STARTED: "started",
    CaseEventKind.SUBMITTED: "submitted",
    CaseEventKind.REFUSED: "refused",
    CaseEventKind.RETURNED: "undeliverable",
}
Group = tuple[str, str]  # variable, category
Counts = dict[Group, Counter[str]]
ALL: Group = ("all", "all")


def take_due(session: Session, today: date, by: str) -> dict[str, int]:
    """Keep what is missing of every wave that is open; days kept by wave."""
    waves = select(Wave.code).where(Wave.status == WaveStatus.OPEN.value).order_by(Wave.code)
    return {code: take(session, code, today, by) for code in session.scalars(waves).all()}


def take(session: Session, wave_code: str, today: date, by: str) -> int:
    """Keep every day that is over and not kept yet; how many there were. A repeat keeps nothing.

    A missed day is made up for, since what happens to a case has its date. Of a closed wave today is over.
    """
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.OPEN, WaveStatus.CLOSED)
    drawn, kept = _drawn(session, wave_code), _latest(session, wave_code)
    last = min(today if wave.status == WaveStatus.CLOSED else today - DAY, _last_to_keep(session, wave))
    known = max((row.day for row in kept.values()), default=wave.field_start - DAY)
    days = [known + DAY * number for number in range(1, (last - known).days + 1)]
    if not days or not drawn:
        return 0
    happened = _happened(session, wave_code, days[0])
    rows = [
        {"wave_code": wave_code, "municipality_code": municipality, "day": day, **row}
        for municipality, whole in drawn.items()
        for day, row in _rows(whole, _values(kept, municipality), happened[municipality], days)
    ]
    if not rows:
        return 0
    session.execute(insert(FieldDay), rows)
    audit.record(session, by, "keep field days", wave_code, days=len(days))
    return len(days)


def _last_to_keep(session: Session, wave: Wave) -> date:
    """The last day somebody can answer, or a later one when forms on paper were keyed until then."""
    events = select(func.max(CaseEvent.happened_on)).join(Case, Case.id == CaseEvent.case_id)
    answered = CaseEvent.kind == CaseEventKind.SUBMITTED.value
    keyed = session.scalar(events.where(Case.wave_code == wave.code, answered))
    return max(keyed or wave.field_end, wave.field_end + GRACE)


def _rows(
    drawn: Mapping[str, Mapping[str, int]],
    before: dict[Group, dict[str, int]],
    happened: Mapping[date, Counts],
    days: Iterable[date],
) -> Iterator[tuple[date, dict[str, object]]]:
    """Of the municipality a row a day; of its groups where what is shown became another."""
    so_far: Counts = defaultdict(Counter)
    before.pop(ALL, None)
    if drawn["all"]["all"] < FEWEST_DRAWN:
        return
    for day in days:
        for group, counts in happened.get(day, {}).items():
            so_far[group].update(counts)
        whole = _tens(so_far[ALL], drawn["all"]["all"])
        yield day, {"variable": "all", "category": "all", "drawn": drawn["all"]["all"], **whole}
        for variable in ("area", "gender_age"):
            yield from ((day, row) for row in _changed(variable, drawn[variable], so_far, whole, before))


def _changed(
    variable: str,
    drawn: Mapping[str, int],
    so_far: Counts,
    whole: Mapping[str, int],
    before: dict[Group, dict[str, int]],
) -> Iterator[dict[str, object]]:
    """The groups of a variable whose counts are others than before, unless the sums would tell too much."""
    shown = sorted(shown_groups(drawn))
    now = {category: _tens(so_far[variable, category], drawn[category]) for category in shown}
    left_out = sum(drawn.values()) - sum(drawn[category] for category in shown)
    for name in COUNTED:
        parts = [(now[category][name], drawn[category]) for category in shown]
        if sums_tell(whole[name], parts, left_out):
            return
    for category, counts in now.items():
        if before.get((variable, category)) != counts:
            before[variable, category] = counts
            yield {"variable": variable, "category": category, "drawn": drawn[category], **counts}


def _tens(counts: Mapping[str, int], drawn: int) -> dict[str, int]:
    return {name: in_tens(counts.get(name, 0), drawn) for name in COUNTED}


def _groups(area: str, sex: str, age_group: str) -> tuple[Group, ...]:
    """Every group that a cell of the sample belongs to."""
    return ALL, ("area", area), ("gender_age", f"{sex} {_wide(age_group)}")


@cache
def _wide(age_group: str) -> str:
    """The age group of the reports that an age group of the register lies in."""
    youngest, oldest = bounds(age_group)
    for wide in Settings.default().reporting_age_groups:
        first, last = bounds(wide)
        if first <= youngest and oldest <= last:
            return wide
    return age_group


def _drawn(session: Session, wave_code: str) -> dict[str, dict[str, Counter[str]]]:
    """How many were drawn, by municipality, variable and category."""
    cell = (Stratum.municipality_code, Case.area_code, Case.legal_gender, Case.age_group)
    counted = _cases(select(*cell, func.count()), wave_code).group_by(*cell)
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for municipality, *place, number in session.execute(counted):
        for variable, category in _groups(*place):
            found[municipality][variable][category] += number
    return dict(sorted(found.items()))


def _happened(session: Session, wave_code: str, first: date) -> dict[str, dict[date, Counts]]:
    """What happened by municipality and day; all that happened before the first day, on that."""
    day = case((CaseEvent.happened_on < first, first), else_=CaseEvent.happened_on).label("day")
    # Who has begun has opened, also where nobody saw the letter's code being used.
    opens = and_(CaseEvent.kind == CaseEventKind.STARTED.value, ~has(CaseEventKind.OPENED)).label("opens")
    place = (Case.area_code, Case.legal_gender, Case.age_group)
    events = _cases(
        select(Stratum.municipality_code, day, CaseEvent.kind, opens, *place).join(
            CaseEvent, CaseEvent.case_id == Case.id
        ),
        wave_code,
    )
    # In two steps: PostgreSQL groups by what a subquery gives, not by a question asked anew in each row.
    dated = events.where(CaseEvent.kind.in_([kind.value for kind in KINDS])).subquery()
    found: dict[str, dict[date, Counts]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Counter)))
    rows = session.execute(select(*dated.c, func.count()).group_by(*dated.c))
    for municipality, when, kind, opened_too, *cell, number in rows:
        for group in _groups(*cell):
            counts = found[municipality][when][group]
            counts[KINDS[CaseEventKind(kind)]] += number
            counts["opened"] += number if opened_too else 0
    return found


def _cases(query: Select[*tuple[Any, ...]], wave_code: str) -> Select[*tuple[Any, ...]]:
    """The query with the municipality of each case, for one wave."""
    of_case = (Stratum.wave_code == Case.wave_code) & (Stratum.area_code == Case.area_code)
    return query.join(Stratum, of_case).where(Case.wave_code == wave_code)


def _latest(session: Session, wave_code: str) -> dict[tuple[str, str, str], FieldDay]:
    """The newest row kept of each group, by municipality, variable and category."""
    rows = session.scalars(select(FieldDay).where(FieldDay.wave_code == wave_code).order_by(FieldDay.day))
    return {(row.municipality_code, row.variable, row.category): row for row in rows}


def _values(kept: Mapping[tuple[str, str, str], FieldDay], municipality: str) -> dict[Group, dict[str, int]]:
    return {
        (variable, category): {name: getattr(row, name) for name in COUNTED}
        for (owner, variable, category), row in kept.items()
        if owner == municipality
    }
