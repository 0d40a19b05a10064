"""How secrets are made and kept: never in clear text at rest, with one set of parameters for all of them."""

import secrets
from functools import lru_cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# Argon2id with the least memory OWASP advises; about 18 ms a piece.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_secret(secret: str) -> str:
    """A salted, slow hash for what a person types: codes and passwords."""
    return _HASHER.hash(secret)


def verify_secret(stored: str | None, secret: str) -> bool:
    """Whether the secret is the one that was hashed; takes as long when nothing is stored."""
    try:
        return _HASHER.verify(stored or _hash_of_nothing(), secret) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def new_token() -> str:
    """128 random bits for an address or a cookie: too many to guess."""
    return secrets.token_urlsafe(16)


def new_api_token() -> str:
    """256 random bits for another system; the start tells what it is when it is found astray."""
    return f"trygg_{secrets.token_urlsafe(32)}"


def hash_token(token: str) -> str:
    """What is stored of a token; a fast hash is enough for 128 random bits or more."""
    return sha256(token.encode()).hexdigest()


@lru_cache(maxsize=1)
def _hash_of_nothing() -> str:
    return hash_secret(secrets.token_urlsafe(16))
