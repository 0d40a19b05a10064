"""A resident's browser session."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.collection import visits
from survey.models.browser_session import BrowserSession

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.fixture
def case(cases: list[int]) -> int:
    return cases[0]


def test_a_key_finds_its_visit_and_only_its_hash_is_stored(session: Session, case: int) -> None:
    key = visits.open_visit(session, case, NOW)
    assert visits.find_visit(session, key, NOW) == visits.Visit(case, ())
    assert session.scalars(select(BrowserSession.key_hash)).one() != key
    assert visits.find_visit(session, key + "x", NOW) is None


def test_a_visit_ends_after_an_hour_without_a_saved_page(session: Session, case: int) -> None:
    key = visits.open_visit(session, case, NOW)
    assert visits.find_visit(session, key, NOW + timedelta(minutes=59))
    assert visits.find_visit(session, key, NOW + timedelta(minutes=61)) is None


def test_the_clock_of_another_time_zone_tells_the_same_time(session: Session, case: int) -> None:
    key = visits.open_visit(session, case, NOW)
    elsewhere = timezone(timedelta(hours=5))
    assert visits.find_visit(session, key, (NOW + timedelta(minutes=59)).astimezone(elsewhere))
    assert visits.find_visit(session, key, (NOW + timedelta(minutes=61)).astimezone(elsewhere)) is None


def test_pages_answered_here_are_remembered_and_prolong_the_visit(session: Session, case: int) -> None:
    key = visits.open_visit(session, case, NOW)
    later = NOW + timedelta(minutes=50)
    for page in ("problems", "worry", "problems"):
        visits.mark_seen(session, key, page, later)
    found = visits.find_visit(session, key, later + timedelta(minutes=50))
    assert found == visits.Visit(case, ("problems", "worry"))


def test_another_browser_has_seen_nothing(session: Session, case: int) -> None:
    key = visits.open_visit(session, case, NOW)
    visits.mark_seen(session, key, "problems", NOW)
    other = visits.open_visit(session, case, NOW)
    found = visits.find_visit(session, other, NOW)
    assert found is not None
    assert found.seen_pages == ()


def test_an_ended_visit_opens_nothing(session: Session, case: int) -> None:
    key, other = (visits.open_visit(session, case, NOW) for _ in range(2))
    visits.end_visit(session, key)
    visits.mark_seen(session, key, "problems", NOW)
    assert visits.find_visit(session, key, NOW) is None
    assert visits.find_visit(session, other, NOW)


def test_visits_long_over_are_removed_when_a_new_one_opens(session: Session, case: int) -> None:
    visits.open_visit(session, case, NOW)
    visits.open_visit(session, case, NOW + timedelta(days=1))
    assert len(session.scalars(select(BrowserSession)).all()) == 1
