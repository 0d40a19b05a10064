"""What a form remembers of the answers it was opened on, signed so that nobody can change it."""

import hmac
from dataclasses import dataclass
from functools import cache

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

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
    return str(_serializer().dumps([case_id, _mark(case_id, version)]))


def unseal(text: str) -> FormState | None:
    """The state of a form; None when it is missing or has been tampered with."""
    try:
        case_id, mark = _serializer().loads(text)
    except BadData:
        return None
    return FormState(case_id, mark)


def _mark(case_id: int, version: int) -> str:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(secret, f"version {version} of {case_id}".encode(), "sha256").hex()[:20]


def _serializer() -> URLSafeSerializer:
    return _signed_by(str(current_app.config["SECRET_KEY"]))


@cache
def _signed_by(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="resident form")
