"""The days of the fieldwork are kept once, in whole tens, and stay when the cases are gone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tiny_wave
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, FIRST_DAY, LAST_DAY

from survey.collection import closing, forgetting, snapshots, visits, withdrawal
from survey.models.audit_event import AuditEvent
from survey.models.case import Case, CaseEvent
from survey.models.field_day import COUNTED, FieldDay
from survey.models.wave import Stratum, Wave

Cells = dict[tuple[str, str, str], list[int]]
AGES = ("16-19", "20-24", "65-74")
DAY = timedelta(days=1)


@pytest.fixture
def cells(session: Session) -> Cells:
    """An open wave: 40 invited cases in each area x sex x age group, but two in one small area."""
    tiny_wave.plan_wave(session)
    session.get_one(Wave, CODE).status = "open"
    number = 0
    for area, owner in tiny_wave.AREAS.items():
        of_cell = 2 if area == "0187-02" else 40
        session.add(
            Stratum(wave_code=CODE, area_code=area, municipality_code=owner, population=9000, sampled=240)
        )
        for sex in ("man", "woman"):
            for age in AGES:
                for _ in range(of_cell):
                    number += 1
                    case = {"area_code": area, "legal_gender": sex, "age_group": age}
                    session.add(Case(wave_code=CODE, reference=f"R{number:06d}", **case))
    session.flush()
    found: Cells = {}
    for case in session.scalars(select(Case).order_by(Case.id)):
        found.setdefault((case.area_code, case.legal_gender, case.age_group), []).append(case.id)
    mark(session, [case for one in found.values() for case in one], "invited", -3)
    return found


def mark(session: Session, cases: list[int], kind: str, day: int) -> None:
    rows = [{"case_id": case, "kind": kind, "happened_on": FIRST_DAY + day * DAY} for case in cases]
    session.execute(insert(CaseEvent), rows)


def shown(session: Session, municipality: str, variable: str, name: str) -> dict[tuple[str, int], int]:
    rows = session.scalars(
        select(FieldDay).where(
            FieldDay.wave_code == CODE,
            FieldDay.municipality_code == municipality,
            FieldDay.variable == variable,
        )
    )
    return {(row.category, (row.day - FIRST_DAY).days): getattr(row, name) for row in rows}


def test_every_day_of_the_whole_is_kept_and_of_groups_the_days_that_show_more(
    session: Session, cells: Cells
) -> None:
    women = cells["0187-01", "woman", "16-19"]
    mark(session, women[:9], "submitted", 0)
    mark(session, women[9:14], "submitted", 1)
    mark(session, women[14:16], "submitted", 3)
    assert snapshots.take(session, CODE, FIRST_DAY + 5 * DAY, BY) == 5
    assert shown(session, "0187", "all", "submitted") == {
        ("all", 0): 0,
        ("all", 1): 10,
        ("all", 2): 10,
        ("all", 3): 10,
        ("all", 4): 10,
    }
    # Two areas of which one is too small leave the other alone with its whole: neither hides anybody.
    assert shown(session, "0187", "area", "submitted") == {("0187-01", 0): 0, ("0187-01", 1): 10}
    groups = shown(session, "0187", "gender_age", "submitted")
    assert groups[("woman 16-29", 1)] == 10
    assert set(groups) == {(f"{sex} {age}", 0) for sex in ("man", "woman") for age in ("16-29", "65-84")} | {
        ("woman 16-29", 1)
    }
    assert shown(session, "0187", "all", "invited")["all", 0] == 240
    assert set(shown(session, "0140", "all", "submitted").values()) == {0}


def test_a_repeat_keeps_nothing_and_a_missed_day_is_made_up_for(session: Session, cells: Cells) -> None:
    mark(session, cells["0187-01", "man", "65-74"][:20], "submitted", 2)
    assert snapshots.take(session, CODE, FIRST_DAY, BY) == 0
    assert snapshots.take(session, CODE, FIRST_DAY + DAY, BY) == 1
    assert snapshots.take_due(session, FIRST_DAY + DAY, BY) == {CODE: 0}
    assert snapshots.take_due(session, FIRST_DAY + 4 * DAY, BY) == {CODE: 3}
    in_one_go = shown(session, "0187", "all", "submitted")
    assert in_one_go == {("all", 0): 0, ("all", 1): 0, ("all", 2): 20, ("all", 3): 20}
    events = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "keep field days")).all()
    assert events == ['{"days": 1}', '{"days": 3}']


def test_an_answer_taken_back_takes_no_day_back(session: Session, cells: Cells) -> None:
    cases = cells["0187-01", "man", "65-74"][:10]
    mark(session, cases, "submitted", 0)
    snapshots.take(session, CODE, FIRST_DAY + DAY, BY)
    withdrawal.withdraw(session, cases[0], FIRST_DAY + DAY, BY)
    snapshots.take(session, CODE, FIRST_DAY + 2 * DAY, BY)
    assert shown(session, "0187", "all", "submitted") == {("all", 0): 10, ("all", 1): 10}


def test_the_first_visit_is_the_day_the_letter_was_followed(session: Session, cells: Cells) -> None:
    for case in cells["0187-01", "man", "65-74"][:12]:
        for hour in (21, 23):  # past midnight in Sweden
            visits.open_visit(session, case, datetime(2026, 10, 1, hour, tzinfo=UTC))
    begun = cells["0187-01", "man", "65-74"][10:22]
    mark(session, begun, "started", 1)
    snapshots.take(session, CODE, FIRST_DAY + 2 * DAY, BY)
    # Twelve on the first day; of the twelve who have begun on the second, two had opened before.
    assert shown(session, "0187", "all", "opened") == {("all", 0): 10, ("all", 1): 20}
    assert shown(session, "0187", "all", "started") == {("all", 0): 0, ("all", 1): 10}


def test_the_table_takes_nothing_finer_than_tens_and_nothing_is_changed(
    session: Session, cells: Cells
) -> None:
    snapshots.take(session, CODE, FIRST_DAY + DAY, BY)
    key = {"wave_code": CODE, "municipality_code": "0187", "variable": "all", "category": "all"}
    for counts in ({"submitted": 11}, {"submitted": 100, "drawn": 105}):
        row = {**key, "day": LAST_DAY, "drawn": 240, **dict.fromkeys(COUNTED, 0), **counts}
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(insert(FieldDay), [row])
    with pytest.raises(Exception, match="is fixed"), session.begin_nested():
        session.execute(update(FieldDay).values(submitted=20))


def test_closing_keeps_the_last_days(session: Session, cells: Cells) -> None:
    mark(session, cells["0187-01", "man", "65-74"][:30], "submitted", 6)
    closing.close_wave(session, CODE, BY)
    assert shown(session, "0187", "all", "submitted")["all", (LAST_DAY - FIRST_DAY).days + 1] == 30
    assert snapshots.take(session, CODE, LAST_DAY + 9 * DAY, BY) == 0


def test_forms_keyed_after_the_last_day_stand_in_the_days_without_a_gap(
    session: Session, cells: Cells
) -> None:
    length = (LAST_DAY - FIRST_DAY).days
    people = cells["0187-01", "man", "65-74"]
    mark(session, people[:20], "submitted", 6)
    assert snapshots.take(session, CODE, LAST_DAY + 5 * DAY, BY) == length + 2
    mark(session, people[20:30], "submitted", length + 9)
    snapshots.take(session, CODE, LAST_DAY + 12 * DAY, BY)
    found = shown(session, "0187", "all", "submitted")
    assert sorted(day for _, day in found) == list(range(length + 10))
    assert (found["all", length + 8], found["all", length + 9]) == (20, 30)
    assert snapshots.take(session, CODE, LAST_DAY + 13 * DAY, BY) == 0


def test_the_days_outlive_the_cases_and_none_is_missing(
    session: Session, identity: Session, cells: Cells, tmp_path: Path
) -> None:
    mark(session, cells["0187-01", "man", "65-74"][:30], "submitted", 6)
    session.get_one(Wave, CODE).status = "closed"
    forgetting.request(session, CODE, "contacts", "2026/17-4", BY)
    forgetting.purge_contacts(session, identity, CODE, tmp_path, "another")
    forgetting.request(session, CODE, "links", "2026/17-4", BY)
    forgetting.destroy_links(session, CODE, "another")
    assert session.scalars(select(Case.id)).all() == []
    assert shown(session, "0187", "area", "submitted")["0187-01", 6] == 30
    assert snapshots.take(session, CODE, LAST_DAY + 9 * DAY, BY) == 0
