"""How fast passwords and second factors may be tried: slower where they are wrong, nobody locked out.

Tries of a password are counted on the account and the network together, so that whoever guesses elsewhere
never stands in the way of the account's holder. When one account is tried from many networks each of them
gets less, and an alarm is logged. A second factor is counted on the account: only who has the password gets
so far.
"""

import logging

from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.pace import Attempt, Pace, book, book_all, key_of, network_of

LOG = logging.getLogger(__name__)
ACCOUNT_HERE = Pace(5, 30)
ACCOUNT_UNDER_ATTACK = Pace(2, 60)
ACCOUNT = Pace(50, 60)
NETWORK = Pace(30, 2)
ALARM = Pace(1, 600)
SECOND_FACTOR = Pace(5, 60)


class TooManyLogins(UserError):
    """Somebody tries too fast."""

    def __init__(self) -> None:
        super().__init__("Det blev många försök på kort tid. Vänta en minut och försök igen.")


def begin_login(session: Session, email: str, address: str | None, secret: str, now: float) -> Attempt:
    """Book a try of a password."""
    account, network = email.strip().lower(), network_of(address)
    everywhere = key_of(secret, f"login {account}"), ACCOUNT
    under_attack = not book(session, *everywhere, now)
    if under_attack and book(session, key_of(secret, "login alarm"), ALARM, now):
        LOG.warning("an account is tried with wrong passwords from many networks")
    wanted = (
        (key_of(secret, f"login network {network}"), NETWORK),
        (
            key_of(secret, f"login {account} from {network}"),
            ACCOUNT_UNDER_ATTACK if under_attack else ACCOUNT_HERE,
        ),
    )
    attempt = book_all(session, wanted, () if under_attack else (everywhere,), now)
    if attempt is None:
        raise TooManyLogins
    return attempt


def begin_second_factor(session: Session, account_id: int, secret: str, now: float) -> Attempt:
    """Book a try of a code."""
    booked = key_of(secret, f"second factor {account_id}"), SECOND_FACTOR
    if not book(session, *booked, now):
        raise TooManyLogins
    return Attempt((booked,))
