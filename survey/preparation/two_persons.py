"""What takes two persons: one asks, and another carries it out or approves."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.account import Account


def require_another(session: Session, asked_by: str, by: str) -> None:
    """Stop who asked from approving too, also by an account that either may have opened for the other."""
    one, other = asked_by.casefold(), by.casefold()
    if one == other:
        raise UserError("Den som har begärt kan inte godkänna. En annan person måste göra det.")
    invited = select(Account.email, Account.invited_by).where(Account.email.in_((one, other)))
    if any({email, inviter} == {one, other} for email, inviter in session.execute(invited)):
        # Whoever invites is shown the link that opens the account.
        raise UserError(
            "Den ena av er har bjudit in den andra, så ni kan vara samma person. Låt någon tredje godkänna, "
            "eller låt den som driver tjänsten bjuda in den ena på nytt med: trygg account invite"
        )
