"""The clock of tertials, and the steps from a draft to a promise that everybody may read."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import UserError
from survey.followup.promises.sign_off import MOVES, State, allowed, state_of
from survey.followup.promises.tertials import coming, due, parse, tertial_of
from survey.models.promise import StepKind

DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))


@given(DAYS)
def test_every_day_lies_in_one_tertial_and_the_one_before_it_is_due(day: date) -> None:
    here = tertial_of(day)
    assert here.first_day <= day <= here.last_day
    assert here.before.last_day + timedelta(1) == here.first_day
    assert here.before.next == here == parse(here.code)
    assert due(day) == here.before and due(day).has_ended(day) and not here.has_ended(day)
    assert coming(day, 4) == [here, here.next, here.next.next, here.next.next.next]


@pytest.mark.parametrize("code", ["2027-T4", "2027-T0", "1999-T1", "2027T1", "", "2027-T1\n", "２０２７-T1"])
def test_what_is_no_tertial_is_told(code: str) -> None:
    with pytest.raises(UserError, match="Välj ett tertial"):
        parse(code)


def test_a_promise_is_public_only_by_both_signatures_and_an_act_of_its_own() -> None:
    for steps in product(StepKind, repeat=3):
        try:
            state = state_of(steps)
        except KeyError:
            continue
        if state is State.PUBLISHED:
            assert set(steps[:2]) == {StepKind.SIGN_MUNICIPALITY, StepKind.SIGN_POLICE}
            assert steps[2] is StepKind.PUBLISH
    assert set(MOVES) == set(State)
    assert allowed(State.WITHDRAWN) | allowed(State.DISCARDED) == frozenset()
    assert StepKind.PUBLISH not in allowed(State.DRAFT) | allowed(State.AWAITS_POLICE)
