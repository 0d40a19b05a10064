"""Codes that are wrong are tried slower and slower; right ones never notice."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.collection import attempts
from survey.collection.attempts import (
    ALARM,
    EVERYBODY,
    NETWORK,
    NETWORK_UNDER_ATTACK,
    SELECTOR,
    begin_attempt,
)
from survey.collection.codes import ALPHABET, Code, MalformedCode, new_code
from survey.database import Databases
from survey.models.attempt import CodeAttempt
from survey.pace import key_of, network_of, succeed
from survey.preparation import login_attempts

NOW = 1_800_000_000.0
SECRET = "a secret of this installation"
HERE, THERE = "192.0.2.7", "198.51.100.9"


def guess(selector: str) -> str:
    return str(Code(selector, new_code().secret))


def passed(session: Session, typed: str, address: str = HERE, now: float = NOW) -> bool:
    return begin_attempt(session, typed, address, SECRET, now) is not None


def selectors(many: int) -> list[str]:
    return [f"{ALPHABET[n // 32 % 32]}{ALPHABET[n % 32]}00" for n in range(many)]


def test_of_many_guesses_at_one_code_at_the_same_moment_exactly_the_first_few_are_tried(
    databases: Databases,
) -> None:
    barrier = Barrier(20)

    def work(_: int) -> bool:
        barrier.wait()
        with databases.transaction() as session:
            return passed(session, guess("ABCD"))

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(work, range(20))) == SELECTOR.at_once


def test_a_code_is_slowed_and_never_locked(session: Session) -> None:
    assert [passed(session, guess("ABCD")) for _ in range(SELECTOR.at_once)] == [True] * SELECTOR.at_once
    assert not passed(session, guess("ABCD"))
    for wait in range(1, 4):
        later = NOW + wait * SELECTOR.seconds
        assert passed(session, guess("ABCD"), now=later)
        assert not passed(session, guess("ABCD"), now=later)
        assert passed(session, guess("ABCE"), now=later)  # the neighbour's letter


def test_a_clock_that_was_ahead_keeps_nobody_out_when_it_is_put_right(session: Session) -> None:
    ahead = NOW + 86_400
    assert not all([passed(session, guess("ABCD"), now=ahead) for _ in range(SELECTOR.at_once + 1)])
    assert [passed(session, guess("ABCD")) for _ in range(SELECTOR.at_once)] == [True] * SELECTOR.at_once
    assert not passed(session, guess("ABCD"))


def test_what_a_stricter_pace_holds_is_not_taken_for_a_clock_that_was_ahead() -> None:
    for strict, usual in (
        (NETWORK_UNDER_ATTACK, NETWORK),
        (login_attempts.ACCOUNT_UNDER_ATTACK, login_attempts.ACCOUNT_HERE),
    ):
        for one, other in ((strict, usual), (usual, strict)):
            assert one.at_once * one.seconds < other.furthest


def test_a_library_with_right_codes_is_never_slowed(session: Session) -> None:
    for number in range(3 * EVERYBODY.at_once):
        attempt = begin_attempt(session, guess(selectors(9)[number % 9]), HERE, SECRET, NOW)
        assert attempt is not None
        succeed(session, attempt)


def test_a_network_that_guesses_is_slowed_and_others_are_not(session: Session) -> None:
    tries = [passed(session, guess(selector)) for selector in selectors(NETWORK.at_once + 5)]
    assert sum(tries) == NETWORK.at_once
    assert passed(session, guess("ZZ00"), THERE)
    assert passed(session, guess("ZZ01"), now=NOW + NETWORK.seconds)


def test_tries_that_must_wait_are_held_against_nobody(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2 * EVERYBODY.at_once):
        passed(session, guess("ABCD"))
    assert passed(session, guess("ABCE"))
    others = [passed(session, guess(selector), THERE) for selector in selectors(NETWORK.at_once)]
    assert sum(others) == NETWORK.at_once
    assert caplog.records == []


def test_guesses_from_everywhere_slow_each_network_lock_none_and_raise_one_alarm(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, attempts.__name__):
        for number, selector in enumerate(selectors(EVERYBODY.at_once + 20)):
            assert passed(session, guess(selector), f"10.0.{number // 250}.{number % 250}")
        few = [passed(session, guess(selector), THERE) for selector in selectors(20)]
    assert sum(few) == attempts.NETWORK_UNDER_ATTACK.at_once
    assert passed(session, guess("ZZ00"), THERE, NOW + 30)
    assert len(caplog.records) == ALARM.at_once
    assert not any(word in caplog.text for word in (THERE, "10.0.", "ZZ00"))


def test_what_cannot_be_a_code_costs_nothing(session: Session) -> None:
    with pytest.raises(MalformedCode):
        begin_attempt(session, "ABCD", HERE, SECRET, NOW)
    assert session.scalar(select(func.count()).select_from(CodeAttempt)) == 0


def test_addresses_are_not_stored_and_what_is_past_is_removed(session: Session) -> None:
    passed(session, guess("ABCD"))
    stored = set(session.scalars(select(CodeAttempt.key_hash)))
    assert len(stored) == 3
    assert not any(HERE in key or "ABCD" in key for key in stored)
    passed(session, guess("ABCE"), THERE, NOW + 3600)
    assert not stored & set(session.scalars(select(CodeAttempt.key_hash))) - {key_of(SECRET, "everybody")}


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        (None, "not an address", True),
    ],
)
def test_a_household_is_one_network(address: str | None, other: str, same: bool) -> None:
    assert (network_of(address) == network_of(other)) is same
