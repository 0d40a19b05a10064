"""Sessions in a cookie: text, and yes or no, under names; signed with a hash that is still recommended."""

import hashlib
from typing import Any

import orjson
from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadData, BadSignature, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode


class SessionText(URLSafeTimedSerializer):
    """A session as text: plain JSON, without the packing and marking that cost more than signing."""

    def load_payload(self, payload: bytes, *_: Any, **__: Any) -> Any:
        try:
            return orjson.loads(base64_decode(payload))
        except (BadData, ValueError) as error:
            raise BadSignature("packed by an earlier edition") from error

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(orjson.dumps(obj))


class SignedSessions(SecureCookieSessionInterface):
    """Every request opens a session; most leave it as it is."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self) -> None:
        self._text: SessionText | None = None

    def get_signing_serializer(self, app: Flask) -> SessionText | None:
        """Made once, with the keys worked out."""
        if self._text is None and (usual := super().get_signing_serializer(app)):
            signer = usual.make_signer(usual.salt)
            keys = [signer.derive_key(secret) for secret in signer.secret_keys]
            ready = {**usual.signer_kwargs, "key_derivation": "none"}
            self._text = SessionText(keys, usual.salt, signer_kwargs=ready)
        return self._text

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie when something has changed; no session is kept longer than the browser is open."""
        if session.modified:
            super().save_session(app, session, response)
        elif session.accessed and "Vary" in response.headers:
            response.vary.add("Cookie")
        elif session.accessed:
            response.headers["Vary"] = "Cookie"
