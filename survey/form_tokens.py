"""Tokens against forged forms: a form carries what its session holds, which no other site can read."""

import hmac
from collections.abc import Callable
from typing import TypeVar

from flask import current_app, g, request, session
from flask_wtf.csrf import CSRFProtect

from survey.credentials import new_token

View = TypeVar("View", bound=Callable[..., object])
FIELD = "csrf_token"
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class FormTokens(CSRFProtect):  # type: ignore[misc]
    """The library's protection, in which a token may also come as it stands in the session.

    The library signs it anew for each page and checks the signature of each form. That says nothing which the
    comparison with the session does not say: our tokens have no time limit of their own.
    """

    def protect(self, apply_exemptions: bool = False) -> None:
        """Stop a form without a token."""
        if request.method not in METHODS:
            return
        view = current_app.view_functions.get(request.endpoint or "")
        if view is None or getattr(view, "without_token", False):
            return
        if not _is_own(request.form.get(FIELD, "")):
            super().protect()
        g.csrf_valid = True  # where forms of the library look


def without_token(view: View) -> View:
    """Let a form in without its token; only where being made to send it does no harm."""
    view.without_token = True  # type: ignore[attr-defined]
    return view


def form_token() -> str:
    """The token for a form of the browser at hand."""
    token: str | None = session.get(FIELD)
    if token is None:
        token = session[FIELD] = new_token()
    return token


def _is_own(token: str) -> bool:
    own = session.get(FIELD)
    return own is not None and hmac.compare_digest(own.encode(), token.encode())
