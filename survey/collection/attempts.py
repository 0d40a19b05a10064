"""How fast codes may be tried: slower and slower where they are wrong, and never not at all.

Each code that is wrong books a moment of its selector's, its network's and everybody's time. Whoever has
booked too far ahead waits; a right code gives its moments back, so that a library full of people with their
own letters never notices. When wrong codes come from everywhere, each network gets less, and an alarm is
logged. The way in by QR code is not slowed: its 128 random bits cannot be tried.
"""

import logging

from sqlalchemy.orm import Session

from survey.collection import codes
from survey.pace import Attempt, Pace, book, book_all, key_of, network_of

LOG = logging.getLogger(__name__)

SELECTOR = Pace(5, 30)
NETWORK = Pace(30, 1)
NETWORK_UNDER_ATTACK = Pace(5, 10)
EVERYBODY = Pace(300, 0.5)
ALARM = Pace(1, 600)
OPEN_LINK = Pace(20, 60)


def begin_attempt(
    session: Session, typed: str, address: str | None, secret: str, now: float
) -> Attempt | None:
    """Book a try of the code from this network address; None when it must wait."""
    selector = codes.parse(typed).selector
    everybody = key_of(secret, "everybody"), EVERYBODY
    under_attack = not book(session, *everybody, now)
    if under_attack and book(session, key_of(secret, "alarm"), ALARM, now):
        LOG.warning("more wrong codes than one every %s seconds: somebody may be guessing", EVERYBODY.seconds)
    wanted = (
        (
            key_of(secret, f"network {network_of(address)}"),
            NETWORK_UNDER_ATTACK if under_attack else NETWORK,
        ),
        (key_of(secret, f"selector {selector}"), SELECTOR),
    )
    return book_all(session, wanted, () if under_attack else (everybody,), now)


def begin_open(session: Session, address: str | None, secret: str, now: float) -> bool:
    """Whether somebody from this network may begin by an open link now."""
    return book(session, key_of(secret, f"open link {network_of(address)}"), OPEN_LINK, now)
