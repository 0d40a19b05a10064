"""The code a resident types: XXXX-XXXX-XXXX, forgiving to read and quick to tell a typing error.

Twelve characters of Crockford's base 32: four that find the invitation, seven that are secret, one that
checks. The check character is one of 32, as a remainder would be, but it is computed in the field of 32
elements instead of modulo 32: it finds every single wrong character and every two characters that changed
places, which no check modulo 32 can.
"""

import secrets
import unicodedata
from dataclasses import dataclass

from survey.errors import UserError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SELECTOR_LENGTH = 4
SECRET_LENGTH = 7
LENGTH = SELECTOR_LENGTH + SECRET_LENGTH + 1
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_IGNORED = set(" -–—−‐‑._·\t\r\n\u00a0\u200e\u200f")
_MODULUS = 0b100101  # x^5 + x^2 + 1, primitive over two elements


class MalformedCode(UserError):
    """What was typed cannot be a code: too long, too short, or a character is wrong."""

    def __init__(self) -> None:
        super().__init__(
            "Koden stämmer inte. Kontrollera att du har skrivit av alla 12 tecken precis som i brevet."
        )


@dataclass(frozen=True)
class Code:
    """A code in its two parts."""

    selector: str
    secret: str

    def __str__(self) -> str:
        """As it is printed in the letter."""
        body = self.selector + self.secret
        whole = body + check_character(body)
        return "-".join(whole[start : start + 4] for start in range(0, LENGTH, 4))


def new_code() -> Code:
    """A random code; whether its selector is free is for the caller to see."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(SELECTOR_LENGTH + SECRET_LENGTH))
    return Code(drawn[:SELECTOR_LENGTH], drawn[SELECTOR_LENGTH:])


def normalise(typed: str) -> str:
    """The twelve characters meant by what was typed: case, spaces, hyphens, O and I forgiven."""
    characters = [_plain(character) for character in typed if character not in _IGNORED]
    return "".join(characters).upper().translate(_LOOKS_LIKE)


def parse(typed: str) -> Code:
    """The code in what was typed, once its check character agrees."""
    whole = normalise(typed[:200])
    if len(whole) != LENGTH or not set(whole) <= _VALUES.keys():
        raise MalformedCode
    body, check = whole[:-1], whole[-1]
    if check_character(body) != check:
        raise MalformedCode
    return Code(body[:SELECTOR_LENGTH], body[SELECTOR_LENGTH:])


def check_character(body: str) -> str:
    """The character that finds a typing error in those before it."""
    # Horner's rule with the field's generator: each place has a weight of its own, all of them different.
    total = 0
    for character in body:
        total = _double(total) ^ _VALUES[character]
    return ALPHABET[_double(total)]


def _plain(character: str) -> str:
    # Arabic keyboards write other digits, Japanese ones wide letters.
    digit = unicodedata.digit(character, None)
    return str(digit) if digit is not None else unicodedata.normalize("NFKC", character)


def _double(value: int) -> int:
    doubled = value << 1
    return doubled ^ _MODULUS if doubled & 0b100000 else doubled
