"""Issues the two credentials of a letter; in clear text they exist only until the letter is printed."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey.collection.codes import ALPHABET, SELECTOR_LENGTH, Code, new_code
from survey.collection.form_numbers import new_form_numbers
from survey.credentials import hash_secret, hash_token, new_token
from survey.errors import UserError
from survey.models.case import CaseEvent, CaseEventKind
from survey.models.invitation import Invitation
from survey.progress import Progress

# Beyond this share of all selectors a free one would be searched for too long.
MOST_SELECTORS = int(0.9 * len(ALPHABET) ** SELECTOR_LENGTH)


@dataclass(frozen=True, repr=False)
class Credentials:
    """What a letter shows: the code to type and the token in the QR code. Never stored, never logged."""

    case_id: int
    code: Code
    qr_token: str
    form_id: str | None = None


def issue(
    session: Session,
    case_ids: Sequence[int],
    today: date,
    progress: Progress | None = None,
    *,
    forms: bool = False,
) -> list[Credentials]:
    """Make new credentials for each case and keep their hashes; older ones stay valid until the receipt.

    With forms, each also gets the number of a form on paper.
    """
    free = _free_selectors(session)
    numbers = new_form_numbers(session, len(case_ids)) if forms else [None] * len(case_ids)
    credentials = [
        Credentials(case_id, next(free), new_token(), number)
        for case_id, number in zip(case_ids, numbers, strict=True)
    ]
    rows = []
    # Hashing is slow on purpose and leaves Python's lock, so threads use every core.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        hashes = pool.map(lambda made: hash_secret(made.code.secret), credentials)
        for done, (made, secret_hash) in enumerate(zip(credentials, hashes, strict=True), start=1):
            rows.append(
                {
                    "case_id": made.case_id,
                    "selector": made.code.selector,
                    "secret_hash": secret_hash,
                    "qr_hash": hash_token(made.qr_token),
                    "issued_on": today,
                    "form_id": made.form_id,
                }
            )
            if progress is not None:
                progress("gör koder", done, len(credentials))
    if rows:
        session.execute(insert(Invitation), rows)
        _mark_invited(session, case_ids, today)
    return credentials


def _free_selectors(session: Session) -> Iterator[Code]:
    taken = set(session.scalars(select(Invitation.selector)))
    while len(taken) < MOST_SELECTORS:
        code = new_code()
        if code.selector not in taken:
            taken.add(code.selector)
            yield code
    raise UserError("Koderna är slut: gallra avslutade omgångars inbjudningar innan nya görs.")


def _mark_invited(session: Session, case_ids: Sequence[int], today: date) -> None:
    before = set(
        session.scalars(
            select(CaseEvent.case_id).where(
                CaseEvent.case_id.in_(case_ids), CaseEvent.kind == CaseEventKind.INVITED.value
            )
        )
    )
    events = [
        {"case_id": case_id, "kind": CaseEventKind.INVITED.value, "happened_on": today}
        for case_id in case_ids
        if case_id not in before
    ]
    if events:
        session.execute(insert(CaseEvent), events)
