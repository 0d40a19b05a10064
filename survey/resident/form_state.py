"""What a form remembers of the answers it was opened on, signed so that nobody can change it."""

import hmac
from dataclasses import dataclass
from functools import cache

from flask import current_app
from itsdangerous import BadSignature, Signer

FIELD = "state"


@dataclass(frozen=True)
class FormState:
    """Whose form it is and which version of the answers it shows; it opens no door by itself."""

    case_id: int
    mark: str
    """Stands for the version: its number would tell how many pages were answered, and so which."""

    def shows(self, case_id: int, version: int) -> bool:
        """Whether the form was opened on this version of this person's answers."""
        return self == FormState(case_id, _mark(case_id, version))


def seal(case_id: int, version: int) -> str:
    """The state as text for a hidden field."""
    return _signer().sign(f"{case_id} {_mark(case_id, version)}").decode()


def unseal(text: str) -> FormState | None:
    """The state of a form; None when it is missing or has been tampered with."""
    try:
        case_id, mark = _signer().unsign(text).decode().split()
    except BadSignature:
        return None
    return FormState(int(case_id), mark)


def _mark(case_id: int, version: int) -> str:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(secret, f"version {version} of {case_id}".encode(), "sha256").hex()[:20]


def _signer() -> Signer:
    return _signed_by(str(current_app.config["SECRET_KEY"]))


@cache
def _signed_by(secret: str) -> Signer:
    key = Signer(secret, salt="state of a resident's form").derive_key()
    return Signer(key, key_derivation="none")
