"""The number of a paper form: a random one of its own, which leads to the case and to nobody by itself.

Not the reference number: that opens the help desk and withdrawal, and a form passes through many hands.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.collection.codes import ALPHABET, check_character, normalise
from survey.errors import UserError
from survey.languages import SOURCE
from survey.models.invitation import Invitation

DIGITS = 7  # and one that checks


class UnknownForm(UserError):
    """A number that stands on no form that has been sent, or is wrongly copied."""

    def __init__(self) -> None:
        super().__init__("Formulärets nummer finns inte. Läs det en gång till, tecken för tecken.")


def new_form_numbers(session: Session, count: int) -> list[str]:
    """Numbers that no form has."""
    taken = set(session.scalars(select(Invitation.form_id).where(Invitation.form_id.is_not(None))))
    found: list[str] = []
    while len(found) < count:
        body = "".join(secrets.choice(ALPHABET) for _ in range(DIGITS))
        number = body + check_character(body)
        if number not in taken:
            taken.add(number)
            found.append(number)
    return found


def shown(number: str) -> str:
    """A number as it is printed."""
    return f"{number[:4]}-{number[4:]}"


@dataclass(frozen=True)
class SentForm:
    """A form on paper that has been sent."""

    case_id: int
    number: str
    language: str


def find_form(session: Session, typed: str) -> SentForm:
    """The form that bears this number, as typed or as read from its QR code."""
    number = normalise(typed[:60])[: DIGITS + 1]
    if len(number) <= DIGITS or not set(number) <= set(ALPHABET):
        raise UnknownForm
    if check_character(number[:-1]) != number[-1]:
        raise UnknownForm
    found = session.execute(
        select(Invitation.case_id, Invitation.form_language).where(Invitation.form_id == number)
    ).first()
    if found is None:
        raise UnknownForm
    return SentForm(found.case_id, number, found.form_language or SOURCE.code)
