"""What takes two persons: one asks, and another carries it out or approves."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import clock
from survey.errors import UserError
from survey.models.account import Account
from survey.models.audit_event import AuditEvent

SETTLED = timedelta(days=7)  # time for the others to see, in accounts and log, who has been let in


def hindrance(session: Session, asked_by: str, by: str) -> str:
    """Why somebody may not approve what another has asked for; empty when nothing is in the way."""
    try:
        require_another(session, asked_by, by)
    except UserError as error:
        return str(error)
    return ""


def require_another(session: Session, asked_by: str, by: str) -> None:
    """Stop who asked from approving too, also by an account that either may have opened for the other.

    Nor does an account approve that somebody has just invited: it may be the third that one person holds.
    """
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
    if _just_invited(session, other):
        raise UserError(
            f"Du har bjudits in för mindre än {SETTLED.days} dagar sedan och kan inte godkänna än. Låt någon "
            "annan godkänna, eller låt den som driver tjänsten bjuda in dig på nytt med: trygg account invite"
        )


def _just_invited(session: Session, email: str) -> bool:
    """Whether another account has shown itself the link to this one lately; the command line is trusted."""
    inviter = select(Account.invited_by).where(Account.email == email).scalar_subquery()
    if session.scalar(select(Account.id).where(Account.email == inviter)) is None:
        return False
    lately = select(func.count()).where(
        AuditEvent.action == "invite account",
        AuditEvent.subject == email,
        AuditEvent.happened_at > clock.now() - SETTLED,
    )
    return bool(session.scalar(lately))
