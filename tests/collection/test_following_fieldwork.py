"""The fieldwork as the operator follows it: every case counted once, by the names of the field."""

from datetime import timedelta

import numpy as np
import pytest
import tiny_wave
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from tiny_wave import CODE, FIRST_DAY, LAST_DAY, TODAY

from survey.collection import responses
from survey.collection.fieldwork import Standing, follow
from survey.collection.outcomes import rates
from survey.errors import UserError
from survey.models.case import Case, CaseEvent
from survey.models.local_questions import LocalQuestions
from survey.models.wave import Stratum, Wave
from survey.preparation.forecast import Forecast, forecast
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

SEXES, AGES = ("man", "woman"), ("16-24", "65-74")
PER_CELL = 50


def mark(session: Session, cases: list[int], kind: str, day: int = 0) -> None:
    rows = [{"case_id": case, "kind": kind, "happened_on": FIRST_DAY + timedelta(days=day)} for case in cases]
    session.execute(insert(CaseEvent), rows)


@pytest.fixture
def cells(quick: Session) -> dict[tuple[str, str, str], list[int]]:
    """An open wave of three areas with 50 cases in each area x sex x age group, all invited."""
    tiny_wave.plan_wave(quick)
    for area, owner in tiny_wave.AREAS.items():
        quick.add(
            Stratum(wave_code=CODE, area_code=area, municipality_code=owner, population=1000, sampled=200)
        )
        for sex in SEXES:
            for age in AGES:
                for number in range(PER_CELL):
                    reference = f"{area}{sex[0]}{age[:2]}{number:02d}"[-12:]
                    quick.add(
                        Case(
                            wave_code=CODE,
                            reference=reference,
                            area_code=area,
                            legal_gender=sex,
                            age_group=age,
                        )
                    )
    quick.flush()
    found: dict[tuple[str, str, str], list[int]] = {}
    for case in quick.scalars(select(Case).order_by(Case.id)):
        found.setdefault((case.area_code, case.legal_gender, case.age_group), []).append(case.id)
    mark(quick, [case for one in found.values() for case in one], "invited", -1)
    return found


def answer(session: Session, cells: dict[tuple[str, str, str], list[int]], young: int, old: int) -> None:
    """So many of each cell hand in, one a day."""
    for (_, _, age), cases in cells.items():
        for number in range(young if age == "16-24" else old):
            mark(session, [cases[number]], "submitted", number % 20)


def test_every_case_is_counted_once_by_how_it_ended(
    quick: Session, cells: dict[tuple[str, str, str], list[int]]
) -> None:
    cases = cells["0187-01", "woman", "16-24"]
    mark(quick, cases[:12], "started")
    mark(quick, cases[:8], "submitted")
    mark(quick, cases[7:9], "withdrawn")
    mark(quick, cases[9:10], "refused")
    mark(quick, cases[20:23], "returned")
    mark(quick, cases[23:24], "deceased")
    mark(quick, cases[24:25], "moved")
    mark(quick, cases[24:25], "returned")
    standing = follow(quick, CODE, TODAY)
    assert dict(standing.total.counts) == {
        "submitted": 7,
        "withdrawn": 2,
        "refused": 1,
        "break_off": 2,
        "returned": 3,
        "ineligible": 2,
        "no_answer": 600 - 17,
    }
    by_group = {(group.variable, group.category): group for group in standing.groups}
    assert by_group["gender", "woman"].counts["submitted"] == 7
    assert by_group["gender", "man"].counts["submitted"] == 0
    for variable, groups in (("municipality", 2), ("age_group", 2), ("area", 3)):
        parts = [group for group in standing.groups if group.variable == variable]
        assert len(parts) == groups
        assert sum(group.drawn for group in parts) == standing.total.drawn == 600


def test_rates_follow_the_standard_definitions() -> None:
    found = rates(
        {
            "submitted": 40,
            "break_off": 5,
            "refused": 3,
            "withdrawn": 2,
            "returned": 10,
            "ineligible": 20,
            "no_answer": 40,
        }
    )
    assert (found.rr1, found.rr2, found.ref1, found.returned) == (0.40, 0.45, 0.05, 0.10)
    assert rates({}).rr1 is None
    assert rates({"ineligible": 3}).rr1 is None


def test_an_answer_like_the_sample_is_representative_and_a_lopsided_one_is_not(
    quick: Session, cells: dict[tuple[str, str, str], list[int]]
) -> None:
    answer(quick, cells, young=15, old=15)
    even = follow(quick, CODE, LAST_DAY)
    assert even.days[-1].r is not None
    assert even.days[-1].r.value > 0.95
    assert even.favour == ()
    for cases in (cases for key, cases in cells.items() if key[2] == "65-74"):
        mark(quick, cases[15:45], "submitted", 21)
    lopsided = follow(quick, CODE, LAST_DAY)
    assert lopsided.days[-1].r is not None
    # Two halves that answer with 0.3 and 0.9: R = 1 - 2 x 0.3.
    assert lopsided.days[-1].r.value == pytest.approx(0.4, abs=0.02)
    assert [group.category for group in lopsided.favour] == ["16-24"]


def test_the_curve_counts_what_had_come_in_by_each_day(
    quick: Session, cells: dict[tuple[str, str, str], list[int]]
) -> None:
    answer(quick, cells, young=20, old=20)
    standing = follow(quick, CODE, FIRST_DAY + timedelta(days=30))
    assert [day.submitted for day in standing.days[:20]] == [12 * number for number in range(1, 21)]
    assert standing.days[-1].submitted == 240
    assert all(day.invited == 600 for day in standing.days)
    assert [day.day for day in standing.days if day.r is None] == [
        FIRST_DAY + timedelta(days=number) for number in range(8)
    ]
    assert standing.days[0].day == FIRST_DAY


def test_an_area_falls_behind_when_chance_cannot_explain_it(
    quick: Session, cells: dict[tuple[str, str, str], list[int]]
) -> None:
    for (area, _, _), cases in cells.items():
        mark(quick, cases[: 10 if area == "0140-01" else 30], "submitted")
    standing = follow(quick, CODE, TODAY)
    assert [group.category for group in standing.behind] == ["0140-01"]


def test_nothing_is_expected_of_a_wave_that_is_closed(
    quick: Session, cells: dict[tuple[str, str, str], list[int]]
) -> None:
    answer(quick, cells, young=20, old=20)
    wave = quick.get_one(Wave, CODE)
    for status, expected in (("open", True), ("closed", False)):
        wave.status = status
        quick.flush()
        assert (follow(quick, CODE, LAST_DAY - timedelta(days=5)).forecast is not None) is expected


def test_a_wave_without_cases_is_told(quick: Session) -> None:
    tiny_wave.plan_wave(quick)
    with pytest.raises(UserError, match="inga ärenden"):
        follow(quick, CODE, TODAY)


def test_unfinished_answers_stand_before_their_next_page(
    quick: Session, cells: dict[tuple[str, str, str], list[int]]
) -> None:
    tiny = cells["0187-01", "man", "16-24"]
    quick.get_one(Wave, CODE).status = "open"
    quick.flush()
    pages = [page.id for page in path(load("trygghet"), {})]
    titles = {page.id: page.title for page in load("trygghet").pages}
    for case, done in zip(tiny, (0, 0, 2, len(pages)), strict=False):
        responses.begin(quick, case, "sv", TODAY)
        responses.answer_pages(quick, case, [(page, {}) for page in pages[:done]], "sv", TODAY)
    standing: Standing = follow(quick, CODE, TODAY)
    assert standing.breaks == ((titles[pages[0]], 2), (titles[pages[2]], 1), ("Granska och lämna in", 1))


def test_who_stopped_at_the_questions_of_a_municipality_stands_there(
    quick: Session, cells: dict[tuple[str, str, str], list[int]]
) -> None:
    asked = load("trygghet+skargard")
    quick.get_one(Wave, CODE).status = "open"
    quick.add(
        LocalQuestions(
            wave_code=CODE, municipality_code="0187", questionnaire=asked.name, questionnaire_hash=asked.hash
        )
    )
    quick.flush()
    own = next(page for page in asked.pages if load("trygghet").page(page.id) is None)
    pages = [page.id for page in path(asked, {})]
    before = pages[: pages.index(own.id)]
    (case, *_), (elsewhere, *_) = (cells[area, "man", "16-24"] for area in ("0187-01", "0140-01"))
    for one in (case, elsewhere):
        responses.begin(quick, one, "sv", TODAY)
        responses.answer_pages(quick, one, [(page, {}) for page in before], "sv", TODAY)
    stands = dict(follow(quick, CODE, TODAY).breaks)
    assert stands.pop(own.title) == 1
    assert list(stands.values()) == [1]


def test_the_forecast_lies_between_falling_off_and_going_on() -> None:
    steady = list(range(0, 150, 10))
    found = forecast(steady, 14)
    assert found is not None
    assert (found.low, found.high) == (280, 280)
    falling = [*np.cumsum([80] * 8).tolist(), *(640 + np.cumsum([40] * 7)).tolist()]
    found = forecast(falling, 7)
    assert found is not None
    assert (found.low, found.high) == (falling[-1] + 140, falling[-1] + 280)
    assert forecast(steady[:14], 14) is None
    assert forecast(steady, 0) is None
    assert forecast([0] * 20, 5) == Forecast(0, 0)
