"""Accounts of staff: invited by e-mail address, activated with a password, logged in on the server."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey import audit
from survey.clock import utc
from survey.credentials import hash_secret, hash_token, new_token, verify_secret
from survey.errors import UserError
from survey.models.account import Account, Role
from survey.models.browser_session import BrowserSession
from survey.preparation import second_factor
from survey.preparation.districts import find_district
from survey.preparation.geography import find_municipality
from survey.preparation.passwords import LONGEST_PASSWORD, require_hard_to_guess

GONE = "Länken gäller inte längre. Be om en ny inbjudan."
ACTIVATION_DAYS = 7
SESSION_HOURS = 10  # a working day
IDLE = timedelta(minutes=30)
IDLE_STEP = timedelta(minutes=5)  # so that not every page writes
ROLE_WORDS = {
    Role.OWNER: "Ansvarig för mätningen",
    Role.FIELDWORK: "Fältarbete",
    Role.HELP_DESK: "Telefonsupport",
    Role.PRINT: "Brevutskrift",
    Role.DATA_ENTRY: "Inmatning av pappersformulär",
    Role.SCREENER: "Granskning av svar med egna ord",
    Role.MUNICIPALITY: "Kommun",
    Role.POLICE: "Lokalpolisområde",
    Role.ANALYST: "Analytiker",
    Role.DATA_PROTECTION: "Dataskyddsombud",
}
# What each role may do, told to who is let in; survey.permissions decides it.
DUTIES = {
    Role.OWNER: "Du planerar och leder omgångarna, tar hand om urval och brev, bjuder in andra "
    "och släpper resultat.",
    Role.FIELDWORK: "Du läser in register, drar urval, planerar utskick, noterar returer "
    "och följer fältarbetet.",
    Role.HELP_DESK: "Du hjälper dem som ringer: söker upp ärenden, ger nya koder och noterar vad de säger. "
    "Du ser inga svar.",
    Role.PRINT: "Du hämtar breven som ska tryckas och ser ingenting annat.",
    Role.DATA_ENTRY: "Du matar in svaren i pappersformulär och ser ingenting annat.",
    Role.SCREENER: "Du läser det som människor har skrivit med egna ord före alla andra "
    "och avgör vad som får lämnas vidare.",
    Role.MUNICIPALITY: "Du svarar för kommunen om omgångarna, följer fältarbetet, läser kommunens resultat "
    "och skriver lägesbilder och löften.",
    Role.POLICE: "Du läser resultaten för kommunerna i lokalpolisområdet och skriver lägesbilder och löften.",
    Role.ANALYST: "Du granskar, jämför och släpper resultat för alla kommuner, beställer tabeller "
    "och skriver lägesbilder och löften.",
    Role.DATA_PROTECTION: "Du ser hur långt omgångarna har kommit och läser i loggen vem som har gjort vad. "
    "Du ser inga svar.",
}
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,}")


class StaffSession(NamedTuple):
    """A login that goes on."""

    account: Account
    second_factor_given: bool
    fading: bool  # time to say that somebody is still there


def invite(
    session: Session,
    email: str,
    role: str,
    municipality_code: str | None,
    by: str,
    now: datetime,
    district_code: str | None = None,
) -> str:
    """Make an account, or let its holder choose a new password; the token for the activation page."""
    address = _normalise(email)
    if not EMAIL.fullmatch(address) or not address.isprintable():
        raise UserError(f"{email!r} är ingen e-postadress.")
    if address == _normalise(by):
        # It would shut out the last who is in charge, and let a stolen session keep the account.
        raise UserError("Du kan inte bjuda in dig själv. Be någon annan som är ansvarig.")
    if role not in set(Role):
        raise UserError(f"Rollen {role!r} finns inte. Välj {', '.join(known.value for known in Role)}.")
    _require_municipality_for(session, role, municipality_code)
    _require_district_for(session, role, district_code)
    account = _find(session, address)
    if account is None:
        account = Account(email=address)
        session.add(account)
    token = new_token()
    account.role = role
    account.municipality_code = municipality_code
    account.district_code = district_code
    account.closed_on = None
    account.invited_by = _normalise(by)
    account.password_hash = None
    second_factor.forget(account)
    account.activation_hash = hash_token(token)
    account.activation_expires = now + timedelta(days=ACTIVATION_DAYS)
    _end_sessions(session, account)
    place = municipality_code or district_code
    audit.record(session, by, "invite account", address, role=role, place=place)
    return token


def close(session: Session, email: str, by: str, today: date) -> None:
    """Let the holder of an account in no more; the account stays, for the audit log to point at."""
    account = _find(session, email)
    if account is None:
        raise UserError(f"Det finns inget konto för {email}.")
    if account.email == _normalise(by):
        raise UserError("Du kan inte stänga ditt eget konto. Be någon annan som är ansvarig.")
    account.closed_on = account.closed_on or today
    account.password_hash = account.activation_hash = account.activation_expires = None
    _end_sessions(session, account)
    audit.record(session, by, "close account", account.email)


def list_accounts(session: Session) -> list[Account]:
    """Every account, open ones first, in order of role and address."""
    order = {role.value: place for place, role in enumerate(Role)}
    found = session.scalars(select(Account))
    return sorted(found, key=lambda one: (one.closed_on is not None, order[one.role], one.email))


def activate(session: Session, token: str, password: str, now: datetime) -> Account:
    """Set the password of an invited account; the invitation is used up."""
    account = find_activation(session, token, now)
    if account is None:
        raise UserError(GONE)
    require_hard_to_guess(password, account.email)
    account.password_hash = hash_secret(password)
    account.activation_hash = None
    account.activation_expires = None
    session.flush()
    audit.record(session, account.email, "activate account", account.email)
    return account


def change_password(session: Session, email: str, password: str) -> None:
    """Give the account a new password, after the old one has been proved; every login with it ends."""
    account = _find(session, email)
    if account is None or account.password_hash is None:
        raise UserError("Kontot är stängt.")
    require_hard_to_guess(password, account.email)
    account.password_hash = hash_secret(password)
    _end_sessions(session, account)
    audit.record(session, account.email, "change password", account.email)


def find_activation(session: Session, token: str, now: datetime) -> Account | None:
    """The account that an activation link opens, as long as it is valid."""
    return session.scalar(
        select(Account).where(
            Account.activation_hash == hash_token(token), Account.activation_expires > _utc(now)
        )
    )


def purpose_of(session: Session, token: str, now: datetime) -> tuple[str, str] | None:
    """The role of the account that an activation link opens, and what it may do, in words."""
    account = find_activation(session, token, now)
    return (ROLE_WORDS[Role(account.role)], DUTIES[Role(account.role)]) if account else None


def authenticate(session: Session, email: str, password: str) -> Account | None:
    """The account when address and password belong together; takes as long when they do not."""
    account = _find(session, email)
    stored = account.password_hash if account else None
    return account if verify_secret(stored, password[: LONGEST_PASSWORD + 1]) else None


def record_failed_login(session: Session, email: str) -> None:
    """Keep that somebody was not let in; an unknown address may be a password astray."""
    account = _find(session, email)
    audit.record(session, "", "failed login", account.email if account else "unknown account")


def open_staff_session(session: Session, account: Account, now: datetime) -> str:
    """Log in: the key for the browser's cookie. An earlier login with the account ends."""
    session.execute(delete(BrowserSession).where(BrowserSession.expires_at <= _utc(now)))
    _end_sessions(session, account)
    key = new_token()
    session.add(
        BrowserSession(
            key_hash=hash_token(key),
            account_id=account.id,
            expires_at=_utc(now) + timedelta(hours=SESSION_HOURS),
            idle_until=_utc(now) + IDLE,
        )
    )
    session.flush()
    return key


def find_staff_session(session: Session, key: str, now: datetime) -> StaffSession | None:
    """Who has given the password with this key, unless the session has ended or been left alone."""
    found = session.execute(
        select(Account, BrowserSession.second_factor_given, BrowserSession.idle_until)
        .join(BrowserSession, BrowserSession.account_id == Account.id)
        .where(
            BrowserSession.key_hash == hash_token(key),
            BrowserSession.expires_at > _utc(now),
            BrowserSession.idle_until > _utc(now),
            # Closed, or invited anew, while the password was being compared.
            Account.password_hash.is_not(None),
        )
    ).first()
    if found is None:
        return None
    account, given, idle_until = found
    fading = idle_until is not None and utc(idle_until) - now < IDLE - IDLE_STEP
    return StaffSession(account, given, fading)


def keep_awake(session: Session, key: str, now: datetime) -> None:
    """Somebody is at work: the session is not idle."""
    of_key = (BrowserSession.key_hash == hash_token(key)) & BrowserSession.account_id.is_not(None)
    session.execute(update(BrowserSession).where(of_key).values(idle_until=_utc(now) + IDLE))


def end_staff_session(session: Session, key: str) -> None:
    """Log out."""
    session.execute(
        delete(BrowserSession).where(
            BrowserSession.key_hash == hash_token(key), BrowserSession.account_id.is_not(None)
        )
    )


def role_of(session: Session, email: str) -> str | None:
    """The role of an account that is in use: activated, and not closed since."""
    account = _find(session, email)
    in_use = account is not None and account.password_hash is not None and account.closed_on is None
    return account.role if account is not None and in_use else None


def _require_municipality_for(session: Session, role: str, municipality_code: str | None) -> None:
    if role == Role.MUNICIPALITY:
        if municipality_code is None:
            raise UserError("En kommunanvändare måste höra till en kommun. Ange kommunkoden.")
        find_municipality(session, municipality_code)
    elif municipality_code is not None:
        raise UserError("Bara en kommunanvändare hör till en kommun. Utelämna kommunkoden.")


def _require_district_for(session: Session, role: str, district_code: str | None) -> None:
    if role == Role.POLICE:
        if district_code is None:
            raise UserError("En polisanvändare måste höra till ett lokalpolisområde. Ange dess kod.")
        find_district(session, district_code)
    elif district_code is not None:
        raise UserError("Bara en polisanvändare hör till ett lokalpolisområde. Utelämna koden.")


def _find(session: Session, email: str) -> Account | None:
    # A database may choke on what no address holds.
    address = _normalise(email)
    known = select(Account).where(Account.email == address)
    return session.scalar(known) if address.isprintable() else None


def _end_sessions(session: Session, account: Account) -> None:
    session.flush()
    session.execute(delete(BrowserSession).where(BrowserSession.account_id == account.id))


def _normalise(email: str) -> str:
    return email.strip().lower()


def _utc(moment: datetime) -> datetime:
    # SQLite keeps no time zone, so everything it compares must be in the same one.
    return moment.astimezone(UTC)
