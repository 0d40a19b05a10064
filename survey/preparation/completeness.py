"""Whether a municipality's yes is complete: what is missing, and how the operator goes on without it."""

from enum import StrEnum

from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.municipality import Participation
from survey.models.participation import AreaChoice
from survey.models.wave import Wave
from survey.preparation.agreements import find_confirmation
from survey.preparation.geography import municipality_names
from survey.preparation.participation import UNDRAWN, Answer, find_participant, lock_accepting
from survey.preparation.recuts import current_areas, find_proposal
from survey.preparation.senders import find_contact
from survey.preparation.waves import accepted_municipalities


class Part(StrEnum):
    """What no yes is complete without."""

    AREAS = "areas"
    CONTACT = "contact"
    AGREEMENT = "agreement"


PART_WORDS = {
    Part.AREAS: "besked om delområdena",
    Part.CONTACT: "kontaktperson",
    Part.AGREEMENT: "överenskommelsen om personuppgifter",
}


def missing(session: Session, wave_code: str, municipality_code: str) -> tuple[Part, ...]:
    """What the municipality's yes still lacks."""
    confirmation = find_confirmation(session, wave_code, municipality_code)
    lacking = {
        Part.AREAS: not _areas_decided(session, wave_code, municipality_code),
        Part.CONTACT: find_contact(session, wave_code, municipality_code) is None,
        Part.AGREEMENT: confirmation is None or not confirmation.current,
    }
    return tuple(part for part, lacks in lacking.items() if lacks)


def _areas_decided(session: Session, wave_code: str, municipality_code: str) -> bool:
    proposal = find_proposal(session, wave_code, municipality_code)
    if proposal is None or proposal.choice in (AreaChoice.PROPOSED, AreaChoice.REFUSED):
        return False
    # The wave's day may have been moved since, to before the areas begin.
    current = {area.name for area in current_areas(session, wave_code, municipality_code)}
    if proposal.choice is AreaChoice.KEPT:
        return bool(current)
    return current == {area.name for area in proposal.listing}


def allow_incomplete(session: Session, wave_code: str, municipality_code: str, because: str, by: str) -> None:
    """Have the sample drawn although something is missing; the reason stays with the answer."""
    lock_accepting(session, wave_code, municipality_code, *UNDRAWN)
    reason = because.strip()
    if not 1 <= len(reason) <= 500 or not reason.isprintable():
        raise UserError("Skriv varför urvalet får dras ändå, med 1–500 tecken på en rad.")
    row = session.get_one(Participation, (wave_code, municipality_code))
    row.incomplete_because = reason
    session.flush()
    lacking = [part.value for part in missing(session, wave_code, municipality_code)]
    audit.record(
        session, by, "allow incomplete", f"{wave_code} {municipality_code}", because=reason, missing=lacking
    )


def require_complete(session: Session, wave: Wave) -> None:
    """Stop the draw while a yes lacks something that nobody has decided to do without.

    A simulated wave asks nobody for personal data, so there is nothing to agree on.
    """
    if wave.synthetic:
        return
    names = municipality_names(session)
    lines = []
    for code in accepted_municipalities(session, wave.code):
        lacking = missing(session, wave.code, code)
        if lacking and not find_participant(session, wave.code, code).incomplete_because:
            words = ", ".join(PART_WORDS[part] for part in lacking)
            lines.append(f"– {names[code]} ({code}): {words}")
    if lines:
        raise UserError(
            "Urvalet kan inte dras: kommuner som har tackat ja har inte lämnat allt. Komplettera, eller "
            "besluta att gå vidare, på omgångens sida om kommunerna eller med: trygg wave allow-incomplete\n"
            + "\n".join(lines)
        )


def state_words(lacking: tuple[Part, ...], answer: Answer) -> str:
    """Complete, or what is missing; empty for who has not said yes."""
    if answer is not Answer.ACCEPTED:
        return ""
    return "saknar " + ", ".join(PART_WORDS[part] for part in lacking) if lacking else "komplett"
