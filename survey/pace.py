"""A pace for what may be tried: so much at once, then slower, and never not at all.

A try books a moment of whatever it is counted on; who has booked too far ahead waits. What is counted on is
kept as a keyed hash, for no longer than it says something.
"""

import hmac
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey.models.attempt import CodeAttempt


@dataclass(frozen=True)
class Pace:
    """So many tries at once, and then one every so many seconds."""

    at_once: int
    seconds: float

    @property
    def furthest(self) -> float:
        """Nothing is booked so many seconds ahead, unless the clock was ahead and has been put right.

        Twice what may be booked, as a stricter pace may count on the same key. What is held beyond that says
        nothing, and would keep everybody out until the time that the clock showed.
        """
        return 2 * self.at_once * self.seconds


@dataclass(frozen=True)
class Attempt:
    """A try that was let through, with what it has booked."""

    booked: tuple[tuple[str, Pace], ...]


def succeed(session: Session, attempt: Attempt) -> None:
    """It was right: what the try has booked is free again."""
    for key, pace in attempt.booked:
        give_back(session, key, pace)


def network_of(address: str | None) -> str:
    """The network that shares a pace: one IPv4 address, or the 64 bits of IPv6 that a household gets."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ip_network((found.packed[:8] + bytes(8), 64)))
    return str(found)


def key_of(secret: str, what: str) -> str:
    """What stands in the table for what a try is counted on."""
    # Keyed, so that the few existing addresses cannot be tried against the table.
    return hmac.digest(secret.encode(), f"attempt {what}".encode(), "sha256").hex()


def book(session: Session, key: str, pace: Pace, now: float) -> bool:
    """One statement, so that of many at the same moment exactly as many get through as may."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    booked = CodeAttempt.booked_until
    added = insert(CodeAttempt).values(key_hash=key, booked_until=now + pace.seconds)
    added_or_moved = added.on_conflict_do_update(
        index_elements=[CodeAttempt.key_hash],
        set_={
            "booked_until": case((booked.between(now, now + pace.furthest), booked), else_=now) + pace.seconds
        },
        where=(booked <= now + (pace.at_once - 1) * pace.seconds) | (booked > now + pace.furthest),
    )
    return session.execute(added_or_moved.returning(CodeAttempt.key_hash)).first() is not None


def book_all(
    session: Session, wanted: tuple[tuple[str, Pace], ...], booked: tuple[tuple[str, Pace], ...], now: float
) -> Attempt | None:
    """Let a try through that gets each moment it wants; refused, it keeps none, nor what it had `booked`.

    A try that is not made must not slow anybody else down.
    """
    for one in wanted:
        if not book(session, *one, now):
            for held in booked:
                give_back(session, *held)
            return None
        booked = (*booked, one)
    forget_past(session, now)
    return Attempt(booked)


def give_back(session: Session, key: str, pace: Pace) -> None:
    """Free the moment that a try has booked."""
    session.execute(
        update(CodeAttempt)
        .where(CodeAttempt.key_hash == key)
        .values(booked_until=CodeAttempt.booked_until - pace.seconds)
    )


def forget_past(session: Session, now: float) -> None:
    """Remove what says nothing any more."""
    # Last, and without what others are booking at this moment: two tries never wait for each other.
    past = select(CodeAttempt.key_hash).where(CodeAttempt.booked_until <= now)
    keys = session.scalars(past.with_for_update(skip_locked=True)).all()
    if keys:
        session.execute(delete(CodeAttempt).where(CodeAttempt.key_hash.in_(keys)))
