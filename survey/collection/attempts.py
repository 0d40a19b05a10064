"""How fast codes may be tried: slower and slower where they are wrong, and never not at all.

Each code that is wrong books a moment of its selector's, its network's and everybody's time. Whoever has
booked too far ahead waits; a right code gives its moments back, so that a library full of people with their
own letters never notices. When wrong codes come from everywhere, each network gets less, and an alarm is
logged. The way in by QR code is not slowed: its 128 random bits cannot be tried.
"""

import hmac
import logging
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey.collection import codes
from survey.models.attempt import CodeAttempt

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """So many tries at once, and then one every so many seconds."""

    at_once: int
    seconds: float


SELECTOR = Pace(5, 30)
NETWORK = Pace(30, 1)
NETWORK_UNDER_ATTACK = Pace(5, 10)
EVERYBODY = Pace(300, 0.5)
ALARM = Pace(1, 600)
OPEN_LINK = Pace(20, 60)


@dataclass(frozen=True)
class Attempt:
    """A try that was let through, with what it has booked."""

    booked: tuple[tuple[str, Pace], ...]


def begin_attempt(
    session: Session, typed: str, address: str | None, secret: str, now: float
) -> Attempt | None:
    """Book a try of the code from this network address; None when it must wait."""
    selector = codes.parse(typed).selector
    under_attack = not _book(session, _key(secret, "everybody"), EVERYBODY, now)
    if under_attack and _book(session, _key(secret, "alarm"), ALARM, now):
        LOG.warning("more wrong codes than one every %s seconds: somebody may be guessing", EVERYBODY.seconds)
    own = _key(secret, f"network {network_of(address)}"), NETWORK_UNDER_ATTACK if under_attack else NETWORK
    if not _book(session, *own, now):
        return None
    chosen = _key(secret, f"selector {selector}"), SELECTOR
    if not _book(session, *chosen, now):
        _give_back(session, *own)
        return None
    _forget_past(session, now)
    everybody = () if under_attack else ((_key(secret, "everybody"), EVERYBODY),)
    return Attempt((*everybody, own, chosen))


def succeed(session: Session, attempt: Attempt) -> None:
    """The code was right: what the try has booked is free again."""
    for key, pace in attempt.booked:
        _give_back(session, key, pace)


def begin_open(session: Session, address: str | None, secret: str, now: float) -> bool:
    """Whether somebody from this network may begin by an open link now."""
    return _book(session, _key(secret, f"open link {network_of(address)}"), OPEN_LINK, now)


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


def _key(secret: str, what: str) -> str:
    # Keyed, so that the few existing addresses cannot be tried against the table.
    return hmac.digest(secret.encode(), f"attempt {what}".encode(), "sha256").hex()


def _book(session: Session, key: str, pace: Pace, now: float) -> bool:
    """One statement, so that of many at the same moment exactly as many get through as may."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    booked = CodeAttempt.booked_until
    added = insert(CodeAttempt).values(key_hash=key, booked_until=now + pace.seconds)
    added_or_moved = added.on_conflict_do_update(
        index_elements=[CodeAttempt.key_hash],
        set_={"booked_until": case((booked > now, booked), else_=now) + pace.seconds},
        where=booked <= now + (pace.at_once - 1) * pace.seconds,
    )
    return session.execute(added_or_moved.returning(CodeAttempt.key_hash)).first() is not None


def _give_back(session: Session, key: str, pace: Pace) -> None:
    session.execute(
        update(CodeAttempt)
        .where(CodeAttempt.key_hash == key)
        .values(booked_until=CodeAttempt.booked_until - pace.seconds)
    )


def _forget_past(session: Session, now: float) -> None:
    # Last, and without what others are booking at this moment: two tries never wait for each other.
    past = select(CodeAttempt.key_hash).where(CodeAttempt.booked_until <= now)
    keys = session.scalars(past.with_for_update(skip_locked=True)).all()
    if keys:
        session.execute(delete(CodeAttempt).where(CodeAttempt.key_hash.in_(keys)))
