"""What a form remembers of the answers it was opened on, signed so that nobody can change it."""

from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

FIELD = "state"


@dataclass(frozen=True)
class FormState:
    """Whose form it is and which version of the answers it shows; it opens no door by itself."""

    case_id: int
    version: int


def seal(case_id: int, version: int) -> str:
    """The state as text for a hidden field."""
    return str(_serializer().dumps([case_id, version]))


def unseal(text: str) -> FormState | None:
    """The state of a form; None when it is missing or has been tampered with."""
    try:
        case_id, version = _serializer().loads(text)
    except BadData:
        return None
    return FormState(case_id, version)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="resident form")
