"""The second factor of staff: an authenticator app on the telephone, and codes to keep for when it is lost.

The app's secret is encrypted with a key made from the installation's; recovery codes are hashed, used once.
A code is good for one login: its time step is remembered. Source: RFC 6238.
"""

import base64
import json
import logging
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey import audit
from survey.credentials import hash_secret, hash_token, new_token, verify_secret
from survey.errors import UserError
from survey.models.account import Account
from survey.models.browser_session import BrowserSession

LOG = logging.getLogger(__name__)
ISSUER = "Trygghetsmätningen"
STEP = 30  # seconds a code is shown
RECOVERY_CODES = 8
OFFER_SECONDS = 1800  # in which a new secret must be confirmed
WRONG = "Koden stämmer inte. Vänta på nästa kod i appen och skriv den."


def offer(account: Account, secret_key: str) -> tuple[str, str]:
    """A new secret, sealed for the form that confirms it, and its address for the app."""
    secret = pyotp.random_base32()
    sealed = _box(secret_key).encrypt(f"{account.id}:{secret}".encode()).decode()
    return sealed, address_of(account, sealed, secret_key)


def address_of(account: Account, sealed: str, secret_key: str) -> str:
    """The address that the app reads from a QR code."""
    app = pyotp.TOTP(_opened(account, sealed, secret_key))
    return str(app.provisioning_uri(name=account.email, issuer_name=ISSUER))


def confirm(
    session: Session, account: Account, sealed: str, code: str, secret_key: str, now: datetime
) -> list[str]:
    """Keep an offered secret once the app shows its code; the recovery codes, to be shown once."""
    secret = _opened(account, sealed, secret_key)
    step = _step_of(secret, code, now)
    if step is None:
        raise UserError(WRONG)
    codes = [new_token()[:10] for _ in range(RECOVERY_CODES)]
    account.second_factor = _box(secret_key).encrypt(secret.encode()).decode()
    account.second_factor_step = step
    account.recovery_hashes = json.dumps([hash_secret(code) for code in codes])
    session.flush()
    audit.record(session, account.email, "set second factor", account.email)
    return codes


def check(session: Session, account: Account, code: str, secret_key: str, now: datetime) -> bool:
    """Whether the code is the app's of this moment, not used before, or a recovery code, then used up."""
    typed = code.replace(" ", "")
    if account.second_factor is None or not typed.isascii():
        return False
    secret = _kept_secret(account.second_factor, secret_key)
    step = _step_of(secret, typed, now) if secret else None
    if step is not None:
        # In one statement, so that of two logins with the same code one gets in.
        used = update(Account).where(
            Account.id == account.id,
            (Account.second_factor_step.is_(None)) | (Account.second_factor_step < step),
        )
        done = session.execute(used.values(second_factor_step=step).returning(Account.id))
        return done.first() is not None
    return _use_recovery_code(session, account, typed)


def mark_given(session: Session, key: str) -> None:
    """Let the browser session in: both factors have been given."""
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.key_hash == hash_token(key))
        .values(second_factor_given=True)
    )


def forget(account: Account) -> None:
    """A new invitation begins with a new second factor."""
    account.second_factor = account.second_factor_step = None
    account.recovery_hashes = "[]"


def _use_recovery_code(session: Session, account: Account, typed: str) -> bool:
    session.refresh(account, with_for_update=True)
    hashes: list[str] = json.loads(account.recovery_hashes)
    left = [stored for stored in hashes if not verify_secret(stored, typed)]
    if len(left) == len(hashes):
        return False
    account.recovery_hashes = json.dumps(left)
    session.flush()
    audit.record(session, account.email, "use recovery code", account.email, left=len(left))
    return True


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step a code belongs to: this one or a neighbour, since clocks differ."""
    app, this = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    typed = code.replace(" ", "")
    for step in (this, this - 1, this + 1):
        if pyotp.utils.strings_equal(app.generate_otp(step), typed):
            return step
    return None


def _kept_secret(sealed: str, secret_key: str) -> str | None:
    """The secret of the app; None when the key of the installation has been changed since."""
    try:
        return _box(secret_key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        LOG.warning("a second factor was sealed with another key than TRYGG_SECRET_KEY")
        return None


def _opened(account: Account, sealed: str, secret_key: str) -> str:
    try:
        text = _box(secret_key).decrypt(sealed.encode(), ttl=OFFER_SECONDS).decode()
    except (InvalidToken, UnicodeEncodeError):
        raise UserError("Sidan hade varit öppen för länge. Börja om med den nya koden.") from None
    owner, secret = text.split(":", 1)
    if owner != str(account.id):
        raise UserError("Sidan hör till ett annat konto. Börja om med den nya koden.")
    return secret


def _box(secret_key: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"second factor").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
