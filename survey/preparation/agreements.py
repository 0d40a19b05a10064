"""The agreement on joint responsibility (GDPR art. 26): known by its hash, confirmed by name and position."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Faults, UserError
from survey.models.participation import AgreementConfirmation, AgreementText
from survey.preparation.participation import UNDRAWN, lock_accepting
from survey.preparation.senders import text_fault

TEXT = Path(__file__).with_name("joint_responsibility.md")
LONGEST = 80


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it: paragraphs, or points when there are any."""

    heading: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...]


@dataclass(frozen=True)
class Agreement:
    """A version of the text."""

    content_hash: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Confirmation:
    """Who confirmed which version, and when."""

    agreement: Agreement
    name: str
    position: str
    confirmed_at: datetime
    confirmed_by: str
    current: bool  # whether the version is the one that would be confirmed today


@cache
def current_agreement() -> Agreement:
    """The text as it stands now."""
    return _agreement(TEXT.read_text(encoding="utf-8"))


def confirm(
    session: Session,
    wave_code: str,
    municipality_code: str,
    content_hash: str,
    name: str,
    position: str,
    by: str,
    now: datetime,
) -> None:
    """Confirm the version that was read, for the municipality."""
    lock_accepting(session, wave_code, municipality_code, *UNDRAWN)
    if content_hash != current_agreement().content_hash:
        raise UserError("Texten har ändrats sedan sidan öppnades. Läs den igen och bekräfta sedan.")
    given = {"name": name.strip(), "position": position.strip()}
    faults = {field: text_fault(value, LONGEST, needed=True) for field, value in given.items()}
    if any(faults.values()):
        raise Faults({field: fault for field, fault in faults.items() if fault})
    session.merge(AgreementText(content_hash=content_hash, text=TEXT.read_text(encoding="utf-8")))
    session.flush()
    session.add(
        AgreementConfirmation(
            wave_code=wave_code,
            municipality_code=municipality_code,
            content_hash=content_hash,
            confirmed_at=now,
            confirmed_by=by,
            **given,
        )
    )
    session.flush()
    audit.record(session, by, "joint responsibility", f"{wave_code} {municipality_code}", hash=content_hash)


def find_confirmation(session: Session, wave_code: str, municipality_code: str) -> Confirmation | None:
    """The newest confirmation of a municipality, with the text that was confirmed."""
    found = session.execute(
        select(AgreementConfirmation, AgreementText)
        .join(AgreementText, AgreementText.content_hash == AgreementConfirmation.content_hash)
        .where(AgreementConfirmation.wave_code == wave_code)
        .where(AgreementConfirmation.municipality_code == municipality_code)
        .order_by(AgreementConfirmation.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    confirmation, text = found
    return Confirmation(
        agreement=_agreement(text.text),
        name=confirmation.name,
        position=confirmation.position,
        confirmed_at=confirmation.confirmed_at,
        confirmed_by=confirmation.confirmed_by,
        current=confirmation.content_hash == current_agreement().content_hash,
    )


def _agreement(text: str) -> Agreement:
    sections = tuple(_section(part) for part in text.split("## ")[1:])
    return Agreement(sha256(text.encode()).hexdigest(), sections)


def _section(part: str) -> Section:
    heading, *lines = [line.strip() for line in part.splitlines() if line.strip()]
    return Section(
        heading,
        tuple(line for line in lines if not line.startswith("- ")),
        tuple(line.removeprefix("- ") for line in lines if line.startswith("- ")),
    )
