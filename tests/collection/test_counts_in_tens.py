"""An attacker with every count a municipality is shown isolates no few persons: not by days, groups or steps.

The attack solves exactly: of all cells, days and kinds that give the shown counts, what is the least and the
most that a difference can be? It is shown to work on counts that are only thresholded.
"""

import numpy as np
import pytest
from counted_days import Attack, Table, cap_room, plain_threshold, thresholded_in_tens
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.collection.counts_in_tens import in_tens, shown_groups, sums_tell

FEW = 10


def few(attack: Attack) -> list[str]:
    """The differences of one to nine persons that the attacker knows exactly."""
    return [name for name, row, true in attack.differences() if 0 < true < FEW and attack.is_known(row)]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Areas x groups over two days: begun and handed in, each day at least as many as the day before."""
    areas, groups = draw(st.integers(2, 3)), 2
    drawn = np.array(draw(st.lists(st.integers(8, 60), min_size=areas * groups, max_size=areas * groups)))
    days, begun, done = [], np.zeros_like(drawn), np.zeros_like(drawn)
    for _ in range(2):
        more = np.array([draw(st.integers(0, 14)) for _ in drawn])
        begun = np.minimum(drawn, begun + more)
        done = np.minimum(begun, done + np.array([draw(st.integers(0, 14)) for _ in drawn]))
        days.append((begun.copy(), done.copy()))
    return Table(drawn.reshape(areas, groups), days)


@settings(max_examples=20, deadline=None)
@given(tables())
def test_no_difference_of_shown_counts_isolates_a_few(table: Table) -> None:
    assert few(Attack(table, thresholded_in_tens(table))) == []


def test_the_attack_finds_the_few_where_counts_are_only_thresholded() -> None:
    drawn = np.array([[60, 60], [60, 60]])
    days = [
        (np.array([20, 22, 25, 24]), np.array([15, 16, 17, 18])),
        (np.array([24, 22, 25, 24]), np.array([15, 19, 17, 18])),
    ]
    table = Table(drawn, days)
    assert "area 0 submitted, day 1 less day 0" in few(Attack(table, plain_threshold(table)))
    assert few(Attack(table, thresholded_in_tens(table))) == []


def test_the_attack_finds_what_sums_tell_when_nothing_holds_the_parts_back() -> None:
    """Ten areas, each nine above the count shown: the total then tells every one of them, day by day."""
    first = np.full(10, 19)
    table = Table(np.full((10, 1), 60), [(first, first), (first + 10, first + 10)])
    told = Attack(table, thresholded_in_tens(table, careless=True))
    assert len([name for name, low, high in told.counts() if low == high and "area" in name]) == 40
    careful = Attack(table, thresholded_in_tens(table))
    assert [name for name, low, high in careful.counts() if low == high and "area" in name] == []


@given(st.integers(30, 400), st.integers(0, 400))
def test_a_shown_count_is_whole_tens_and_leaves_ten_on_the_other_side(drawn: int, count: int) -> None:
    shown = in_tens(min(count, drawn), drawn)
    assert shown % FEW == 0
    assert shown <= min(count, drawn)
    assert shown == 0 or drawn - shown >= FEW
    assert min(count, drawn) - shown <= cap_room(shown, drawn)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 80), max_size=8))
def test_what_is_left_out_is_nobody_or_at_least_ten(drawn: dict[str, int]) -> None:
    shown = shown_groups(drawn)
    assert all(drawn[group] >= 30 for group in shown)
    left_out = sum(size for group, size in drawn.items() if group not in shown)
    assert left_out == 0 or left_out >= FEW or not shown


def test_one_small_group_takes_the_next_smallest_with_it() -> None:
    assert shown_groups({"a": 300, "b": 200, "c": 4}) == {"a"}
    assert shown_groups({"a": 300, "b": 200, "c": 14}) == {"a", "b"}


@pytest.mark.parametrize("parts", range(2, 13))
def test_sums_that_leave_five_values_to_every_part_are_let_through(parts: int) -> None:
    drawn = [(20, 100)] * parts
    told = [sums_tell(20 * parts + 10 * above, drawn) for above in range(parts + 1)]
    for above, tells in enumerate(told):
        assert tells is (10 * above - 9 * (parts - 1) > 4)
